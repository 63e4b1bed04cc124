"""Spatial predicates of CQL2, `bbox`, and the geometries that filters write."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import and_, not_, or_

from civmap.errors import Invalid
from civmap.geo.validity import MAX_VERTICES
from civmap.ogc.layers import Layer
from civmap.ogc.systems import System, box_in, inward
from civmap.store.spatial import related as stands

RELATIONS: Mapping[str, str] = {
    "s_intersects": "intersects", "s_disjoint": "disjoint", "s_within": "within", "s_contains": "contains",
    "s_touches": "touches", "s_crosses": "crosses", "s_overlaps": "overlaps", "s_equals": "equals"}
_TURNED = {"within": "contains", "contains": "within"}


def related(layer: Layer, system: System, name: str, sent: Sequence[Any]) -> Any:
    """Return the condition of a spatial predicate between `geometry` and a geometry; raise Invalid."""
    if len(sent) != 2:
        raise Invalid("ogc_filter_arguments", field="filter", name=name, wanted=2)
    first, second = (_is_column(part) for part in sent)
    if first == second:
        raise Invalid("ogc_filter_places", field="filter", name=name)
    relation = RELATIONS[name] if first else _TURNED.get(RELATIONS[name], RELATIONS[name])
    return condition(layer.geom, relation, read(system, sent[1] if first else sent[0]))


def condition(column: Any, relation: str, place: BaseGeometry) -> Any:
    """Return the condition that a geometry column stands in a relation to a place; no shape, no relation."""
    if relation == "disjoint":
        return and_(column.is_not(None), not_(condition(column, "intersects", place)))
    if place.geom_type != "GeometryCollection":
        return stands(column, relation, place)
    if relation != "intersects":
        raise Invalid("ogc_filter_collection", field="filter", name=f"s_{relation}")
    return or_(*(condition(column, relation, part) for part in shapely.get_parts(place)))


def _is_column(tree: Any) -> bool:
    if isinstance(tree, dict) and "property" in tree:
        if tree["property"] != "geometry":
            raise Invalid("ogc_property_unknown", field="filter", name=str(tree["property"])[:60], known=["geometry"])
        return True
    return False


def read(system: System, tree: Any) -> BaseGeometry:
    """Return a geometry of a filter (GeoJSON, or a box) in lon/lat; raise Invalid where it is none or too large."""
    if not isinstance(tree, dict):
        raise Invalid("ogc_filter_part", field="filter", part=str(tree)[:80])
    if "bbox" in tree:
        return read_box(system, tree["bbox"], "filter")
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(tree)))
    except (shapely.errors.ShapelyError, TypeError, ValueError) as problem:
        raise Invalid("ogc_filter_place", field="filter", why=str(problem)[:120]) from problem
    if shapely.get_num_coordinates(shape) > MAX_VERTICES or shape.is_empty:
        raise Invalid("ogc_filter_place", field="filter", why=f"{shapely.get_num_coordinates(shape)} positions")
    changed = shapely.transform(shape, lambda xy: inward(system, xy))
    if not np.isfinite(shapely.get_coordinates(changed)).all():
        raise Invalid("ogc_place_unreadable", field="filter", crs=system.uri)
    west, south, east, north = changed.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise Invalid("ogc_bbox_edges", field="filter")
    if not changed.is_valid:
        raise Invalid("ogc_filter_place", field="filter", why=shapely.is_valid_reason(changed))
    return changed


def read_box(system: System, edges: Any, field: str) -> BaseGeometry:
    """Return a box of four or six numbers (heights are left out) in lon/lat; raise Invalid where it is none."""
    numbers = edges if isinstance(edges, list) else []
    good = len(numbers) in (4, 6) and all(isinstance(edge, int | float) and not isinstance(edge, bool)
                                          and math.isfinite(edge) for edge in numbers)
    if not good:
        raise Invalid("ogc_bbox_unreadable", field=field)
    flat = numbers if len(numbers) == 4 else [*numbers[:2], *numbers[3:5]]
    return box_in(system, flat, field)


def read_bbox(system: System, text: str) -> BaseGeometry:
    """Return the place that the `bbox` parameter means; raise Invalid."""
    try:
        return read_box(system, [float(edge) for edge in text.split(",")], "bbox")
    except ValueError as problem:
        raise Invalid("ogc_bbox_unreadable", field="bbox") from problem
