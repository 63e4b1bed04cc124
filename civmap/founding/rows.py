"""The ground of a new city as rows of the store: texts cut to their columns, geometries at nine decimals."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.founding import outskirts
from civmap.founding.values import Border, Ground, Street
from civmap.geo.measure import GEOD
from civmap.geo.validity import STORED_DECIMALS

SERIALS = (("街道", 1), ("镇", 100), ("乡", 200))
OTHER_SERIAL = 400
VILLAGE_SERIAL = 200
"""GB/T 2260 and the statistical codes: subdistricts from 001, towns from 100, townships from 200, others from 400;
residents' committees from 001, villages from 200. West to east; provisional until the office gives the true ones."""


def stored(shape: BaseGeometry) -> BaseGeometry:
    """Return a geometry as it is stored: nine decimals, polygons counter-clockwise, valid."""
    rounded = shapely.transform(shape, lambda xy: np.round(xy, STORED_DECIMALS))
    if not rounded.is_valid:
        rounded = shapely.make_valid(rounded)
    return shapely.orient_polygons(rounded)


def edges(ground: Ground) -> Iterator[dict[str, Any]]:
    """Yield the street edges, `length_m` geodesic; those outside the frame without name and class."""
    for street in ground.streets:
        yield _edge(street, street.name[:100] or None, street.highway[:32])
    for street in ground.outskirts:
        yield _edge(street, None, outskirts.HIGHWAY)


def _edge(street: Street, name: str | None, highway: str) -> dict[str, Any]:
    return {"name": name, "highway": highway, "from_node": street.from_node, "to_node": street.to_node,
            "is_oneway": street.is_oneway, "may_walk": street.foot, "may_cycle": street.bike,
            "may_drive": street.car, "width_m": street.width_m, "layer": street.layer,
            "length_m": round(float(GEOD.line_length(street.line[:, 0], street.line[:, 1])), 3),
            "geom": stored(shapely.LineString(street.line))}


def buildings(ground: Ground) -> Iterator[dict[str, Any]]:
    """Yield the buildings."""
    for area in ground.areas:
        if area.layer == "building":
            yield {"name": area.name or None, "kind": area.kind, "levels": area.levels, "geom": stored(area.geometry)}


def land(ground: Ground) -> Iterator[dict[str, Any]]:
    """Yield water and green under these words, other land under its use."""
    for area in ground.areas:
        if area.layer != "building":
            kind = area.kind if area.layer == "land" else area.layer
            yield {"name": area.name or None, "kind": kind, "geom": stored(area.geometry)}


def division_codes(borders: list[Border], division: str) -> dict[str, str]:
    """Return the division code for every border by its own code: nine digits a subdistrict, twelve a community."""
    codes: dict[str, str] = {}
    taken: dict[str, set[int]] = {}
    for border in borders:
        if border.kind == "subdistrict":
            above, width = division[:6], 3
            first = next((serial for end, serial in SERIALS if border.name.endswith(end)), OTHER_SERIAL)
        else:
            above, width = codes.get(border.parent, f"{division[:6]}999"), 3
            first = VILLAGE_SERIAL if border.name.endswith("村") else 1
        used = taken.setdefault(above, set())
        serial = next(number for number in range(first, 1000) if number not in used)
        used.add(serial)
        codes[border.code] = f"{above}{serial:0{width}d}"
    return codes


class Territory:
    """Tells the division code of a spot: of the smallest border around it, else the city's."""

    def __init__(self, borders: list[Border], codes: dict[str, str], division: str) -> None:
        ordered = sorted(borders, key=lambda border: border.kind == "subdistrict")
        self._codes = [codes[border.code] for border in ordered]
        self._tree = shapely.STRtree([border.geometry for border in ordered])
        self._division = division

    def at(self, spots: np.ndarray) -> list[str]:
        """Return the codes of (n, 2) lon/lat spots."""
        found = [self._division] * len(spots)
        if self._codes and len(spots):
            near, border = self._tree.query(shapely.points(spots), predicate="within")
            for at, which in sorted(zip(near.tolist(), border.tolist(), strict=True), reverse=True):
                found[at] = self._codes[which]
        return found
