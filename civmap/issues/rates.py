"""The rates of the office (`domain.md` §7), exact: each a numerator over a denominator, one decimal, half up.

Pure. A rate without a denominator has no value and is shown as "—", never as 0 % or 100 %. All come from one `Tally`,
so that list, page, export, interface and papers cannot differ.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

LEAST_RANKED = 5
HOUR = 3600
GROUPS: Mapping[str, str] = {"subdistrict": "subdistrict", "community": "subdistrict", "office": "bureau",
                             "bureau": "bureau", "institution": "bureau"}
OTHER_GROUP = "window"
GROUP_ORDER = ("subdistrict", "bureau", "window")


class Tally(NamedTuple):
    """What is counted of some issues in a period, as they stood at its end (`tallying` says how each is counted).

    Of those handed over: `closed`, `fed_back`, `suspended`; `due` (should have ended), of which `on_time` and `late`;
    `with_feedback`, of which `reworked`, with `rework_times`; `wrong_returns`; `recurred` of the closed ones;
    `handled` with `handled_s` working seconds. Of those reported: `filed`. `dispatches` and `returns` are times.
    """

    handed_over: int = 0
    suspended: int = 0
    closed: int = 0
    fed_back: int = 0
    due: int = 0
    on_time: int = 0
    late: int = 0
    with_feedback: int = 0
    reworked: int = 0
    rework_times: int = 0
    wrong_returns: int = 0
    recurred: int = 0
    handled: int = 0
    handled_s: int = 0
    reported: int = 0
    filed: int = 0
    dispatches: int = 0
    returns: int = 0
    signed: int = 0
    zones: int = 0


class Rate(NamedTuple):
    """One figure: numerator over denominator, and the value in tenths (of a per cent, an hour, a point) or None."""

    numerator: int
    denominator: int
    tenths: int | None

    @property
    def value(self) -> float | None:
        """Return the value with one decimal, None where there is nothing to divide by."""
        return None if self.tenths is None else self.tenths / 10


def per_cent(part: int, whole: int) -> Rate:
    """Return a share in per cent, one decimal, half up: whole numbers all the way, so no half is lost."""
    return Rate(part, whole, half_up(Fraction(1000 * part, whole)) if whole > 0 else None)


def half_up(exact: Fraction) -> int:
    """Return the nearest whole number; a half goes up."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def hours(tally: Tally) -> Rate:
    """Return the mean working hours from dispatch to the last feedback; the numerator is in seconds."""
    exact = Fraction(10 * tally.handled_s, HOUR * tally.handled) if tally.handled else None
    return Rate(tally.handled_s, tally.handled, None if exact is None else half_up(exact))


RATES: Mapping[str, Callable[[Tally], Rate]] = {
    "rectification": lambda one: per_cent(one.closed, one.handed_over - one.suspended),
    "rectification_of_all": lambda one: per_cent(one.closed, one.handed_over),
    "fed_back": lambda one: per_cent(one.fed_back, one.handed_over - one.suspended),
    "on_time": lambda one: per_cent(one.on_time, one.due),
    "overdue": lambda one: per_cent(one.late, one.due),
    "rework": lambda one: per_cent(one.reworked, one.with_feedback),
    "first_pass": lambda one: per_cent(one.with_feedback - one.reworked, one.with_feedback),
    "return": lambda one: per_cent(one.wrong_returns, one.handed_over),
    "recurrence": lambda one: per_cent(one.recurred, one.closed),
    "filing": lambda one: per_cent(one.filed, one.reported),
    "dispatch_accuracy": lambda one: per_cent(one.dispatches - one.returns, one.dispatches),
    "handling_hours": hours,
    "pledge": lambda one: per_cent(one.signed, one.zones),
}
COUNTS = ("handed_over", "suspended", "closed", "due", "rework_times", "reported")
IN_HOURS = frozenset({"handling_hours"})
WEIGHTS: tuple[tuple[int, str, bool], ...] = (
    (4, "rectification", True), (3, "on_time", True), (2, "rework", False), (1, "recurrence", False))
"""Of the unit ranking score: tenths of the whole, the rate, and whether more is better."""


def rates_of(tally: Tally) -> dict[str, Rate]:
    """Return every rate of a tally by its name."""
    return {name: formula(tally) for name, formula in RATES.items()}


def score(tally: Tally) -> int | None:
    """Return a unit's score in tenths of a point, None where nothing can be said of it.

    Parts without a denominator (nothing was due yet) are left out and the others weigh more: neither a gift nor a fine.
    """
    found, weight = Fraction(0), 0
    for part, name, is_good in WEIGHTS:
        rate = RATES[name](tally)
        if rate.denominator > 0:
            share = Fraction(rate.numerator, rate.denominator)
            found += part * (share if is_good else 1 - share)
            weight += part
    return half_up(1000 * found / weight) if weight else None


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit among its like: group, score in tenths, rank (None: too few issues to be ranked)."""

    group: str
    score: int | None
    rank: int | None


def group_of(unit_kind: str | None) -> str:
    """Return among whom a unit is ranked: subdistricts, bureaus, or service windows and all others."""
    return GROUPS.get(unit_kind or "", OTHER_GROUP)


def ranking(units: Iterable[tuple[str, str, Tally]]) -> dict[str, Placed]:
    """Return the place of each unit (code, group, tally) in its group; equal scores share a rank (1, 2, 2, 4)."""
    listed = [(code, group, score(tally), tally.handed_over >= LEAST_RANKED) for code, group, tally in units]
    ranked: dict[str, list[int]] = {}
    for _, group, points, counts in listed:
        if counts and points is not None:
            ranked.setdefault(group, []).append(points)
    for all_points in ranked.values():
        all_points.sort()
    return {code: Placed(group, points, 1 + len(ranked[group]) - bisect_right(ranked[group], points)
                         if counts and points is not None else None) for code, group, points, counts in listed}


def words(rate: Rate, name: str, hours_are: str = "h") -> str:
    """Return a figure as it is written everywhere: 83.4 %, 6.5 h, or — where there is no denominator."""
    if rate.tenths is None:
        return "—"
    return f"{rate.tenths // 10}.{rate.tenths % 10} {hours_are if name in IN_HOURS else '%'}"
