"""Found the city."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from civmap.city.models import City
from civmap.city.queries import has_city, the_city
from civmap.city.rules import check_division, check_frame, check_name
from civmap.errors import Conflict
from civmap.geo.validity import Frame
from civmap.store.editing import facts_of, one_at_a_time
from civmap.store.ledger import Actor, record

FOUNDING_KEY = 360_200


def found(session: Session, actor: Actor, name: str, division_code: str, frame: Frame, *, now: datetime,
          attribution: str = "", is_demo: bool = False, demo_seed: int | None = None,
          demo_on: date | None = None) -> City:
    """Make the one city of this database.

    `frame` is west, south, east, north in degrees (EPSG:4326). Raise Conflict `city_exists` where there is one,
    Invalid where name, division code or frame are unusable.
    """
    one_at_a_time(session, FOUNDING_KEY)
    if has_city(session):
        raise Conflict("city_exists", name=the_city(session).name)
    west, south, east, north = check_frame(frame)
    city = City(name=check_name(name), division_code=check_division(division_code), west=west, south=south, east=east,
                north=north, founded_at=now, attribution=attribution, is_demo=is_demo, demo_seed=demo_seed,
                demo_on=demo_on)
    session.add(city)
    session.flush()
    record(session, actor, "found", "city", city.division_code, at=now, after=facts_of(city))
    return city
