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
KIND = {0: 1, 1: 2, 3: 3, 4: 1, 5: 2, 6: 3}
"""Simple Features type number of Shapely to the geometry type of a vector tile; 2 (a ring) never occurs."""


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
        layer = None
        for at, shape in zip(chosen, cut, strict=True):
            kind = KIND.get(shapely.get_type_id(shape))
            commands = _commands(shape, corner, kind) if kind else []
            if not commands:
                continue
            if layer is None:
                layer, keys, values = tile.layers.add(name=sheet.name, version=2, extent=EXTENT), {}, {}
            tags = _tags(layer, sheet.props[at], keys, values)
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


def _commands(shape: shapely.Geometry, corner: np.ndarray, kind: int) -> list[int]:
    """Return the drawing commands of a shape on the tile's grid (MVT 2.1 §4.3): deltas, zigzag."""
    commands: list[int] = []
    cursor = np.zeros(2, np.int64)
    for line in _lines(shape, kind):
        points = np.rint(shapely.get_coordinates(line) - corner).astype(np.int64)
        if kind == 3:
            points = points[:-1]
        if kind > 1 and len(points) > 1:
            points = points[np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])]
        if len(points) < kind:
            continue
        steps = np.diff(np.vstack([cursor, points]), axis=0)
        numbers = ((steps << 1) ^ (steps >> 63)).ravel().tolist()
        commands += [9, *numbers[:2]]
        if kind > 1:
            commands += [(len(points) - 1) << 3 | 2, *numbers[2:]]
        if kind == 3:
            commands.append(15)
        cursor = points[-1]
    return commands


def _lines(shape: shapely.Geometry, kind: int) -> list[shapely.Geometry]:
    parts = shapely.get_parts(shape)
    if kind < 3:
        return parts.tolist()
    return [ring for part in parts for ring in shapely.get_rings(part)]
