"""What the map shows, as rows: the list beside it, in any order and by pages, and the codes that a lasso holds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, Field, create_model

from civmap import clock
from civmap.errors import Invalid
from civmap.exchange import ordering
from civmap.mirror import standing
from civmap.tiles.legend import within
from civmap.tiles.serving import Question, answer
from civmap.web import asking, kinds
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
    "points": (*COMMON, "type", "street"), "segments": (*COMMON, "class", "road", "length_m"),
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
    found = ordering.page(desk.session, desk.viewer, kind, asked, desk.now, desk.lang, sort=own.sort,
                          is_down=own.order == "desc", offset=own.offset, limit=min(own.limit or PAGE, MOST_PAGE),
                          with_statuses=True)
    return {"total": found.total, "offset": own.offset, "statuses": found.statuses,
            "rows": [_row(part.feature()) for part in found.parts]}


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
    """Yield code and status of all that pass, from the arrays that also make the tiles: however many there are."""
    moment = clock.as_of(asked.on, desk.now)
    filters = {**asked.filters, **({"q": asked.q} if asked.q else {})}
    question = Question(kind, filters, None if moment == desk.now else moment, asked.status, "status")
    found = answer(asking.tiles().mirror, desk.session, desk.viewer, question, desk.now)
    left = found.left if asked.bbox is None else found.left & within(found.table.places, asked.bbox)
    rows = np.flatnonzero(left)
    for row, status in zip(rows.tolist(), found.colours.status[rows].tolist(), strict=True):
        yield found.table.codes.row(row).tobytes().decode(), standing.STATUSES[status]


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
