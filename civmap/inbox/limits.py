"""How much of a limit is used and how much is left, as a person would say it: 1.5 working days. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from civmap.calendar import HOURS_PER_WORK_DAY, Limit, WorkCalendar, due_at, worked

HOUR = timedelta(hours=1)
DUE_SOON = 0.75


@dataclass(frozen=True, slots=True)
class Bar:
    """What a row shows of its clock.

    `kind` is limit (of handling), stage (the office's own target) or rest (stands still until `until`); `status` is
    open, due_soon or overdue; `share` of the limit is used (1 and more: it has run out); `amount` of `unit` is left,
    or has gone by since it ran out.
    """

    kind: str
    status: str
    share: float
    amount: float = 0.0
    unit: str = "work_hour"
    until: datetime | None = None


def bar(kind: str, start: datetime, due: datetime, now: datetime, calendar: WorkCalendar, unit: str) -> Bar:
    """Return the bar of a span that ends at `due`, told in working time or, for the running units, in all hours."""
    runs_on = unit in ("urgent_hour", "calendar_day")
    whole, left = _span(start, due, calendar, runs_on), _span(now, due, calendar, runs_on)
    gone = _span(due, now, calendar, runs_on)
    share = 1.0 if now > due else 1 - left / whole if whole else 1.0
    status = "overdue" if now > due else "due_soon" if share >= DUE_SOON else "open"
    amount, told = _told(gone if now > due else left, runs_on)
    return Bar(kind, status, round(max(0.0, share), 3), amount, told, due)


def stage(since: datetime, target: Limit, now: datetime, calendar: WorkCalendar) -> Bar:
    """Return the bar of a stage target that began to run when the issue began to wait."""
    return bar("stage", since, due_at(target, since, calendar), now, calendar, target.unit)


def rest(until: datetime | None) -> Bar:
    """Return the bar of an issue that hangs on the books."""
    return Bar("rest", "open", 0.0, until=until)


def _span(start: datetime, end: datetime, calendar: WorkCalendar, runs_on: bool) -> timedelta:
    if end <= start:
        return timedelta(0)
    return end - start if runs_on else worked(start, end, calendar)


def _told(span: timedelta, runs_on: bool) -> tuple[float, str]:
    hours, day = span / HOUR, 24 if runs_on else HOURS_PER_WORK_DAY
    if hours >= day:
        return round(hours / day, 1), "calendar_day" if runs_on else "work_day"
    if hours >= 1:
        return round(hours, 1), "urgent_hour" if runs_on else "work_hour"
    return float(max(1, round(hours * 60))) if span else 0.0, "minute"
