"""Ground that nobody covers: what is left of a parent by the areas that should tile it, and holes between siblings.

Pure, on lon/lat degrees; areas in square metres on the ground. The rim of a gap consists of edges without a partner:
where the parent's own rim, run backwards, takes all of those, the areas tile it exactly and nothing is left to ask.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civmap.geo.bulk import areas_m2
from civmap.geo.coverage import LEAST_SLIVER_M2, NOTICE_M2, as_array, backwards, fabric, is_sliver, joined, oriented
from civmap.geo.overlay import areas_of

MOST_BESIDE = 6
METRES_OF_A_DEGREE = 1.1e5
HAIR_M = 5e-4
"""Half a millimetre: what is thinner is the rounding of a corner on a long edge of the parent."""


class Gap(NamedTuple):
    """A piece of ground of a family that none of its members covers, its size, and whose ground it touches.

    `beside` are areas by their place in the sequence, those with the longest common edge first.
    """

    family: int
    shape: BaseGeometry
    area_m2: float
    beside: tuple[int, ...] = ()

    @property
    def is_thin(self) -> bool:
        """Tell whether it is nowhere wider than 0.3 m."""
        return is_sliver(self.shape)


def gaps(areas: Sequence[BaseGeometry], families: Sequence[int], parents: Mapping[int, BaseGeometry]) -> list[Gap]:
    """Return the gaps of all families, the largest of each first; a family without a parent has only holes."""
    if not len(areas):
        return []
    shapes, family = oriented(as_array(areas)), np.asarray(families, np.int64)
    own = fabric(shapes)
    groups, edges = family[own.owner], own
    if parents:
        keys = np.array(sorted(parents), np.int64)
        rims = backwards(fabric(oriented(as_array([parents[key] for key in keys.tolist()]))))
        groups, edges = np.concatenate([groups, keys[rims.owner]]), joined(own, rims)
    lone = edges.lone(groups)
    of_lone = groups[edges.ring_of(lone)]
    found: list[Gap] = []
    for key in sorted(set(of_lone.tolist())):
        members = np.flatnonzero(family == key)
        if len(members):
            faces = _between(edges.edges(lone[of_lone == key]), shapes[members], parents.get(key))
            found += [gap._replace(beside=tuple(members[list(gap.beside)].tolist()))
                      for gap in sized(key, faces, shapes[members])]
    return found


def _between(lines: np.ndarray, members: np.ndarray, parent: BaseGeometry | None) -> np.ndarray:
    """Return the faces between lines that lie inside the parent and in no member."""
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    if not len(faces):
        return faces
    spots = shapely.point_on_surface(faces)
    is_free = np.ones(len(faces), bool)
    is_free[shapely.STRtree(members).query(spots, predicate="intersects")[0]] = False
    if parent is not None:
        shapely.prepare(parent)
        is_free &= shapely.intersects(parent, spots)
    return faces[is_free]


def near(key: int, members: Sequence[BaseGeometry], parent: BaseGeometry | None,
         frame: tuple[float, float, float, float]) -> list[Gap]:
    """Return the gaps of one family that lie within a frame, from the members that meet it."""
    ground, shapes = shapely.box(*frame), as_array(members)
    taken = shapely.union_all(shapes)
    if parent is not None:
        return sized(key, shapely.get_parts(areas_of(parent.intersection(ground).difference(taken))), shapes)
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(taken) for ring in getattr(part, "interiors", ())]
    left = [areas_of(face.difference(taken)) for face in holes if ground.covers(face)]
    return sized(key, shapely.get_parts(as_array(left)) if left else np.zeros(0, object), shapes)


def sized(key: int, faces: np.ndarray, members: np.ndarray) -> list[Gap]:
    """Return pieces of ground as gaps, the largest first, without those that are below notice."""
    faces = faces[~shapely.is_empty(faces)] if len(faces) else faces
    hairs = shapely.length(faces) / 2 * METRES_OF_A_DEGREE * HAIR_M
    found = [Gap(key, face, size) for face, size, hair in zip(faces, areas_m2(list(faces)), hairs, strict=True)
             if size > max(LEAST_SLIVER_M2, hair)]
    found = sorted((gap for gap in found if gap.area_m2 > NOTICE_M2 or gap.is_thin), key=lambda gap: -gap.area_m2)
    if not found:
        return []
    tree = shapely.STRtree(members)
    return [gap._replace(beside=_beside(gap.shape, members, tree)) for gap in found]


def _beside(face: BaseGeometry, members: np.ndarray, tree: shapely.STRtree) -> tuple[int, ...]:
    at = tree.query(face, predicate="intersects")
    shared = shapely.length(shapely.intersection(shapely.boundary(face), members[at]))
    order = np.argsort(-shared, kind="stable")[:MOST_BESIDE]
    return tuple(at[order[shared[order] > 0]].tolist())
