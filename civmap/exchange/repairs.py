"""What is wrong in a row, how grave it is, and what would put it right: by code, in one place.

An error keeps its row out, a warning does not. A repair is what a person may accept instead of the cell: a spot, or
another value of the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from civmap.errors import CivmapError

ERROR, WARNING = "error", "warning"
WARNINGS = frozenset({"coordinates_coarse", "address_far", "place_by_address"})
PLACE_FIELDS = ("lon", "lat", "geometry")
Repair = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What persons decided: codes accepted wherever they occur, single rows' codes, and values typed by hand."""

    alike: frozenset[str] = frozenset()
    by_row: Mapping[tuple[int, str], bool] = field(default_factory=dict)
    typed: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def takes(self, row: int, code: str) -> bool:
        """Tell whether the repair of a code is accepted in a row."""
        return self.by_row.get((row, code), code in self.alike)


def severity_of(code: str, is_warning: bool = False) -> str:
    """Return how grave a code is."""
    return WARNING if is_warning or code in WARNINGS else ERROR


def repair_of(error: CivmapError) -> Repair | None:
    """Return what would put a refusal right, None where only a person can say it."""
    facts = error.facts
    if facts.get("no_repair"):
        return None
    if error.code.startswith(("coordinates_", "datum_", "place_")) and _number(facts.get("lon")) is not None \
            and _number(facts.get("lat")) is not None:
        return {"lon": _number(facts["lon"]), "lat": _number(facts["lat"])}
    choices = choices_of(error)
    if error.field and error.field not in PLACE_FIELDS and len(choices) == 1:
        return {"field": error.field, "value": choices[0]}
    return None


def choices_of(error: CivmapError) -> list[str]:
    """Return what may have been meant, the likeliest first: one of it may be typed into the cell."""
    told = error.facts.get("near")
    found = [str(each) for each in told] if isinstance(told, list | tuple) else []
    return [each.split(" ")[0] for each in found] if error.code == "unknown_unit" else found


def repaired(values: dict[str, Any], repair: Repair) -> dict[str, Any]:
    """Return the values with a repair in them."""
    if "lon" in repair:
        return {**values, "geometry": {"type": "Point", "coordinates": [repair["lon"], repair["lat"]]}}
    return {**values, repair["field"]: repair["value"]}


def _number(value: Any) -> float | None:
    try:
        return round(float(value), 9) if value is not None and not isinstance(value, bool) else None
    except (TypeError, ValueError):
        return None
