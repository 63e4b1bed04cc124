"""The shapes of areas as MapIt gives them: GeoJSON, WKT and KML, and what there is to measure of one."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.errors import BadInput, CivmapError, NotFound
from civmap.exchange.signs import marked
from civmap.geo import crs

TYPES = {"geojson": "application/json", "json": "application/json", "wkt": "text/plain",
         "kml": "application/vnd.google-earth.kml+xml"}


def drawn(geom: BaseGeometry, srid: str | None, tolerance: str | None) -> BaseGeometry:
    """Return a shape in an EPSG system, simplified where asked; raise BadInput, or NotFound where nothing is left."""
    shape = _in_system(geom, srid) if srid and srid not in ("4326", "4490") else geom
    if tolerance:
        try:
            size = float(tolerance)
        except ValueError as problem:
            raise BadInput("mapit_tolerance", field="simplify_tolerance") from problem
        if not np.isfinite(size) or size < 0:
            raise BadInput("mapit_tolerance", field="simplify_tolerance")
        shape = shapely.simplify(shape, size)
    if shape.is_empty:
        raise NotFound("mapit_no_shape", field="area")
    return shape


def _in_system(geom: BaseGeometry, srid: str) -> BaseGeometry:
    try:
        name = crs.check_name(f"EPSG:{int(srid)}")
        return shapely.transform(geom, lambda xy: np.column_stack(crs.from_wgs84(name, xy[:, 0], xy[:, 1])))
    except (CivmapError, ValueError) as problem:
        raise BadInput("mapit_srid", field="srid", srid=srid[:12]) from problem


def one(shape: BaseGeometry, name: str, form: str) -> str:
    """Return one shape in a form."""
    if form == "wkt":
        return str(shapely.to_wkt(shape, rounding_precision=9))
    if form == "kml":
        return _kml([(name, shape)])
    return str(shapely.to_geojson(shape))


def several(shapes: Sequence[tuple[dict[str, Any], BaseGeometry]], form: str) -> str:
    """Return shapes of several areas (each beside its facts) in a form."""
    if form == "kml":
        return _kml([(facts["name"], shape) for facts, shape in shapes])
    if form == "wkt":
        return str(shapely.to_wkt(shapely.GeometryCollection([shape for _, shape in shapes]), rounding_precision=9))
    features = [{"type": "Feature", "id": facts["id"], "properties": facts, "geometry": json.loads(shapely.to_geojson(
        shape))} for facts, shape in shapes]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def measured(geom: BaseGeometry) -> dict[str, Any]:
    """Return parts, extent, centre and area (m²), in degrees and in the plane of the place's own zone."""
    west, south, east, north = geom.bounds
    centre = geom.centroid
    srid = crs.gauss_kruger_epsg(centre.x)
    flat = _in_system(geom, str(srid))
    low_e, low_n, high_e, high_n = flat.bounds
    middle = flat.centroid
    return {"parts": int(shapely.get_num_geometries(geom)), "srid_en": srid, "area": flat.area, "min_e": low_e,
            "min_n": low_n, "max_e": high_e, "max_n": high_n, "centre_e": middle.x, "centre_n": middle.y,
            "min_lon": west, "min_lat": south, "max_lon": east, "max_lat": north, "centre_lon": centre.x,
            "centre_lat": centre.y}


def _kml(named: Sequence[tuple[str, BaseGeometry]]) -> str:
    marks = "".join(f"<Placemark><name>{marked(name)}</name>{_shape(shape)}</Placemark>" for name, shape in named)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
            f"{marks}</Document></kml>")


def _shape(shape: BaseGeometry) -> str:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    told = "".join(_polygon(part) for part in parts)
    return f"<MultiGeometry>{told}</MultiGeometry>" if len(parts) != 1 else told


def _polygon(polygon: BaseGeometry) -> str:
    def ring(line: Any) -> str:
        spots = " ".join(f"{lon:.9f},{lat:.9f}" for lon, lat in shapely.get_coordinates(line).tolist())
        return f"<LinearRing><coordinates>{spots}</coordinates></LinearRing>"

    holes = "".join(f"<innerBoundaryIs>{ring(hole)}</innerBoundaryIs>" for hole in polygon.interiors)
    return f"<Polygon><outerBoundaryIs>{ring(polygon.exterior)}</outerBoundaryIs>{holes}</Polygon>"
