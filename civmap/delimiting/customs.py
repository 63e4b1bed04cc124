"""How this city delimits frontages: depth, usual sizes, and how wide streets are where nobody measured them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city import customs
from civmap.city.customs import Kept
from civmap.errors import Invalid
from civmap.geo.frontage import DEPTH_RULES
from civmap.people.rules import Viewer

FRONTAGE = "frontage"
LIMITS = {"depth_m": (0.5, 50.0), "usual_depth_m": (0.5, 30.0), "usual_door_m": (0.5, 50.0), "most_gap_m": (0.0, 500.0),
          "least_m": (0.1, 10.0), "reach_m": (2.0, 100.0), "recess_m": (0.0, 50.0)}
WIDTH_M = (1.0, 150.0)
USUAL: dict[str, Any] = {
    "depth_rule": "kerb", "depth_m": 5.0, "usual_depth_m": 5.0, "usual_door_m": 4.0, "most_gap_m": 30.0,
    "least_m": 0.8, "reach_m": 15.0, "recess_m": 6.0,
    "widths": {"arterial_primary": 30.0, "arterial_secondary": 22.0, "branch": 12.0, "alley": 6.0,
               "shopping_street": 10.0}}


def frontage_of(session: Session) -> Kept:
    """Return the rules that hold, and their version."""
    found = customs.kept(session, FRONTAGE)
    return Kept(checked(found.value or {}), found.version)


def save(session: Session, viewer: Viewer, written: Any, version: int, now: datetime) -> Kept:
    """Keep checked rules; raise Forbidden, Invalid, or Stale for another version."""
    return customs.keep(session, viewer, FRONTAGE, checked(written), version, now)


def checked(written: Any) -> dict[str, Any]:
    """Return rules with what is not said filled in; raise Invalid for an unknown name or a value out of reason."""
    if not isinstance(written, Mapping) or not set(written) <= set(USUAL):
        raise Invalid("frontage_rules", field="value", known=list(USUAL))
    rules = {**USUAL, **written}
    if rules["depth_rule"] not in DEPTH_RULES:
        raise Invalid("choice_unknown", field="depth_rule", value=str(rules["depth_rule"])[:40], known=DEPTH_RULES)
    for name, (least, most) in LIMITS.items():
        rules[name] = _metres(name, rules[name], least, most)
    known = dictionaries.road_classes()
    widths = rules["widths"]
    if not isinstance(widths, Mapping) or not set(widths) <= set(known):
        raise Invalid("frontage_rules", field="widths", known=list(known))
    rules["widths"] = {**USUAL["widths"], **{name: _metres("widths", width, *WIDTH_M)
                                             for name, width in widths.items()}}
    return rules


def _metres(field: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Invalid("frontage_metres", field=field, least=least, most=most)
    return float(value)
