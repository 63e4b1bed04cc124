"""How this city makes its rounds: speeds, minutes at a point by type, working day, office, check-in distance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city import customs
from civmap.city.hours import office_shifts
from civmap.draws.risk import checked
from civmap.errors import CivmapError, Invalid
from civmap.fields import refuse

NAME = "rounds"
EDITION = "2026"
MODES = ("walk", "cycle", "drive")
SPEEDS = MappingProxyType({"walk": 4.5, "cycle": 12.0, "drive": 25.0})
VISIT_MIN = MappingProxyType({
    "default": 15.0, "PT04": 5.0, "PT07": 30.0, "PT08": 25.0, "PT10": 30.0, "PT11": 25.0, "PT12": 25.0, "PT13": 30.0,
    "PT14": 5.0, "PT16": 25.0, "PT29": 5.0, "PT33": 10.0})
CHECK_IN_M = 100.0
DAY_MIN = 24 * 60
MEMBERS = ("edition", "speeds", "visit_minutes", "day", "office", "check_in_m", "risk")


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the city keeps under `rounds`; speeds in km/h, `day` in minutes of the office's day, `risk` as kept.

    `from_min`, `until_min` and `lunch` follow the office hours unless the city says otherwise; `lunch` is None where
    the day has no break. `office` is (lon, lat, name).
    """

    edition: str = EDITION
    speeds: Mapping[str, float] = field(default_factory=lambda: SPEEDS)
    visit_minutes: Mapping[str, float] = field(default_factory=lambda: VISIT_MIN)
    from_min: float = 480.0
    until_min: float = 1080.0
    lunch: tuple[float, float] | None = (720.0, 840.0)
    office: tuple[float, float, str] | None = None
    check_in_m: float = CHECK_IN_M
    risk: Mapping[str, Any] = field(default_factory=dict)

    def visit_min(self, point_type: str) -> float:
        """Return the minutes that a visit to a point of a type takes."""
        return float(self.visit_minutes.get(point_type, self.visit_minutes.get("default", VISIT_MIN["default"])))

    def as_json(self) -> dict[str, Any]:
        """Return the value as it is kept, sent and edited."""
        lon, lat, name = self.office or (None, None, None)
        return {"edition": self.edition, "speeds": dict(self.speeds), "visit_minutes": dict(self.visit_minutes),
                "day": {"from": self.from_min, "until": self.until_min,
                        "lunch": list(self.lunch) if self.lunch else None},
                "office": {"lon": lon, "lat": lat, "name": name} if self.office else None,
                "check_in_m": self.check_in_m, "risk": dict(self.risk)}


def rounds_of(session: Session) -> Rounds:
    """Return how this city makes its rounds; what it never changed follows its office hours and our defaults."""
    usual = _usual(session)
    value = customs.kept(session, NAME).value
    return usual if value is None else read(value, usual)


def _usual(session: Session) -> Rounds:
    shifts = [(opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)
              for opens, closes in office_shifts(session)]
    gaps = [(closes, opens) for (_, closes), (opens, _) in pairwise(shifts) if opens > closes]
    lunch = max(gaps, key=lambda gap: gap[1] - gap[0], default=None)
    return Rounds(from_min=float(shifts[0][0]), until_min=float(shifts[-1][1]),
                  lunch=(float(lunch[0]), float(lunch[1])) if lunch else None)


def read(value: Any, usual: Rounds | None = None) -> Rounds:
    """Return a kept or sent value; what it leaves out stays usual. Raise Several naming each member that is wrong."""
    usual = usual or Rounds()
    if not isinstance(value, Mapping):
        raise Invalid("rounds_unreadable", field=NAME, known=list(MEMBERS))
    problems: list[CivmapError] = [Invalid("rounds_unreadable", field=str(name)[:40], known=list(MEMBERS))
                                   for name in value if name not in MEMBERS]
    speeds = {**usual.speeds, **_numbers(problems, value.get("speeds"), "speeds", MODES, 0.5, 150)}
    known = ("default", *dictionaries.point_types())
    minutes = {**usual.visit_minutes, **_numbers(problems, value.get("visit_minutes"), "visit_minutes", known, 0, 480)}
    since, until, lunch = _day(problems, value.get("day"), usual)
    check_in = _number(problems, value.get("check_in_m", usual.check_in_m), "check_in_m", 5, 5_000)
    office = _office(problems, value["office"]) if value.get("office") else None
    risk = _risk(problems, value["risk"]) if value.get("risk") else usual.risk
    refuse(problems)
    return Rounds(str(value.get("edition", usual.edition))[:20], speeds, minutes, since, until, lunch, office, check_in,
                  risk)


def _risk(problems: list[CivmapError], value: Any) -> Mapping[str, float]:
    try:
        return checked(value)
    except Invalid as problem:
        problems.append(problem)
        return {}


def _number(problems: list[CivmapError], value: Any, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        problems.append(Invalid("number_out_of_range", field=name, value=str(value)[:20], low=low, high=high))
        return low
    return float(value)


def _numbers(problems: list[CivmapError], value: Any, name: str, known: Any, low: float,
             high: float) -> dict[str, float]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or any(key not in known for key in value):
        problems.append(Invalid("rounds_unreadable", field=name, known=list(known)[:50]))
        return {}
    return {key: _number(problems, one, f"{name}.{key}", low, high) for key, one in value.items()}


def _day(problems: list[CivmapError], value: Any,
         usual: Rounds) -> tuple[float, float, tuple[float, float] | None]:
    standing = usual.from_min, usual.until_min, usual.lunch
    if value is None:
        return standing
    if not isinstance(value, Mapping):
        problems.append(Invalid("rounds_day", field="day"))
        return standing
    since = _number(problems, value.get("from", usual.from_min), "day.from", 0, DAY_MIN)
    until = _number(problems, value.get("until", usual.until_min), "day.until", 0, DAY_MIN)
    lunch = span_of(problems, value["lunch"]) if value.get("lunch") else None
    if "lunch" not in value:
        lunch = usual.lunch
    if until <= since or (lunch and not since <= lunch[0] < lunch[1] <= until):
        problems.append(Invalid("rounds_day", field="day"))
    return since, until, lunch


def span_of(problems: list[CivmapError], value: Any) -> tuple[float, float] | None:
    """Return a break [from, until] in minutes of the day, noting what is wrong with it."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        problems.append(Invalid("rounds_day", field="lunch"))
        return None
    since, until = (_number(problems, one, "lunch", 0, DAY_MIN) for one in value)
    if until <= since:
        problems.append(Invalid("rounds_day", field="lunch"))
        return None
    return since, until


def _office(problems: list[CivmapError], value: Any) -> tuple[float, float, str] | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("name", ""), str):
        problems.append(Invalid("rounds_unreadable", field="office", known=["lon", "lat", "name"]))
        return None
    lon = _number(problems, value.get("lon"), "office.lon", -180, 180)
    lat = _number(problems, value.get("lat"), "office.lat", -90, 90)
    return lon, lat, str(value.get("name") or "")[:100]


