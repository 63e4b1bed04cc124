"""Administrative borders to subdistricts and communities, closed along the frame where the extract cuts them.

The lines of all borders of a level and the frame cut the ground into faces. Which faces are a unit's own follows from
its border: crossing it changes between inside and outside, crossing anything else does not. What remains open (which
of the two sides is inside) is settled by closed rings, by the unit's own label or seat, and by its neighbours.
"""

from collections import Counter, deque
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.founding.areas import assemble, polygonal
from civmap.founding.streets import name_of
from civmap.founding.values import Border, Extract, Relation
from civmap.geo.measure import area_m2

KINDS = {"8": "subdistrict", "9": "community", "10": "community"}
MIN_M2 = 400.0
SEATS = ("admin_centre", "label")


@dataclass(slots=True)
class _Unit:
    """A unit whose ground is sought: its lines, label and seat where known, and for each face whether it is its own."""

    relation: Relation
    line: BaseGeometry
    label: tuple[float, float] | None
    seat: tuple[float, float] | None
    sides: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    own: np.ndarray | None = None


def take(extract: Extract, skipped: Counter[str]) -> list[Border]:
    """Return the borders found, subdistricts first, with codes; an extract without any gives an empty list."""
    found: list[Border] = []
    all_relations = [*extract.relations, *_drawn_alone(extract)]
    for levels, kind in (("8",), "subdistrict"), (("9", "10"), "community"):
        relations = [relation for relation in all_relations if relation.tags.get("boundary") == "administrative"
                     and relation.tags.get("admin_level") in levels]
        found += _level(extract, relations, kind, skipped)
    return _coded(found)


def _drawn_alone(extract: Extract) -> list[Relation]:
    """Return borders drawn as a way of their own, without a relation, as if they had one."""
    bound = {ref for relation in extract.relations for member, ref, _ in relation.members if member == "w"}
    return [Relation(-way.id, (("w", way.id, "outer"),), way.tags) for way in extract.ways.values()
            if way.tags.get("boundary") == "administrative" and way.id not in bound and name_of(way.tags)]


def city_name(extract: Extract) -> str:
    """Return what the city is called: by most addresses, else the county or city whose seat lies in the frame."""
    cities = Counter(tags["addr:city"] for tags in (*(spot.tags for spot in extract.spots),
                                                    *(way.tags for way in extract.ways.values()))
                     if tags.get("addr:city") and not tags["addr:city"].isascii())
    if cities:
        return max(sorted(cities), key=cities.__getitem__)
    box = shapely.box(*extract.frame)
    places = {spot.id: shapely.Point(spot.lon, spot.lat) for spot in extract.spots}
    held = [(relation.tags["admin_level"], name) for relation in extract.relations
            if relation.tags.get("admin_level") in ("5", "6") and (name := name_of(relation.tags))
            and any(kind == "n" and role in SEATS and ref in places and box.covers(places[ref])
                    for kind, ref, role in relation.members)]
    return max(held)[1] if held else ""


def _level(extract: Extract, relations: list[Relation], kind: str, skipped: Counter[str]) -> list[Border]:
    places = {spot.id: (spot.lon, spot.lat) for spot in extract.spots} if relations else {}
    units = [unit for relation in relations if (unit := _unit(extract, relation, places)) is not None]
    skipped["border_without_lines"] += len(relations) - len(units)
    if not units:
        return []
    box = shapely.box(*extract.frame)
    faces = _faces(units, box)
    if not faces:
        return []
    _colour(units, faces, extract, box)
    ground = _divided(units, faces, skipped)
    borders = []
    for at, unit in enumerate(units):
        shape = ground.get(at)
        if shape is None:
            skipped["border_outside_frame"] += 1
            continue
        whole, is_closed = assemble(unit.relation, extract.ways)
        is_partial = not (is_closed and whole is not None and box.covers(whole))
        borders.append(Border(kind, name_of(unit.relation.tags), shape, is_partial, _seat(unit, shape)))
    return borders


def _unit(extract: Extract, relation: Relation, places: dict[int, tuple[float, float]]) -> _Unit | None:
    lines, known_spots = [], {}
    for member, ref, role in relation.members:
        if member == "w" and ref in extract.ways:
            known = extract.ways[ref].lonlat[~np.isnan(extract.ways[ref].lonlat[:, 0])]
            if len(known) > 1:
                lines.append(shapely.LineString(known))
        elif member == "n" and role in SEATS and ref in places:
            known_spots.setdefault(role, places[ref])
    if not lines or not name_of(relation.tags):
        return None
    return _Unit(relation, shapely.union_all(lines), known_spots.get("label"), known_spots.get("admin_centre"))


def _faces(units: list[_Unit], box: BaseGeometry) -> list[BaseGeometry]:
    """Return the faces that the borders and the frame cut the ground into."""
    lines = shapely.union_all([*(shapely.intersection(unit.line, box) for unit in units), box.exterior])
    return [face for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines).tolist()))
            if face.area > 0]


def _colour(units: list[_Unit], faces: list[BaseGeometry], extract: Extract, box: BaseGeometry) -> None:
    """Settle for every unit which of its two sides is inside, the surest first, then by the neighbours."""
    beside = _beside(faces)
    middles = [shapely.point_on_surface(face) for face in faces]
    for unit in units:
        unit.sides = _sides(unit, faces, beside)
        unit.own = _by_ring(unit, middles, extract)
        if unit.own is None:
            unit.own = _by_label(unit, faces, box)
    waiting = deque(sorted((unit for unit in units if unit.own is None), key=lambda unit: -unit.line.length))
    idle = 0
    while waiting:
        unit = waiting.popleft()
        unit.own = _by_neighbours(unit, units, faces)
        if unit.own is None and idle >= len(waiting):
            unit.own = _by_closure(unit, faces)
        elif unit.own is None:
            waiting.append(unit)
        idle = 0 if unit.own is not None else idle + 1


def _beside(faces: list[BaseGeometry]) -> list[tuple[int, int, BaseGeometry]]:
    """Return pairs of faces that share a line, with that line."""
    tree = shapely.STRtree(faces)
    pairs = []
    for one, other in tree.query(faces, predicate="intersects").T:
        if one < other:
            shared = shapely.intersection(faces[one].exterior, faces[other].exterior)
            if shared.length > 0:
                pairs.append((int(one), int(other), shared))
    return pairs


def _sides(unit: _Unit, faces: list[BaseGeometry], beside: list[tuple[int, int, BaseGeometry]]) -> np.ndarray:
    """Part the faces in two by the unit's border: True and False change exactly across it."""
    corridor = shapely.buffer(unit.line, 1e-7)
    changes: dict[int, list[tuple[int, bool]]] = {at: [] for at in range(len(faces))}
    for one, other, shared in beside:
        crosses = shapely.intersection(shared, corridor).length > 0.5 * shared.length
        changes[one].append((other, crosses))
        changes[other].append((one, crosses))
    sides = np.zeros(len(faces), bool)
    seen: set[int] = set()
    for start in range(len(faces)):
        queue = deque([start] if start not in seen else [])
        seen.add(start)
        while queue:
            here = queue.popleft()
            for there, crosses in changes[here]:
                if there not in seen:
                    seen.add(there)
                    sides[there] = sides[here] ^ crosses
                    queue.append(there)
    return sides


def _by_ring(unit: _Unit, middles: list[shapely.Point], extract: Extract) -> np.ndarray | None:
    """Return the unit's faces where its whole ring is in the extract."""
    whole, is_closed = assemble(unit.relation, extract.ways)
    if whole is None or not is_closed:
        return None
    return np.array([whole.contains(middle) for middle in middles])


def _by_label(unit: _Unit, faces: list[BaseGeometry], box: BaseGeometry) -> np.ndarray | None:
    """Return the side that the unit's label lies on; None where there is none in the frame.

    Its seat does not tell: a town's office may stand in the subdistrict next door.
    """
    if not shapely.intersection(unit.line, box).length:
        return np.zeros(len(faces), bool)
    held = _face_at(unit.label, faces)
    return None if held is None else unit.sides == unit.sides[held]


def _face_at(spot: tuple[float, float] | None, faces: list[BaseGeometry]) -> int | None:
    if spot is None:
        return None
    point = shapely.Point(spot)
    return next((at for at, face in enumerate(faces) if face.covers(point)), None)


def _by_neighbours(unit: _Unit, units: list[_Unit], faces: list[BaseGeometry]) -> np.ndarray | None:
    """Return the side that overlaps settled units least, else the side of the seat; None where neither tells."""
    settled = [other.own for other in units if other is not unit and other.own is not None and other.own.any()]
    if not settled:
        held = _face_at(unit.seat, faces)
        return None if held is None else unit.sides == unit.sides[held]
    taken = np.any(settled, axis=0)
    area = np.array([face.area for face in faces])
    clash = [float(area[taken & (unit.sides == side)].sum()) for side in (False, True)]
    if abs(clash[0] - clash[1]) < 1e-12:
        return None
    return unit.sides == (clash[1] < clash[0])


def _by_closure(unit: _Unit, faces: list[BaseGeometry]) -> np.ndarray:
    """Return the side that the border encloses when its loose ends are joined straight (most of it is there)."""
    left = [np.array(part.coords) for part in shapely.get_parts(shapely.line_merge(unit.line))]
    ring = left.pop(max(range(len(left)), key=lambda at: len(left[at])))
    while left:
        ends = [(np.hypot(*(part[0] - ring[-1])), at, False) for at, part in enumerate(left)]
        ends += [(np.hypot(*(part[-1] - ring[-1])), at, True) for at, part in enumerate(left)]
        _, at, reverse = min(ends)
        part = left.pop(at)
        ring = np.vstack([ring, part[::-1] if reverse else part])
    inside = polygonal(shapely.Polygon(ring)) if len(ring) > 3 else None
    share = [0.0, 0.0]
    for side in (False, True):
        mine = [face for face, own in zip(faces, unit.sides == side, strict=True) if own]
        area = sum(face.area for face in mine)
        share[side] = sum(face.intersection(inside).area for face in mine) / area if area and inside else 0.0
    return unit.sides == (share[1] > share[0])


def _divided(units: list[_Unit], faces: list[BaseGeometry], skipped: Counter[str]) -> dict[int, BaseGeometry]:
    """Give every face one owner (the smallest that claims it) and join each unit's faces, borders shared exactly."""
    area = np.array([face.area for face in faces])
    size = {at: float(area[unit.own].sum()) for at, unit in enumerate(units) if unit.own is not None}
    skipped["border_undecided"] += len(units) - len(size)
    owner: dict[int, list[int]] = {}
    for face in range(len(faces)):
        claims = [at for at in size if units[at].own[face]]
        if claims:
            owner.setdefault(min(claims, key=lambda at: (size[at], at)), []).append(face)
    ground = {}
    for at, mine in owner.items():
        shape = polygonal(shapely.coverage_union_all([faces[face] for face in mine]))
        if shape is None or area_m2(shape) < MIN_M2:
            skipped["border_sliver"] += 1
        else:
            ground[at] = shape
    return ground


def _seat(unit: _Unit, shape: BaseGeometry) -> tuple[float, float] | None:
    spots = (unit.seat, unit.label)
    return next((spot for spot in spots if spot and shape.covers(shapely.Point(spot))), None)


def _coded(found: list[Border]) -> list[Border]:
    """Give codes JD01 … to subdistricts and SQ01 … to communities, west to east, and each community its parent."""
    letters = {"subdistrict": "JD", "community": "SQ"}
    serial: Counter[str] = Counter()
    done: list[Border] = []
    for border in sorted(found, key=lambda one: (one.kind != "subdistrict", round(one.geometry.centroid.x, 5),
                                                 -one.geometry.centroid.y)):
        serial[border.kind] += 1
        code = f"{letters[border.kind]}{serial[border.kind]:02d}"
        point = shapely.point_on_surface(border.geometry)
        parent = "" if border.kind == "subdistrict" else next(
            (other.code for other in done if other.kind == "subdistrict" and other.geometry.covers(point)), "")
        done.append(replace(border, code=code, parent=parent))
    return done
