"""What leaves the house: the features of a kind that a viewer may see, narrowed, with what weighs on each.

Lists, map data, downloads and the command line all gather here, so one policy, one count and one filter language
stand behind all of them. Rows are read in portions: a million features never stand in memory as objects at once.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.errors import Invalid
from civmap.exchange import layout
from civmap.geo.bulk import exported_texts
from civmap.geo.validity import EXPORT_DECIMALS
from civmap.inspections import visiting
from civmap.issues import measures, narrowing, showing
from civmap.issues.counting import Counter, check_measure, few
from civmap.issues.rules import STATUSES
from civmap.people.rules import Viewer
from civmap.store import asof, ledger
from civmap.store.listing import Here, many, one_of

PORTION = 1_000
PLAIN = frozenset({"points", "zones", "units", "issues"})
"""Kinds told from their own columns alone: these are read as plain rows, which is quicker than as objects."""
UNTOLD = frozenset({"snow_geom"})
Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which rows are asked for, as of when, by what they are measured; `where` are conditions beside the filters."""

    bbox: Sequence[float] | None = None
    q: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    status: tuple[str, ...] = ()
    on: date | datetime | None = None
    limit: int | None = None
    after: int | None = None
    by: str = "status"
    where: tuple[Any, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return what narrows the rows, for the ledger."""
        on = self.on if self.on is None else str(ledger.plain(self.on))
        bbox = ",".join(f"{edge:g}" for edge in self.bbox) if self.bbox else None
        all_of_it = {**self.filters, "bbox": bbox, "q": self.q, "status": ",".join(self.status), "on": on}
        return {name: value for name, value in all_of_it.items() if value}


class Part(NamedTuple):
    """One thing on its way out: its row, what is told of it, and its shape as GeoJSON text (None: it has no place)."""

    row_id: int
    code: str
    properties: dict[str, Any]
    shape: str | None

    def feature(self) -> Feature:
        """Return the thing as a GeoJSON Feature."""
        return {"type": "Feature", "id": self.code, "geometry": json.loads(self.shape) if self.shape else None,
                "properties": self.properties}

    def text(self) -> str:
        """Return the thing as the text of a GeoJSON Feature."""
        return (f'{{"type":"Feature","id":{_json(self.code)},"geometry":{self.shape or "null"},'
                f'"properties":{_json(self.properties)}}}')


@dataclass(frozen=True, slots=True)
class Found:
    """The features that were asked for, and the cursor of the rest where there is one."""

    features: list[Feature]
    after: int | None


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def parts(session: Session, viewer: Viewer, kind: str, asked: Narrowing, now: datetime, lang: str) -> Iterator[Part]:
    """Yield the things of a kind with their counts and status, as this viewer may see them; raise Invalid.

    What is wrong with the question is said before the first one comes.
    """
    here = here_of(session, viewer, kind, asked, now)
    found = (_issues if kind == "issues" else _objects)(here, kind, asked, lang)
    first = next(found, None)
    return chain(() if first is None else (first,), found)


def here_of(session: Session, viewer: Viewer, kind: str, asked: Narrowing, now: datetime) -> Here:
    """Return who asks about which moment; raise Invalid for a status or a measure that is none."""
    wrong = [one for one in asked.status if one not in STATUSES]
    if wrong:
        raise Invalid("choice_unknown", field="status", value=",".join(wrong)[:60], known=list(STATUSES))
    check_measure(kind, asked.by)
    return Here(session, viewer, now, clock.as_of(asked.on, now))


def collect(session: Session, viewer: Viewer, kind: str, asked: Narrowing, now: datetime, lang: str) -> Found:
    """Return features of a kind, at most `limit`, and the cursor of the rest; raise Invalid."""
    features: list[Feature] = []
    last = None
    for part in parts(session, viewer, kind, asked, now, lang):
        if len(features) == asked.limit:
            return Found(features, last)
        features.append(part.feature())
        last = part.row_id
    return Found(features, None)


def _portions(here: Here, kind: str, asked: Narrowing, filters: Mapping[str, Any], limit: int | None) -> Iterator[Any]:
    wanted = {**filters, **({"q": asked.q} if asked.q else {})}
    statement = narrowing.selected(kind, here, wanted, bbox=asked.bbox, limit=limit, after=asked.after)
    statement = statement.where(*asked.where)
    model = narrowing.ROOMS[kind].model
    if asof.is_past(here.session, model, here.at):
        return asof.things(here.session, model, statement, here.at)
    statement = statement.execution_options(yield_per=PORTION)
    if kind not in PLAIN:
        return iter(here.session.scalars(statement).partitions())
    return iter(here.session.execute(statement.with_only_columns(*_columns(here, kind))).partitions())


def _columns(here: Here, kind: str) -> list[Any]:
    if kind == "issues":
        return showing.columns(is_past=not here.is_present)
    return [column for column in narrowing.ROOMS[kind].model.__table__.columns if column.key not in UNTOLD]


def _issues(here: Here, kind: str, asked: Narrowing, lang: str) -> Iterator[Part]:
    filters = {**asked.filters, **({"status": asked.status} if asked.status else {})}
    for rows in _portions(here, kind, asked, filters, _one_more(asked.limit)):
        yield from _as_issues(here, rows, lang)


def _as_issues(here: Here, rows: Sequence[Any], lang: str) -> Iterator[Part]:
    told = showing.summaries(here.session, rows, here.viewer, lang, here.now, here.at)
    for row, properties in zip(rows, told, strict=True):
        spot = f"[{round(row.lon, EXPORT_DECIMALS)},{round(row.lat, EXPORT_DECIMALS)}]"
        yield Part(row.id, row.issue_no, properties, f'{{"type":"Point","coordinates":{spot}}}')


def _objects(here: Here, kind: str, asked: Narrowing, lang: str) -> Iterator[Part]:
    own, counted = narrowing.parted(kind, asked.filters)
    portions = _portions(here, kind, asked, own, None if asked.status else _one_more(asked.limit))
    first = next(portions, [])
    counter = _counter(here, kind, counted, asked.by, first if len(first) < PORTION else None)
    for rows in chain((first,), portions):
        yield from _counted(here, kind, rows, counter, asked)


def _counter(here: Here, kind: str, counted: Mapping[str, Any], by: str, rows: Sequence[Any] | None) -> Counter:
    """Return a counter for some rows, or for any where none are named."""
    areas = [row.geom for row in rows] if rows is not None and kind == "zones" else None
    return Counter(here, kind, counted, by, ids=few(rows) if rows is not None else None, areas=areas)


def told(here: Here, kind: str, ids: Sequence[int], asked: Narrowing, lang: str) -> list[Part]:
    """Return the things of some ids on their way out, whatever their status, in the order of the ids."""
    rows = _of_ids(here, kind, ids)
    if kind == "issues":
        return list(_as_issues(here, rows, lang))
    counter = _counter(here, kind, narrowing.parted(kind, asked.filters)[1], asked.by, rows)
    return list(_counted(here, kind, rows, counter, replace(asked, status=())))


def _of_ids(here: Here, kind: str, ids: Sequence[int]) -> list[Any]:
    model = narrowing.ROOMS[kind].model
    if asof.is_past(here.session, model, here.at):
        return _in_order(asof.rows(here.session, model, select(model).where(one_of(model.id, ids)), here.at), ids)
    wanted = select(model) if kind not in PLAIN else select(*_columns(here, kind))
    asking = here.session.scalars if kind not in PLAIN else here.session.execute
    return _in_order(asking(wanted.where(one_of(model.id, ids))), ids) if ids else []


def _in_order(rows: Iterable[Any], ids: Sequence[int]) -> list[Any]:
    found = {row.id: row for row in rows}
    return [found[row_id] for row_id in ids]


def _counted(here: Here, kind: str, rows: Sequence[Any], counter: Counter, asked: Narrowing) -> Iterator[Part]:
    if not rows:
        return
    counts = counter.of(rows)
    if asked.by == "last_visit":
        counts = visiting.joined(here, kind, rows, counts, narrowing.parted(kind, asked.filters)[1])
    statuses = measures.status(counts).tolist()
    values = None if asked.by == "status" else counter.values(counts)
    opens, soon, late = (column.tolist() for column in (counts.open, counts.due_soon, counts.overdue))
    room, geom = narrowing.ROOMS[kind].queries, narrowing.ROOMS[kind].geom.key
    chosen = [place for place, status in enumerate(statuses) if not asked.status or status in asked.status]
    known = room.lookup(here.session, [rows[place] for place in chosen])
    shapes = _shapes([getattr(rows[place], geom) for place in chosen])
    for place, shape in zip(chosen, shapes, strict=True):
        row = rows[place]
        properties = room.properties(row, here.viewer, known)
        properties.update(open_issues=opens[place], due_soon_issues=soon[place], overdue_issues=late[place],
                          status=statuses[place])
        if values is not None:
            properties["value"] = values[place]
        yield Part(row.id, row.code, properties, shape)


def _shapes(geometries: Sequence[Any]) -> list[str | None]:
    there = iter(exported_texts([geometry for geometry in geometries if geometry is not None]))
    return [None if geometry is None else next(there) for geometry in geometries]


def _one_more(limit: int | None) -> int | None:
    return None if limit is None else limit + 1


def features(session: Session, viewer: Viewer, kind: str, now: datetime, lang: str, *,
             filters: Mapping[str, Any] | None = None, bbox: Sequence[float] | None = None,
             q: str | None = None) -> Iterator[layout.Feature]:
    """Yield features with `open_issues, due_soon_issues, overdue_issues, status`; EPSG:4326.

    `status` (overdue, due_soon, open, none), `on`, `by` and `q` stand among the filters here, as in an address. Raise
    Invalid for an unknown kind or filter, Forbidden where the viewer may not export the kind.
    """
    layout.columns_of(kind)
    viewer.must("export", kind.removesuffix("s"))
    asked = asked_of(filters or {}, bbox, q)
    return (part.feature() for part in parts(session, viewer, kind, asked, now, lang))


def asked_of(written: Mapping[str, Any], bbox: Sequence[float] | None = None, q: str | None = None) -> Narrowing:
    """Return the narrowing that names and values mean, as an address or a command line writes them; raise Invalid."""
    filters = dict(written)
    on, by, status = filters.pop("on", None), filters.pop("by", None), filters.pop("status", None)
    return Narrowing(bbox=bbox, q=filters.pop("q", None) or q, filters=filters, by=str(by or "status"),
                     status=tuple(many(status)) if status else (), on=read_on(str(on)) if on else None)


def read_on(text: str) -> date | datetime:
    """Return the day or moment of `on`; raise Invalid."""
    try:
        return clock.parse_asked(text)
    except (ValueError, OverflowError) as problem:
        raise Invalid("moment_unreadable", field="on", value=text[:40]) from problem


def collection(found: Iterable[Part]) -> Iterator[str]:
    """Yield a feature collection as text, one feature at a time."""
    yield '{"type":"FeatureCollection","features":['
    for number, part in enumerate(found):
        yield f",{part.text()}" if number else part.text()
    yield '],"next":null}'


def note(session: Session, viewer: Viewer, kind: str, count: int, fmt: str, now: datetime,
         told: Mapping[str, Any] | None = None) -> None:
    """Write into the ledger that things left the house: how many, as what, and which."""
    words = {name: value if isinstance(value, str) else ",".join(map(str, many(value)))
             for name, value in (told or {}).items()}
    ledger.record(session, viewer.actor, "export", kind, fmt, at=now, after={"count": count, "filters": words})
