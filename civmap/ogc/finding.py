"""Asking a collection: from the parameters of an address to features, under the viewer's own conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from civmap import clock
from civmap.errors import Invalid, NotFound
from civmap.exchange import gather
from civmap.exchange.gather import Narrowing, Part
from civmap.issues import narrowing
from civmap.ogc import cql, places, times
from civmap.ogc.conditions import Reader
from civmap.ogc.layers import Layer
from civmap.ogc.systems import LONLAT, System, find
from civmap.store import asof
from civmap.store.listing import ANY_TIME, Here

DEFAULT_LIMIT, MOST = 10, 10_000
OWN = ("f", "limit", "after", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs", "api_key")
Features = list[Part]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a collection, read and checked."""

    limit: int = DEFAULT_LIMIT
    after: int | None = None
    system: System = LONLAT
    on: date | datetime | None = None
    retired: str = "no"
    where: tuple[Any, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Page:
    """Features of a collection, how many match in all, and the cursor of the rest."""

    parts: Features
    matched: int
    after: int | None


def read(here: Here, layer: Layer, known: tuple[System, ...], sent: Mapping[str, str]) -> tuple[Asked, Here]:
    """Return the question that an address asks, and who asks it about which moment; raise Invalid."""
    properties = layer.asked
    for name in sent:
        if name not in OWN and name not in properties:
            raise Invalid("ogc_parameter_unknown", field=name, name=name[:60], known=[*OWN, *properties])
    asked_of = _moment(layer, sent.get("datetime"))
    at = clock.as_of(asked_of.on, here.now)
    here = here._replace(at=at)
    where = [*_when(layer, asked_of)]
    if "bbox" in sent:
        box = places.read_bbox(_system(known, sent, "bbox-crs"), sent["bbox"])
        where.append(_meets(layer, box))
    elif "bbox-crs" in sent:
        _system(known, sent, "bbox-crs")
    reader = Reader(here, layer, _system(known, sent, "filter-crs"))
    where += [reader.equal(name, text) for name, text in sent.items() if name in properties and name not in OWN]
    if "filter" in sent:
        where.append(reader.condition(cql.parse(sent["filter"], _language(sent))))
    elif "filter-lang" in sent:
        _language(sent)
    asked = Asked(_limit(sent.get("limit")), _cursor(sent.get("after")), _system(known, sent, "crs"), asked_of.on,
                  ANY_TIME if asked_of.is_span else "no", tuple(where))
    return asked, here


def _meets(layer: Layer, box: Any) -> Any:
    parts = getattr(box, "geoms", [box])
    return or_(*(places.condition(layer.geom, "intersects", part) for part in parts))


def _moment(layer: Layer, text: str | None) -> times.Asked:
    """Return what `datetime` asks; an issue happens at one moment, so a day asks for what was reported on it."""
    if text is None:
        return times.Asked()
    found = times.read_asked(text)
    if layer.is_replaced or found.is_span:
        return found
    first, last = (found.on, found.on) if isinstance(found.on, datetime) else times.day_span(found.on or date.min)
    return times.Asked(begin=first, end=last, is_span=True)


def _when(layer: Layer, asked: times.Asked) -> list[Any]:
    if not asked.is_span:
        return []
    if not layer.is_replaced:
        return [*([layer.begins >= asked.begin] if asked.begin else []),
                *([layer.begins <= asked.end] if asked.end else [])]
    return [*([or_(layer.ends.is_(None), layer.ends > asked.begin)] if asked.begin else []),
            *([or_(layer.begins.is_(None), layer.begins <= asked.end)] if asked.end else [])]


def _system(known: tuple[System, ...], sent: Mapping[str, str], name: str) -> System:
    return find(known, sent[name], name) if name in sent else LONLAT


def _language(sent: Mapping[str, str]) -> str:
    language = sent.get("filter-lang", cql.TEXT)
    if language not in cql.LANGUAGES:
        raise Invalid("choice_unknown", field="filter-lang", value=language[:40], known=list(cql.LANGUAGES))
    return language


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) >= 1):
        raise Invalid("ogc_limit", field="limit", value=text[:20], most=MOST)
    return min(int(text), MOST)


def _cursor(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < 2**31):
        raise Invalid("ogc_after", field="after", value=text[:20])
    return int(text)


def page(here: Here, layer: Layer, asked: Asked, lang: str) -> Page:
    """Return one page of features with their counts and status, as the viewer may see them."""
    narrowed = _narrowing(layer, asked)
    found, after = [], None
    for part in gather.parts(here.session, here.viewer, layer.kind, narrowed, here.now, lang):
        if len(found) == asked.limit:
            after = found[-1].row_id
            break
        found.append(part)
    matched = len(found) if asked.after is None and after is None else count(here, layer, asked)
    return Page(found, matched, after)


def _narrowing(layer: Layer, asked: Asked) -> Narrowing:
    filters = {"retired": asked.retired} if layer.is_replaced else {}
    return Narrowing(filters=filters, on=asked.on, limit=asked.limit, after=asked.after, where=asked.where)


def count(here: Here, layer: Layer, asked: Asked) -> int:
    """Return how many features match, whatever the page."""
    filters = _narrowing(layer, asked).filters
    statement = narrowing.selected(layer.kind, here, filters).where(*asked.where)
    if asof.is_past(here.session, layer.model, here.at):
        rows = asof.stood(layer.model, statement, here.at, layer.model.__table__.c.id)
    else:
        rows = statement.with_only_columns(layer.model.id).order_by(None)
    return int(here.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0)


def one(here: Here, layer: Layer, code: str, on: date | datetime | None, lang: str) -> tuple[Part, str]:
    """Return one feature and its ETag; raise NotFound where it is missing, hidden or does not hold at the moment."""
    mark = layer.model.code if layer.is_replaced else layer.model.issue_no
    asked = Narrowing(on=on, limit=1, where=(mark == code,))
    for part in gather.parts(here.session, here.viewer, layer.kind, asked, here.now, lang):
        version = here.session.scalar(select(layer.model.version).where(layer.model.id == part.row_id))
        return part, f'"v{version}"'
    raise NotFound(f"{layer.one}_not_found", field="code", code=code, no=code)


def begins(here: Here, layer: Layer) -> datetime | None:
    """Return the earliest moment that a collection's features tell of, as far as the viewer sees them."""
    filters = {"retired": ANY_TIME} if layer.is_replaced else {}
    statement = narrowing.selected(layer.kind, here, filters).with_only_columns(func.min(layer.begins)).order_by(None)
    return here.session.scalar(statement)


def moment(text: str | None) -> date | datetime | None:
    """Return the one moment or day of `datetime` beside a single feature; raise Invalid for a span."""
    if text is None:
        return None
    found = times.read_asked(text)
    if found.is_span:
        raise Invalid("ogc_datetime", field="datetime", value=text[:60])
    return found.on
