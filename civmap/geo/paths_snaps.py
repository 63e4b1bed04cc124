"""From spots to places on streets: the nearest street open to the traveller, and one that leads on where it is cut off.

Where several streets are equally near (two directions drawn on one line, a crossing), all of them are taken.
"""

import numpy as np

from civmap.geo.measure import GEOD
from civmap.geo.paths import END_M, Flags, Floats, Ints, Lines, Places, Web, metres_between

FAR_M = 500.0
"""Farther than this from any street, no way along streets is told."""
DETOUR_M = 200.0
"""A spot at a street that is cut off from the rest takes another one too, if that is not farther than this more."""
HAIR_M = 1e-5
RINGS_M = (60.0, 200.0, 700.0)


def snapped(web: Web, spots: Floats) -> Places:
    """Return the places of spots (n, 2) on the streets of a web; a spot with no street within 500 m has none."""
    near = _nearest(web.lines, web.is_open, spots, np.arange(len(spots)), FAR_M)
    lonely = np.ones(len(spots), bool)
    lonely[near.spot[web.leads_on[near.edge]]] = False
    least = np.full(len(spots), np.inf)
    np.minimum.at(least, near.spot, near.access)
    asks = np.flatnonzero(lonely & np.isfinite(least))
    more = _nearest(web.lines, web.is_main, spots, asks, FAR_M)
    kept = more.access <= least[more.spot] + DETOUR_M
    return Places(*(np.concatenate([one, other[kept]]) for one, other in (
        (near.spot, more.spot), (near.rank, more.rank + 1), (near.edge, more.edge), (near.along, more.along),
        (near.access, more.access), (near.lonlat, more.lonlat))))


def _nearest(lines: Lines, is_meant: Flags, spots: Floats, asks: Ints, reach_m: float) -> Places:
    """Return the places on the meant edges nearest to the asked spots, looking farther where nothing is near."""
    found = []
    for ring in RINGS_M:
        some = _within(lines, is_meant, spots, asks, min(ring, reach_m))
        found.append(some)
        asks = np.setdiff1d(asks, some.spot)
        if not len(asks):
            break
    return Places(*(np.concatenate([getattr(some, name) for some in found]) for name in Places.__dataclass_fields__))


def _within(lines: Lines, is_meant: Flags, spots: Floats, asks: Ints, reach_m: float) -> Places:
    import shapely

    scale = _scale(spots[asks, 1])
    step = reach_m / scale
    boxes = shapely.box(*(spots[asks] - step).T, *(spots[asks] + step).T)
    row, edge = lines.tree.query(boxes)
    meant = is_meant[edge]
    row, edge = row[meant], edge[meant]
    counts = lines.first[edge + 1] - lines.first[edge] - 1
    pair = np.repeat(np.arange(len(edge)), counts)
    vertex = lines.first[edge][pair] + np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    spot, units = spots[asks][row][pair], scale[row][pair]
    a, b = (lines.xy[vertex] - spot) * units, (lines.xy[vertex + 1] - spot) * units
    share = _share(a, b)
    foot = a + share[:, None] * (b - a)
    off = np.hypot(*foot.T)
    kept = np.flatnonzero(_is_least(row[pair], off, len(asks)) & (off <= reach_m))
    along = lines.along[vertex] + share * (lines.along[vertex + 1] - lines.along[vertex])
    lonlat = lines.xy[vertex] + share[:, None] * (lines.xy[vertex + 1] - lines.xy[vertex])
    kept = kept[_once(lines, row[pair][kept], edge[pair][kept], along[kept])]
    owner = asks[row[pair][kept]]
    return Places(owner, np.zeros(len(kept), np.int64), edge[pair][kept], along[kept],
                  metres_between(spots[owner], lonlat[kept]), lonlat[kept])


def _scale(lat: Floats) -> Floats:
    """Return the metres of a degree of longitude and of latitude (n, 2)."""
    flat = 1 - GEOD.es * np.sin(np.radians(lat)) ** 2
    degree = np.pi / 180 * GEOD.a
    return np.column_stack([degree * np.cos(np.radians(lat)) / np.sqrt(flat), degree * (1 - GEOD.es) / flat**1.5])


def _share(a: Floats, b: Floats) -> Floats:
    """Return how far along each step from a to b the place nearest to the origin lies, 0 … 1."""
    step = b - a
    size = (step**2).sum(axis=1)
    return np.clip(-(a * step).sum(axis=1) / np.where(size > 0, size, 1.0), 0.0, 1.0)


def _is_least(row: Ints, off: Floats, count: int) -> Flags:
    """Return which steps are as near to their spot as any other one, to a hair."""
    least = np.full(count, np.inf)
    np.minimum.at(least, row, off)
    return off <= least[row] + HAIR_M


def _once(lines: Lines, row: Ints, edge: Ints, along: Floats) -> Ints:
    """Return which places to keep: each edge once for a spot, and each node once for all the edges that end there."""
    is_start, is_end = along < END_M, lines.length[edge] - along < END_M
    node = np.where(is_start, lines.start[edge], lines.end[edge])
    key = np.where(is_start | is_end, -1 - node, edge)
    return np.unique(np.column_stack([row, key]), axis=0, return_index=True)[1]
