"""Who answers for a million spots: ours beside a KD-tree, GeoPandas and the scalar cascade, in one run.

    python -m bench.assign [--spots 1000000] [--units 10000] [--zones 100000] [--pieces 50000] [--sample 10000]
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bench import layers
from bench.streets import Streets, laid, lots, spots
from civmap import dictionaries
from civmap.assignment.cells_city import FRONTAGE
from civmap.assignment.customs import default_table
from civmap.assignment.many import Ground, _layer
from civmap.assignment.places import Owner, Place, UnitRef
from civmap.assignment.seats import Seats
from civmap.mirror.places import lonlat

ROOT = Path(__file__).resolve().parent.parent
SEED = 20260522
CATEGORIES = [entry.code for entry in dictionaries.duty_categories().values()]


def main() -> None:
    """Build the city, answer, compare."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name, count in (("spots", 1_000_000), ("units", 10_000), ("zones", 100_000), ("pieces", 50_000),
                        ("sample", 10_000)):
        asked.add_argument(f"--{name}", type=int, default=count)
    run(asked.parse_args())


def run(asked: argparse.Namespace) -> None:
    """Print the figures."""
    rng = np.random.default_rng(SEED)
    streets = laid(_lines(rng), max(asked.zones, int(asked.pieces * 5)))
    ground = city(asked, streets, rng)
    at, _piece = spots(streets, asked.spots, rng)
    print(f"load {os.getloadavg()[0]:.1f}; memory of the city {memory():.0f} MB", flush=True)
    masses = timed("read into arrays and compile", lambda: _masses(ground))
    classes = rng.integers(0, len(masses.codes), len(at))
    told = timed("answers", lambda: masses.answer(classes, *at.T))
    names, counts = np.unique(told.basis, return_counts=True)
    print("  ", dict(zip(names.tolist(), counts.tolist(), strict=True)), "ambiguous", int(told.is_ambiguous.sum()),
          "asked again", told.asked_again)
    print(f"peak memory of the city, the spots and their answers {memory():.0f} MB", flush=True)
    layers.compare(masses.read.city, ground, at, layer, FRONTAGE)
    compare(ground, masses, told, classes, at, rng.permutation(len(at))[:asked.sample])
    print(f"peak memory with the peers {memory():.0f} MB")


def _masses(ground: Ground) -> Any:
    from civmap.assignment.masses import Masses

    masses = Masses(ground)
    masses.answer(np.zeros(1, np.int64), np.zeros(1), np.zeros(1))
    return masses


def compare(ground: Ground, masses: Any, told: Any, classes: np.ndarray, at: np.ndarray, sample: np.ndarray) -> None:
    """Hold the sample against the scalar cascade."""
    begun, wrong = time.perf_counter(), 0
    for number in sample.tolist():
        one = ground.answer((float(at[number, 0]), float(at[number, 1])), masses.codes[classes[number]])
        unit = masses.read.units[told.unit[number]].code if told.unit[number] >= 0 else None
        metres = "" if np.isnan(told.metres[number]) else f"{told.metres[number]:.2f}"
        mine = (unit, str(told.basis[number]), metres, bool(told.is_ambiguous[number]))
        its = (one.unit.code if one.unit else None, one.basis,
               "" if one.distance_m is None else f"{one.distance_m:.2f}", one.is_ambiguous)
        if mine != its:
            wrong += 1
            if wrong < 10:
                print("  differs", at[number].tolist(), masses.codes[classes[number]], mine, its)
    spent = time.perf_counter() - begun
    print(f"{len(sample)} spots by the scalar cascade: {spent:.1f} s ({spent / len(sample) * 1e3:.2f} ms each), "
          f"{wrong} differ")


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Do a piece of work and say how long it took."""
    return layer(what, work)[0]


def layer(what: str, work: Callable[[], Any]) -> tuple[Any, float]:
    """Do a piece of work, say how long it took, and return that too."""
    begun = time.perf_counter()
    found = work()
    spent = time.perf_counter() - begun
    print(f"{spent:7.2f} s  {what}", flush=True)
    return found, spent


def memory() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _lines(rng: np.random.Generator) -> np.ndarray:
    """Return streets in degrees: a bent lattice with a side street here and there."""
    across, along = np.meshgrid(np.arange(12), np.arange(12), indexing="ij")
    knots = np.stack([across * 210.0, along * 190.0], axis=-1) + rng.uniform(-40, 40, (12, 12, 2))
    pairs = [(knots[i, j], knots[i + 1, j]) for i in range(11) for j in range(12) if rng.random() < 0.9]
    pairs += [(knots[i, j], knots[i, j + 1]) for i in range(12) for j in range(11) if rng.random() < 0.9]
    bent = [np.array([a, (a + b) / 2 + rng.uniform(-9, 9, 2), b]) for a, b in pairs]
    return np.array([shapely.LineString(np.column_stack([115.8 + xy[:, 0] / 97_700, 28.65 + xy[:, 1] / 110_800]))
                     for xy in bent], dtype=object)


def city(asked: argparse.Namespace, streets: Streets, rng: np.random.Generator) -> Ground:
    """Return a ground with units, zones, street pieces and a table of owners."""
    seat_at, _ = spots(streets, asked.units, rng)
    held = [frozenset(rng.choice(CATEGORIES, rng.integers(1, 3), replace=False).tolist()) for _ in range(asked.units)]
    units = [UnitRef(number + 1, f"U{number:05d}", f"第{number}单位", held[number]) for number in range(asked.units)]
    by_category = {name: np.flatnonzero([name in one for one in held]) for name in CATEGORIES}
    seats = Seats(units, *np.ascontiguousarray(seat_at.T), np.full(asked.units, -np.inf), np.full(asked.units, np.inf),
                  by_category)
    owning = Seats(units[:3], *np.ascontiguousarray(seat_at[:3].T), np.full(3, -np.inf), np.full(3, np.inf), {})
    borders = lonlat(streets.frames.reshape(-1, 2)).reshape(-1, 4)
    return Ground(
        on=datetime(2026, 11, 22, tzinfo=UTC), rulings=_layer([]), points=_layer([]), doors={}, seats=seats,
        zones={"frontage": _layer(frontages(streets, asked.zones, units, rng)),
               "subdistrict": _layer(areas(borders, "3201060", units, rng, 1)),
               "grid": _layer(areas(borders, "3201069", units, rng, 6))},
        segments=_layer(pieces(streets, asked.pieces, units, rng)), owning=owning,
        owners=[Owner(unit, None, category, "") for unit, category in zip(units, CATEGORIES[8:11], strict=False)],
        city="320106", table=default_table())


def frontages(streets: Streets, count: int, units: list[UnitRef], rng: np.random.Generator) -> list[Place]:
    """Return zones in front of doors."""
    shapes, _piece, _side = lots(streets, count, rng)
    return [Place(f"MQ{number:07d}", "", shape, units[unit], expired_on="2026-01-01" if unit % 50 == 0 else None)
            for number, (shape, unit) in enumerate(zip(shapes, rng.integers(0, len(units), count), strict=True))]


def areas(borders: np.ndarray, prefix: str, units: list[UnitRef], rng: np.random.Generator, parts: int) -> list[Place]:
    """Return each repetition's frame in so many parts a side."""
    found = []
    for number, (west, north, east, south) in enumerate(borders):
        lons, lats = np.linspace(west, east, parts + 1), np.linspace(south, north, parts + 1)
        for column in range(parts):
            for row in range(parts):
                if parts > 1 and (column + row) % 3 == 0:
                    continue
                code = f"{prefix}{number:02d}{column}{row}" if parts > 1 else f"320106{number:03d}"
                box = shapely.box(lons[column], lats[row], lons[column + 1], lats[row + 1])
                found.append(Place(code + ("" if parts == 1 else "99"), "", box,
                                   units[int(rng.integers(0, len(units)))], division=code))
    return found


def pieces(streets: Streets, count: int, units: list[UnitRef], rng: np.random.Generator) -> list[Place]:
    """Return straight pieces of streets, some of them for one side alone."""
    ends = lonlat(streets.ends.reshape(-1, 2)).reshape(-1, 4)
    chosen = rng.permutation(len(ends))[:count]
    sides = rng.choice(["both", "left", "right"], count, p=[0.8, 0.1, 0.1])
    return [Place(f"LD{number:06d}", "", shapely.LineString(ends[piece].reshape(2, 2)),
                  units[int(rng.integers(0, len(units)))], width_m=float(rng.choice([0, 12, 24, 40])) or None,
                  side=str(sides[number])) for number, piece in enumerate(chosen.tolist())]


if __name__ == "__main__":
    main()
