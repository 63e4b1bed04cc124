"""Dual carriageways drawn together: two one-way strands of one street become one centre line.

The longest strand leads. Where another strand of the street runs beside it, the leader moves to the middle between it
and the strand of the other direction, and the other is taken in; what runs elsewhere stays a line of its own.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from civmap.founding.strands import Edge, Strand

NAMED_REACH_M = 45.0
NAMELESS_REACH_M = 32.0
STEP_M = 10.0
PARALLEL = 0.6
BRIDGED_GAP_M = 120.0
LEFTOVER_M = 80.0
NEIGHBOURS = 48
Band = tuple[float, float, Edge, float]


@dataclass(slots=True)
class Axis:
    """The centre line of a street: `line` (n, 2) metres, `stations` (node, at), `bands` (from, to, edge, width)."""

    line: np.ndarray
    stations: list[tuple[int, float]]
    bands: list[Band]
    is_merged: bool = False

    @property
    def length_m(self) -> float:
        """Return the metres along the line."""
        return float(np.hypot(*np.diff(self.line, axis=0).T).sum())


@dataclass(slots=True)
class _Samples:
    """Points every 10 m along all one-way strands of a street, with tangents and their neighbours on other strands."""

    owner: np.ndarray
    along: np.ndarray
    place: np.ndarray
    tangent: np.ndarray
    near: np.ndarray
    gap: np.ndarray


def merge(strands: list[Strand], is_named: bool) -> tuple[list[Axis], float]:
    """Return the axes of one street and the metres of carriageway that were taken into another's axis."""
    oneway = sorted((s for s in strands if s.is_oneway), key=lambda s: -s.length_m)
    axes = [_plain(s) for s in strands if not s.is_oneway]
    if len(oneway) < 2:
        return axes + [_plain(s) for s in oneway], 0.0
    samples = _sample(oneway, NAMED_REACH_M if is_named else NAMELESS_REACH_M)
    kept = np.zeros(len(samples.owner), bool)
    taken_m, homeless = 0.0, []
    for number, strand in enumerate(oneway):
        mine = np.flatnonzero(samples.owner == number)
        own = ~_beside(samples, mine, kept, is_named)
        own = _without_leftovers(own, samples.along[mine])
        kept[mine[own]] = True
        made = _axes(strand, samples, mine, own, number)
        axes += made
        if not own.all():
            taken_m += strand.length_m - sum(_source_m(samples.along[mine][run]) for run in runs(own))
            gone = [not own[np.argmin(np.abs(samples.along[mine] - at))] for _, at in strand.stations]
            homeless += [(node, _at(strand.line, at)) for (node, at), is_gone in zip(strand.stations, gone, strict=True)
                         if is_gone]
    _house(homeless, [axis for axis in axes if axis.is_merged] or axes)
    return axes, taken_m


def _plain(strand: Strand) -> Axis:
    bands = [(low, high, edge, edge.width_m) for low, high, edge in strand.bands]
    return Axis(strand.line, list(strand.stations), bands)


def _source_m(along: np.ndarray) -> float:
    return float(along[-1] - along[0])


def _at(line: np.ndarray, along: float) -> np.ndarray:
    return np.array(shapely.line_interpolate_point(shapely.LineString(line), along).coords[0])


def _sample(strands: list[Strand], reach_m: float) -> _Samples:
    owner, along, place, tangent = [], [], [], []
    for number, strand in enumerate(strands):
        steps = np.hypot(*np.diff(strand.line, axis=0).T)
        walked = np.concatenate([[0.0], steps.cumsum()])
        stops = np.unique(np.concatenate([walked, np.arange(0.0, walked[-1], STEP_M)]).round(3))
        points, ahead, behind = (
            np.column_stack([np.interp(np.clip(stops + shift, 0, walked[-1]), walked, strand.line[:, axis])
                             for axis in (0, 1)]) for shift in (0.0, 4.0, -4.0))
        way = ahead - behind
        owner.append(np.full(len(stops), number))
        along.append(stops)
        place.append(points)
        tangent.append(way / np.maximum(np.hypot(*way.T), 1e-9)[:, None])
    flat = np.vstack(place)
    tree = cKDTree(flat)
    gap, near = tree.query(flat, k=min(NEIGHBOURS, len(flat)), distance_upper_bound=reach_m)
    return _Samples(np.concatenate(owner), np.concatenate(along), flat, np.vstack(tangent), near, gap)


def _neighbours(samples: _Samples, mine: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each sample its neighbours' numbers, whether they count, and the cosine between the directions."""
    near = samples.near[mine]
    there = near < len(samples.owner)
    near = np.where(there, near, 0)
    apart = np.abs(samples.along[near] - samples.along[mine][:, None]) > 3 * NAMED_REACH_M
    there &= (samples.owner[near] != samples.owner[mine][:, None]) | apart
    cosine = (samples.tangent[near] * samples.tangent[mine][:, None, :]).sum(axis=2)
    return near, there, cosine


def _beside(samples: _Samples, mine: np.ndarray, kept: np.ndarray, is_named: bool) -> np.ndarray:
    """Tell which samples of a strand run beside a line that already stands."""
    near, there, cosine = _neighbours(samples, mine)
    parallel = np.abs(cosine) > PARALLEL if is_named else cosine < -PARALLEL
    return (there & parallel & kept[near]).any(axis=1)


def runs(mask: np.ndarray) -> list[slice]:
    """Return the runs of True as slices."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [slice(int(low), int(high)) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def _without_leftovers(own: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Give up short runs of a strand that is otherwise taken in: mouths at crossings, turning lanes."""
    if own.all():
        return own
    own = own.copy()
    for run in runs(own):
        if along[run.stop - 1] - along[run.start] < LEFTOVER_M:
            own[run] = False
    return own


def _axes(strand: Strand, samples: _Samples, mine: np.ndarray, own: np.ndarray, number: int) -> list[Axis]:
    offset, width = _offsets(samples, mine)
    if own.all() and not np.isfinite(width).any():
        return [_plain(strand)]
    along, place, tangent = samples.along[mine], samples.place[mine], samples.tangent[mine]
    moved = place + np.column_stack([-tangent[:, 1], tangent[:, 0]]) * offset[:, None]
    return [_axis(strand, along[run], moved[run], width[run]) for run in runs(own) if run.stop - run.start > 1]


def _offsets(samples: _Samples, mine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each sample moves to its left to reach the middle, and the carriageways' distance (NaN alone)."""
    near, there, cosine = _neighbours(samples, mine)
    facing = there & (cosine < -PARALLEL)
    choice = np.where(facing, samples.gap[mine], np.inf).argmin(axis=1)
    rows = np.arange(len(mine))
    found = facing[rows, choice]
    across = samples.place[near[rows, choice]] - samples.place[mine]
    tangent = samples.tangent[mine]
    shift = np.where(found, across[:, 1] * tangent[:, 0] - across[:, 0] * tangent[:, 1], np.nan)
    along = samples.along[mine]
    filled = _bridge(shift, along)
    smooth = np.nan_to_num(filled) / 2
    if len(smooth) > 7:
        smooth[2:-2] = np.convolve(smooth, np.ones(5) / 5, mode="valid")
    return smooth, np.abs(filled)


def _bridge(values: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Fill short gaps between known values in a straight line, and hold the last value over a short end."""
    known = np.isfinite(values)
    if not known.any():
        return values
    filled = np.interp(along, along[known], values[known])
    for run in runs(~known):
        at_end = run.start == 0 or run.stop == len(values)
        if along[run.stop - 1] - along[run.start] > (BRIDGED_GAP_M / 2 if at_end else BRIDGED_GAP_M):
            filled[run] = np.nan
    return filled


def _axis(strand: Strand, along: np.ndarray, line: np.ndarray, width: np.ndarray) -> Axis:
    """Build the axis of a run of samples; stations and bands are carried over by the metres along."""
    walked = np.concatenate([[0.0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    low_m, high_m = along[0], along[-1]
    stations = [(node, float(np.interp(at, along, walked))) for node, at in strand.stations if low_m <= at <= high_m]
    bands: list[Band] = []
    for low, high, edge in strand.bands:
        if high <= low_m or low >= high_m:
            continue
        held = width[(along >= low) & (along <= high)]
        both = float(np.nanmedian(held)) + edge.width_m if np.isfinite(held).any() else edge.width_m
        bands.append((float(np.interp(low, along, walked)), float(np.interp(high, along, walked)), edge, both))
    return Axis(line, stations, bands, is_merged=True)


def _house(homeless: list[tuple[int, np.ndarray]], axes: list[Axis]) -> None:
    """Give the nodes of a carriageway that was taken in their place on the nearest axis."""
    if not homeless or not axes:
        return
    lines = [shapely.LineString(axis.line) for axis in axes]
    tree = shapely.STRtree(lines)
    points = shapely.points(np.array([place for _, place in homeless]))
    for (node, _), point, host in zip(homeless, points, tree.nearest(points), strict=True):
        axes[host].stations.append((node, float(lines[host].project(point))))
