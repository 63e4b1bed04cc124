"""Lists of every kind: all within a frame as `.geojson` for the map, or by pages with `limit` and `next`."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from flask import Response, make_response, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from civmap import clock
from civmap.draws import ranking
from civmap.errors import Invalid
from civmap.exchange import gather, ordering, ready
from civmap.issues import measures
from civmap.issues.narrowing import NAMES
from civmap.store.listing import Here
from civmap.web import kinds, mirrored, versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import FeatureCollection
from civmap.web.api.operations import operation
from civmap.web.api.reading import refused
from civmap.web.desk import Desk
from civmap.web.kinds import MOST, Narrowing
from civmap.web.replies import Answer

GEOJSON = "application/geo+json"
DEFAULT_LIMIT = 1000
LONG = 3_000_000
STATUS_TOLD = "none, open, due_soon, overdue; several by comma"


def _day_or_moment(value: Any) -> Any:
    try:
        clock.parse_asked(value)
    except (ValueError, TypeError, AttributeError, OverflowError) as problem:
        raise refused("member_moment", value=str(value)[:40]) from problem
    return value


Words = Annotated[str, Field(max_length=200)]
Whole = Annotated[int, Field(ge=1, le=2**62)]
Cursor = Annotated[int, Field(ge=0, le=2**31 - 1)]
AsOf = Annotated[str, BeforeValidator(_day_or_moment), Field(
    description="as of an office day (its end) or an ISO 8601 moment: what held then, and how issues stood")]


def _told(most: int, description: str) -> Any:
    return Annotated[str, Field(max_length=most, description=description)]


SEVERAL = "; several by comma"
TOLD: Mapping[str, Any] = {
    "code": _told(LONG, "codes (issues: numbers)" + SEVERAL),
    "within": _told(12_000, "meets the ring lon,lat;lon,lat;… of at most 200 corners"),
    "type": _told(400, "point type (issues: of their point), PTnn, identifier or name" + SEVERAL),
    "kind": _told(400, "kind" + SEVERAL), "class": _told(1000, "class, code, identifier or name" + SEVERAL),
    "unit": _told(4000, "responsible unit, code or name" + SEVERAL),
    "division": _told(400, "division code or its beginning" + SEVERAL),
    "grid": _told(2000, "lies in or meets the zone of a code" + SEVERAL),
    "zone": _told(2000, "lies in the zone of a code" + SEVERAL),
    "street": _told(2000, "road name" + SEVERAL), "chief": _told(1000, "name of a road chief" + SEVERAL),
    "state": _told(400, "state, or `open` for all open ones" + SEVERAL), "source": _told(200, "source" + SEVERAL),
    "under": _told(400, "main unit is one of some units or below one" + SEVERAL),
    "not_under": _told(400, "main unit is none of some units and not below one" + SEVERAL),
    "doubtful": _told(10, "yes: somebody should name the unit, for another is as near or none answers"),
    "on_site": _told(10, "yes: the order was given on the spot"),
    "plea": _told(200, "extension, suspension or appeal; asked, seconded, granted or refused; both as kind.state"
                  + SEVERAL),
    "level": _told(10, "level of supervision, 0 to 3" + SEVERAL),
    "from": _told(40, "reported on or after a day or moment"),
    "to": _told(40, "reported until a day or moment, inclusive"),
    "not_seen_days": _told(10, "last seen (a visit, a report or a check on site) at least so many days ago, or never"),
    "retired": _told(10, "no, yes or any: also what no longer holds"),
    "issue_class": _told(1000, "count only issues of these classes"),
    "issue_state": _told(400, "count only issues in these states"),
    "issue_source": _told(200, "count only issues from these sources"),
    "issue_from": _told(40, "count only issues reported on or after a day or moment"),
    "issue_to": _told(40, "count only issues reported until a day or moment, inclusive"),
}


class ListQuery(BaseModel):
    """What every list takes; a filter that is not there is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")

    bbox: Annotated[str, Field(max_length=120, description="west,south,east,north in degrees")] | None = None
    q: Words | None = None
    status: Annotated[str, Field(max_length=60, description=STATUS_TOLD)] | None = None
    limit: Annotated[Whole, Field(description="1 to 10,000; larger is clamped")] | None = None
    after: Annotated[Cursor, Field(description="the cursor that `next` carries")] | None = None
    on: AsOf | None = None
    by: Annotated[str, Field(max_length=40)] | None = None


def query_model(kind: str, filters: Iterable[str]) -> type[ListQuery]:
    """Return the query model of a kind's lists."""
    fields: dict[str, Any] = {name: (TOLD.get(name, Words) | None, None) for name in filters
                              if name not in ListQuery.model_fields}
    measured = "also tell `value`: " + ", ".join(measures.OF_KIND[kind])
    if kind == "points":
        fields["sort"] = (Annotated[Literal["risk", "open", "unseen"], Field(
            description="the most pressing first; `after` then counts rows (lists only)")] | None, None)
    fields["by"] = (_told(40, measured) | None, None)
    return create_model(f"{kind.capitalize()}Query", __base__=ListQuery, **fields)


def narrowing(query: ListQuery, default_limit: int | None) -> Narrowing:
    """Return what a list's query asks for; raise Invalid for a frame that is none."""
    own = query.model_dump(exclude_none=True)
    filters = {name: value for name, value in own.items() if name not in ListQuery.model_fields and name != "sort"}
    return Narrowing(
        bbox=frame(query.bbox) if query.bbox else None, q=query.q, filters=filters,
        status=tuple(part.strip() for part in query.status.split(",") if part.strip()) if query.status else (),
        on=clock.parse_asked(query.on) if query.on else None, by=query.by or "status",
        limit=min(query.limit, MOST) if query.limit else default_limit, after=query.after)


def frame(text: str) -> tuple[float, ...]:
    """Return the four edges of a written frame; raise Invalid."""
    try:
        edges = tuple(float(part) for part in text.split(","))
    except ValueError as problem:
        raise Invalid("bbox_unreadable", field="bbox") from problem
    if len(edges) != 4:
        raise Invalid("bbox_unreadable", field="bbox")
    return edges


def answer(found: kinds.Found) -> Answer:
    """Return a feature collection with the address of the following rows."""
    following = None
    if found.after is not None:
        asked = {**request.args.to_dict(), "after": found.after}
        following = f"{request.path}?{urlencode(asked)}"
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Answer({"type": "FeatureCollection", "features": found.features, "next": following}, 200, headers, GEOJSON)


def whole(desk: Desk, kind: str, asked: Narrowing) -> Response:
    """Return all that is asked for as one collection, written as it is read; 304 where the sender has just that."""
    digest, pieces = hashlib.sha256(), []
    for text in gather.collection(kinds.parts(desk, kind, asked)):
        pieces.append(text.encode())
        digest.update(pieces[-1])
    tag = f'W/"{digest.hexdigest()[:24]}"'
    is_known = versions.is_known(request, tag)
    response = make_response(b"" if is_known else b"".join(pieces), 304 if is_known else 200)
    response.headers.update({"Content-Type": GEOJSON, "ETag": tag, "Cache-Control": "private, no-cache"})
    return response


def as_kept(pieces: list[ready.Piece]) -> Response:
    """Return a layer whose blocks were ready, packed as they are kept where the sender takes that."""
    is_packed = request.accept_encodings["gzip"] > 0
    tag = f'W/"{ready.tag(pieces)}"'
    is_known = versions.is_known(request, tag)
    body = b"" if is_known else ready.packed(pieces) if is_packed else ready.plain(pieces)
    response = make_response(body, 304 if is_known else 200)
    response.headers.update({"Content-Type": GEOJSON, "ETag": tag, "Cache-Control": "private, no-cache"})
    if is_packed and not is_known:
        response.headers.update({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
    return response


FILTERS = NAMES
PRESSING = {"risk": "risk", "open": "open_issues", "unseen": "unseen_days"}


def pressing(desk: Desk, asked: Narrowing, sort: str) -> kinds.Found:
    """Return points in an order, the most pressing first, with their risk; the cursor counts rows."""
    start, limit = asked.after or 0, asked.limit or DEFAULT_LIMIT
    found = ordering.page(desk.session, desk.viewer, "points", replace(asked, after=None), desk.now, desk.lang,
                          sort=PRESSING[sort], is_down=True, offset=start, limit=limit, mirror=mirrored.mirror())
    ranking.beside(Here(desk.session, desk.viewer, desk.now, clock.as_of(asked.on, desk.now)), found.parts, desk.lang)
    rest = start + limit if found.total > start + limit else None
    return kinds.Found([part.feature() for part in found.parts], rest)


def _register(kind: str, model: type[ListQuery]) -> None:
    def layer(desk: Desk, query: ListQuery) -> Answer:
        asked = narrowing(query, None)
        if asked.limit:
            return answer(kinds.collect(desk, kind, asked))
        kept = ready.layer(mirrored.mirror(), desk.session, desk.viewer, kind, asked, desk.now)
        return Answer(whole(desk, kind, asked) if kept is None else as_kept(kept))

    def listed(desk: Desk, query: ListQuery) -> Answer:
        if getattr(query, "sort", None):
            return answer(pressing(desk, narrowing(query, DEFAULT_LIMIT), str(getattr(query, "sort", ""))))
        return answer(kinds.collect(desk, kind, narrowing(query, DEFAULT_LIMIT)))

    told = {"permission": SIGNED_IN, "tag": kind, "query": model, "answers": {200: FeatureCollection}}
    operation("GET", f"/{kind}.geojson", summary=f"Map data: {kind}, all within bbox", **told)(layer)
    operation("GET", f"/{kind}", summary=f"List {kind}", **told)(listed)


for _name, _filters in FILTERS.items():
    _register(_name, query_model(_name, _filters))
