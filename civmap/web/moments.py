"""Moments and days as requests write them."""

from datetime import datetime

from civmap import clock


def moment_or(text: str | None, default: datetime) -> datetime:
    """Return the moment of a checked text in UTC, or the default where there is none."""
    return clock.parse_moment(text) if text else default
