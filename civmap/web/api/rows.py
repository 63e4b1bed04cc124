"""What the map shows, as rows: the list beside it, in any order and by pages, and the codes that a lasso holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, Field, create_model

from civmap import clock
from civmap.draws import ranking
from civmap.errors import Invalid
from civmap.exchange import ordering
from civmap.exchange.gather import Part
from civmap.mirror import standing
from civmap.mirror.ragged import Ragged
from civmap.store.listing import Here
from civmap.tiles.legend import within
from civmap.tiles.serving import Answered, Question, answer
from civmap.web import kinds, mirrored
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.lists import FILTERS, Whole, narrowing, query_model
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.kinds import Narrowing
from civmap.web.replies import Answer

Row = dict[str, Any]
PAGE, MOST_PAGE, MOST_CODES = 50, 500, 20_000
COMMON = ("code", "name", "status", "open_issues", "unit_name")
SORTS: Mapping[str, tuple[str, ...]] = {
    "points": (*COMMON, "type", "street", "risk", "open", "unseen_days"),
    "segments": (*COMMON, "class", "road", "length_m"),
    "zones": (*COMMON, "kind", "area_m2", "holder", "pledge_expires_on"), "units": (*COMMON, "kind"),
    "issues": (*COMMON, "state", "reported_at", "due_at"),
}
OWN = ("sort", "order", "offset", "only")


class RowsOut(Loose):
    """One page of rows with the count and the statuses of all; or, with `only=codes`, `[code, status]` pairs."""

    total: int
    statuses: dict[str, int]


def _rows_query(kind: str) -> Any:
    own = {
        "sort": (Annotated[str, Field(max_length=20, description=", ".join(SORTS[kind]))], "status"),
        "order": (Literal["asc", "desc"], "asc"),
        "offset": (Annotated[int, Field(ge=0, le=2**31 - 1)], 0),
        "only": (Literal["codes"] | None, None),
        "limit": (Annotated[Whole, Field(description=f"1 to {MOST_PAGE}; larger is clamped")] | None, None)}
    return create_model(f"{kind.capitalize()}RowsQuery", __base__=query_model(kind, FILTERS[kind]), **own)


def _register(kind: str) -> None:
    listed = query_model(kind, FILTERS[kind])

    def rows(desk: Desk, query: Any) -> Answer:
        if query.sort not in SORTS[kind]:
            raise Invalid("choice_unknown", field="sort", value=query.sort, known=list(SORTS[kind]))
        given = query.model_dump(exclude_none=True, exclude={*OWN, "limit", "after"})
        asked = narrowing(listed.model_validate(given), None)
        if not query.only:
            return Answer(_page(desk, kind, asked, query))
        return Answer(_told(_few(desk, kind, asked) if "code" in asked.filters else _many(desk, kind, asked)))

    operation("GET", f"/rows/{kind}", summary=f"{kind.capitalize()} as a sorted page of rows", permission=SIGNED_IN,
              tag=kind, query=_rows_query(kind), answers={200: RowsOut})(rows)


def _page(desk: Desk, kind: str, asked: Narrowing, query: BaseModel) -> dict[str, Any]:
    own: Any = query
    found, rows = _passing(desk, kind, asked)
    counts = np.bincount(found.colours.status[rows], minlength=len(standing.STATUSES)).tolist()
    own_page = {"sort": "open_issues" if own.sort == "open" else own.sort, "is_down": own.order == "desc",
                "offset": own.offset, "limit": min(own.limit or PAGE, MOST_PAGE)}
    if own_page["sort"] in KEYS and (own.sort != "name" or found.table.titles is not None):
        parts = _parts(desk, kind, asked, _ordered(found, rows, **own_page))
    else:
        parts = ordering.page(desk.session, desk.viewer, kind, asked, desk.now, desk.lang, mirror=mirrored.mirror(),
                              **own_page).parts
    if kind == "points":
        ranking.beside(Here(desk.session, desk.viewer, desk.now, clock.as_of(asked.on, desk.now)), parts, desk.lang)
    return {"total": len(rows), "offset": own.offset, "statuses": dict(zip(standing.STATUSES, counts, strict=True)),
            "rows": [_row(part.feature()) for part in parts]}


def _by_status(found: Answered, rows: np.ndarray) -> Any:
    counts = found.colours.counts.open
    weights = np.broadcast_to(np.asarray(counts), found.left.shape)[rows]
    age = -rows if found.table.source.name == "issues" else rows
    return np.lexsort((age, -weights, -found.colours.status[rows].astype(int)))


def _by_open(found: Answered, rows: np.ndarray) -> Any:
    return np.argsort(np.broadcast_to(np.asarray(found.colours.counts.open), found.left.shape)[rows], kind="stable")


def _by_text(texts: Ragged, rows: np.ndarray) -> Any:
    """Order by GB 18030 bytes, which order common Chinese characters by their sound (pinyin); nameless ones last."""
    said = [texts.row(row).tobytes().decode().encode("gb18030", "replace") for row in rows.tolist()]
    return np.array(sorted(range(len(said)), key=lambda place: (not said[place], said[place])), np.int64)


KEYS: Mapping[str, Callable[[Answered, np.ndarray], Any]] = {
    "status": _by_status, "open_issues": _by_open, "code": lambda found, rows: _by_text(found.table.codes, rows),
    "name": lambda found, rows: _by_text(found.table.titles or found.table.codes, rows),
}


def _ordered(found: Answered, rows: np.ndarray, sort: str, is_down: bool, offset: int, limit: int) -> list[str]:
    """Return the codes of one page; only these are read from the database."""
    order = KEYS[sort](found, rows)
    page = (order[::-1] if is_down else order)[offset:offset + limit]
    return [_code(found, row) for row in rows[page].tolist()]


def _parts(desk: Desk, kind: str, asked: Narrowing, codes: list[str]) -> list[Part]:
    if not codes:
        return []
    narrowed = replace(asked, filters={**asked.filters, "code": codes}, status=())
    found = {part.code: part for part in kinds.parts(desk, kind, narrowed)}
    return [found[code] for code in codes if code in found]


def _code(found: Answered, row: int) -> str:
    return found.table.codes.row(row).tobytes().decode()


def _passing(desk: Desk, kind: str, asked: Narrowing) -> tuple[Answered, np.ndarray]:
    """Return what passes as rows of the arrays that also make the tiles: however many there are."""
    moment = clock.as_of(asked.on, desk.now)
    filters = {**asked.filters, **({"q": asked.q} if asked.q else {})}
    question = Question(kind, filters, None if moment == desk.now else moment, asked.status, "status")
    found = answer(mirrored.mirror(), desk.session, desk.viewer, question, desk.now)
    left = found.left if asked.bbox is None else found.left & within(found.table.places, asked.bbox)
    return found, np.flatnonzero(left)


def _told(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found = list(pairs)
    counts = dict.fromkeys(standing.STATUSES, 0)
    for _code, status in found:
        counts[status] += 1
    return {"total": len(found), "statuses": counts, "more": len(found) > MOST_CODES, "codes": found[:MOST_CODES]}


def _few(desk: Desk, kind: str, asked: Narrowing) -> Iterator[tuple[str, str]]:
    """Yield code and status of things that are asked for by their codes."""
    return ((part.code, part.properties["status"]) for part in kinds.parts(desk, kind, asked))


def _many(desk: Desk, kind: str, asked: Narrowing) -> Iterator[tuple[str, str]]:
    """Yield code and status of all that pass."""
    found, rows = _passing(desk, kind, asked)
    for row, status in zip(rows.tolist(), found.colours.status[rows].tolist(), strict=True):
        yield _code(found, row), standing.STATUSES[status]


def _row(feature: kinds.Feature) -> Row:
    """Return a feature's properties with the box to fly to in place of its shape."""
    return {**feature["properties"], "outline": None, "box": _box(feature["geometry"])}


def _box(geometry: Mapping[str, Any] | None) -> list[float] | None:
    if not geometry:
        return None
    spots = list(_spots(geometry["coordinates"]))
    lons, lats = [spot[0] for spot in spots], [spot[1] for spot in spots]
    return [min(lons), min(lats), max(lons), max(lats)]


def _spots(part: Any) -> Iterator[Any]:
    if isinstance(part[0], int | float):
        yield part
        return
    for inner in part:
        yield from _spots(inner)


for _kind in SORTS:
    _register(_kind)
