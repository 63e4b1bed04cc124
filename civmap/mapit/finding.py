"""Zones as MapIt's areas: at a point, by number, type, name, code and place to each other, as of a generation."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely import Point
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries, texts
from civmap.city.queries import the_city
from civmap.errors import BadInput, CivmapError, NotFound
from civmap.geo import crs
from civmap.mapit import rules
from civmap.people.rules import Viewer
from civmap.store import asof
from civmap.store.base import holds_at
from civmap.store.listing import moment_of
from civmap.store.past import Past
from civmap.store.spatial import in_frame, intersects
from civmap.zones.models import Zone
from civmap.zones.queries import visible

CHUNK, MOST = 400, 10_000
RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "touches": shapely.touches, "overlaps": shapely.overlaps, "intersects": shapely.intersects,
    "covers": lambda others, mine: shapely.covered_by(others, mine),
    "covered": lambda others, mine: shapely.covers(others, mine),
    "coverlaps": lambda others, mine: shapely.overlaps(others, mine) | shapely.covered_by(others, mine)}
"""What MapIt's words ask of the other areas: `covers` lists those that the area covers, `covered` those that cover it.
"""


class Here(NamedTuple):
    """Who asks, in which language, as of which moment; `generation` is its number."""

    session: Session
    viewer: Viewer
    lang: str
    at: datetime
    generation: int


def here(session: Session, viewer: Viewer, lang: str, generation: str | None = None) -> Here:
    """Return a question about a generation, the current one without any; raise BadInput for what is none."""
    today = clock.now().astimezone(clock.OFFICE_ZONE).date()
    day = rules.day_of(generation) if generation else today
    at = clock.now() if day >= today else moment_of(day)
    return Here(session, viewer, lang, at, rules.generation_of(min(day, today)))


def generations(session: Session, viewer: Viewer) -> dict[int, dict[str, Any]]:
    """Return the days on which zones that a viewer sees began, changed or ended, by number; the newest is active."""
    return {rules.generation_of(day): {
        "id": rules.generation_of(day), "active": True, "created": day.isoformat(), "description": day.isoformat()}
        for day in _days(session, viewer)}


def _days(session: Session, viewer: Viewer) -> list[date]:
    """Return the days of change; the city's first day where there is none."""
    seen = visible(viewer)
    found = {the_city(session).founded_at}
    for column in (Zone.valid_from, Zone.valid_to):
        found.update(session.scalars(select(column).where(column.is_not(None), seen).distinct()))
    found.update(session.scalars(select(Past.until_at).join(Zone, Zone.id == Past.thing_id).where(
        Past.kind == "zone", seen).distinct()))
    now = clock.now()
    return sorted({moment.astimezone(clock.OFFICE_ZONE).date() for moment in found if moment <= now})


def current(session: Session, viewer: Viewer) -> int:
    """Return the number of the newest generation."""
    return rules.generation_of(_days(session, viewer)[-1])


def _rows(asked: Here, *conditions: Any, types: str = "", most: int = MOST) -> list[Any]:
    statement = select(Zone).where(visible(asked.viewer), holds_at(Zone, asked.at), *conditions)
    if types:
        statement = statement.where(Zone.kind.in_(rules.kinds_of(types, dictionaries.zone_kinds())))
    return asof.rows(asked.session, Zone, statement.order_by(Zone.id).limit(most), asked.at)


def at_point(asked: Here, lon: float, lat: float, types: str = "", *, is_box: bool = False) -> list[Any]:
    """Return the areas that hold a spot; with `is_box` those whose box holds it."""
    spot = Point(lon, lat)
    if is_box:
        return _rows(asked, in_frame(Zone.geom, lon, lat, lon, lat), types=types)
    return _rows(asked, intersects(Zone.geom, spot), types=types)


def by_ids(asked: Here, ids: Sequence[int]) -> list[Any]:
    """Return areas by number, of any generation: what has ended is still told."""
    found: list[Any] = []
    for start in range(0, len(ids), CHUNK):
        found += asked.session.scalars(select(Zone).where(Zone.id.in_(ids[start:start + CHUNK]),
                                                          visible(asked.viewer)).order_by(Zone.id))
    return found


def one(asked: Here, number: int) -> Any:
    """Return an area as it stood in the generation, an ended one as it is kept; raise NotFound `mapit_area`."""
    found = _rows(asked, Zone.id == number) or by_ids(asked, [number])
    if not found:
        raise NotFound("mapit_area", field="area", number=number)
    return found[0]


def by_types(asked: Here, types: str) -> list[Any]:
    """Return the areas of some types."""
    return _rows(asked, types=types) if rules.kinds_of(types, dictionaries.zone_kinds()) else []


def by_name(asked: Here, begins: str, types: str = "") -> list[Any]:
    """Return the areas whose name begins with a text."""
    return _rows(asked, Zone.name.istartswith(begins, autoescape=True), types=types, most=1_000)


def by_code(asked: Here, sort: str, code: str) -> list[Any]:
    """Return the areas of a code: `civmap` is the zone's own, `division` that of the state's list."""
    if sort == "civmap":
        return _rows(asked, Zone.code == code)
    return _rows(asked, Zone.division == code, Zone.code == code) if sort == "division" else []


def children(asked: Here, number: int, types: str = "") -> list[Any]:
    """Return the areas directly below an area."""
    return _rows(asked, Zone.parent_id == number, types=types)


def related(asked: Here, mine: Any, relation: str, types: str = "") -> list[Any]:
    """Return the areas that touch, overlap, cover … an area."""
    around = _rows(asked, in_frame(Zone.geom, *mine.geom.bounds), Zone.id != mine.id, types=types)
    if not around:
        return []
    shapely.prepare(mine.geom)
    shapes = np.array([row.geom for row in around], dtype=object)
    holds = np.asarray(RELATIONS[relation](shapes, mine.geom))
    return [row for row, is_so in zip(around, holds.tolist(), strict=True) if is_so]


def types(asked: Here) -> list[dict[str, Any]]:
    """Return the types of areas with their codes, names and how many of each the viewer sees."""
    counts = dict(asked.session.execute(select(Zone.kind, func.count()).where(
        visible(asked.viewer), holds_at(Zone, asked.at)).group_by(Zone.kind)).all())
    return [{"code": rules.type_of(kind), "name": row.name(asked.lang), "count": counts.get(kind, 0)}
            for kind, row in dictionaries.zone_kinds().items()]


def told(asked: Here, rows: Iterable[Any], *, with_names: bool = False) -> dict[str, dict[str, Any]]:
    """Return areas in MapIt's shape, by number."""
    days = _days(asked.session, asked.viewer)
    kinds = dictionaries.zone_kinds()
    country = texts.say(asked.lang, "mapit.country")
    found = {}
    for row in rows:
        kind = kinds[row.kind].name(asked.lang) if row.kind in kinds else row.kind
        names = {"default": [texts.say(asked.lang, "mapit.name"), row.name]} if with_names else None
        found[str(row.id)] = rules.area(row, type_name=kind, country_name=country, span=_span(row, days),
                                        codes=_codes(row), names=names)
    return found


def _span(row: Any, days: Sequence[date]) -> tuple[int, int]:
    """Return the first and the last generation in which an area stands."""
    begun = row.valid_from.astimezone(clock.OFFICE_ZONE).date() if row.valid_from else days[0]
    ended = row.valid_to.astimezone(clock.OFFICE_ZONE).date() if row.valid_to else None
    inside = [day for day in days if day >= begun and (ended is None or day < ended)] or [begun]
    return rules.generation_of(inside[0]), rules.generation_of(inside[-1])


def _codes(row: Any) -> dict[str, str]:
    return {"civmap": row.code, **({"division": row.division} if row.division and row.division == row.code else {})}


def spot_of(srid: str, x: float, y: float) -> tuple[float, float]:
    """Return a spot in an EPSG system as lon, lat; raise BadInput where there is no such system or spot."""
    try:
        lon, lat = crs.to_wgs84(f"EPSG:{int(srid)}", x, y)
    except (CivmapError, ValueError) as problem:
        raise BadInput("mapit_srid", field="srid", srid=srid[:12]) from problem
    if not (np.isfinite(lon) and np.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise BadInput("mapit_point", field="point")
    return float(lon), float(lat)
