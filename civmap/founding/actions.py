"""Found a city and write everything that an extract gave, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import insert
from sqlalchemy.orm import Session

from civmap.basemap import archive
from civmap.city.actions import found
from civmap.city.models import Building, City, LandCover, StreetEdge
from civmap.founding import rows
from civmap.founding.picture import draw
from civmap.founding.values import Ground
from civmap.geo.validity import CHINA, Frame
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.editing import facts_of
from civmap.store.ledger import Actor, Line, append
from civmap.units.models import Unit
from civmap.zones.models import Zone

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
BATCH = 2000
EDGE_DEGREES = 1e-6
Counts = dict[str, Any]


def found_city(session: Session, actor: Actor, name: str, division: str, *, now: datetime,
               ground: Ground | None = None, frame: Frame | None = None, source: str = "") -> Counts:
    """Make the city with its ground, or an empty one in a frame (all China where none is given); return the counts.

    `source` names the extract in the ledger. Raises Conflict `city_exists` where there is a city already, Invalid for
    an unusable name, code or frame.
    """
    city = found(session, actor, name, division, frame_of(ground) if ground else frame or CHINA, now=now,
                 attribution=ATTRIBUTION if ground else "")
    if ground is None:
        return counts_of(Ground(city.frame))
    lines = [*_borders(session, actor, ground, city, now), *_segments_and_points(session, actor, ground, city, now)]
    for model, made in ((StreetEdge, rows.edges), (Building, rows.buildings), (LandCover, rows.land)):
        _insert(session, model, made(ground))
    counts = counts_of(ground)
    summary = Line(now, actor.name, actor.via, "survey", "city", city.division_code,
                   after={"source": source, "metres": {key: round(value) for key, value in ground.metres.items()},
                          **counts})
    append(session, [summary, *lines])
    return counts


def frame_of(ground: Ground) -> Frame:
    """Return the city's frame: the extract's, wide enough for the segments that cross its edge by a few metres."""
    lines = [segment.line for segment in ground.segments]
    if not lines:
        return ground.frame
    west, south, east, north = shapely.total_bounds(lines)
    return (min(ground.frame[0], west - EDGE_DEGREES), min(ground.frame[1], south - EDGE_DEGREES),
            max(ground.frame[2], east + EDGE_DEGREES), max(ground.frame[3], north + EDGE_DEGREES))


def counts_of(ground: Ground) -> Counts:
    """Return what was taken and what was left, as `civmap init --json` prints it; `streets` counts mapped streets."""
    layers = [area.layer for area in ground.areas]
    return {"streets": len({street.way for street in ground.streets}), "segments": len(ground.segments),
            "points": len(ground.candidates), "zones": len(ground.borders), "buildings": layers.count("building"),
            "water": layers.count("water"), "green": layers.count("green"),
            "skipped": [{"reason": reason, "count": count} for reason, count in
                        sorted(ground.skipped.items(), key=lambda item: (-item[1], item[0]))]}


@contextmanager
def basemap_laid(path: Path, ground: Ground, name: str) -> Iterator[None]:
    """Draw the basemap beside its place, and move it there only when the block (the transaction) ends well."""
    beside = path.with_name(f"{path.name}.founding")
    try:
        archive.write(beside, draw(ground), name=name, attribution=ATTRIBUTION)
        yield
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _borders(session: Session, actor: Actor, ground: Ground, city: City, now: datetime) -> list[Line]:
    """Write a zone for every border, and for every subdistrict the unit that answers for it when nobody else does."""
    codes = rows.division_codes(ground.borders, city.division_code)
    zones: dict[str, Zone] = {}
    units: list[Unit] = []
    for border in ground.borders:
        code = codes[border.code]
        unit = None
        if border.kind == "subdistrict":
            seat = rows.stored(shapely.Point(border.seat)) if border.seat else None
            unit = Unit(code=code, name=border.name, kind="subdistrict", seat=seat, categories=[], territory=code,
                        valid_from=now)
            units.append(unit)
            session.add(unit)
            session.flush()
        parent = zones.get(border.parent)
        zones[border.code] = Zone(code=code, name=border.name, kind=border.kind, geom=rows.stored(border.geometry),
                                  division=code, is_partial=border.is_partial, unit_id=unit.id if unit else None,
                                  parent_id=parent.id if parent else None, valid_from=now)
        session.add(zones[border.code])
        if border.kind == "subdistrict":
            session.flush()
    session.flush()
    return [_line(actor, now, "unit", unit) for unit in units] + [
        _line(actor, now, "zone", zone) for zone in zones.values()]


def _segments_and_points(session: Session, actor: Actor, ground: Ground, city: City, now: datetime) -> list[Line]:
    territory = rows.Territory(ground.borders, rows.division_codes(ground.borders, city.division_code),
                               city.division_code)
    middles = np.array([segment.line.interpolate(0.5, normalized=True).coords[0] for segment in ground.segments])
    segments = [RoadSegment(
        code=segment.code, name=segment.name[:200], road=segment.road[:100], road_class=segment.class_,
        geom=rows.stored(segment.line), width_m=segment.width_m, side=segment.side, from_name=segment.from_name[:100],
        to_name=segment.to_name[:100], division=division, valid_from=now)
        for segment, division in zip(ground.segments, territory.at(middles), strict=True)]
    spots = np.array([(candidate.lon, candidate.lat) for candidate in ground.candidates])
    points = [InspectionPoint(
        code=candidate.code, type=candidate.type, name=candidate.name[:200],
        geom=rows.stored(shapely.Point(candidate.lon, candidate.lat)),
        outline=rows.stored(candidate.outline) if candidate.outline is not None else None,
        address=candidate.address[:200] or None, street=candidate.street[:100] or None, division=division,
        is_declared=False, open_hours=candidate.open_hours[:200] or None, valid_from=now)
        for candidate, division in zip(ground.candidates, territory.at(spots), strict=True)]
    session.add_all([*segments, *points])
    session.flush()
    return [_line(actor, now, "segment", row) for row in segments] + [_line(actor, now, "point", row) for row in points]


def _line(actor: Actor, now: datetime, kind: str, row: Any) -> Line:
    return Line(now, actor.name, actor.via, "create", kind, row.code, after=facts_of(row))


def _insert(session: Session, model: Any, made: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in made:
        batch.append(row)
        if len(batch) == BATCH:
            session.execute(insert(model), batch)
            batch = []
    if batch:
        session.execute(insert(model), batch)
