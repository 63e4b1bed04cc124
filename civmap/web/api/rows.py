"""What the map shows, as rows: the list beside it, in any order and by pages, and the codes that a lasso holds."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from civmap.errors import Invalid
from civmap.web import kinds
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.lists import FILTERS, Whole, narrowing, query_model
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

Row = dict[str, Any]
PAGE, MOST_PAGE, MOST_CODES = 50, 500, 20_000
WORST = {"overdue": 0, "due_soon": 1, "open": 2, "none": 3}
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
        found = kinds.collect(desk, kind, narrowing(listed.model_validate(given), None)).features
        return Answer(_codes(found) if query.only else _page(found, query))

    operation("GET", f"/rows/{kind}", summary=f"{kind.capitalize()} as a sorted page of rows", permission=SIGNED_IN,
              tag=kind, query=_rows_query(kind), answers={200: RowsOut})(rows)


def _codes(found: list[kinds.Feature]) -> dict[str, Any]:
    own = [feature["properties"] for feature in found]
    return {"total": len(own), "statuses": _statuses(own), "more": len(own) > MOST_CODES,
            "codes": [[row["code"], row["status"]] for row in own[:MOST_CODES]]}


def _page(found: list[kinds.Feature], query: BaseModel) -> dict[str, Any]:
    asked: Any = query
    limit = min(asked.limit or PAGE, MOST_PAGE)
    ordered = _ordered(found, asked.sort, asked.order == "desc")
    return {"total": len(found), "offset": asked.offset, "statuses": _statuses([row["properties"] for row in found]),
            "rows": [_row(feature) for feature in ordered[asked.offset:asked.offset + limit]]}


def _statuses(rows: list[Row]) -> dict[str, int]:
    counts = dict.fromkeys(WORST, 0)
    for row in rows:
        counts[row["status"]] += 1
    return counts


def _ordered(found: list[kinds.Feature], key: str, is_down: bool) -> list[kinds.Feature]:
    """Return the features by a property, those without it last; equals stay in order of their code.

    `status` goes from the worst. Names go by their GB 18030 bytes, which order common Chinese by sound (pinyin).
    """
    def rank(feature: kinds.Feature) -> Any:
        value = feature["properties"][key]
        if key == "status":
            return WORST[value], -feature["properties"].get("open_issues", 0)
        return value.encode("gb18030", "replace") if isinstance(value, str) else value

    has = [feature for feature in found if feature["properties"].get(key) not in (None, "")]
    lacks = [feature for feature in found if feature["properties"].get(key) in (None, "")]
    return sorted(has, key=rank, reverse=is_down) + lacks


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
