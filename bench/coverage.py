"""Print how long the check of a city's coverage takes: `python -m bench.coverage [ZONES]`, beside what else there is.

A floor of ZONES (100,000) crooked grids that fit exactly, then the same with 650 planted faults (overlaps, gaps,
slivers, vertices that a neighbour lacks). In one run: ours, `shapely.coverage_invalid_edges`, and a self join on
PostGIS; all must name the same zones. Then on SpatiaLite the whole check from the file, and again after single edits.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

import civmap.units.models  # noqa: F401  (zones point to units)
from civmap import clock
from civmap.coverage.keeping import Watch
from civmap.geo import coverage, edge_kernels, gaps
from civmap.people.rules import OFFICE
from civmap.store.database import open_engine, reading, writing
from civmap.store.ledger import record
from civmap.zones.models import Zone

FAULTS, EDITS, BUDGET_MS, RUNS, LONG = 650, 25, 50.0, 3, 8.0
WEST, SOUTH, STEP, DETAIL = 115.6, 28.5, 0.0009, 3
SELF_JOIN = """SELECT a.id, b.id FROM floor a JOIN floor b ON a.id < b.id AND a.geom && b.geom
               WHERE ST_Relate(a.geom, b.geom, '2********')"""


def floor(zones: int) -> np.ndarray:
    """Return crooked cells that tile a square: each edge has vertices of its own, shared with the neighbour."""
    side, chance = int(np.ceil(np.sqrt(zones))), np.random.default_rng(1)
    steps = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij"), -1)
    corners = np.array([WEST, SOUTH]) + (steps + chance.uniform(-.25, .25, steps.shape)) * STEP

    def edges(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        share = (np.arange(DETAIL) / DETAIL)[:, None]
        line = start[:, :, None] + (end - start)[:, :, None] * share
        line[:, :, 1:] += chance.normal(0, 0.03 * STEP, line[:, :, 1:].shape)
        return np.round(line, 9)

    corners = np.round(corners, 9)
    across, up = edges(corners[:-1], corners[1:]), edges(corners[:, :-1], corners[:, 1:])
    back = np.concatenate([corners[1:][:, :, None], across[:, :, :0:-1]], 2)
    down = np.concatenate([corners[:, 1:][:, :, None], up[:, :, :0:-1]], 2)
    rings = np.concatenate([across[:, :-1], up[1:], back[:, 1:], down[:-1]], 2)
    return shapely.polygons(np.concatenate([rings, rings[:, :, :1]], 2).reshape(side * side, -1, 2))[:zones]


def planted(cells: np.ndarray) -> np.ndarray:
    """Return the cells with faults: a vertex pushed out, pulled in, moved by a hair, or one that only one cell has."""
    chance, found = np.random.default_rng(5), cells.copy()
    for number, at in enumerate(chance.choice(len(cells), FAULTS, replace=False).tolist()):
        xy = shapely.get_coordinates(cells[at]).copy()
        inward = (xy[:-1].mean(0) - xy[1]) * (-0.12, 0.12, 0.002, 0.0)[number % 4]
        if number % 4 == 3:
            xy = np.insert(xy, 1, (xy[0] + xy[1]) / 2, axis=0)
        else:
            xy[1] += inward
        found[at] = shapely.polygons(np.round(xy, 9))
    return found


def timed(name: str, work: Callable[[], Any], base: float | None = None) -> tuple[float, Any]:
    """Run a few times (what takes long only once), print the best seconds and how many times quicker ours was."""
    seconds, result = np.inf, None
    for _ in range(RUNS):
        begun = time.perf_counter()
        result = work()
        seconds = min(seconds, time.perf_counter() - begun)
        if seconds > LONG:
            break
    told = f"   ours is {seconds / base:.1f} times quicker" if base else ""
    print(f"  {name:<58}{seconds:>8.2f} s{told}", flush=True)
    return seconds, result


def in_memory(cells: np.ndarray, parent: Any, title: str) -> tuple[set[int], float, list[coverage.Fault]]:
    """Check arrays: overlaps, edges and gaps, beside GEOS alone."""
    print(title, flush=True)
    ours, faults = timed("ours: pairs and edges that do not fit", lambda: coverage.faults(cells))
    timed("ours: gaps against the parent", lambda: gaps.gaps(cells, [0] * len(cells), {0: parent}))
    _, lines = timed("shapely.coverage_invalid_edges (no gaps)", lambda: shapely.coverage_invalid_edges(cells), ours)
    theirs = set(np.flatnonzero(~shapely.is_empty(lines)).tolist())
    mine = {one for fault in faults for one in fault[:2]}
    print(f"  zones named: {len(mine)} by ours, {len(theirs)} by GEOS: {'the same' if mine == theirs else 'DIFFERENT'}")
    return mine, ours, faults


def postgis(cells: np.ndarray, faults: list[coverage.Fault], ours: float, folder: Path) -> None:
    """Join the planted floor with itself on PostGIS."""
    from tests.support import clusters

    with clusters.postgis(folder / "cluster") as source:
        engine = open_engine(source.fresh("town"))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE floor (id int PRIMARY KEY, geom geometry(Polygon, 4326))"))
            for start in range(0, len(cells), 20_000):
                rows = [{"id": start + at, "wkb": shape} for at, shape in
                        enumerate(shapely.to_wkb(cells[start:start + 20_000]).tolist())]
                connection.execute(text("INSERT INTO floor VALUES (:id, ST_SetSRID(ST_GeomFromWKB(:wkb), 4326))"), rows)
            connection.execute(text("CREATE INDEX ON floor USING gist (geom)"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE floor")
            _, rows = timed("PostGIS: self join, shared ground only",
                            lambda: connection.execute(text(SELF_JOIN)).all(), ours)
        known, theirs = {(fault.first, fault.second) for fault in faults}, {tuple(row) for row in rows}
        print(f"  pairs: {len(known)} by ours, {len(theirs)} sharing ground by PostGIS, {len(theirs - known)} of them "
              "unknown to ours (PostGIS sees no vertex that only a neighbour has)")
        engine.dispose()


def served(cells: np.ndarray, folder: Path) -> None:
    """Check a database as a server does: once whole, then after each of some edits."""
    from tests.support import clusters

    (folder / "spatialite").mkdir()
    engine = open_engine(clusters.SpatialiteFiles(folder / "spatialite").fresh("town"))
    with writing(engine) as session:
        parent = Zone(code="BENCH", kind="community", geom=shapely.coverage_union_all(cells), division="360199006")
        session.add(parent)
        session.flush()
        for start in range(0, len(cells), 20_000):
            session.execute(insert(Zone), [
                {"code": f"BG{start + at:07d}", "name": "", "kind": "grid", "geom": shape, "parent_id": parent.id,
                 "is_partial": False, "version": 1} for at, shape in enumerate(cells[start:start + 20_000].tolist())])
        record(session, OFFICE.actor, "survey", "city", "bench", at=clock.now())
    watch, times = Watch(), []
    with reading(engine) as session:
        begun = time.perf_counter()
        watch.state(session, clock.now().timestamp())
        print(f"  a server's first check, read from SpatiaLite: {time.perf_counter() - begun:.2f} s", flush=True)
    for number in range(EDITS):
        with writing(engine) as session:
            edit(session, number, len(cells))
        with reading(engine) as session:
            begun = time.perf_counter()
            known = watch.state(session, clock.now().timestamp())
            times.append((time.perf_counter() - begun) * 1000)
    p50, worst = statistics.median(times), max(times)
    print(f"  again after one edit, {EDITS} times: p50 {p50:.0f} ms, worst {worst:.0f} ms   budget {BUDGET_MS:g} ms: "
          f"{'kept' if worst <= BUDGET_MS else 'MISSED'}; {len(known.pairs)} pairs, {len(known.gaps)} gaps")
    engine.dispose()


def edit(session: Session, number: int, count: int) -> None:
    """Push one vertex of one zone, as an edit would, with its line in the ledger."""
    zone = session.scalar(select(Zone).where(Zone.code == f"BG{(number * 7919) % count:07d}"))
    xy = shapely.get_coordinates(zone.geom)
    xy[1] += (xy[1] - xy[:-1].mean(0)) * 0.1
    zone.geom = shapely.polygons(np.round(xy, 9))
    record(session, OFFICE.actor, "edit", "zone", zone.code, at=clock.now())


def main() -> None:
    """Measure everything and print it."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    zones = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    edge_kernels.warm()
    cells = floor(zones)
    parent, faulty = shapely.coverage_union_all(cells), planted(cells)
    in_memory(cells, parent, f"{zones} zones that fit")
    _, ours, faults = in_memory(faulty, parent, f"{zones} zones with {FAULTS} planted faults")
    with tempfile.TemporaryDirectory() as folder:
        postgis(faulty, faults, ours, Path(folder))
        served(cells, Path(folder))


if __name__ == "__main__":
    os.environ.setdefault("CIVMAP_TESTING", "1")
    main()
