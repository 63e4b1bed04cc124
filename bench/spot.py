"""Print how long one spot takes through the API: `python -m bench.spot [ZONES]`, p50 and p99 of 1,000 calls.

Both databases in one run, each with ZONES frontage zones (100,000) whose shops are units, 10,000 units with duties,
5,000 street pieces and a table of owners; the whole application answers, signed in by a token. Every hundredth call
follows an edit of a unit, which the answers must show.
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
from civmap.assignment.models import Duty
from civmap.city.models import City
from civmap.config import Settings
from civmap.people import actions
from civmap.people.rules import OFFICE
from civmap.segments.models import RoadSegment
from civmap.store.database import open_engine, writing
from civmap.store.ledger import record
from civmap.units.models import Unit
from civmap.web.app import create_app
from civmap.zones.models import Zone

CALLS, WARM, DUTY_UNITS, SEGMENTS, BUDGET_MS = 1000, 50, 10_000, 5_000, 20.0
TRADES = ("城管", "环卫", "园林", "市政", "交警", "公安", "路灯", "物业", "消防", "民政")
CLASSES = ("E0102", "E0503", "C0101", "E0504", "E0110", "X2104", "E0201")
WEST, SOUTH, SIDE, METRE = 115.81, 28.65, 0.1, 1 / 97_700


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.support import clusters

    zones = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        print(f"one spot through the API at {zones} zones, {CALLS} calls, warmed", flush=True)
        (Path(folder) / "spatialite").mkdir()
        spatialite = clusters.SpatialiteFiles(Path(folder) / "spatialite")
        measure("spatialite", spatialite.fresh("town"), zones, folder)
        with clusters.postgis(Path(folder) / "cluster") as source:
            url = source.fresh("town")
            measure("postgis", url, zones, folder)


def measure(name: str, url: str, zones: int, folder: str) -> None:
    """Fill one database, ask it and print."""
    engine, now = open_engine(url), clock.now()
    with writing(engine) as session:
        fill(session, zones, now)
        token, _ends = actions.add_token(session, OFFICE, "dispatcher", 1, now)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    settings = Settings.from_environ({"CIVMAP_HOME": folder, "CIVMAP_DATABASE_URL": url, "CIVMAP_SECRET_KEY": "k" * 48})
    client, chance = create_app(settings).test_client(), np.random.default_rng(7)
    times = []
    for number in range(WARM + CALLS):
        if number % 100 == 0:
            edit(engine, number)
        lon, lat = (chance.uniform(low, low + SIDE) for low in (WEST, SOUTH))
        path = f"/api/v1/assignment?lon={lon:.6f}&lat={lat:.6f}&class={CLASSES[number % len(CLASSES)]}&accuracy_m=8"
        begun = time.perf_counter()
        answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
        times.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, answer.text
    p50, p99 = np.percentile(times[WARM:], [50, 99])
    verdict = "kept" if p99 <= BUDGET_MS else "MISSED"
    print(f"  {name:<12} p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   budget {BUDGET_MS:g} ms: {verdict}", flush=True)
    engine.dispose()


def edit(engine: Any, number: int) -> None:
    """Move a unit's seat a little, as an edit does: with its line in the ledger."""
    with writing(engine) as session:
        unit = session.scalar(select(Unit).where(Unit.code == f"BU{number % DUTY_UNITS:05d}"))
        unit.seat = shapely.Point(unit.seat.x + METRE, unit.seat.y)
        record(session, OFFICE.actor, "edit", "unit", unit.code, at=clock.now())


def fill(session: Session, zones: int, now: datetime) -> None:
    """Write units, zones in rows along streets, street pieces, grids and owners."""
    chance, held = np.random.default_rng(3), {"valid_from": datetime.fromisoformat("2026-01-05T00:00:00+00:00")}
    city = session.scalar(select(City).limit(1))
    city.west, city.south, city.east, city.north = WEST - 0.01, SOUTH - 0.01, WEST + SIDE + 0.01, SOUTH + SIDE + 0.01
    spots = np.column_stack([WEST + chance.random(zones) * SIDE, SOUTH + chance.random(zones) * SIDE])
    rows = [{"code": f"SH{number:06d}", "name": f"店{number}", "kind": "shop", "seat": shapely.Point(spot),
             "categories": [], **held} for number, spot in enumerate(spots)]
    rows += [{"code": f"BU{number:05d}", "name": f"单位{number}", "kind": "bureau", "categories": [TRADES[number % 10]],
              "seat": shapely.Point(WEST + chance.random() * SIDE, SOUTH + chance.random() * SIDE), **held}
             for number in range(DUTY_UNITS)]
    session.execute(insert(Unit), rows)
    ids = dict(session.execute(select(Unit.code, Unit.id)).all())
    shapes = shapely.box(spots[:, 0], spots[:, 1], spots[:, 0] + 9 * METRE, spots[:, 1] + 5 * METRE)
    session.execute(insert(Zone), [{"code": f"ZB{number:06d}", "name": f"店{number}", "kind": "frontage", "geom": shape,
                                    "unit_id": ids[f"SH{number:06d}"], **held} for number, shape in enumerate(shapes)])
    session.execute(insert(RoadSegment), [
        {"code": f"BS{number:05d}", "name": f"路{number}", "width_m": 12, "side": "both", "geom": line,
         "unit_id": ids[f"BU{number:05d}"], **held} for number, line in enumerate(streets(chance))])
    session.execute(insert(Duty), [{"category": TRADES[number % 10], "unit_id": ids[f"BU{number:05d}"],
                                    "territory": f"3601990{number:02d}", **held} for number in range(40)])
    record(session, OFFICE.actor, "survey", "city", "bench", at=now)


def streets(chance: Any) -> Any:
    """Return pieces of streets, 200 m each."""
    for _ in range(SEGMENTS):
        lon, lat = WEST + chance.random() * SIDE, SOUTH + chance.random() * SIDE
        yield shapely.LineString([(lon, lat), (lon + 100 * METRE, lat + 2 * METRE), (lon + 200 * METRE, lat)])


if __name__ == "__main__":
    os.environ.setdefault("CIVMAP_TESTING", "1")
    main()
