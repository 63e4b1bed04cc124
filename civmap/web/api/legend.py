"""The legend of the map: classes with their breaks and counts, as every carrier of the map shows them."""

from typing import Annotated, Literal

from pydantic import Field

from civmap.issues.narrowing import NAMES
from civmap.mirror.classes import MOST
from civmap.tiles import legend
from civmap.web import asking, mirrored
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.lists import frame
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

How = Literal["quantile", "equal", "fixed"]


class LegendBase(asking.Asking):
    """What a legend takes beside the filters of its kind; `zone_kind` is the filter `kind` of the lists."""

    kind: Literal["points", "segments", "zones", "units", "issues"]
    zone_kind: Annotated[str, Field(max_length=400)] | None = None
    how: How = "quantile"
    classes: Annotated[int, Field(ge=1, le=MOST)] = 5
    breaks: Annotated[str, Field(max_length=200, description="the limits of `how=fixed`, by comma")] | None = None
    bbox: Annotated[str, Field(max_length=120, description="west,south,east,north: count only what is in it")
                    ] | None = None


LegendQuery = asking.model("LegendQuery", tuple(dict.fromkeys(name for names in NAMES.values() for name in names)),
                           LegendBase)


class LegendClass(Loose):
    """A class: its lower edge belongs to it, the upper one to the next."""

    to: float
    count: int


class Legend(Loose):
    """Breaks from all that the filters leave; counts within `bbox` where it is given."""

    kind: str
    by: str
    how: str
    breaks: list[float]
    classes: list[LegendClass]
    no_value: int
    statuses: dict[str, int]
    total: int
    in_view: int | None


@operation("GET", "/legend", summary="The legend of a layer: breaks, classes and counts", permission=SIGNED_IN,
           tag="map", query=LegendQuery, answers={200: Legend})
def describe(desk: Desk, query: LegendBase) -> Answer:
    """Answer the legend of a kind under the filters of its lists."""
    asked = asking.question(desk, query.kind, query)
    filters = {name: value for name, value in asked.filters.items() if name != "kind"}
    if query.zone_kind:
        filters["kind"] = query.zone_kind
    asked = asking.Question(asked.kind, filters, asked.on, asked.statuses, asked.by)
    limits = legend.limits_of(query.breaks) if query.how == "fixed" and query.by != "status" else []
    return Answer(legend.legend(
        mirrored.mirror(), desk.session, desk.viewer, asked, desk.now, how=query.how, count=query.classes,
        limits=limits, bbox=frame(query.bbox) if query.bbox else None))
