"""Ask about the city and its ground."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import City
from civmap.errors import NotFound
from civmap.geo.validity import Frame


def the_city(session: Session) -> City:
    """Return the one city of this database; raise NotFound `no_city` in an empty one."""
    city = session.scalar(select(City).limit(1))
    if city is None:
        raise NotFound("no_city")
    return city


def has_city(session: Session) -> bool:
    """Tell whether a city has been founded in this database."""
    return session.scalar(select(City.id).limit(1)) is not None


def frame_of(session: Session) -> Frame:
    """Return the city's frame (west, south, east, north in degrees); raise NotFound `no_city`."""
    return the_city(session).frame
