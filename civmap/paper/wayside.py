"""Which streets a way follows, in order: its course is compared with the named streets beside it."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

STEP_M, NEAR_M, LEAST_M = 12.0, 12.0, 30.0
"""How often the way is looked at, how near a street must be, and how far one follows it at least."""
Stretch = tuple[str, float]


def streets_along(lines: Sequence[BaseGeometry], tree: shapely.STRtree, names: Sequence[str]) -> list[list[Stretch]]:
    """Return, per line in plane metres, the names of the streets it follows and for how many metres."""
    if not lines or not len(tree.geometries):
        return [[] for _line in lines]
    whole = np.array(lines, object)
    lengths = shapely.length(whole)
    counts = np.maximum(np.ceil(lengths / STEP_M).astype(int), 1)
    owner = np.repeat(np.arange(len(whole)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    shares = (place + 0.5) / counts[owner]
    spots = shapely.line_interpolate_point(whole[owner], shares, normalized=True)
    spot, street = tree.query_nearest(spots, max_distance=NEAR_M, all_matches=False)
    named = np.full(len(owner), -1)
    named[spot] = street
    steps = lengths / counts
    return [_stretches([names[street] if street >= 0 else "" for street in named[owner == number].tolist()],
                       float(steps[number])) for number in range(len(whole))]


def _stretches(found: Sequence[str], step: float) -> list[Stretch]:
    """Return runs of one name, without short ones; a name that comes back after a gap is one run."""
    runs = [(name, len(list(group)) * step) for name, group in groupby(name for name in found if name)]
    kept: list[Stretch] = []
    for name, metres in runs:
        if metres < LEAST_M and len(runs) > 1:
            continue
        if kept and kept[-1][0] == name:
            kept[-1] = (name, kept[-1][1] + metres)
        else:
            kept.append((name, metres))
    return kept
