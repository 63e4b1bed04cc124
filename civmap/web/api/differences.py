"""The difference between two days: zones, segments and duties that differ, points and issues that change hands."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from civmap import clock, dictionaries
from civmap.assignment.places import Answer
from civmap.errors import Invalid
from civmap.geo.bulk import exported_texts
from civmap.issues import differences, hands
from civmap.issues.differences import Difference, Differences, DutyDifference, Stood
from civmap.units.queries import UnitName
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.lists import AsOf
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer as Reply

Kind = Annotated[str, Field(max_length=40, description="zones, segments, duties, or a kind of zone")]


class DifferencesQuery(BaseModel):
    """Which two days (their ends; today: now) or moments, and of what."""

    model_config = ConfigDict(extra="forbid")

    first: Annotated[AsOf | None, Field(alias="from", description="the earlier day or moment")] = None
    last: Annotated[AsOf | None, Field(alias="to", description="the later one; without it now")] = None
    kind: Kind | None = None


class DifferencesOut(Loose):
    """What differs, each with both days; what changes hands, with who answered and who answers."""

    zones: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    duties: list[dict[str, Any]]
    points: list[dict[str, Any]]
    issues: list[dict[str, Any]]


@operation("GET", "/differences", summary="What differs between two days, and who changes hands", permission=SIGNED_IN,
           tag="live", query=DifferencesQuery, answers={200: DifferencesOut})
def answer(desk: Desk, query: DifferencesQuery) -> Reply:
    """Answer the difference between two days, as far as the viewer sees it."""
    return Reply(told(desk, query))


def told(desk: Desk, query: DifferencesQuery) -> dict[str, Any]:
    """Return the difference as it is answered; raise Invalid."""
    if not query.first:
        raise Invalid("field_missing", field="from")
    asked = (clock.parse_asked(text) if text else None for text in (query.first, query.last))
    first, last = (clock.as_of(one, desk.now) for one in asked)
    found = differences.between(desk.session, desk.viewer, first, last, query.kind)
    moved = hands.change(desk.session, desk.viewer, found, first, last, desk.now)
    spots: dict[str, list[dict[str, Any]]] = {"point": [], "issue": []}
    for hand in moved.found:
        spots[hand.spot.kind].append(_hand(desk, hand))
    return {"from": clock.iso(first), "to": clock.iso(last),
            "zones": _things(desk, found, found.zones, "area_m2"),
            "segments": _things(desk, found, found.segments, "length_m"),
            "duties": [_duty(desk, found.units, one) for one in found.duties],
            "points": spots["point"], "issues": spots["issue"], "checked": moved.checked, "left_out": moved.left_out}


def _things(desk: Desk, found: Differences, rows: Sequence[Difference], size: str) -> list[dict[str, Any]]:
    sides = [side for row in rows for side in (row.before, row.after) if side]
    shapes = iter(exported_texts([side.geom for side in sides]))
    made = {id(side): _side(desk, found, side, size, json.loads(shape))
            for side, shape in zip(sides, shapes, strict=True)}
    return [_thing(row, made, size) for row in rows]


def _thing(row: Difference, made: Mapping[int, dict[str, Any]], size: str) -> dict[str, Any]:
    before, after = (made[id(side)] if side else None for side in (row.before, row.after))
    one = after or before or {}
    moved = {"gained_m2": _metres(row.gained_m2), "lost_m2": _metres(row.lost_m2)} if size == "area_m2" else {}
    return {"code": row.code, "name": one["name"], "kind": one["kind"], "kind_name": one["kind_name"],
            "change": row.change, "fields": list(row.fields), **moved, "before": before, "after": after}


def _side(desk: Desk, found: Differences, side: Stood, size: str, shape: dict[str, Any]) -> dict[str, Any]:
    unit, parent = found.units.get(side.unit_id or 0), found.parents.get(side.parent_id or 0)
    kinds = dictionaries.zone_kinds() if size == "area_m2" else dictionaries.road_classes()
    named: Any = kinds.get(side.kind)
    own = {"holder": side.holder, "parent": parent[0] if parent else None,
           "parent_name": parent[1] if parent else None} if size == "area_m2" else {"chiefs": list(side.chiefs)}
    return {"name": side.name, "kind": side.kind, "kind_name": named.name(desk.lang) if named else side.kind,
            "unit": unit.code if unit else None, "unit_name": unit.name if unit else None, "side": side.side,
            size: round(side.size, 1), **own, "geometry": shape}


def _duty(desk: Desk, units: Mapping[int, UnitName], one: DutyDifference) -> dict[str, Any]:
    table = dictionaries.issue_classes() if one.class_code else dictionaries.duty_categories()
    named: Any = table.get(one.class_code or one.category or "")
    return {"class": one.class_code, "category": one.category, "name": named.name(desk.lang) if named else "",
            "territory": one.territory, "change": one.change, "before": _unit(units, one.before),
            "after": _unit(units, one.after)}


def _unit(units: Mapping[int, UnitName], number: int | None) -> dict[str, str] | None:
    found = units.get(number or 0)
    return {"unit": found.code, "unit_name": found.name} if found else None


def _hand(desk: Desk, hand: hands.Hand) -> dict[str, Any]:
    spot = hand.spot
    own = {"issue_no": spot.code, "class": spot.class_code, "state": spot.state,
           "class_name": dictionaries.issue_class(spot.class_code).name(desk.lang)} if spot.kind == "issue" else {
               "code": spot.code, "name": spot.name}
    return {**own, "lon": round(spot.lon, 7), "lat": round(spot.lat, 7), "before": _answered(hand.before),
            "after": _answered(hand.after)}


def _answered(found: Answer) -> dict[str, Any]:
    return {"unit": found.unit.code if found.unit else None, "unit_name": found.unit.name if found.unit else None,
            "basis": found.basis}


def _metres(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


