"""Which rounds the demo has seen, has under way and has ahead: their points, teams, days, and how well things stood.

Six rounds are finished: two circles of points visited twice, a blind draw, and the look again at what it drew. The
round of the day began in its first hour, where the office looks at what is open at night, and goes on by day.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from civmap.calendar import WorkCalendar
from civmap.demo.plan_demo import Demo
from civmap.demo.plan_points import PointPlan

FINISHED, UNDER_WAY, PLANNED = "finished", "under_way", "planned"
CIRCLE, DRAWN, AT_NIGHT = 20, 18, 4
NIGHT_TYPES = ("PT13", "PT10", "PT17", "PT12", "PT16", "PT29", "PT14", "PT01", "PT03", "PT02", "PT04")
"""What can be looked at after midnight, the likeliest first."""
PEOPLE = (("第一督查组", ("inspector",)), ("第二督查组", ("clerk", "grid")))
PEOPLE_COVERT = (("第一暗访组", ("inspector",)), ("第二暗访组", ("dispatcher",)))
QUOTA = {"PT03": 3, "PT06": 4, "PT14": 3, "PT18": 3, "PT22": 2, "PT25": 1, "PT29": 2}
QUOTA_AHEAD = {"PT01": 3, "PT05": 3, "PT06": 3, "PT07": 2, "PT18": 3}


@dataclass(frozen=True)
class RoundPlan:
    """A round: on which day, with whom, over which points (none where a draw chooses them), how good things were.

    `again` is the number of the round that it looks at again, `quota` what its draw asks for. Of the points `skipped`
    were passed by, `unmet` not reached in time, `unserved` in no team's order; `done` are those visited so far.
    """

    number: int
    name: str
    state: str
    day: date
    points: tuple[str, ...] = ()
    again: int | None = None
    quota: tuple[tuple[str, int], ...] = ()
    is_covert: bool = False
    is_published: bool = False
    quality: float = 0.0
    skipped: int = 0
    unmet: int = 0
    unserved: int = 0
    is_by_night: bool = False
    mode: str = "cycle"

    @property
    def teams(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Return the teams with the logins of their people; a round that nobody may know of has none yet."""
        if not self.is_covert:
            return PEOPLE
        return PEOPLE_COVERT if self.is_published else [(name, ()) for name, _people in PEOPLE_COVERT]


def rounds(rng: random.Random, plan: Demo, calendar: WorkCalendar) -> list[RoundPlan]:
    """Return the rounds of a demo, oldest first."""
    declared = [point for point in plan.points if point.is_declared]
    first, second = _circles(rng, declared)
    night = _by_night(rng, declared)
    days = [_workday(plan.day, back, calendar) for back in (36, 29, 22, 15, 8, 2)]
    drawn = tuple(QUOTA.items())
    return [
        RoundPlan(1, "第一轮督查·窗口与市场", FINISHED, days[0], first, quality=0.81),
        RoundPlan(2, "第一轮督查·街巷与小区", FINISHED, days[1], second, quality=0.8, skipped=1),
        RoundPlan(3, "第二轮督查·窗口与市场", FINISHED, days[2], first, 1, quality=0.86),
        RoundPlan(4, "第二轮督查·街巷与小区", FINISHED, days[3], second, 2, quality=0.84, unmet=1),
        RoundPlan(5, "随机抽点暗访", FINISHED, days[4], (), None, drawn, True, True, quality=0.85),
        RoundPlan(6, "抽点回头看", FINISHED, days[5], (), 5, quality=0.9, skipped=2, unmet=1, unserved=1),
        RoundPlan(7, "夜查与日查", UNDER_WAY, plan.day, night, quality=0.87, is_by_night=True, mode="drive"),
        RoundPlan(8, "模拟测评暗访", PLANNED, plan.day + timedelta(days=1), (), None, tuple(QUOTA_AHEAD.items()), True),
    ]


def _workday(day: date, back: int, calendar: WorkCalendar) -> date:
    found = day - timedelta(days=back)
    while not calendar.is_workday(found):
        found -= timedelta(days=1)
    return found


def _circles(rng: random.Random, declared: Sequence[PointPlan]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the points of the two circles: windows and markets; streets, lanes, estates and what is left."""
    windows = ("PT07", "PT10", "PT11", "PT12", "PT13", "PT16", "PT17", "PT08", "PT09")
    streets = ("PT01", "PT02", "PT03", "PT04", "PT06", "PT05")
    return tuple(tuple(point.code for point in _some(rng, [one for one in declared if one.type in types], CIRCLE))
                 for types in (windows, streets))  # type: ignore[return-value]


def _by_night(rng: random.Random, declared: Sequence[PointPlan]) -> tuple[str, ...]:
    """Return the points of the day's round, those for the night first."""
    open_at_night = sorted((point for point in declared if point.type in NIGHT_TYPES),
                           key=lambda point: (NIGHT_TYPES.index(point.type), point.code))
    night = open_at_night[:len(PEOPLE) * AT_NIGHT]
    rest = [point for point in declared if point not in night]
    return tuple(point.code for point in (*night, *_some(rng, rest, len(PEOPLE) * AT_NIGHT)))


def _some(rng: random.Random, points: Iterable[PointPlan], count: int) -> list[PointPlan]:
    every = list(points)
    return sorted(rng.sample(every, min(count, len(every))), key=lambda point: point.code)
