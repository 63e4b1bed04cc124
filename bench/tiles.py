"""Print how our tiles compare with PostGIS `ST_AsMVT` over the same zones, in one run: `python -m bench.tiles`.

Rates are tiles per second over the same tiles of a zoom. "built" leaves our cache out; PostGIS draws every zone as
itself, ours what can be seen, so a second row draws every zone as itself too. `BENCH_ZONES`, `BENCH_ZOOMS`: others.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import psycopg
import shapely
from sqlalchemy import insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from bench.streets import Streets, laid, lots
from civmap import clock
from civmap.calendar import WorkCalendar
from civmap.demo.plan_demo import demo
from civmap.demo.recipe import recipe
from civmap.mirror.following import Mirror
from civmap.mirror.places import lonlat, mercator
from civmap.people.rules import Viewer
from civmap.store.database import open_engine, reading, writing
from civmap.store.ledger import Actor, record
from civmap.tiles import building
from civmap.tiles.building import Spot
from civmap.tiles.serving import Question, Tiles
from civmap.zones.models import Zone

ZONES = int(os.environ.get("BENCH_ZONES", "100000"))
ZOOMS = tuple(int(zoom) for zoom in os.environ.get("BENCH_ZOOMS", "10,12,14,16").split(","))
SEED, MOST_TILES = 20260522, 24
ASKED = """WITH box AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS flat),
     lonlat AS (SELECT ST_Transform(ST_Expand(flat, ST_XMax(flat) - ST_XMin(flat)), 4326) AS frame FROM box)
SELECT ST_AsMVT(one, 'zones', 4096, 'geom', 'id') FROM (
    SELECT zone.id, zone.code, zone.name, zone.kind, 0 AS open_issues, 0 AS due_soon_issues, 0 AS overdue_issues,
           'none' AS status, ST_AsMVTGeom(ST_Transform(zone.geom, 3857), box.flat, 4096, 128) AS geom
    FROM zone, box, lonlat WHERE zone.geom && lonlat.frame AND zone.valid_to IS NULL
) AS one WHERE geom IS NOT NULL"""


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.support import clusters

    with tempfile.TemporaryDirectory() as folder, clusters.postgis(Path(folder)) as source:
        url = source.fresh("town")
        engine = open_engine(url)
        shapes = fill(engine, url)
        print(f"{ZONES} zones, PostGIS and our tiles in one run; tiles per second", flush=True)
        tiles, viewer = Tiles(Mirror()), Viewer("office", "dispatcher")
        with reading(engine) as session:
            begun, before = time.perf_counter(), resident()
            tiles.tile(session, viewer, Question("zones", {}), Spot(0, 0, 0), clock.now())
            print(f"rows into memory and first tile {time.perf_counter() - begun:.2f} s, {resident() - before:.0f} MB",
                  flush=True)
        with psycopg.connect(host=make_url(url).query["host"], user=make_url(url).username,
                             dbname=make_url(url).database) as database, reading(engine) as session:
            for zoom in ZOOMS:
                compare(database, session, tiles, viewer, spots(shapes, zoom))
        write(engine, tiles, viewer, spots(shapes, 16)[0])
        engine.dispose()
        source.drop(url)


def fill(engine: object, url: str) -> np.ndarray:
    """Write zones along the demo's streets, laid side by side; return their shapes."""
    plan = demo(SEED, clock.office_day(clock.now()), recipe(), WorkCalendar())
    ground = plan.town.frame.to_ground
    streets: Streets = laid(np.array([ground(segment.line) for segment in plan.town.segments]), ZONES)
    shapes, _piece, _side = lots(streets, ZONES, np.random.default_rng(SEED))
    parts = make_url(url)
    with psycopg.connect(host=parts.query["host"], user=parts.username, dbname=parts.database) as connection:
        with connection.cursor().copy("COPY zone (code, name, kind, geom, is_partial, version, valid_from) "
                                      "FROM STDIN") as copy:
            for number, wkb in enumerate(shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True)):
                copy.write_row((f"MQ{number:07d}", f"门前{number}号", "frontage", wkb, False, 1, "2026-01-01"))
        connection.execute("SELECT setval(pg_get_serial_sequence('zone', 'id'), (SELECT max(id) FROM zone))")
        connection.execute("CREATE INDEX IF NOT EXISTS zone_geom_bench ON zone USING gist (geom)")
    with psycopg.connect(host=parts.query["host"], user=parts.username, dbname=parts.database,
                         autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE zone")
    return shapes


def spots(shapes: np.ndarray, zoom: int) -> list[Spot]:
    """Return tiles of a zoom that hold zones, spread over the city, the fullest first."""
    middle = mercator(shapely.get_coordinates(shapely.centroid(shapes)))
    cells, counts = np.unique((middle * 2**zoom).astype(int), axis=0, return_counts=True)
    order = np.argsort(-counts)[:: max(1, len(cells) // MOST_TILES)][:MOST_TILES]
    return [Spot(zoom, *cells[at].tolist()) for at in order]


def compare(database: psycopg.Connection, session: Session, tiles: Tiles, viewer: Viewer, wanted: list[Spot]) -> None:
    """Print the rates of one zoom."""
    now, asked = clock.now(), Question("zones", {})

    def theirs(spot: Spot) -> int:
        row = database.execute(ASKED, {"z": spot.zoom, "x": spot.column, "y": spot.row}).fetchone()
        return len(row[0]) if row and row[0] else 0

    def built(spot: Spot) -> int:
        tiles.cache.clear()
        return len(tiles.tile(session, viewer, asked, spot, now).plain)

    peer, size = rate(theirs, wanted)
    told = [f"z{wanted[0].zoom:<3} PostGIS {peer:9.1f}/s {size / 1000:7.1f} kB"]
    for name, seen in (("built", building.SEEN_STEPS), ("built, every zone itself", {2: 0.0, 3: 0.0})):
        kept, building.SEEN_STEPS = building.SEEN_STEPS, seen
        ours, size = rate(built, wanted)
        building.SEEN_STEPS = kept
        told.append(f"{name} {ours:9.1f}/s {size / 1000:7.1f} kB ×{ours / peer:6.1f}")
    tiles.cache.clear()
    for spot in wanted:
        tiles.tile(session, viewer, asked, spot, now)
    kept_rate, _size = rate(lambda spot: len(tiles.tile(session, viewer, asked, spot, now).plain), wanted)
    print(" | ".join([*told, f"served {kept_rate:9.1f}/s ×{kept_rate / peer:6.1f}"]), flush=True)


def rate(make: Callable[[Spot], int], wanted: list[Spot], seconds: float = 3.0) -> tuple[float, float]:
    """Return tiles per second and bytes per tile, each tile at least once, for some seconds."""
    begun, made, size = time.perf_counter(), 0, 0
    while made < len(wanted) or time.perf_counter() - begun < seconds:
        size += make(wanted[made % len(wanted)])
        made += 1
    return made / (time.perf_counter() - begun), size / made


def write(engine: object, tiles: Tiles, viewer: Viewer, spot: Spot) -> None:
    """Print how long the next tile takes after a zone was written, and how long it takes when nothing was."""
    taken, idle = [], []
    for number in range(5):
        now: datetime = clock.now()
        with reading(engine) as session:
            before = tiles.tile(session, viewer, Question("zones", {}), spot, now).tag
        corner = lonlat(np.array([[spot.column + 0.3, spot.row + 0.3], [spot.column + 0.6, spot.row + 0.5]])
                        / 2**spot.zoom)
        with writing(engine) as session:
            session.execute(insert(Zone).values(code=f"NEU{number}", name="新画的", kind="frontage",
                                                geom=shapely.box(*corner.min(axis=0), *corner.max(axis=0))))
            record(session, Actor("bench"), "create", "zone", f"NEU{number}", at=now, after={"kind": "frontage"})
        with reading(engine) as session:
            session.execute(select(Zone.id).limit(1))
            begun = time.perf_counter()
            after = tiles.tile(session, viewer, Question("zones", {}), spot, now).tag
            taken.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            tiles.tile(session, viewer, Question("zones", {}), spot, now)
            idle.append(time.perf_counter() - begun)
        if after == before:
            raise SystemExit("a write was not in the next tile")
    print(f"a zone written, then its tile: {sorted(taken)[2] * 1000:.1f} ms "
          f"(unchanged {sorted(idle)[2] * 1000:.1f} ms)")


def resident() -> float:
    """Return the memory of this process in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
