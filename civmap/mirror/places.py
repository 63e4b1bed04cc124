"""Where the rows lie: anchors, boxes and outlines in world shares (Web Mercator, 0 … 1, y down), in Morton order.

The Morton code of an anchor interleaves the bits of x and y at zoom 22, so that the things a tile owns at any zoom
lie in one run of the sorted codes, and so do those of each of its cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import shapely

from civmap.mirror import ragged
from civmap.mirror.ragged import Ragged, grown, packed

DEEPEST = 22
NEIGHBOURLY = 0.9
SIGNS = np.array([1.0, 1.0, -1.0, -1.0])
SPREADING = ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
             (2, 0x3333333333333333), (1, 0x5555555555555555))
_serials = count(1)


@dataclass(frozen=True, slots=True)
class Shapes:
    """Outlines: vertices of all rings of a row, and each ring's number of vertices, negative for a hole."""

    coords: Ragged
    rings: Ragged


@dataclass(frozen=True, slots=True)
class Places:
    """One place per row; `order` lists the rows that have one by Morton code, `codes` their codes.

    `box` holds west, north, east, south; it and `shapes` are None where all rows are spots. `degrees` are those of
    spots as they were read, until one moves.
    """

    xy: np.ndarray
    order: np.ndarray
    codes: np.ndarray
    box: np.ndarray | None
    shapes: Shapes | None
    serial: int
    degrees: np.ndarray | None = None
    memo: dict[tuple[int, float], tuple[np.ndarray, np.ndarray, np.ndarray]] = field(
        default_factory=dict, compare=False)

    def meeting(self, zoom: int, column: int, row: int, margin: float, least: float) -> np.ndarray:
        """Return the rows, in order, whose boxes meet a tile with a margin (a share of its width below 0.1).

        Only those whose box measures `least` tiles one way.
        """
        assert self.box is not None
        known = self.memo.get((zoom, least))
        if known is None:
            width = np.maximum(self.box[:, 2] - self.box[:, 0], self.box[:, 3] - self.box[:, 1]) * 2**zoom
            seen = (width >= least) & (width <= NEIGHBOURLY)
            kept = seen[self.order]
            near = (self.order, self.codes) if kept.all() else (self.order[kept], self.codes[kept])
            known = self.memo[zoom, least] = (*near, np.flatnonzero((width >= least) & (width > NEIGHBOURLY)))
        order, codes, large = known
        # What is smaller than a tile has its anchor in this one or a neighbour.
        most, shift = 2**zoom, 2 * (DEEPEST - zoom)
        firsts = [morton(x, y) << shift for x in range(max(0, column - 1), min(most, column + 2))
                  for y in range(max(0, row - 1), min(most, row + 2))] if len(order) else []
        edges = np.searchsorted(codes, [edge for first in firsts for edge in (first, first + (1 << shift))]).tolist()
        rows = np.concatenate([large, *(order[low:high] for low, high in zip(edges[::2], edges[1::2], strict=True))])
        box = self.box[rows]
        frame = np.array([column + 1 + margin, row + 1 + margin, margin - column, margin - row]) / 2**zoom
        return np.sort(rows[(box * SIGNS < frame).all(axis=1)])

    def owned(self, zoom: int, column: int, row: int) -> tuple[int, int]:
        """Return the run in `order` of what has its anchor in a tile."""
        shift = 2 * (DEEPEST - zoom)
        first = morton(column, row) << shift
        return tuple(np.searchsorted(self.codes, [first, first + (1 << shift)]).tolist())

    def lines(self) -> np.ndarray:
        """Return all rows as lines in degrees."""
        assert self.shapes is not None
        packed_rows = self.shapes.coords.take(np.arange(len(self.xy)))
        return shapely.linestrings(lonlat(packed_rows.values),
                                   indices=np.repeat(np.arange(len(self.xy)), packed_rows.lengths))

    def with_rows(self, rows: np.ndarray, new: "Places") -> "Places":
        """Return this with some rows replaced or appended."""
        more = int(rows.max(initial=-1)) + 1 - len(self.xy)
        if more <= 0 and self._are_same(rows, new):
            return self
        xy = grown(self.xy, more)
        xy[rows] = new.xy
        stays = ~np.isin(self.order, rows)
        order, codes = self.order[stays], self.codes[stays]
        at = np.searchsorted(codes, new.codes)
        box, shapes = None, None
        if self.box is not None and self.shapes is not None and new.box is not None and new.shapes is not None:
            box = grown(self.box, more)
            box[rows] = new.box
            shapes = Shapes(self.shapes.coords.with_rows(rows, new.shapes.coords),
                            self.shapes.rings.with_rows(rows, new.shapes.rings))
        return Places(xy, np.insert(order, at, rows[new.order]), np.insert(codes, at, new.codes), box, shapes,
                      next(_serials))

    def _are_same(self, rows: np.ndarray, new: "Places") -> bool:
        if not np.array_equal(self.xy[rows], new.xy, equal_nan=True):
            return False
        if self.shapes is None or new.shapes is None:
            return True
        mine, other = self.shapes.coords.take(rows), new.shapes.coords
        return (np.array_equal(mine.lengths, other.lengths) and np.array_equal(mine.values, other.values[:other.end])
                and np.array_equal(self.shapes.rings.take(rows).values, new.shapes.rings.values[:new.shapes.rings.end]))


def mercator(lonlat: np.ndarray) -> np.ndarray:
    """Return (n, 2) lon/lat degrees as shares of the world."""
    lat = np.radians(np.clip(lonlat[:, 1], -85.05, 85.05))
    return np.column_stack([lonlat[:, 0] / 360.0 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)])


def lonlat(xy: np.ndarray) -> np.ndarray:
    """Return (n, 2) shares of the world as lon/lat degrees."""
    return np.column_stack([(xy[:, 0] - 0.5) * 360.0, np.degrees(np.arctan(np.sinh((0.5 - xy[:, 1]) * 2 * np.pi)))])


def interleaved(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Morton codes of whole numbers below 2^31."""
    return _spread(x) | (_spread(y) << 1)


def morton(x: int, y: int) -> int:
    """Return the Morton code of one pair."""
    for shift, mask in SPREADING:
        x, y = (x | (x << shift)) & mask, (y | (y << shift)) & mask
    return x | (y << 1)


def _spread(values: np.ndarray) -> np.ndarray:
    found = values.astype(np.int64)
    for shift, mask in SPREADING:
        found = (found | (found << shift)) & mask
    return found


def of_spots(degrees: np.ndarray) -> Places:
    """Return places of spots (n, 2) in lon/lat; NaN means that a row lies nowhere."""
    xy = mercator(degrees)
    order, codes = _ordered(xy)
    return Places(xy, order, codes, None, None, next(_serials), degrees)


def of_shapes(wkb: Sequence[bytes]) -> Places:
    """Return places of lines or areas from well-known binary."""
    geometries = shapely.from_wkb([bytes(one) for one in wkb])
    is_area = shapely.get_dimensions(geometries) == 2
    anchors = np.where(is_area, shapely.point_on_surface(geometries),
                       shapely.line_interpolate_point(geometries, np.where(is_area, np.nan, 0.5), normalized=True))
    xy = mercator(shapely.get_coordinates(anchors).reshape(-1, 2))
    order, codes = _ordered(xy)
    corners = shapely.bounds(geometries).reshape(-1, 4)
    box = np.hstack([mercator(corners[:, [0, 3]]), mercator(corners[:, [2, 1]])])
    return Places(xy, order, codes, box, _shapes(geometries), next(_serials))


def joined(parts: Sequence[Places]) -> Places:
    """Return the places of several pieces as one."""
    xy = np.concatenate([part.xy for part in parts])
    order, codes = _ordered(xy)
    boxes = [part.box for part in parts if part.box is not None]
    outlines = [part.shapes for part in parts if part.shapes is not None]
    shapes = Shapes(ragged.joined([one.coords for one in outlines]),
                    ragged.joined([one.rings for one in outlines])) if outlines else None
    degrees = [part.degrees for part in parts if part.degrees is not None]
    return Places(xy, order, codes, np.concatenate(boxes) if boxes else None, shapes, next(_serials),
                  np.concatenate(degrees) if len(degrees) == len(parts) else None)


def _shapes(geometries: np.ndarray) -> Shapes:
    parts, owner = shapely.get_parts(geometries, return_index=True)
    is_area = shapely.get_dimensions(parts) == 2
    strokes, stroke_owner = [parts[~is_area]], [owner[~is_area]]
    inner = [np.zeros(int((~is_area).sum()), bool)]
    rings, ring_part = shapely.get_rings(parts[is_area], return_index=True)
    strokes.append(rings)
    stroke_owner.append(owner[is_area][ring_part])
    inner.append(np.diff(ring_part, prepend=-1) == 0)
    lines, owners, is_hole = np.concatenate(strokes), np.concatenate(stroke_owner), np.concatenate(inner)
    by_owner = np.argsort(owners, kind="stable")
    lines, owners, is_hole = lines[by_owner], owners[by_owner], is_hole[by_owner]
    sizes = shapely.get_num_coordinates(lines).astype(np.int32)
    coords = mercator(shapely.get_coordinates(lines))
    per_row = np.bincount(owners, weights=sizes, minlength=len(geometries)).astype(np.int32)
    return Shapes(packed(coords, per_row), packed(np.where(is_hole, -sizes, sizes).astype(np.int32),
                                                  np.bincount(owners, minlength=len(geometries)).astype(np.int32)))


def _ordered(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cells = np.where(np.isfinite(xy), np.clip(xy, 0, 1 - 1e-12), 0.0) * 2**DEEPEST
    codes = interleaved(cells[:, 0].astype(np.int64), cells[:, 1].astype(np.int64))
    somewhere = np.flatnonzero(np.isfinite(xy).all(axis=1))
    order = somewhere[np.argsort(codes[somewhere], kind="stable")]
    return order.astype(np.int32), codes[order]
