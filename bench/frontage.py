"""Print the CPU time of delimiting the frontages of many streets: `python -m bench.frontage [SHOPS] [STREETS]`.

20,000 shops on 800 streets of a crooked town, half of the streets bent. Ours: the strips alone (halved gaps, mitred
strips over arrays), and all of it (corners, carriageways, snow, what nobody has). Beside it in the same run a Voronoi
of each street side (shapely) and, where it is installed, momepy's tessellation, which know no kerb and no corner.
"""

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from civmap.geo import frontage_spans as spans
from civmap.geo import frontage_strips as strips
from civmap.geo.bulk import areas_m2
from civmap.geo.frontage import Doors, Options, delimit
from civmap.geo.frontage_axes import LEFT, RIGHT, axes
from civmap.geo.frontage_ground import Street
from civmap.geo.measure import NearPlane

HERE = NearPlane(118.78, 32.04)
KERB_M, DEPTH_M, BLOCK_M, RUNS = 6.0, 5.0, 150.0, 5
STRIPS_BUDGET_S = 0.25


def town(count: int) -> list[Any]:
    """Return the streets of a crooked grid as lon/lat lines; every second one bends."""
    side, chance = int(np.ceil(np.sqrt(count / 2))) + 1, np.random.default_rng(3)
    knots = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), -1) * BLOCK_M
    knots = knots + chance.normal(0, 8, knots.shape)
    pairs = [(knots[i, j], knots[i + 1, j]) for i in range(side - 1) for j in range(side)]
    pairs += [(knots[i, j], knots[i, j + 1]) for i in range(side) for j in range(side - 1)]
    lines = []
    for number, (a, b) in enumerate(pairs[:count]):
        middle = [(a + b) / 2 + chance.normal(0, 5, 2)] if number % 2 else []
        lines.append(shapely.LineString(np.array([a, *middle, b]) / HERE.scale + (HERE.lon, HERE.lat)))
    return lines


def shops(lines: list[Any], count: int) -> Doors:
    """Return doors that stand in rows 5 m behind the kerbs, 4 m wide, both hands, none in the last 20 m of a street."""
    chance = np.random.default_rng(4)
    street = np.sort(chance.integers(0, len(lines), count))
    number = np.repeat(np.arange(len(lines)), 2)
    made = axes(lines, number, np.tile([LEFT, RIGHT], len(lines)), np.full(2 * len(lines), 20.0))
    row = 2 * street + chance.integers(0, 2, count)
    along = 20 + chance.random(count) * (made.length[row] - 40)
    return Doors(street, made.place(row, along, np.full(count, KERB_M + DEPTH_M)), np.full(count, 4.0))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median seconds of CPU of some runs and the last answer."""
    seconds, answer = [], None
    for _ in range(RUNS):
        begun = time.process_time()
        answer = work()
        seconds.append(time.process_time() - begun)
    return statistics.median(seconds), answer


def strips_alone(lines: list[Any], doors: Doors) -> Any:
    """Return the strips of doors whose streets and places along them are known: spans, cuts, polygons."""
    number = np.repeat(np.arange(len(lines)), 2)
    side = axes(lines, number, np.tile([LEFT, RIGHT], len(lines)), np.full(2 * len(lines), 20.0))
    rows = np.concatenate([2 * doors.street, 2 * doors.street + 1])
    s, d = side.locate(rows, np.concatenate([doors.spot, doors.spot]))
    left = d[:len(doors.street)] < d[len(doors.street):]
    row = 2 * doors.street + ~left
    s = np.where(left, s[:len(row)], s[len(row):])

    def work() -> Any:
        found = spans.spans(spans.Fronts(row, s - 2, s + 2), side.length, most_gap_m=30.0)
        count = len(found.side)
        return strips.polygons(side, strips.flat_walls(found.side, found.low, found.high, np.full(count, KERB_M),
                                                       np.full(count, KERB_M + DEPTH_M), found.meets_next))
    return timed(work)


def voronoi(lines: list[Any], doors: Doors) -> Any:
    """Return the Voronoi cells of the doors of each street side, cut to a strip along the kerb."""
    cells = []
    flat = HERE.to_metres(np.asarray(lines, dtype=object))
    spots = HERE.to_metres(shapely.points(doors.spot))
    for street, line in enumerate(flat):
        here = spots[doors.street == street]
        for hand in (1, -1):
            strip = shapely.buffer(line, hand * (KERB_M + DEPTH_M), cap_style="flat", single_sided=True)
            strip = shapely.difference(strip, shapely.buffer(line, KERB_M, cap_style="flat"))
            inside = here[shapely.dwithin(strip, here, 1.0)]
            if len(inside) > 1:
                found = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(inside), extend_to=strip))
                cells += shapely.intersection(found, strip).tolist()
    return np.asarray(cells, dtype=object)


def faults(zones: Any) -> tuple[int, float, bool]:
    """Return how many areas are invalid, the square metres that several share, and whether they are a coverage."""
    flat = HERE.to_metres(zones)
    valid = flat[shapely.is_valid(flat)]
    shared = shapely.area(valid).sum() - shapely.area(shapely.union_all(valid))
    return int(len(flat) - len(valid)), float(shared), bool(shapely.coverage_is_valid(zones))


def main(count: int, streets: int) -> None:
    """Measure and print."""
    lines = town(streets)
    doors = shops(lines, count)
    print(f"{count:,} shops on {len(lines)} streets", flush=True)
    alone, cut = strips_alone(lines, doors)
    print(f"strips alone             {alone:8.3f} s   invalid {faults(cut)[0]}   "
          f"budget {STRIPS_BUDGET_S} s: {'kept' if alone <= STRIPS_BUDGET_S else 'MISSED'}", flush=True)
    begun = time.process_time()
    found = delimit([Street(line, KERB_M) for line in lines], doors, options=Options(fills=False))
    whole = time.process_time() - begun
    invalid, shared, is_coverage = faults(found.geom)
    straight = np.array([len(lines[street].coords) == 2 for street in found.street.tolist()])
    error = np.abs(np.array(areas_m2(found.geom.tolist())) - (found.high - found.low) * DEPTH_M)[straight]
    print(f"with corners and snow    {whole:8.3f} s   invalid {invalid}   shared {shared:.6f} m²   coverage valid "
          f"{is_coverage}   {len(found.geom):,} zones   areas exact to {np.percentile(error, 99):.4f} m² (99 % of "
          f"straight streets; corners are cut)", flush=True)
    begun = time.process_time()
    cells = voronoi(lines, doors)
    other = time.process_time() - begun
    flat = cells[shapely.is_valid(cells)]
    both = shapely.area(flat).sum() - shapely.area(shapely.union_all(flat))
    print(f"Voronoi of each side     {other:8.3f} s   invalid {len(cells) - len(flat)}   shared {both:.1f} m²   "
          f"({other / alone:.0f} × the strips, {other / whole:.1f} × all of ours)", flush=True)
    if importlib.util.find_spec("momepy") is None:
        print("momepy tessellation      not installed here", flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:3] + ["20000", "800"][len(sys.argv) - 1:])))
