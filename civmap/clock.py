"""The present moment, in UTC, and the office's own time zone."""

import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


def frozen_at(environ: os._Environ[str] | dict[str, str] | None = None) -> datetime | None:
    """Return the moment of `CIVMAP_NOW`, honoured only with `CIVMAP_TESTING=1`; None otherwise."""
    environ = os.environ if environ is None else environ
    text = environ.get("CIVMAP_NOW")
    if not text or environ.get("CIVMAP_TESTING") != "1":
        return None
    return parse_moment(text)


def now() -> datetime:
    """Return the present moment in UTC, timezone-aware, in whole seconds: what is kept can be written out unchanged."""
    return frozen_at() or datetime.now(UTC).replace(microsecond=0)


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment; without an offset it is office time (Asia/Shanghai). Return UTC.

    Raises ValueError where the text is no moment.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=OFFICE_ZONE)
    return moment.astimezone(UTC)


def parse_asked(text: str) -> date | datetime:
    """Read what a question is about: an office day, or an ISO moment. Raise ValueError where the text is neither."""
    text = text.strip()
    return date.fromisoformat(text) if len(text) <= len("2026-05-20") else parse_moment(text)


def as_of(on: date | datetime | None, now: datetime) -> datetime:
    """Return the moment a question is about: the present, a moment, or the end of a day (today: the present)."""
    if on is None or isinstance(on, datetime):
        return now if on is None else on
    if on == office_day(now):
        return now
    ends = datetime.combine(on, time(0), OFFICE_ZONE) + timedelta(days=1, seconds=-1)
    return ends.astimezone(UTC)


def to_office(moment: datetime) -> datetime:
    """Return the moment in office time."""
    return moment.astimezone(OFFICE_ZONE)


def office_day(moment: datetime) -> date:
    """Return the calendar day of the moment in office time."""
    return to_office(moment).date()


def iso(moment: datetime | None) -> str | None:
    """Write a moment as ISO 8601 in UTC with a trailing Z, or None."""
    if moment is None:
        return None
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='seconds')[:-len('+00:00')]}Z"
