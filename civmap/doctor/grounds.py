"""What the doctor asks of the basemaps, only when told to: does each answer with a tile of the city."""

import math
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from civmap import texts
from civmap.basemap.offering import Offer
from civmap.city.models import City
from civmap.config import Settings
from civmap.doctor.findings import Finding
from civmap.errors import CivmapError
from civmap.grounds.sources import PLAIN, Ground
from civmap.store.database import open_engine, reading

CHINA = (104.0, 35.5)
ZOOM = 14


def look(settings: Settings) -> Iterator[Finding]:
    """Yield one finding per basemap: a note where it answers, a warning where it does not."""
    offer = Offer(settings.home, settings.basemap, settings.grounds, is_kept=False)
    lon, lat = _middle(settings)
    for ground in settings.grounds:
        if ground.kind != PLAIN:
            yield _asked(offer, ground, lon, lat, settings.lang)


def _asked(offer: Offer, ground: Ground, lon: float, lat: float, lang: str) -> Finding:
    name = ground.name or texts.say(lang, f"ground.{ground.id}")
    try:
        facts = offer.facts(ground)
        z = max(facts["min_zoom"], min(facts["max_zoom"], ZOOM))
        x = int((lon + 180) / 360 * 2**z)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
        for part in range(facts["parts"]):
            offer.tile(ground, part, z, x, y)
    except CivmapError as problem:
        sentence, hint = texts.refusal(lang, problem)
        return Finding("ground_trouble", "warning", {"name": name, "problem": sentence, "hint": hint})
    return Finding("ground_ok", "note", {"name": name})


def _middle(settings: Settings) -> tuple[float, float]:
    """Return the middle of the city; of China where no city can be read, which is another finding's matter."""
    try:
        engine = open_engine(settings.database_url)
        try:
            with reading(engine) as session:
                city = session.scalar(select(City).limit(1))
        finally:
            engine.dispose()
    except (CivmapError, DBAPIError):
        return CHINA
    return ((city.west + city.east) / 2, (city.south + city.north) / 2) if city else CHINA
