"""Blocks: what every face of the plane is used for, and the parcel that its streets leave for building."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import shapely
from shapely.geometry import Polygon

from civmap.demo.plan_ground import SIDEWALK_M, Ground, Street, street_curve

ORDINARY = {
    "old": ("shophouse",),
    "centre": ("mixed", "mixed", "office", "mixed", "estate"),
    "estate": ("estate",),
    "development": ("towers", "towers", "office", "towers"),
    "industry": ("sheds",),
}
RURAL = ("village", "fields", "wood", "fields")  # in turn, so that no seed leaves the fringe without villages


@dataclass(frozen=True)
class Block:
    """A face with its use, its own name where it is a place, and the parcel inside the sidewalks."""

    face: int
    use: str
    name: str
    character: str
    parcel: Polygon


def blocks(rng: random.Random, ground: Ground, streets: Sequence[Street], places: Sequence[Mapping]) -> list[Block]:
    """Return one block per face of dry land, in the order of the faces."""
    parcels = _parcels(ground, streets)
    chosen = _chosen_places(ground, parcels, places)
    found = []
    rural = cycle(RURAL)
    for face in sorted(parcels):
        character = ground.character[face]
        use, name = chosen.get(face, ("", ""))
        if face in ground.landmarks:
            use, name = ground.landmarks[face]["use"], ground.landmarks[face]["name"]
        if not use:
            use = next(rural) if character == "fringe" else rng.choice(ORDINARY[character])
            if use == "fields" and parcels[face].area < 90000:
                use = "wood"
        found.append(Block(face, use, name, character, parcels[face]))
    return found


def _parcels(ground: Ground, streets: Sequence[Street]) -> dict[int, Polygon]:
    """Return what the streets, the water and the railway leave of each face, its largest part."""
    roads = []
    for street in streets:
        half = street.width_m / 2 + SIDEWALK_M[street.road_class]
        line = shapely.LineString(street_curve(ground, street.corners))
        roads.append(line.buffer(half, cap_style="square", join_style="mitre"))
    roads += [ground.canal.buffer(11), ground.railway.buffer(14), ground.river.buffer(6)]
    tree = shapely.STRtree(roads)
    parcels = {}
    for face, polygon in ground.faces.items():
        if face in ground.water_faces:
            continue
        near = [roads[i] for i in sorted(tree.query(polygon, predicate="intersects"))]
        rest = shapely.get_parts(polygon.difference(shapely.union_all(near)))
        rest = [part for part in rest if part.area > 300]
        if rest:
            parcels[face] = max(rest, key=lambda part: part.area)
    return parcels


def _chosen_places(
    ground: Ground, parcels: Mapping[int, Polygon], places: Sequence[Mapping]
) -> dict[int, tuple[str, str]]:
    """Give each place of the recipe the nearest free parcel of the right size and quarter."""
    chosen: dict[int, tuple[str, str]] = {}
    for place in places:
        at = (float(place["x"]), float(place["y"]))
        wanted = place["character"].split()
        low, high = float(place["min_m2"]), float(place["max_m2"])

        def misfit(face: int, at=at, wanted=wanted, low=low, high=high) -> float:
            area, centre = parcels[face].area, parcels[face].centroid
            wrong = 0.0 if low <= area <= high else 500 * abs(math.log(area / (low if area < low else high)))
            wrong += 0 if ground.character[face] in wanted else 400
            return wrong + math.dist(at, (centre.x, centre.y))

        free = [face for face in sorted(parcels) if face not in chosen and face not in ground.landmarks]
        chosen[min(free, key=misfit)] = (place["use"], place["name"])
    return chosen
