"""Finding anything by what people type: codes, names, addresses, pinyin, in the reader's language."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from civmap import dictionaries
from civmap.issues.models import Issue
from civmap.points.models import InspectionPoint
from civmap.search import asking
from civmap.search.wishes import Hit
from civmap.segments.models import RoadSegment
from civmap.units.models import Unit
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.mirrored import tiles
from civmap.web.replies import Answer
from civmap.zones.models import Zone

DEFAULT_LIMIT, MOST = 20, 50
DIGITS = 7


class SearchQuery(BaseModel):
    """What is looked for; nothing finds nothing."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=200, description="name, code, address, pinyin or its initials")] = ""
    limit: Annotated[int, Field(ge=1, le=10_000, description=f"at most {MOST}; larger is clamped")] = DEFAULT_LIMIT


class SearchOut(Loose):
    """What was found, best first; `kind` streets, points, units, segments, zones or issues."""

    results: list[dict[str, Any]]


@operation("GET", "/search", summary="Find things by name, code, address or pinyin", permission=SIGNED_IN,
           tag="search", query=SearchQuery, answers={200: SearchOut})
def search(desk: Desk, query: SearchQuery) -> Answer:
    """Answer what the viewer may see of what fits the words, best first."""
    hits = asking.search(tiles().mirror, desk.session, desk.viewer, query.q, min(query.limit, MOST), desk.now)
    told = {kind: say(desk, [hit.id for hit in hits if hit.kind == kind]) for kind, say in TOLD.items()
            if any(hit.kind == kind for hit in hits)}
    return Answer({"results": [_result(hit, told.get(hit.kind, {})) for hit in hits]})


def _result(hit: Hit, told: dict[int, tuple[str, str]]) -> dict[str, Any]:
    name, detail = told.get(hit.id, (hit.code, ""))
    lon, lat = hit.spot or (None, None)
    found = {"kind": hit.kind, "code": hit.code, "name": name or hit.code, "detail": detail,
             "open_issues": hit.open_issues, "status": hit.status, "lon": _degrees(lon), "lat": _degrees(lat)}
    return {**found, "bbox": [round(edge, DIGITS) for edge in hit.box]} if hit.box else found


def _degrees(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


Told = dict[int, tuple[str, str]]


def _points(desk: Desk, ids: list[int]) -> Told:
    sorts = dictionaries.point_types()
    rows = desk.session.execute(select(InspectionPoint.id, InspectionPoint.name, InspectionPoint.type,
                                       InspectionPoint.address).where(InspectionPoint.id.in_(ids)))
    return {number: (name, _joined(_named(sorts, sort, desk.lang), address)) for number, name, sort, address in rows}


def _segments(desk: Desk, ids: list[int]) -> Told:
    sorts = dictionaries.road_classes()
    rows = desk.session.execute(select(RoadSegment.id, RoadSegment.name, RoadSegment.road_class)
                                .where(RoadSegment.id.in_(ids)))
    return {number: (name, _named(sorts, sort, desk.lang)) for number, name, sort in rows}


def _zones(desk: Desk, ids: list[int]) -> Told:
    sorts = dictionaries.zone_kinds()
    rows = desk.session.execute(select(Zone.id, Zone.name, Zone.kind, Zone.door_no).where(Zone.id.in_(ids)))
    return {number: (name, _joined(_named(sorts, sort, desk.lang), door)) for number, name, sort, door in rows}


def _units(desk: Desk, ids: list[int]) -> Told:
    sorts = dictionaries.unit_kinds()
    rows = desk.session.execute(select(Unit.id, Unit.name, Unit.kind, Unit.address).where(Unit.id.in_(ids)))
    return {number: (name, _joined(_named(sorts, sort, desk.lang), address)) for number, name, sort, address in rows}


def _issues(desk: Desk, ids: list[int]) -> Told:
    sorts, states = dictionaries.issue_classes(), dictionaries.issue_states()
    rows = desk.session.execute(select(Issue.id, Issue.class_code, Issue.state, Issue.address)
                                .where(Issue.id.in_(ids)))
    return {number: (_named(sorts, sort, desk.lang), _joined(_named(states, state, desk.lang), address))
            for number, sort, state, address in rows}


def _named(table: Any, code: str, lang: str) -> str:
    return table[code].name(lang) if code in table else code


TOLD: dict[str, Callable[[Desk, list[int]], Told]] = {
    "points": _points, "segments": _segments, "zones": _zones, "units": _units, "issues": _issues,
}
