"""The sides of streets as arrays: a place beside a street is (s, d), metres along its line and metres off it.

At a bend the rays that carry d follow the mitre, and between two bends they turn evenly from one to the other. So two
rays of one side never cross, however the street bends, and the rays at s and s′ bound a strip that overlaps no other.
Lon/lat degrees (EPSG:4326) outside, metres of each street's own flat plane inside; the way between is linear, so what
is straight in degrees is straight here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from civmap.geo.measure import NearPlane

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEFT, RIGHT = 1.0, -1.0
LONGEST_MITRE = 3.0
NARROWEST = 0.15
TOLERANCES_M = (0.02, 0.2, 0.6, 1.5, 4.0)
_GAP = 10.0


@dataclass(frozen=True)
class Axes:
    """Sides of streets: side k runs over stations `first[k]` … `first[k + 1] - 1`.

    `xy` metres around `origin`, `s` metres along the street, `mitre` the way off the street per metre of d (to the
    side's own hand), `most` the greatest d that the bends leave free, `scale` metres per degree.
    """

    first: Ints
    xy: Floats
    s: Floats
    mitre: Floats
    most: Floats
    hand: Floats
    origin: Floats
    scale: Floats

    @property
    def count(self) -> int:
        """Return how many sides there are."""
        return len(self.first) - 1

    @property
    def length(self) -> Floats:
        """Return the metres along every side's street."""
        return self.s[self.first[1:] - 1]

    def place(self, side: Ints, s: Floats, d: Floats) -> Floats:
        """Return the lon/lat (n, 2) of places (s, d) beside sides."""
        xy, mitre = self._at(side, s)
        return (xy + mitre * np.asarray(d, float)[:, None]) / self.scale[side] + self.origin[side]

    def ray(self, side: Ints, s: Floats) -> tuple[Floats, Floats]:
        """Return where rays start, in the metres of their side, and how they run per metre of d."""
        return self._at(side, s)

    def metres(self, side: Any, lonlat: Floats) -> Floats:
        """Return lon/lat places (n, 2) in the metres of a side, or of one side each."""
        return (lonlat - self.origin[side]) * self.scale[side]

    def _at(self, side: Ints, s: Floats) -> tuple[Floats, Floats]:
        keys, base = self.keys
        at = np.searchsorted(keys, base[side] + s, side="right") - 1
        at = np.clip(at, self.first[side], self.first[side + 1] - 2)
        span = self.s[at + 1] - self.s[at]
        share = ((s - self.s[at]) / span)[:, None]
        return (self.xy[at] + share * (self.xy[at + 1] - self.xy[at]),
                self.mitre[at] + np.clip(share, 0.0, 1.0) * (self.mitre[at + 1] - self.mitre[at]))

    @cached_property
    def keys(self) -> tuple[Floats, Floats]:
        """Return s of every station so that all rise over all sides, and what each side's began with."""
        base = np.concatenate([[0.0], np.cumsum(self.length + _GAP)[:-1]]) if self.count else np.zeros(0)
        return self.s + np.repeat(base, np.diff(self.first)), base

    def locate(self, side: Ints, lonlat: Floats) -> tuple[Floats, Floats]:
        """Return (s, d) of one place (n, 2) beside each of n sides; d is infinite for what lies on the other hand.

        Before the street's beginning s is negative, behind its end it is beyond the length.
        """
        pieces = np.diff(self.first)[side] - 1
        of = np.repeat(np.arange(len(side)), pieces)
        at = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + self.first[side][of]
        s, off, is_in = self._in_piece(at, self.hand[side][of], self.metres(side, lonlat)[of],
                                       at == self.first[side][of], at == self.first[side + 1][of] - 2)
        rank = np.where(is_in, np.abs(off), np.inf)
        order = np.lexsort((rank, of))
        best = order[np.unique(of[order], return_index=True)[1]]
        return s[best], np.where(is_in[best], off[best], np.inf)

    def _in_piece(self, at: Ints, hand: Floats, spot: Floats, is_first: Any, is_last: Any) -> tuple[Floats, ...]:
        """Return s and d of spots in pieces of axes, and whether they lie between the rays at a piece's ends."""
        span = self.s[at + 1] - self.s[at]
        along = (self.xy[at + 1] - self.xy[at]) / span[:, None]
        normal = np.column_stack([-along[:, 1], along[:, 0]]) * hand[:, None]
        rel = spot - self.xy[at]
        off, u = (rel * normal).sum(1), (rel * along).sum(1)
        low, high = (self.mitre[at] * along).sum(1) * off, span + (self.mitre[at + 1] * along).sum(1) * off
        width = high - low
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(width > 1e-9, (u - low) / width, np.nan)
        is_in = (off > -1e-6) & ((share >= -1e-9) | is_first) & ((share <= 1 + 1e-9) | is_last) & np.isfinite(share)
        return self.s[at] + share * span, off, is_in


def axes(lines: Sequence[Any], streets: Ints, hands: Floats, need_m: Floats) -> Axes:
    """Return the sides (street number, hand: 1 left, -1 right) of lon/lat LineStrings, free of folds up to `need_m`.

    A street whose bends are too tight for the ground it needs is smoothed by up to 4 m; where that does not help,
    `most` tells how far off the street the side can go.
    """
    array = np.empty(len(lines), dtype=object)
    array[:] = list(lines)
    planes = [NearPlane(*middle) for middle in shapely.get_coordinates(shapely.centroid(array)).tolist()]
    origin = np.array([(plane.lon, plane.lat) for plane in planes]).reshape(-1, 2)
    scale = np.array([plane.scale for plane in planes]).reshape(-1, 2)
    xy, owner = shapely.get_coordinates(array, return_index=True)
    flat = shapely.linestrings((xy - origin[owner]) * scale[owner], indices=owner)
    made: Axes | None = None
    chosen = shapely.simplify(flat, TOLERANCES_M[0])
    for tolerance in TOLERANCES_M:
        made = _of_lines(chosen, streets, hands, origin, scale)
        tight = np.zeros(len(lines), bool)
        np.logical_or.at(tight, streets, made.most < need_m)
        if not tight.any() or tolerance == TOLERANCES_M[-1]:
            break
        wider = TOLERANCES_M[TOLERANCES_M.index(tolerance) + 1]
        chosen = np.where(tight, shapely.simplify(flat, wider), chosen)
    assert made is not None
    return made


def _of_lines(flat: Any, streets: Ints, hands: Floats, origin: Floats, scale: Floats) -> Axes:
    sides = flat[streets]
    xy, owner = shapely.get_coordinates(sides, return_index=True)
    keep = np.ones(len(xy), bool)
    keep[1:] = (owner[1:] != owner[:-1]) | (np.hypot(*(xy[1:] - xy[:-1]).T) > 1e-6)
    xy, owner = xy[keep], owner[keep]
    first = np.searchsorted(owner, np.arange(len(sides) + 1))
    step = np.zeros(len(xy))
    inner = owner[1:] == owner[:-1]
    step[1:][inner] = np.hypot(*(xy[1:] - xy[:-1])[inner].T)
    run = np.cumsum(step)
    s = run - run[first[:-1]][owner]
    mitre = _mitres(xy, owner, inner) * hands[owner][:, None]
    return Axes(first, xy, s, mitre, _most(first, xy, s, mitre, inner, owner), hands, origin[streets], scale[streets])


def _mitres(xy: Floats, owner: Ints, inner: Any) -> Floats:
    """Return at every station the way to the left that keeps both strips beside it one metre wide."""
    along = np.zeros((len(xy) - 1, 2))
    along[inner] = (xy[1:] - xy[:-1])[inner]
    along[inner] /= np.hypot(*along[inner].T)[:, None]
    normal = np.column_stack([-along[:, 1], along[:, 0]])
    before, after = np.zeros_like(xy), np.zeros_like(xy)
    before[1:][inner], after[:-1][inner] = normal[inner], normal[inner]
    has_both = np.any(before != 0, axis=1) & np.any(after != 0, axis=1)
    both = before + after
    square = np.where(has_both, 1.0 + (before * after).sum(1), 1.0)
    mitre = both / np.maximum(square, 1e-9)[:, None]
    size = np.hypot(*mitre.T)
    return mitre * np.minimum(1.0, LONGEST_MITRE / np.maximum(size, 1e-9))[:, None]


def _most(first: Ints, xy: Floats, s: Floats, mitre: Floats, inner: Any, owner: Ints) -> Floats:
    """Return how far off every side the rays stay apart by at least 15 % of what they are on the street itself."""
    span = np.where(inner, s[1:] - s[:-1], 1.0)
    along = (xy[1:] - xy[:-1]) / span[:, None]
    closing = ((mitre[:-1] - mitre[1:]) * along).sum(1)
    reach = np.where(inner & (closing > 1e-9), (1 - NARROWEST) * span / np.maximum(closing, 1e-9), np.inf)
    most = np.full(len(first) - 1, np.inf)
    np.minimum.at(most, owner[:-1][inner], reach[inner])
    return most
