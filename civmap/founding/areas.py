"""Closed ways and multipolygon relations to shapes of the ground: water, green, other land, buildings."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.founding.streets import name_of
from civmap.founding.values import Area, Extract, Frame, Relation, Way
from civmap.geo.measure import Plane

GREEN = {
    "leisure": {"park": "park", "garden": "park", "golf_course": "park", "nature_reserve": "wood", "common": "park",
                "dog_park": "park", "playground": "park"},
    "landuse": {"grass": "grass", "forest": "wood", "meadow": "grass", "recreation_ground": "park",
                "village_green": "park", "orchard": "wood", "flowerbed": "grass", "greenfield": "grass",
                "plant_nursery": "wood", "vineyard": "wood", "cemetery": "park"},
    "natural": {"wood": "wood", "scrub": "wood", "grassland": "grass", "heath": "grass", "wetland": "wetland"},
}
LAND = {
    "landuse": {"residential": "residential", "industrial": "industrial", "commercial": "commercial",
                "retail": "commercial", "construction": "construction", "railway": "railway", "farmland": "farmland",
                "brownfield": "construction", "education": "school", "institutional": "institution"},
    "amenity": {"school": "school", "university": "school", "college": "school", "kindergarten": "school",
                "hospital": "hospital", "parking": "parking"},
    "leisure": {"pitch": "pitch", "stadium": "pitch", "track": "pitch", "sports_centre": "pitch"},
    "place": {"square": "square"},
}
WATER = {"natural": ("water", "bay"), "waterway": ("riverbank", "dock", "boatyard"),
         "landuse": ("reservoir", "basin", "salt_pond"), "water": ("*",)}
STREAM_WIDTH_M = {"river": 24.0, "canal": 14.0, "stream": 4.0, "ditch": 2.5, "drain": 2.5}
AREA_KEYS = ("natural", "waterway", "landuse", "leisure", "building", "amenity", "place", "water", "tourism", "shop",
             "office", "healthcare", "historic", "area")
MIN_M2 = 4.0


def shapes(extract: Extract, skipped: Counter[str]) -> Iterator[tuple[int, dict[str, str], BaseGeometry]]:
    """Yield (id, tags, shape) for every closed way and multipolygon that is an area; relations have negative ids."""
    in_relation: set[int] = set()
    for relation in extract.relations:
        if relation.tags.get("type") != "multipolygon" or not _is_area(relation.tags):
            continue
        shape, is_whole = assemble(relation, extract.ways)
        if shape is None:
            skipped["multipolygon_incomplete"] += 1
            continue
        if not is_whole:
            skipped["multipolygon_partly"] += 1
        in_relation.update(ref for kind, ref, role in relation.members if kind == "w" and role != "inner")
        yield -relation.id, relation.tags, shape
    yield from _closed(extract.ways.values(), in_relation, skipped)


def _closed(ways: Iterable[Way], in_relation: set[int],
            skipped: Counter[str]) -> Iterator[tuple[int, dict[str, str], BaseGeometry]]:
    for way in ways:
        if not way.is_closed or not _is_area(way.tags) or (way.id in in_relation and "building" not in way.tags):
            continue
        shape = ring_shape(way.lonlat)
        if shape is None:
            skipped["area_damaged"] += 1
        else:
            yield way.id, way.tags, shape


def _is_area(tags: dict[str, str]) -> bool:
    if not any(key in tags for key in AREA_KEYS):
        return False
    return "highway" not in tags or tags.get("area") == "yes"


def ring_shape(lonlat: np.ndarray) -> BaseGeometry | None:
    """Return the polygon of a closed way, mended where it crosses itself; None with fewer than three known nodes."""
    known = lonlat[~np.isnan(lonlat[:, 0])]
    if len(known) and (known[0] != known[-1]).any():
        known = np.vstack([known, known[:1]])
    if len(known) < 4:
        return None
    return polygonal(shapely.Polygon(known))


def polygonal(shape: BaseGeometry) -> BaseGeometry | None:
    """Return the polygons of a shape, valid; None where there are none."""
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(shape, return_index=False)
             if part.geom_type in ("Polygon", "MultiPolygon") and not part.is_empty]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def assemble(relation: Relation, ways: dict[int, Way]) -> tuple[BaseGeometry | None, bool]:
    """Return a multipolygon's shape from the rings that close, and whether every member was there and closed."""
    outer, whole_outer = _rings(relation, ways, inner=False)
    inner, whole_inner = _rings(relation, ways, inner=True)
    if not outer:
        return None, False
    shape = shapely.union_all(outer)
    if inner:
        shape = shapely.difference(shape, shapely.union_all(inner))
    return polygonal(shape), whole_outer and whole_inner


def _rings(relation: Relation, ways: dict[int, Way], inner: bool) -> tuple[list[BaseGeometry], bool]:
    wanted = [ref for kind, ref, role in relation.members if kind == "w" and (role == "inner") == inner]
    there = [ways[ref] for ref in wanted if ref in ways]
    lines = [shapely.LineString(known) for way in there
             if len(known := way.lonlat[~np.isnan(way.lonlat[:, 0])]) > 1]
    merged = shapely.line_merge(shapely.union_all(lines)) if lines else shapely.MultiLineString()
    polygons, _, dangles, _ = shapely.polygonize_full([merged])
    rings = [part for part in shapely.get_parts(polygons) if part.area > 0]
    complete = len(there) == len(wanted) and shapely.get_num_geometries(dangles) == 0
    return ([shapely.union_all([shapely.Polygon(ring.exterior) for ring in rings])] if rings else []), complete


def ground(found: Iterable[tuple[int, dict[str, str], BaseGeometry]], frame: Frame,
           skipped: Counter[str]) -> list[Area]:
    """Sort shapes into water, green, other land and buildings, cut at the frame (buildings stay whole)."""
    box = shapely.box(*frame)
    shapely.prepare(box)
    areas = []
    for source, tags, shape in found:
        sorts = list(_sorts(tags))
        if not sorts:
            continue
        if not box.intersects(shape):
            skipped["area_outside_frame"] += 1
            continue
        held = shape if box.covers(shape) or "building" in tags else polygonal(shapely.intersection(shape, box))
        if held is None or held.is_empty:
            skipped["area_outside_frame"] += 1
            continue
        areas += [Area(layer, kind, name_of(tags), held, source, _levels(tags)) for layer, kind in sorts]
    return areas


def _sorts(tags: dict[str, str]) -> Iterator[tuple[str, str]]:
    building = tags.get("building", "no")
    if building not in ("no", "none"):
        yield "building", building[:32]
        return
    if any(tags.get(key) in values or ("*" in values and key in tags) for key, values in WATER.items()):
        yield "water", tags.get("water", "water")[:32]
        return
    for layer, table in (("green", GREEN), ("land", LAND)):
        kind = next((kinds[tags[key]] for key, kinds in table.items() if tags.get(key) in kinds), None)
        if kind:
            yield layer, kind
            return


def _levels(tags: dict[str, str]) -> int | None:
    levels = tags.get("building:levels", "")
    return int(levels) if levels.isdigit() and 0 < int(levels) < 200 else None


def streams(extract: Extract, waters: list[Area], plane: Plane) -> list[Area]:
    """Return rivers and brooks drawn as lines, widened to their usual width, where no water area covers them."""
    lines: dict[tuple[str, str], list[shapely.LineString]] = defaultdict(list)
    for way in extract.ways.values():
        kind = way.tags.get("waterway")
        known = way.lonlat[~np.isnan(way.lonlat[:, 0])]
        if kind in STREAM_WIDTH_M and len(known) > 1 and way.tags.get("tunnel", "no") == "no":
            lines[kind, name_of(way.tags)].append(shapely.LineString(known))
    covered = shapely.union_all([area.geometry for area in waters]) if waters else shapely.Polygon()
    box = shapely.box(*extract.frame)
    found = []
    for (kind, name), parts in sorted(lines.items()):
        course = shapely.intersection(shapely.union_all(parts), box)
        left = shapely.difference(course, covered)
        if left.is_empty or left.length < 0.1 * max(course.length, 1e-12):
            continue
        wide = shapely.buffer(plane.to_metres(left), STREAM_WIDTH_M[kind] / 2, quad_segs=3, cap_style="flat")
        shape = polygonal(shapely.intersection(plane.to_degrees(shapely.simplify(wide, 0.5)), box))
        if shape is not None:
            found.append(Area("water", kind, name, shape))
    return found
