"""Features to vector tiles: per zoom generalised once, cut per tile, rounded to the tile's grid, encoded (MVT 2.1).

Coordinates inside: the zoom's own grid, x right and y down, 4096 steps a tile (Web Mercator, EPSG:3857).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2

from civmap.basemap.drawing import Feature

EXTENT = 4096
MARGIN = 64
"""Grid steps around a tile that are drawn too, so that a wide line does not end at the tile's edge."""
COARSE = 6.0
MIN_AREA = 300.0
MIN_LENGTH = 24.0
TYPES = {1: (0, 4), 2: (1, 5), 3: (3, 6)}
"""Geometry type of a vector tile to Shapely's type numbers (single, multi)."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A layer at one zoom: shapes on the grid, the features' properties, and an index."""

    name: str
    shapes: np.ndarray
    props: list[dict[str, str | bool]]
    tree: shapely.STRtree


def mercator(lonlat: np.ndarray) -> np.ndarray:
    """Return (n, 2) lon/lat degrees as Web Mercator shares of the world, 0 … 1, x right and y down."""
    lat = np.radians(np.clip(lonlat[:, 1], -85.0, 85.0))
    return np.column_stack([lonlat[:, 0] / 360.0 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)])


def pyramid(layers: dict[str, list[Feature]], frame: tuple[float, float, float, float], low: int,
            high: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield (zoom, column, row, tile) for every tile of the frame that holds anything."""
    corners = mercator(np.array([[frame[0], frame[3]], [frame[2], frame[1]]]))
    world = {name: (shapely.transform(np.array([one.shape for one in features], object), mercator),
                    np.array([one.from_zoom for one in features]), [one.props for one in features])
             for name, features in layers.items() if features}
    for zoom in range(low, high + 1):
        sheets = [sheet for name, (shapes, from_zoom, props) in world.items()
                  if (sheet := _sheet(name, shapes, from_zoom, props, zoom, zoom == high)) is not None]
        first = np.floor(corners[0] * 2**zoom).astype(int)
        last = np.floor(corners[1] * 2**zoom).astype(int)
        yield from _tiles(sheets, zoom, first, last)


def _sheet(name: str, shapes: np.ndarray, from_zoom: np.ndarray, props: list[dict[str, str | bool]], zoom: int,
           is_last: bool) -> _Sheet | None:
    """Bring a layer to a zoom's grid, leave out what is too small to see there, and simplify the rest."""
    use = np.flatnonzero((from_zoom <= zoom) | is_last)
    scaled = shapely.transform(shapes[use], lambda xy: xy * (EXTENT * 2**zoom))
    if not is_last:
        scaled = shapely.simplify(scaled, COARSE, preserve_topology=False)
        kind = shapely.get_dimensions(scaled)
        seen = ((kind == 0) | ((kind == 1) & (shapely.length(scaled) > MIN_LENGTH))
                | ((kind == 2) & (shapely.area(scaled) > MIN_AREA))) & ~shapely.is_empty(scaled)
        use, scaled = use[seen], scaled[seen]
    if not len(use):
        return None
    return _Sheet(name, scaled, [props[at] for at in use], shapely.STRtree(scaled))


def _tiles(sheets: list[_Sheet], zoom: int, first: np.ndarray,
           last: np.ndarray) -> Iterator[tuple[int, int, int, bytes]]:
    cells = [(column, row) for column in range(first[0], last[0] + 1) for row in range(first[1], last[1] + 1)]
    corners = np.array(cells) * EXTENT
    boxes = shapely.box(corners[:, 0] - MARGIN, corners[:, 1] - MARGIN,
                        corners[:, 0] + EXTENT + MARGIN, corners[:, 1] + EXTENT + MARGIN)
    held: dict[int, list[tuple[_Sheet, np.ndarray]]] = defaultdict(list)
    for sheet in sheets:
        tile, feature = sheet.tree.query(boxes)
        order = np.lexsort((feature, tile))
        tile, feature = tile[order], feature[order]
        for group in np.split(np.arange(len(tile)), np.flatnonzero(np.diff(tile)) + 1):
            if len(group):
                held[int(tile[group[0]])].append((sheet, feature[group]))
    for at, parts in sorted(held.items()):
        data = _encoded(parts, corners[at])
        if data:
            yield zoom, cells[at][0], cells[at][1], data


def _encoded(parts: list[tuple[_Sheet, np.ndarray]], corner: np.ndarray) -> bytes:
    tile = vector_tile_pb2.tile()
    low_x, low_y = (corner - MARGIN).tolist()
    high_x, high_y = (corner + EXTENT + MARGIN).tolist()
    for sheet, chosen in parts:
        cut = shapely.clip_by_rect(sheet.shapes[chosen], low_x, low_y, high_x, high_y)
        cut = shapely.orient_polygons(cut, exterior_cw=False)
        drawn = sorted(item for kind in (1, 2, 3) for item in drawings(cut, corner, kind))
        if not drawn:
            continue
        layer, keys, values = tile.layers.add(name=sheet.name, version=2, extent=EXTENT), {}, {}
        for at, kind, commands in drawn:
            tags = _tags(layer, sheet.props[chosen[at]], keys, values)
            layer.features.add(type=kind, tags=tags, geometry=commands)
    return tile.SerializeToString() if tile.layers else b""


def _tags(layer: vector_tile_pb2.tile.layer, props: dict[str, str | bool], keys: dict[str, int],
          values: dict[str | bool, int]) -> list[int]:
    """Return a feature's tags, adding what the layer does not know yet to its keys and values."""
    tags = []
    for key, value in props.items():
        if key not in keys:
            keys[key] = len(keys)
            layer.keys.append(key)
        if value not in values:
            values[value] = len(values)
            if isinstance(value, bool):
                layer.values.add(bool_value=value)
            else:
                layer.values.add(string_value=value)
        tags += [keys[key], values[value]]
    return tags


def drawings(shapes: np.ndarray, corner: np.ndarray, kind: int) -> list[tuple[int, int, list[int]]]:
    """Return (number, kind, commands) for the shapes of one kind (1 point, 2 line, 3 area) on a tile's grid.

    Commands are those of MVT 2.1 §4.3: move, line and close, with zigzag deltas that run on within a shape.
    """
    mine = np.flatnonzero(np.isin(shapely.get_type_id(shapes), TYPES[kind]))
    lines, owner = shapely.get_parts(shapes[mine], return_index=True)
    if kind == 3:
        lines, ring_of = shapely.get_rings(lines, return_index=True)
        owner = owner[ring_of]
    places, line_of = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(places - corner).astype(np.int64).tolist()
    stops = np.searchsorted(line_of, np.arange(len(lines) + 1)).tolist()
    commands: dict[int, list[int]] = {}
    cursor: dict[int, list[int]] = {}
    for line, number in enumerate(mine[owner].tolist()):
        stroke = _without_repeats(points[stops[line]:stops[line + 1]], kind)
        if len(stroke) >= kind:
            _draw(stroke, kind, commands.setdefault(number, []), cursor.setdefault(number, [0, 0]))
    return [(number, kind, steps) for number, steps in commands.items()]


def _without_repeats(points: list[list[int]], kind: int) -> list[list[int]]:
    """Leave out points that fell on the one before, and an area's last point, which is its first."""
    if kind == 3:
        points = points[:-1]
    kept = [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]
    return kept[:-1] if kind == 3 and len(kept) > 1 and kept[0] == kept[-1] else kept


def _draw(stroke: list[list[int]], kind: int, commands: list[int], cursor: list[int]) -> None:
    """Append one stroke's commands and leave the cursor at its end."""
    for at, (x, y) in enumerate(stroke):
        if at < 2:
            commands.append(9 if at == 0 else (len(stroke) - 1) << 3 | 2)
        step_x, step_y = x - cursor[0], y - cursor[1]
        commands += [(step_x << 1) ^ (step_x >> 63), (step_y << 1) ^ (step_y >> 63)]
        cursor[0], cursor[1] = x, y
    if kind == 3:
        commands.append(15)
