"""Streets and buildings that a file brings: streets cut where they cross, buildings by their ground; twice is once."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city.models import Building, StreetEdge
from civmap.errors import Invalid
from civmap.geo.measure import NearPlane, length_m
from civmap.geo.validity import CHINA, STORED_DECIMALS, read_geometry
from civmap.store.spatial import in_frame

USUAL = "residential"
SAME_M = 0.6
SAME_SHARE = 0.98
SAME_GROUND = 0.9
SHORTEST_M = 0.3
JOIN_M = 0.5
"""A street that ends so near to another one ends at it: files round places, and lines are drawn by hand."""
Values = Mapping[str, Any]


class Doer(Protocol):
    """Who brings the file."""

    def must(self, verb: str, kind: str) -> None: ...


class Fabric:
    """The streets and buildings of the city while a file is taken in."""

    def __init__(self, session: Session) -> None:
        self._session = session
        last = session.execute(select(func.max(StreetEdge.from_node), func.max(StreetEdge.to_node))).one()
        self._next = max([node for node in last if node is not None], default=-1) + 1
        self._nodes: dict[tuple[float, float], int] = {}

    def building(self, viewer: Doer, values: Values) -> str:
        """Keep a building: one that stands on the same ground gets what is new. Raise Forbidden or Invalid."""
        viewer.must("manage", "city")
        shape = read_geometry(values["geometry"], ("Polygon", "MultiPolygon"), CHINA)
        told = {name: values[name] for name in ("name", "kind", "levels", "households") if values.get(name) is not None}
        told = {name: value[:200 if name == "name" else 32] if isinstance(value, str) else value
                for name, value in told.items()}
        here = self._standing(shape)
        if here is None:
            self._session.add(Building(geom=shape, **told))
            self._session.flush()
            return "created"
        differing = {name: value for name, value in told.items() if getattr(here, name) != value}
        for name, value in differing.items():
            setattr(here, name, value)
        self._session.flush()
        return "updated" if differing else "unchanged"

    def _standing(self, shape: Any) -> Building | None:
        for row in self._session.scalars(select(Building).where(in_frame(Building.geom, *shape.bounds))):
            shared = shapely.area(shapely.intersection(row.geom, shape))
            if shared > SAME_GROUND * max(shapely.area(row.geom), shapely.area(shape)):
                return row
        return None

    def street(self, viewer: Doer, values: Values) -> str:
        """Keep a street as edges of the network, cut where it crosses others on its level; what is known stays."""
        viewer.must("manage", "city")
        shape = read_geometry(values["geometry"], ("LineString", "MultiLineString"), CHINA)
        facts = _facts(values)
        said = [self._line(part, facts) for part in shapely.get_parts(shape)]
        self._session.flush()
        return "created" if "created" in said else "updated" if "updated" in said else "unchanged"

    def _line(self, line: Any, facts: dict[str, Any]) -> str:
        plane = NearPlane(*shapely.get_coordinates(line)[0].tolist())
        west, south, east, north = line.bounds
        near = [row for row in self._session.scalars(select(StreetEdge).where(
            in_frame(StreetEdge.geom, west - 1e-5, south - 1e-5, east + 1e-5, north + 1e-5)).order_by(StreetEdge.id))
            if row.layer == facts["layer"]]
        flat = plane.to_metres(line)
        lines = plane.to_metres(np.asarray([row.geom for row in near], dtype=object)) if near else []
        same = [row for row, other in zip(near, lines, strict=True)
                if _share_within(other, flat) >= SAME_SHARE and _share_within(flat, other) > 0]
        if same and _share_within(flat, shapely.union_all([plane.to_metres(row.geom) for row in same])) >= SAME_SHARE:
            return self._told_again(same, facts)
        line = _met(line, near, plane)
        spots = {row.id: _shared(line, row.geom, plane) for row in near}
        for row in near:
            self._cut(row, spots[row.id])
        for piece in _pieces(line, [spot for some in spots.values() for spot in some]):
            self._add(piece, facts)
        return "created"

    def _told_again(self, rows: list[StreetEdge], facts: dict[str, Any]) -> str:
        said = {name: facts[name] for name in ("name", "width_m") if facts[name] is not None}
        is_new = False
        for row in rows:
            for name, value in said.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
                    is_new = True
        return "updated" if is_new else "unchanged"

    def _cut(self, row: StreetEdge, spots: list[Any]) -> None:
        known = {_at(row.geom, 0), _at(row.geom, -1)}
        spots = [spot for spot in spots if _at(spot, 0) not in known]
        pieces = _pieces(row.geom, spots) if spots else []
        if len(pieces) < 2:
            return
        facts = {name: getattr(row, name) for name in (
            "name", "highway", "is_oneway", "may_walk", "may_cycle", "may_drive", "width_m", "layer")}
        last = row.to_node
        self._nodes[_at(pieces[0], 0)], self._nodes[_at(pieces[-1], -1)] = row.from_node, last
        row.to_node = self._node(_at(pieces[0], -1))
        row.geom, row.length_m = pieces[0], round(length_m(pieces[0]), 3)
        for piece in pieces[1:]:
            self._add(piece, facts)

    def _add(self, piece: Any, facts: dict[str, Any]) -> None:
        first, last = self._node(_at(piece, 0)), self._node(_at(piece, -1))
        self._session.add(StreetEdge(geom=piece, length_m=round(length_m(piece), 3), from_node=first, to_node=last,
                                     **facts))
        self._session.flush()

    def _node(self, spot: tuple[float, float]) -> int:
        """Return the number of the node at a place: a known one where an edge ends there, else a new one."""
        if spot not in self._nodes:
            self._nodes[spot] = self._known_node(spot)
        return self._nodes[spot]

    def _known_node(self, spot: tuple[float, float]) -> int:
        hair = 2e-9
        box = (spot[0] - hair, spot[1] - hair, spot[0] + hair, spot[1] + hair)
        for row in self._session.execute(select(StreetEdge.from_node, StreetEdge.to_node, StreetEdge.geom).where(
                in_frame(StreetEdge.geom, *box))):
            for node, end in ((row.from_node, 0), (row.to_node, -1)):
                if np.abs(np.subtract(_at(row.geom, end), spot)).max() <= hair:
                    return int(node)
        self._next += 1
        return self._next - 1


def _facts(values: Values) -> dict[str, Any]:
    table = dictionaries.osm_roads()
    written = str(values.get("highway") or USUAL).strip()
    highway = written if written in table else _of_class(written)
    kind = table[highway]
    width = values.get("width_m")
    if width is not None and not 1.0 <= width <= 150.0:
        raise Invalid("frontage_metres", field="width_m", least=1, most=150)
    return {"name": str(values["name"])[:100] if values.get("name") else None, "highway": highway,
            "is_oneway": bool(values.get("is_oneway")), "may_walk": kind.walk, "may_cycle": kind.bike,
            "may_drive": kind.car, "width_m": width if width is not None else kind.width_m,
            "layer": int(values.get("layer") or 0)}


def _of_class(written: str) -> str:
    """Return the highway that stands for a road class; raise Invalid for a word that is neither."""
    found = dictionaries.road_class(written).code
    kinds = [kind for kind in dictionaries.osm_roads().values() if kind.road_class == found and kind.is_segment]
    return max(kinds, key=lambda kind: kind.width_m).highway if found != "alley" else USUAL


def _share_within(line: Any, other: Any) -> float:
    """Return which share of a line runs within 0.6 m of another one."""
    size = shapely.length(line)
    return float(shapely.length(shapely.intersection(line, shapely.buffer(other, SAME_M))) / size) if size else 0.0


def _met(line: Any, near: list[StreetEdge], plane: NearPlane) -> Any:
    """Return a line whose ends lie exactly at the ends of other streets, where some are near."""
    xy = shapely.get_coordinates(line)
    others = np.array([spot for row in near for spot in shapely.get_coordinates(row.geom)[[0, -1]]]).reshape(-1, 2)
    for end in (0, -1):
        off = np.hypot(*((others - xy[end]) * plane.scale).T)
        if len(off) and off.min() <= JOIN_M:
            xy[end] = others[off.argmin()]
    return shapely.LineString(xy)


def _shared(line: Any, other: Any, plane: NearPlane) -> list[Any]:
    """Return the spots at which two lines meet: the ends of one that lie at the other, else where they cross."""
    lines = plane.to_metres(np.array([line, other], dtype=object))
    ends = [shapely.Point(xy) for one in (line, other) for xy in shapely.get_coordinates(one)[[0, -1]]]
    flat = plane.to_metres(np.array(ends, dtype=object))
    met = [end for at, end in enumerate(ends) if shapely.distance(flat[at], lines[1 - at // 2]) <= JOIN_M]
    crossed = [spot for spot in shapely.get_parts(shapely.intersection(line, other)) if spot.geom_type == "Point"]
    apart = [spot for spot in crossed
             if all(shapely.distance(plane.to_metres(spot), plane.to_metres(end)) > JOIN_M for end in met)]
    return [*met, *apart]


def _pieces(line: Any, spots: list[Any]) -> list[Any]:
    """Return a line cut at spots on it, ends apart, each piece at stored precision and at least 0.3 m long."""
    plane = NearPlane(*shapely.get_coordinates(line)[0].tolist())
    flat, size = plane.to_metres(line), shapely.length(plane.to_metres(line))
    at = {round(float(shapely.line_locate_point(flat, plane.to_metres(spot))), 3): spot for spot in spots}
    cuts = [one for one in sorted(at) if SHORTEST_M < one < size - SHORTEST_M]
    cuts = [one for number, one in enumerate(cuts) if number == 0 or one - cuts[number - 1] > SHORTEST_M]
    xy = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shapely.get_coordinates(flat), axis=0).T))])
    edges, pieces = [0.0, *cuts, float(along[-1])], []
    for low, high in pairwise(edges):
        inner = xy[(along > low + 1e-3) & (along < high - 1e-3)]
        first = xy[:1] if low == 0.0 else shapely.get_coordinates(at[low])
        last = xy[-1:] if high == edges[-1] else shapely.get_coordinates(at[high])
        pieces.append(shapely.LineString(np.round(np.concatenate([first, inner, last]), STORED_DECIMALS)))
    return pieces


def _at(line: Any, end: int) -> tuple[float, float]:
    lon, lat = shapely.get_coordinates(line)[end].tolist()
    return round(lon, STORED_DECIMALS), round(lat, STORED_DECIMALS)
