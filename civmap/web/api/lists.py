"""Lists of every kind: all within a frame as `.geojson` for the map, or by pages with `limit` and `next`."""

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import request
from pydantic import BaseModel, ConfigDict, Field, create_model

from civmap import clock
from civmap.errors import Invalid
from civmap.issues import queries as issues
from civmap.web import kinds
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import FeatureCollection, Moment
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.kinds import MOST, Narrowing
from civmap.web.replies import Answer

GEOJSON = "application/geo+json"
DEFAULT_LIMIT = 1000
STATUS_TOLD = "none, open, due_soon, overdue; several by comma"
Words = Annotated[str, Field(max_length=200)]
Whole = Annotated[int, Field(ge=1, le=2**62)]
Cursor = Annotated[int, Field(ge=0, le=2**31 - 1)]


class ListQuery(BaseModel):
    """What every list takes; a filter that is not there is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")

    bbox: Annotated[str, Field(max_length=120, description="west,south,east,north in degrees")] | None = None
    q: Words | None = None
    status: Annotated[str, Field(max_length=60, description=STATUS_TOLD)] | None = None
    limit: Annotated[Whole, Field(description="1 to 10,000; larger is clamped")] | None = None
    after: Annotated[Cursor, Field(description="the cursor that `next` carries")] | None = None
    on: Moment | None = None


def query_model(kind: str, filters: Iterable[str]) -> type[ListQuery]:
    """Return the query model of a kind's lists."""
    fields: dict[str, Any] = {name: (Words | None, None) for name in filters if name not in ListQuery.model_fields}
    return create_model(f"{kind.capitalize()}Query", __base__=ListQuery, **fields)


def narrowing(query: ListQuery, default_limit: int | None) -> Narrowing:
    """Return what a list's query asks for; raise Invalid for a frame that is none."""
    own = query.model_dump(exclude_none=True)
    filters = {name: value for name, value in own.items() if name not in ListQuery.model_fields}
    return Narrowing(
        bbox=frame(query.bbox) if query.bbox else None, q=query.q, filters=filters,
        status=tuple(part.strip() for part in query.status.split(",") if part.strip()) if query.status else (),
        on=clock.parse_moment(query.on) if query.on else None,
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


FILTERS = {**{name: (*kind.queries.FILTERS, "retired") for name, kind in kinds.KINDS.items()}, "issues": issues.FILTERS}


def _register(kind: str, model: type[ListQuery]) -> None:
    def layer(desk: Desk, query: ListQuery) -> Answer:
        return answer(kinds.collect(desk, kind, narrowing(query, None)))

    def listed(desk: Desk, query: ListQuery) -> Answer:
        return answer(kinds.collect(desk, kind, narrowing(query, DEFAULT_LIMIT)))

    told = {"permission": SIGNED_IN, "tag": kind, "query": model, "answers": {200: FeatureCollection}}
    operation("GET", f"/{kind}.geojson", summary=f"Map data: {kind}, all within bbox", **told)(layer)
    operation("GET", f"/{kind}", summary=f"List {kind}", **told)(listed)


for _name, _filters in FILTERS.items():
    _register(_name, query_model(_name, _filters))
