"""Print how long the preview of a split and of a reshape takes through the API: `python -m bench.zones [ZONES]`.

Both databases in one run (`python -m bench.zones 100000 spatialite` for one), each with ZONES grid cells (100,000) that
tile communities and subdistricts without a gap. The whole application answers, signed in by a token. Wall clock and CPU
of 200 calls each; the budget is 150 ms for 95 of 100.
"""

import os
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.city.models import City
from civmap.config import Settings
from civmap.people import actions
from civmap.people.rules import OFFICE
from civmap.store.database import open_engine, writing
from civmap.store.ledger import record
from civmap.web.app import create_app
from civmap.zones.models import Zone

CALLS, WARM, BUDGET_MS = 200, 10, 150.0
WEST, SOUTH, EAST_M, NORTH_M = 115.81, 28.65, 1.0e-5, 0.9e-5
SIDE, BLOCK = 80, 20
"""Metres of a cell's side; cells of a community's side. Cells at its border are left alone: they may not leave it."""


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.support import clusters

    zones = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    wanted = sys.argv[2:] or ["spatialite", "postgis"]
    with tempfile.TemporaryDirectory() as folder:
        print(f"previews at {zones} grid cells, {CALLS} calls each, warmed", flush=True)
        if "spatialite" in wanted:
            (Path(folder) / "spatialite").mkdir()
            measure("spatialite", clusters.SpatialiteFiles(Path(folder) / "spatialite").fresh("town"), zones, folder)
        if "postgis" in wanted:
            with clusters.postgis(Path(folder) / "cluster") as source:
                measure("postgis", source.fresh("town"), zones, folder)


def measure(name: str, url: str, zones: int, folder: str) -> None:
    """Fill one database, ask for previews and print."""
    engine = open_engine(url)
    with writing(engine) as session:
        cells = fill(session, zones)
        token, _ends = actions.add_token(session, OFFICE, "dispatcher", 1, clock.now())
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    settings = Settings.from_environ({"CIVMAP_HOME": folder, "CIVMAP_DATABASE_URL": url, "CIVMAP_SECRET_KEY": "k" * 48})
    client, chance = create_app(settings).test_client(), np.random.default_rng(7)
    side = round(len(cells) ** 0.5)
    inner = [number for number in range(len(cells))
             if {0, BLOCK - 1}.isdisjoint({number // side % BLOCK, number % side % BLOCK})]
    for what, body in (("split", split), ("reshape", reshape), ("parts", parts)):
        walls, cpus = [], []
        for number in chance.choice(inner, WARM + CALLS, replace=False).tolist():
            begun, cpu = time.perf_counter(), time.process_time()
            answer = client.post(f"/api/v1/zones/BG{number:06d}/{what.replace('parts', 'split')}?preview=true",
                                 json=body(cells[number], chance), headers={"Authorization": f"Bearer {token}"})
            walls.append((time.perf_counter() - begun) * 1000)
            cpus.append((time.process_time() - cpu) * 1000)
            assert answer.status_code == 200, answer.text
        told(f"{name} {what}", walls[WARM:], cpus[WARM:])
    engine.dispose()


def told(name: str, walls: list[float], cpus: list[float]) -> None:
    """Print the percentiles of one kind of call."""
    (p50, p95), cpu = np.percentile(walls, [50, 95]), np.percentile(cpus, 95)
    print(f"  {name:<20} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   CPU p95 {cpu:6.1f} ms   budget {BUDGET_MS:g} ms: "
          f"{'kept' if p95 <= BUDGET_MS else 'MISSED'}", flush=True)


def split(cell: Any, chance: Any) -> dict[str, Any]:
    """Return a bent line through a cell."""
    west, south, east, north = cell.bounds
    ends = chance.uniform(0.3, 0.7, 3) * (east - west) + west
    lats = (south - 1e-5, (south + north) / 2, north + 1e-5)
    return {"line": {"type": "LineString", "coordinates": [list(spot) for spot in zip(ends, lats, strict=True)]}}


def reshape(cell: Any, chance: Any) -> dict[str, Any]:
    """Return a cell with one corner moved, as a browser sends it: at 7 decimals."""
    ring = shapely.get_coordinates(cell)[:-1].round(7)
    ring[int(chance.integers(len(ring)))] += chance.uniform(-1, 1, 2) * 2e-4
    area = {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}
    return {"geometry": area, "neighbours": "follow"}


def parts(_cell: Any, _chance: Any) -> dict[str, Any]:
    """Return the wish for three equal parts."""
    return {"parts": 3, "by": "area"}


def fill(session: Session, zones: int) -> Any:
    """Write cells of streets that are not quite straight, the communities and subdistricts that they tile."""
    side = int(np.ceil(np.sqrt(zones) / BLOCK)) * BLOCK
    chance, held = np.random.default_rng(3), datetime.fromisoformat("2026-01-05T00:00:00+00:00")
    east, north = np.meshgrid(np.arange(side + 1) * SIDE, np.arange(side + 1) * SIDE)
    corners = np.stack([east, north], axis=2) + chance.uniform(-12, 12, (side + 1, side + 1, 2))
    corners = np.round(corners * (EAST_M, NORTH_M) + (WEST, SOUTH), 9)
    city = session.scalar(select(City).limit(1))
    city.west, city.south = WEST - 0.01, SOUTH - 0.01
    city.east, city.north = WEST + side * SIDE * EAST_M + 0.01, SOUTH + side * SIDE * NORTH_M + 0.01
    cells = shapely.polygons(np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]],
                                      axis=2).reshape(-1, 4, 2))
    blocks = side // BLOCK
    number = np.arange(side * side)
    block = (number // side // BLOCK) * blocks + (number % side) // BLOCK
    areas = [shapely.coverage_union_all(cells[block == each]) for each in range(blocks * blocks)]
    rows = [{"code": f"36019980{each:04d}", "name": f"社区{each}", "kind": "community",
             "geom": area, "valid_from": held} for each, area in enumerate(areas)]
    session.execute(insert(Zone), rows)
    ids = dict(session.execute(select(Zone.code, Zone.id).where(Zone.kind == "community")).all())
    parents = [ids[row["code"]] for row in rows]
    session.execute(insert(Zone), [
        {"code": f"BG{each:06d}", "name": f"网格{each}", "kind": "grid", "geom": cell, "valid_from": held,
         "parent_id": parents[block[each]]} for each, cell in enumerate(cells)])
    record(session, OFFICE.actor, "survey", "city", "bench", at=clock.now())
    return cells


if __name__ == "__main__":
    os.environ.setdefault("CIVMAP_TESTING", "1")
    main()
