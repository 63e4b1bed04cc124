"""Moments of the demo: when things were reported, handed over and done, so that a day's statuses hold all day."""

import random
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta

from civmap.calendar import HOURS_PER_WORK_DAY, Limit, WorkCalendar, due_at
from civmap.clock import OFFICE_ZONE
from civmap.issues.rules import DUE_SOON_SHARE

DAYS = 60
EDGE_H = 0.2  # hours kept free of every threshold
LIMITS = ("3 work_day", "5 work_day", "10 work_day", "15 work_day")


class Times:
    """The days up to a day, in office time and in working hours; the day itself begins at `start`."""

    def __init__(self, day: date, calendar: WorkCalendar) -> None:
        self.day, self.calendar = day, calendar
        self.start = datetime.combine(day, time(0), OFFICE_ZONE).astimezone(UTC)
        self.end = self.start + timedelta(days=1)
        self._spans: list[tuple[datetime, datetime]] = []
        for opens, closes in calendar.spans(self.start - timedelta(days=DAYS)):
            if opens >= self.start:
                break
            self._spans.append((opens, closes))
        self._sums = [0.0]
        for opens, closes in self._spans:
            self._sums.append(self._sums[-1] + (closes - opens).total_seconds() / 3600)
        self.hours_today = HOURS_PER_WORK_DAY if calendar.is_workday(day) else 0

    def worked_ago(self, hours: float) -> datetime:
        """Return the moment that lies so many working hours before the day."""
        target = self._sums[-1] - hours
        i = bisect_right(self._sums, target) - 1
        if not 0 <= i < len(self._spans):
            raise ValueError(f"no moment {hours} working hours before {self.day}")
        return self._spans[i][0] + timedelta(seconds=round((target - self._sums[i]) * 3600))

    def open_since(self, rng: random.Random, natural: str) -> tuple[datetime, str]:
        """Return when an issue was handed over and its limit, so that it is neither late nor nearly late all day."""
        age = rng.triangular(0.4, 62, 9)
        for limit in (natural, *LIMITS):
            most = DUE_SOON_SHARE * _work_hours(limit) - self.hours_today - EDGE_H
            if most >= age:
                return self.worked_ago(age), limit
        most = DUE_SOON_SHARE * _work_hours(LIMITS[-1]) - self.hours_today - EDGE_H
        return self.worked_ago(rng.uniform(0.4, most)), LIMITS[-1]

    def nearly_late_since(self, rng: random.Random, natural: str) -> tuple[datetime, str]:
        """Return when an issue was handed over and its limit, so that it is due soon all day and not yet late."""
        fit = [limit for limit in (natural, *LIMITS[1:]) if self._soon(limit)[0] < self._soon(limit)[1]]
        low, high = self._soon(fit[0])
        return self.worked_ago(rng.uniform(low, high)), fit[0]

    def _soon(self, limit: str) -> tuple[float, float]:
        hours = _work_hours(limit)
        return DUE_SOON_SHARE * hours + EDGE_H / 4, hours - self.hours_today - EDGE_H / 4

    def late_since(self, rng: random.Random, natural: str) -> tuple[datetime, str]:
        """Return when an issue was handed over and its limit, so that it ran out before the day began."""
        limit = natural if 8 <= _work_hours(natural) <= 40 else "2 work_day"
        return self.worked_ago(_work_hours(limit) + rng.uniform(3, 14)), limit

    def any_time(self, rng: random.Random, earliest_days: float, latest_days: float) -> datetime:
        """Return a moment of daylight between so many days before the day."""
        back = rng.uniform(latest_days, earliest_days)
        moment = self.start - timedelta(days=back)
        hour = min(19.5, max(7.4, rng.gauss(10.5 if rng.random() < 0.6 else 15.8, 1.5)))
        local = datetime.combine(moment.astimezone(OFFICE_ZONE).date(), time(0), OFFICE_ZONE)
        return (local + timedelta(seconds=round(hour * 3600))).astimezone(UTC)

    def by_daylight(self, rng: random.Random, moment: datetime) -> datetime:
        """Return the moment, or the next morning where it falls into the night."""
        local = moment.astimezone(OFFICE_ZONE)
        if 7.5 <= local.hour + local.minute / 60 < 20.5:
            return moment
        next_day = local.date() + timedelta(days=local.hour >= 20)
        morning = datetime.combine(next_day, time(8), OFFICE_ZONE) + timedelta(seconds=rng.randint(300, 7000))
        return morning.astimezone(UTC)

    def after_share(self, limit: str, start: datetime, share: float) -> datetime:
        """Return when a share of a limit that runs from `start` is used."""
        return due_at(Limit.parse(limit).times(share), start, self.calendar)


def _work_hours(limit: str) -> float:
    """Return a limit in working hours; a limit that runs day and night counts as none, it cannot hold a day long."""
    parsed = Limit.parse(limit)
    return {"work_hour": 1, "work_day": HOURS_PER_WORK_DAY}.get(parsed.unit, 0) * parsed.amount
