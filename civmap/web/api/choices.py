"""What the map's filters can be set to: streets, areas, grids, units, chiefs and sources that this viewer sees."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, case, func, select, union

from civmap import dictionaries, texts
from civmap.errors import Invalid
from civmap.issues import queries as issues
from civmap.issues.models import Issue
from civmap.points.models import InspectionPoint
from civmap.points.queries import visible as sees_point
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.segments.queries import visible as sees_segment
from civmap.store.base import holds_at
from civmap.units.models import Unit
from civmap.units.queries import visible as sees_unit
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones.models import Zone
from civmap.zones.queries import visible as sees_zone

Choice = dict[str, Any]
DEFAULT, MOST = 60, 500
AREAS = ("subdistrict", "community")
COMMUNITY_DIGITS = 12


class ChoicesQuery(BaseModel):
    """Of what, narrowed by words; or the names of codes that are already chosen."""

    model_config = ConfigDict(extra="forbid")

    of: Annotated[str, Field(max_length=80, description="street, division, grid, unit, chief, source; by comma")]
    q: Annotated[str, Field(max_length=80)] | None = None
    code: Annotated[str, Field(max_length=4000, description="only these, whatever the words; by comma")] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = DEFAULT


class ChoicesOut(Loose):
    """Per asked name its choices and whether there are more than these."""

    choices: dict[str, dict[str, Any]]


@operation("GET", "/choices", summary="What a filter can be set to", permission=SIGNED_IN, tag="lists",
           query=ChoicesQuery, answers={200: ChoicesOut})
def choices(desk: Desk, query: ChoicesQuery) -> Answer:
    """Answer code, name and a distinguishing detail of each choice, best known first."""
    wanted = [name.strip() for name in query.of.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in SOURCES]
    if unknown or not wanted:
        raise Invalid("choice_unknown", field="of", value=",".join(unknown), known=sorted(SOURCES))
    codes = [code for code in (query.code or "").split(",") if code]
    found = {name: SOURCES[name](desk, (query.q or "").strip(), codes, query.limit + 1) for name in wanted}
    return Answer({"choices": {name: {"items": rows[:query.limit], "more": len(rows) > query.limit}
                               for name, rows in found.items()}})


def _picked(statement: Select[Any], words: Sequence[Any], code: Any, q: str, codes: list[str],
            limit: int) -> Select[Any]:
    """Return the statement for chosen codes, or for words in any of the columns."""
    if codes:
        return statement.where(code.in_(codes)).limit(MOST)
    if q:
        condition = words[0].icontains(q, autoescape=True)
        for word in words[1:]:
            condition |= word.icontains(q, autoescape=True)
        statement = statement.where(condition)
    return statement.limit(limit)


def _streets(desk: Desk, q: str, codes: list[str], limit: int) -> list[Choice]:
    """Return the roads that points and segments name, the longest lists first."""
    named = union(
        select(InspectionPoint.street.label("road")).where(
            sees_point(desk.viewer), holds_at(InspectionPoint, desk.now), InspectionPoint.street != ""),
        select(RoadSegment.road.label("road")).where(
            sees_segment(desk.viewer), holds_at(RoadSegment, desk.now), RoadSegment.road != "")).subquery()
    return _plain(desk.session.scalars(_picked(select(named.c.road).order_by(named.c.road), [named.c.road],
                                               named.c.road, q, codes, limit)))


def _plain(names: Iterable[str]) -> list[Choice]:
    return [{"code": name, "name": name, "detail": ""} for name in names]


def _chiefs(desk: Desk, q: str, codes: list[str], limit: int) -> list[Choice]:
    """Return the chiefs' names, each with how many segments bear it and the road of one of them."""
    asked = (select(SegmentChief.name, func.min(RoadSegment.road), func.count(RoadSegment.id.distinct()))
             .join(RoadSegment, SegmentChief.segment_id == RoadSegment.id)
             .where(sees_segment(desk.viewer), holds_at(RoadSegment, desk.now))
             .group_by(SegmentChief.name).order_by(func.min(SegmentChief.level), SegmentChief.name))
    rows = desk.session.execute(_picked(asked, [SegmentChief.name, RoadSegment.road], SegmentChief.name, q, codes,
                                        limit))
    return [{"code": name, "name": name, "detail": road or "", "count": count} for name, road, count in rows]


def _units(desk: Desk, q: str, codes: list[str], limit: int) -> list[Choice]:
    """Return units; shops come last, there are hundreds of them."""
    asked = (select(Unit.code, Unit.name, Unit.kind).where(sees_unit(desk.viewer), holds_at(Unit, desk.now))
             .order_by(case((Unit.kind == "shop", 1), else_=0), Unit.name, Unit.code))
    kinds = dictionaries.unit_kinds()
    return [{"code": code, "name": name, "detail": kinds[kind].name(desk.lang) if kind in kinds else kind}
            for code, name, kind in desk.session.execute(_picked(asked, [Unit.name, Unit.code], Unit.code, q, codes,
                                                                 limit))]


def _areas(kinds: Sequence[str], by_division: bool) -> Callable[[Desk, str, list[str], int], list[Choice]]:
    def ask(desk: Desk, q: str, codes: list[str], limit: int) -> list[Choice]:
        asked = (select(Zone.code, Zone.name, Zone.parent_id).where(
            Zone.kind.in_(kinds), sees_zone(desk.viewer), holds_at(Zone, desk.now)).order_by(Zone.code))
        rows = desk.session.execute(_picked(asked, [Zone.name, Zone.code], Zone.code, q, codes, limit)).all()
        parents = _names_by_id(desk, {row.parent_id for row in rows if row.parent_id is not None})
        return [{"code": row.code, "name": row.name or row.code, "detail": parents.get(row.parent_id, ""),
                 **({"depth": int(len(row.code) >= COMMUNITY_DIGITS)} if by_division else {})} for row in rows]
    return ask


def _names_by_id(desk: Desk, ids: set[int]) -> dict[int, str]:
    rows = desk.session.execute(select(Zone.id, Zone.name).where(Zone.id.in_(ids)))
    return {zone_id: name for zone_id, name in rows}


def _sources(desk: Desk, q: str, codes: list[str], limit: int) -> list[Choice]:
    """Return the ways issues came in."""
    seen = desk.session.scalars(select(Issue.source).where(issues.visible(desk.viewer, desk.now)).distinct())
    rows = [{"code": code, "name": _source(desk.lang, code), "detail": ""} for code in sorted(seen)]
    if codes:
        return [row for row in rows if row["code"] in codes]
    return [row for row in rows if q.lower() in f"{row['code']} {row['name']}".lower()][:limit]


def _source(lang: str, code: str) -> str:
    key = f"ledger.via.{code}"
    return texts.say(lang, key) if texts.has(lang, key) else code


SOURCES: dict[str, Callable[[Desk, str, list[str], int], list[Choice]]] = {
    "street": _streets, "division": _areas(AREAS, True), "grid": _areas(("grid",), False), "unit": _units,
    "chief": _chiefs, "source": _sources,
}
