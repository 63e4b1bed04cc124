"""A proposal as the API and the command line tell it, and edited zones as they come back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap.city.queries import frame_of
from civmap.delimiting.frontage import KIND, Proposal
from civmap.errors import Invalid
from civmap.geo.bulk import exported
from civmap.people.rules import Viewer
from civmap.units.queries import resolve
from civmap.zones import plans, rules
from civmap.zones.plans import Plan, Wish


def as_json(proposal: Proposal) -> dict[str, Any]:
    """Return the changes (proposed zones first, then neighbours that gain corners) and what nobody has."""
    told = plans.as_json(proposal.plan)["changes"]
    for change, row in zip(told, proposal.rows, strict=False):
        change |= {
            "key": row.key, "segment": row.segment, "side": row.side, "from_m": round(row.from_m, 2),
            "to_m": round(row.to_m, 2), "frontage_m": round(row.to_m - row.from_m, 2),
            "depth_m": round(row.depth_m, 2), "depth_rule": row.values.get("depth_rule"),
            "holder": row.holder, "door_no": row.door_no,
            "unit": row.unit.code if row.unit else None, "unit_name": row.unit.name if row.unit else None}
    free = exported([one.line for _, _, one in proposal.free])
    return {
        "changes": told, "unchanged": proposal.unchanged,
        "uncovered": [{"segment": segment, "side": side, "from_m": round(one.low, 2), "to_m": round(one.high, 2),
                       "length_m": round(one.high - one.low, 2), "geometry": line}
                      for (segment, side, one), line in zip(proposal.free, free, strict=True)],
        "left_out": [{"unit": unit.code, "name": unit.name} for unit in proposal.left_out]}


def plan_of_features(session: Session, viewer: Viewer, features: Sequence[Any], now: datetime) -> Plan:
    """Return the plan that edited zones (GeoJSON Features, `zone` naming the ones that are there) make.

    Raise Forbidden, Invalid or Several for what they say, Conflict `zone_overlap` where they take held ground.
    """
    frame, wishes, known = frame_of(session), list[Wish](), set[str]()
    for number, feature in enumerate(features):
        told, code = _said(number, feature.get("properties") or {}, known)
        columns = rules.read({**feature, "properties": {"kind": KIND, **{name: told[name] for name in TAKEN
                                                                        if told.get(name) is not None}}},
                             frame, is_new=True)
        if "unit" in columns:
            columns["unit_id"] = resolve(session, columns.pop("unit")).id
        wishes.append(Wish(code, columns.pop("geom"), columns))
    return plans.planned(session, viewer, wishes, now)


def _said(number: int, properties: Any, known: set[str]) -> tuple[dict[str, Any], str | None]:
    """Return what a feature says, and the zone it is; raise Invalid where one is named twice."""
    if not isinstance(properties, dict):
        raise Invalid("member_object", field=f"features.{number}", name="properties")
    told = dict(properties)
    code = told.pop("zone", None)
    if code is not None and (not isinstance(code, str) or code in known):
        raise Invalid("frontage_key", field=f"features.{number}", value=str(code)[:80])
    known.update([code] if code is not None else [])
    return told, code


TAKEN = ("name", "unit", "holder", "holder_phone", "door_no", "segment", "side", "depth_rule", "depth_m")
