"""A round of 1,000 stops in every form, beside what the libraries alone take: `python -m bench.sheets [--home DIR]`.

The points lie on real streets, five teams walk them in the order of their nearest neighbours, each leg along the
streets; three open issues a stop. Budgets: 2 s a file, 10 s the route sheet. The peers get the round's own GeoJSON
and write the same stops and legs, reading and imports not counted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from shapely import LineString
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import city
from civmap import clock
from civmap.config import Settings
from civmap.documents import rounds
from civmap.people.rules import OFFICE
from civmap.points.models import InspectionPoint
from civmap.routes.models import Route, Stop, Team
from civmap.routes.streets import ground_of
from civmap.store.database import open_engine, reading, writing

STOPS, TEAMS, CODE = 1_000, 5, "LX20261122-99"
BUDGET = {"pdf": 10.0}
PEERS = {
    "gpkg": "geopandas.GeoDataFrame.from_features(stops, crs=4326).to_file(out, layer='stops')\n"
            "geopandas.GeoDataFrame.from_features(legs, crs=4326).to_file(out, layer='legs')",
    "shp.zip": "geopandas.GeoDataFrame.from_features(stops, crs=4326).to_file(out + '.stops.shp', encoding='UTF-8')\n"
               "geopandas.GeoDataFrame.from_features(legs, crs=4326).to_file(out + '.legs.shp', encoding='UTF-8')",
    "gpx": "made = gpxpy.gpx.GPX()\n"
           "for one in stops:\n"
           "    x, y = one['geometry']['coordinates']\n"
           "    made.waypoints.append(gpxpy.gpx.GPXWaypoint(y, x, name=one['properties']['name']))\n"
           "track = gpxpy.gpx.GPXTrack()\n"
           "for one in legs:\n"
           "    track.segments.append(gpxpy.gpx.GPXTrackSegment(\n"
           "        [gpxpy.gpx.GPXTrackPoint(y, x) for x, y in one['geometry']['coordinates']]))\n"
           "made.tracks.append(track)\n"
           "open(out, 'w').write(made.to_xml(version='1.1'))"}
PROGRAM = ("import json, sys, time, warnings\nwarnings.simplefilter('ignore')\nimport geopandas, gpxpy.gpx\n"
           "out = sys.argv[2]\nfound = json.load(open(sys.argv[1]))['features']\n"
           "stops = [one for one in found if one['properties']['kind'] == 'stop']\n"
           "legs = [one for one in found if one['properties']['kind'] == 'leg']\n"
           "begun = time.perf_counter()\n{}\nprint(time.perf_counter() - begun)\n")


def main() -> None:
    """Build the round where it is not there, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path)
    home = asked.parse_args().home
    with tempfile.TemporaryDirectory() as folder:
        measure(home or Path(folder))


def measure(home: Path) -> None:
    """Print the figures over a city that is there, or is built."""
    if not (home / "civmap.sqlite").exists():
        city.build(Namespace(home=home, zones=0, issues=3 * STOPS, points=STOPS, units=40, open=1.0))
    engine = open_engine(Settings.from_environ({**os.environ, "CIVMAP_HOME": str(home)}).database_url)
    with writing(engine) as session:
        if session.scalar(select(Route.id).where(Route.code == CODE)) is None:
            lay(session)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; a round of {STOPS:,} stops, {TEAMS} teams")
    with tempfile.TemporaryDirectory() as folder:
        for fmt in ("geojson", *(fmt for fmt in rounds.FORMATS if fmt != "geojson")):
            show(engine, Path(folder), fmt)
    engine.dispose()


def show(engine: Any, folder: Path, fmt: str) -> None:
    """Print how long one form takes, from the database to the file, and what the library alone takes."""
    file = folder / f"round.{fmt}"
    begun, worked = time.perf_counter(), os.times()
    with reading(engine) as session:
        rounds.write(session, OFFICE, CODE, file, fmt, "zh", clock.now())
    seconds, done, budget = time.perf_counter() - begun, os.times(), BUDGET.get(fmt, 2.0)
    work = sum(done[:4]) - sum(worked[:4])
    peer = f"   the library alone {alone(folder, fmt):.2f} s" if fmt in PEERS else ""
    print(f"{fmt:<10}{seconds:>7.2f} s  (processor {work:.2f} s)  {file.stat().st_size / 1e6:>6.2f} MB  "
          f"budget {budget:g} s: {'kept' if seconds <= budget else 'MISSED'}{peer}", flush=True)


def alone(folder: Path, fmt: str) -> float:
    """Return the seconds that a plain program needs to write the same stops and legs."""
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(PEERS[fmt]), folder / "round.geojson",
                           folder / f"peer.{fmt}"], capture_output=True, text=True, check=True)
    return float(done.stdout)


def lay(session: Session) -> None:
    """Write the round: points parted into teams from west to east, each walked from neighbour to neighbour."""
    points = list(session.scalars(select(InspectionPoint).order_by(InspectionPoint.id).limit(STOPS)))
    now = clock.now()
    route = Route(code=CODE, name="千点督查", day=date(2026, 11, 22), state="planned", made_at=now, made_by="office",
                  metric="road", options={"mode": "walk", "balance": "balanced"})
    session.add(route)
    session.flush()
    west_to_east = sorted(points, key=lambda point: point.geom.x)
    share = -(-len(points) // TEAMS)
    for number in range(TEAMS):
        team = Team(route_id=route.id, position=number + 1, name=f"第{number + 1}组")
        session.add(team)
        session.flush()
        _walk(session, route, team, west_to_east[number * share:(number + 1) * share])


def _walk(session: Session, route: Route, team: Team, points: list[InspectionPoint]) -> None:
    spots = np.array([(point.geom.x, point.geom.y) for point in points])
    left, order = set(range(1, len(points))), [0]
    while left:
        rest = np.array(sorted(left))
        order.append(int(rest[np.argmin(np.hypot(*(spots[rest] - spots[order[-1]]).T))]))
        left.discard(order[-1])
    pairs = list(pairwise(order))
    legs = [None, *ground_of(session).legs(spots, pairs, "walk", "road")]
    for position, (place, leg) in enumerate(zip(order, legs, strict=True), start=1):
        point = points[place]
        session.add(Stop(route_id=route.id, team_id=team.id, position=position, point_id=point.id, lon=point.geom.x,
                         lat=point.geom.y, visit_min=15.0, arrive_at=route.made_at, leave_at=route.made_at,
                         leg=LineString(leg.coordinates) if leg is not None and len(leg.coordinates) > 1 else None,
                         leg_m=leg.metres if leg is not None else 0.0, leg_min=leg.metres / 75 if leg else 0.0,
                         is_air=bool(leg and leg.is_air)))
        team.length_m += leg.metres if leg is not None else 0.0


if __name__ == "__main__":
    main()
