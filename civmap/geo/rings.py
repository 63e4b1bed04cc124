"""Put rings of corners together to areas and lines again, valid ones."""

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo.overlay import areas_of


def area_of(runs: list[Any]) -> BaseGeometry:
    """Return the area of a shell and holes that may have fallen together; empty where nothing is left."""
    shell, *holes = runs
    if len(shell) < 4:
        return shapely.Polygon()
    area = shapely.Polygon(shell, [hole for hole in holes if len(hole) >= 4])
    return area if area.is_valid else areas_of(shapely.make_valid(area, method="structure"))


def line_of(xy: Any) -> BaseGeometry:
    """Return the line of some corners; empty where they fell together."""
    return shapely.LineString(xy) if len(xy) > 1 else shapely.LineString()


def joined(parts: list[Any], given: BaseGeometry) -> BaseGeometry:
    """Return the parts of a shape as one shape of the sort that was given."""
    if given.geom_type in ("Polygon", "MultiPolygon"):
        whole = [part for part in shapely.get_parts(parts) if not part.is_empty]
        shape = whole[0] if len(whole) == 1 else shapely.MultiPolygon(whole)
        return shapely.orient_polygons(shape if shape.is_valid else areas_of(shapely.make_valid(
            shape, method="structure")))
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
