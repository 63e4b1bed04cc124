"""When a message is tried again, and which happenings a channel carries. Pure."""

from datetime import datetime, timedelta

from civmap.channels import Channel
from civmap.issues.happenings import Happening

LEASE = timedelta(minutes=5)
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
LONG = timedelta(hours=1)
PATIENT = 6
"""So often a message holds up those behind it; one that is refused more often lets them pass."""


def next_try(tries: int, now: datetime) -> datetime:
    """Return when a message that failed so many times is tried again: after 30 s, 1 min, 2 min … at most an hour."""
    return now + min(LONGEST, FIRST * 2 ** min(max(tries - 1, 0), 12))


def wants(channel: Channel, told: Happening, unit: str | None) -> bool:
    """Tell whether a channel carries a happening of an issue of a unit; without units it carries those of all."""
    return told.kind in channel.events and (not channel.units or unit in channel.units)
