"""What makes a city: a name, a division code and a frame inside which every coordinate lies."""

import math

from civmap.errors import Invalid
from civmap.fields import plain_text, territory
from civmap.geo.validity import CHINA, Frame

LEAST_DEGREES = 0.0001


def check_name(name: str) -> str:
    """Return the city's name; raise Invalid where it is empty or unusable."""
    checked = plain_text(name, 100)
    if not checked:
        raise Invalid("field_missing", field="name")
    return checked


def check_division(code: str) -> str:
    """Return the city's division code (6, 9 or 12 digits, GB/T 2260); raise Invalid."""
    checked = territory(code)
    if len(checked) not in (6, 9, 12):
        raise Invalid("city_division_unreadable", field="division", value=checked)
    return checked


def check_frame(frame: Frame) -> Frame:
    """Return a frame west, south, east, north in degrees, inside China and not empty; raise Invalid."""
    west, south, east, north = (float(edge) for edge in frame)
    if not all(math.isfinite(edge) for edge in (west, south, east, north)):
        raise Invalid("frame_unusable", field="bbox", frame=_written(frame))
    if east - west < LEAST_DEGREES or north - south < LEAST_DEGREES:
        raise Invalid("frame_unusable", field="bbox", frame=_written(frame))
    if west < CHINA[0] or south < CHINA[1] or east > CHINA[2] or north > CHINA[3]:
        raise Invalid("frame_outside_china", field="bbox", frame=_written(frame))
    return west, south, east, north


def _written(frame: Frame) -> str:
    return ", ".join(f"{edge:g}" for edge in frame)
