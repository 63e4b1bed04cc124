"""The mark on every file that leaves the house: of which city, by whom, when, and that it is for internal use."""

from datetime import datetime

from civmap import clock, texts
from civmap.exchange.signs import clean
from civmap.people.rules import Viewer

SYSTEMS = {"gcj02": "GCJ-02", "bd09": "BD-09", "cgcs2000": "CGCS2000"}


def mark(lang: str, city: str, viewer: Viewer, now: datetime, kind: str, crs: str = "wgs84") -> str:
    """Return the mark as one line of text."""
    at = clock.to_office(now).strftime("%Y-%m-%d %H:%M")
    return clean(texts.say(lang, "export.mark", city=city, who=viewer.full_name or viewer.name, at=at,
                           kind=texts.say(lang, f"export.kind.{kind}"), crs=system_name(crs)))


def system_name(crs: str) -> str:
    """Return how people call a coordinate system."""
    return "WGS 84" if crs == "wgs84" else SYSTEMS.get(crs, crs)
