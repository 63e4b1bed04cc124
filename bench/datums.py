"""Print what the odds of `geo.datum_odds` lead to on a real city: `python -m bench.datums HOME [RUNS]`.

HOME is the data folder of a founded city (`civmap init --osm`). Ledgers of known truth are made along its named
streets (addresses of every twentieth are wrong) and settled: share within 20 m, rows over 100 m off without a flag,
right rows flagged. The last lines are lists of spots that have nothing to do with the city: none should be asked about.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import StreetEdge
from civmap.city.queries import frame_of
from civmap.exchange.coordinates import read_many
from civmap.exchange.settling import settle
from civmap.geo import crs
from civmap.geo.measure import GEOD
from civmap.people.rules import OFFICE
from civmap.store.database import open_engine, reading

CASES = (("one system, addresses", 1.0, True), ("one system, no addresses", 1.0, False),
         ("a tenth of another, addresses", 0.9, True))


def main() -> None:
    """Measure every case with ledgers of 8, 30 and 120 rows."""
    home, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    chance = np.random.default_rng(7)
    with reading(open_engine(f"sqlite:///{home / 'civmap.sqlite'}")) as session:
        for label, share, has_addresses in CASES:
            for count in (8, 30, 120):
                told = [_run(session, chance, count, share, has_addresses) for _ in range(runs) for _ in range(3)]
                print(f"{label:<32}{count:>5} rows  within 20 m {np.mean([one[0] for one in told]):6.1%}  "
                      f"wrong unflagged {sum(one[1] for one in told):3d}  right flagged "
                      f"{np.mean([one[2] for one in told]):6.1%}  {dict(Counter(one[3] for one in told))}", flush=True)
        for count in (12, 200):
            codes = Counter(_made_up(session, chance, count) for _ in range(4 * runs))
            print(f"{'spots made up':<32}{count:>5} rows  {dict(codes)}", flush=True)


def _run(session: Session, chance: Any, count: int, share: float, has_addresses: bool) -> tuple[float, int, float, str]:
    lon, lat, addresses = _shops(session, chance, count)
    main_system, other = chance.permutation(["wgs84", "gcj02", "bd09"])[:2]
    systems = np.where(chance.random(count) < share, main_system, other)
    x, y = np.empty(count), np.empty(count)
    for system in set(systems.tolist()):
        mine = systems == system
        x[mine], y[mine] = crs.from_wgs84(system, lon[mine], lat[mine])
    spots = read_many(np.round(x, 6).tolist(), np.round(y, 6).tolist())
    found = settle(session, OFFICE, spots, None, addresses if has_addresses else None, None, "auto", frame_of(session))
    placed = np.isfinite(found.lon)
    off = np.full(count, np.inf)
    off[placed] = GEOD.inv(lon[placed], lat[placed], found.lon[placed], found.lat[placed])[2]
    flagged = np.array([row in found.errors or row in found.warnings for row in range(count)])
    wrong = int((placed & (off > 100) & ~flagged).sum())
    return float(np.mean(off < 20)), wrong, float(np.mean(flagged & (off < 20))), str(found.evidence["code"])


def _shops(session: Session, chance: Any, count: int) -> tuple[Any, Any, list[str]]:
    west, south, east, north = frame_of(session)
    streets = session.execute(select(StreetEdge.geom, StreetEdge.name).where(StreetEdge.name != "")).all()
    weights = np.array([row[0].length for row in streets])
    rows: list[tuple[float, float, str]] = []
    while len(rows) < count:
        line, name = streets[chance.choice(len(streets), p=weights / weights.sum())]
        spot = line.interpolate(chance.random(), normalized=True)
        turn, off = chance.uniform(0, 6.28), chance.gamma(3, 7)
        lon, lat = spot.x + off * np.cos(turn) / 96_000, spot.y + off * np.sin(turn) / 110_900
        if chance.random() < 0.05:
            name = streets[chance.integers(len(streets))][1]
        if west < lon < east and south < lat < north:
            rows.append((lon, lat, f"{name}{chance.integers(1, 400)}号"))
    lon, lat, addresses = zip(*rows, strict=True)
    return np.array(lon), np.array(lat), list(addresses)


def _made_up(session: Session, chance: Any, count: int) -> str:
    west, south, east, north = frame_of(session)
    lon = chance.uniform(west, (west + east) / 2) + np.arange(count) * (east - west) / 2 / count
    spots = read_many(np.round(lon, 6).tolist(), [round(float(chance.uniform(south, north)), 6)] * count)
    found = settle(session, OFFICE, spots, None, None, None, "auto", frame_of(session))
    return f"{found.evidence['code']} {found.evidence['found']}"


if __name__ == "__main__":
    main()
