"""Fill a home with a city of any size on real streets.

`python -m bench.city --home DIR --zones 100000 --issues 1000000 --points 1200`, then `CIVMAP_HOME=DIR civmap serve`.
Sign in as dispatcher, leader or clerk; the password is yunxi- and the name. Everything is invented but the streets.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text, update
from sqlalchemy.orm import Session

from bench.streets import Streets, laid, lots, spots
from civmap import clock, dictionaries
from civmap.city.models import City
from civmap.mirror.places import lonlat, mercator
from civmap.people.models import Person
from civmap.people.passwords import hashed
from civmap.schema import tables  # noqa: F401 - a person's unit is a table that must be known
from civmap.store.database import open_engine
from civmap.store.ledger import Actor, record

ROOT = Path(__file__).resolve().parent.parent
EXTRACT = ROOT.parent / "shared" / "data" / "nanjing_core" / "nanjing_xinjiekou.osm.gz"
CIVMAP = Path(sys.executable).with_name("civmap")
SEED = 20260522
CHUNK = 20_000
STATES = ("reported", "filed", "dispatched", "in_progress", "suspended", "resolved", "closed", "rejected")
OF_OPEN = (0.12, 0.10, 0.25, 0.35, 0.04, 0.14)
Columns = dict[str, Iterable[Any]]


def main() -> None:
    """Build the city and say how long each part took."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path, required=True)
    for name, count in (("zones", 100_000), ("issues", 0), ("points", 1_200), ("units", 400)):
        asked.add_argument(f"--{name}", type=int, default=count)
    asked.add_argument("--open", type=float, default=0.5, help="share of the issues that are open")
    build(asked.parse_args())


def build(asked: argparse.Namespace) -> None:
    """Found the city on the extract (without it, on the demo's streets), and fill it."""
    home, begun = asked.home, time.perf_counter()
    home.mkdir(parents=True, exist_ok=True)
    words = ["init", "--name", "南京", "--division", "320106", "--osm", str(EXTRACT)] if EXTRACT.is_file() else [
        "demo", "--no-serve"]
    subprocess.run([CIVMAP, *words], env=os.environ | {"CIVMAP_HOME": str(home)}, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    said(begun, "founded")
    engine, rng = open_engine(f"sqlite:///{home / 'civmap.sqlite'}"), np.random.default_rng(SEED)
    with engine.connect() as connection:
        lines = shapely.from_wkb([row[0] for row in connection.execute(
            text("SELECT ST_AsBinary(geom) FROM road_segment ORDER BY id"))])
        names = [row[0] for row in connection.execute(text("SELECT road FROM road_segment ORDER BY id"))]
    streets = laid(lines, asked.zones)
    with engine.execution_options(civmap_writes=True).connect() as connection:
        connection.connection.cursor().execute("PRAGMA synchronous=OFF")
        connection.connection.cursor().execute("PRAGMA cache_size=-400000")
        with connection.begin():
            anew = [statement for table in ("zone", "issue") for statement in unindex(connection, table)]
            write(connection, asked, streets, names, lines, rng, begun)
            for statement in anew:
                connection.connection.cursor().execute(statement)
            said(begun, "indexed")
    with Session(engine.execution_options(civmap_writes=True)) as session, session.begin():
        finish(session, streets)
    engine.dispose()
    said(begun, f"done: {home}")


def said(begun: float, what: str) -> None:
    """Print what is done, and when."""
    print(f"{time.perf_counter() - begun:7.1f} s  {what}", flush=True)


def write(connection: Connection, asked: argparse.Namespace, streets: Streets, names: list[str], lines: np.ndarray,
          rng: np.random.Generator, begun: float) -> None:
    """Write units, segments, points, zones and issues."""
    since = clock.now() - timedelta(days=400)
    divisions = [f"320106{copy + 1:03d}" for copy in range(len(streets.frames))]
    units = unit_rows(connection, asked.units, streets, divisions, since, rng)
    first_segment = segment_rows(connection, streets, names, lines, divisions, units, since, rng)
    point_rows(connection, asked.points, streets, names, divisions, units, since, rng)
    said(begun, "units, segments and points")
    zone_rows(connection, asked.zones, streets, names, divisions, units, since, rng)
    said(begun, f"{asked.zones} zones")
    issue_rows(connection, asked, streets, divisions, units, first_segment, rng)
    said(begun, f"{asked.issues} issues")


def put(connection: Connection, table: str, columns: Columns, geometry: str, shapes: Columns) -> None:
    """Insert rows column by column; `geometry` is the SQL that makes the place of one out of the last columns."""
    names = [*columns, "seat" if table == "unit" else "geom"]
    marks = ["?"] * len(columns) + [geometry]
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(marks)})"
    rows, cursor = zip(*columns.values(), *shapes.values(), strict=True), connection.connection.cursor()
    for chunk in chunks(rows):
        cursor.executemany(statement, chunk)


def chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """Give rows in handy lists."""
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def spot(lon_lat: np.ndarray) -> Columns:
    """Return the columns of `MakePoint`."""
    return {"lon": lon_lat[:, 0].tolist(), "lat": lon_lat[:, 1].tolist()}


def wkb(shapes: np.ndarray) -> Columns:
    """Return the column of `GeomFromWKB`."""
    return {"wkb": shapely.to_wkb(shapes).tolist()}


MAKE_POINT, FROM_WKB = "MakePoint(?, ?, 4326)", "GeomFromWKB(?, 4326)"


def stamp(moments: np.ndarray) -> list[str | None]:
    """Return seconds as the database keeps moments; NaN is none."""
    told = np.datetime_as_string(np.where(np.isnan(moments), 0, moments).astype("datetime64[s]"))
    return [None if missing else one.replace("T", " ") + ".000000"
            for one, missing in zip(told.tolist(), np.isnan(moments).tolist(), strict=True)]


def since_of(since: datetime, count: int) -> list[str | None]:
    """Return a column of one moment."""
    return stamp(np.array([since.timestamp()])) * count


def unit_rows(connection: Connection, count: int, streets: Streets, divisions: list[str], since: datetime,
              rng: np.random.Generator) -> list[int]:
    """Write units; return their ids."""
    at, piece = spots(streets, count, rng)
    put(connection, "unit", {
        "code": [f"U{number:05d}" for number in range(count)],
        "name": [f"第{number}责任单位" for number in range(count)],
        "kind": ["company"] * count, "categories": ["[]"] * count,
        "territory": [divisions[copy] for copy in streets.copy[piece].tolist()], "version": [1] * count,
        "valid_from": since_of(since, count)}, MAKE_POINT, spot(at))
    return [row[0] for row in connection.execute(text("SELECT id FROM unit WHERE code LIKE 'U0%' ORDER BY id"))]


def segment_rows(connection: Connection, streets: Streets, names: list[str], lines: np.ndarray, divisions: list[str],
                 units: list[int], since: datetime, rng: np.random.Generator) -> int:
    """Write the segments of all repetitions but the first, which is there; return the first id."""
    first = connection.execute(text("SELECT min(id) FROM road_segment")).scalar() or 1
    for copy in range(1, len(streets.frames)):
        shift = streets.frames[copy, :2] - streets.frames[0, :2]
        moved = shapely.transform(lines, lambda xy, shift=shift: lonlat(mercator(xy) + shift))
        count = len(moved)
        put(connection, "road_segment", {
            "code": [f"LD{copy:03d}-{number:04d}" for number in range(count)],
            "name": [f"{name or '无名路'} {copy}-{number}" for number, name in enumerate(names)],
            "road": [f"{name}{copy}段" if name else "" for name in names], "road_class": ["secondary"] * count,
            "side": ["both"] * count, "unit_id": rng.choice(units, count).tolist(),
            "division": [divisions[copy]] * count, "version": [1] * count, "valid_from": since_of(since, count),
        }, FROM_WKB, wkb(moved))
    return int(first)


def point_rows(connection: Connection, count: int, streets: Streets, names: list[str], divisions: list[str],
               units: list[int], since: datetime, rng: np.random.Generator) -> None:
    """Write points."""
    at, piece = spots(streets, count, rng)
    types = [entry.code for entry in dictionaries.point_types().values()]
    put(connection, "inspection_point", {
        "code": [f"PT{number:06d}" for number in range(count)], "name": [f"第{number}点位" for number in range(count)],
        "type": rng.choice(types, count).tolist(), "unit_id": rng.choice(units, count).tolist(),
        "street": [names[one] for one in streets.segment[piece].tolist()], "is_declared": [0] * count,
        "division": [divisions[copy] for copy in streets.copy[piece].tolist()], "version": [1] * count,
        "valid_from": since_of(since, count)}, MAKE_POINT, spot(at))


def zone_rows(connection: Connection, count: int, streets: Streets, names: list[str], divisions: list[str],
              units: list[int], since: datetime, rng: np.random.Generator) -> None:
    """Write a subdistrict per repetition of the extract, and zones in front of doors."""
    frames = lonlat(streets.frames.reshape(-1, 2)).reshape(-1, 4)
    borders = shapely.box(frames[:, 0], frames[:, 3], frames[:, 2], frames[:, 1])
    shapes, piece, _side = lots(streets, count, rng)
    both, own = np.concatenate([borders, shapes]), streets.copy[piece].tolist()
    extra = len(borders)
    put(connection, "zone", {
        "code": [*divisions, *(f"MQ{number:07d}" for number in range(count))],
        "name": [*(f"第{number + 1}街道" for number in range(extra)),
                 *(f"{names[one] or '无名路'}{number}号"
                   for number, one in enumerate(streets.segment[piece].tolist()))],
        "kind": ["subdistrict"] * extra + ["frontage"] * count,
        "unit_id": rng.choice(units, extra + count).tolist(), "division": [*divisions, *(divisions[c] for c in own)],
        "is_partial": [0] * (extra + count), "version": [1] * (extra + count),
        "valid_from": since_of(since, extra + count)}, FROM_WKB, wkb(both))


def issue_rows(connection: Connection, asked: argparse.Namespace, streets: Streets, divisions: list[str],
               units: list[int], first_segment: int, rng: np.random.Generator) -> None:
    """Write issues of the last sixty days in every state, with the moments that belong to it."""
    now = clock.now().timestamp()
    classes = [entry.code for entry in dictionaries.issue_classes().values()]
    points = [row[0] for row in connection.execute(text("SELECT id FROM inspection_point WHERE code LIKE 'PT0%'"))]
    segments = streets.segment.max() + 1
    for start in range(0, asked.issues, CHUNK):
        count = min(CHUNK, asked.issues - start)
        at, piece = spots(streets, count, rng)
        copies = streets.copy[piece]
        state = np.where(rng.random(count) < asked.open, rng.choice(6, count, p=OF_OPEN), rng.choice(
            [6, 7], count, p=(0.95, 0.05)))
        reported = now - rng.uniform(0, 60 * 86400, count) * np.where(state < 6, 0.15, 1.0)
        given = np.where((state >= 2) & (state < 7), reported + 3600, np.nan)
        ended = np.where(state >= 6, np.minimum(reported + rng.uniform(7200, 6 * 86400, count), now), np.nan)
        is_linked = rng.random(count) < 0.2
        put(connection, "issue", {
            "issue_no": [f"CW{number:09d}" for number in range(start, start + count)],
            "class_code": rng.choice(classes, count).tolist(), "description": ["生成的问题"] * count,
            "source": rng.choice(["page", "import", "hotline"], count).tolist(), "on_site": [0] * count,
            "division": [divisions[copy] for copy in copies.tolist()], "unit_id": rng.choice(units, count).tolist(),
            "segment_id": (first_segment + copies * segments + streets.segment[piece]).tolist(),
            "point_id": [one if linked else None for one, linked in zip(
                rng.choice(points, count).tolist() if points else [None] * count, is_linked.tolist(), strict=True)],
            "basis": ["grid"] * count, "claims": ["[]"] * count, "is_ambiguous": [0] * count,
            "is_designated": [0] * count, "return_count": [0] * count, "rework_count": [0] * count,
            "supervision_level": [0] * count, "version": [1] * count,
            "state": [STATES[number] for number in state.tolist()], "reported_at": stamp(reported),
            "dispatched_at": stamp(given), "due_soon_at": stamp(given + 3.75 * 86400),
            "due_at": stamp(given + 5 * 86400), "ended_at": stamp(ended),
            "closed_at": stamp(np.where(state == 6, ended, np.nan)),
            "checked_at": stamp(np.where(state == 6, ended, np.nan)),
            "suspended_at": stamp(np.where(state == 4, given + 7200, np.nan)),
        }, MAKE_POINT, spot(at))


def unindex(connection: Connection, table: str) -> list[str]:
    """Take a table's indexes and triggers away for the time of the inserts; return the statements that bring them back.

    Kept row by row they cost more than all the rest.
    """
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
                                    "AND tbl_name = :table"), {"table": table}).all()
    for name, _sql in found:
        connection.execute(text(f'DROP INDEX "{name}"'))
    connection.execute(text(f"SELECT DisableSpatialIndex('{table}', 'geom')"))
    connection.execute(text(f"DROP TABLE IF EXISTS idx_{table}_geom"))
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
                                       "AND tbl_name = :table"), {"table": table}).all()
    for name, _sql in triggers:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    return [sql for _name, sql in [*found, *triggers]] + [f"SELECT CreateSpatialIndex('{table}', 'geom')"]


def finish(session: Session, streets: Streets) -> None:
    """Widen the city's frame, add who may sign in, and leave a line in the ledger."""
    west, south, east, north = (float(edge) for edge in streets.frame)
    session.execute(update(City).values(west=west - 0.01, south=south - 0.01, east=east + 0.01, north=north + 0.01,
                                        is_demo=True))
    known = {row[0] for row in session.execute(text("SELECT name FROM person"))}
    now = datetime.now(UTC).replace(microsecond=0)
    for name, role, territory in (("dispatcher", "dispatcher", None), ("leader", "leader", None),
                                  ("clerk", "subdistrict_clerk", "320106001")):
        if name not in known:
            session.add(Person(name=name, full_name=name, role=role, territory=territory,
                               password_hash=hashed(f"yunxi-{name}"), must_change_password=False, created_at=now))
    record(session, Actor("bench"), "survey", "city", "320106", at=now,
           after={"bench": json.dumps(list(streets.frame))})


if __name__ == "__main__":
    main()
