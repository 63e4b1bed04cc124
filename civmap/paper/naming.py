"""Names on the map: things with trouble first, then districts, streets, parks and waters, then all other things."""

from collections.abc import Sequence
from typing import NamedTuple

import shapely

from civmap.paper import ink, painting
from civmap.paper.frames import Box
from civmap.paper.ground import Ground
from civmap.paper.labels import Label, Space, shortened
from civmap.paper.scales import Window
from civmap.paper.sizes import Paper
from civmap.paper.things import Thing

RANK = {"overdue": 0, "due_soon": 1, "open": 2, "none": 3}
ROAD_RANK = ("highway", "major", "medium", "minor")
NO_MINOR_BEYOND = 16_000
REPEAT = 9.0
"""A street's name is told again after so many of its own lengths."""
STYLE = {"point": ("#16262e", "#ffffff", 500, 1.0), "trouble": ("#16262e", "#ffffff", 700, 1.0),
         "subdistrict": ("#54416b", "#ffffff", 700, 1.75), "community": ("#7a6d86", "#ffffff", 400, 1.05),
         "road": ("#5b5443", "#ffffff", 500, 0.92), "park": ("#3c6b41", "#ffffff", 400, 0.95),
         "water": ("#2c6580", "#ffffff", 400, 1.0)}


class Spot(NamedTuple):
    """A thing on the map: where it stands in millimetres, the box and half the width of its symbol."""

    thing: Thing
    box: Box
    half: float


def spot(thing: Thing, x: float, y: float, half: float) -> Spot:
    """Return a thing's spot; an issue's drop stands above its spot."""
    up = half if thing.kind == "issues" else 0.0
    return Spot(thing, Box(x - half, y - half - up, 2 * half, 2 * half + up * 0.4), half)


def names(window: Window, paper: Paper, spots: Sequence[Spot], ground: Ground | None, space: Space, k: float) -> str:
    """Return the names that find room, as SVG."""
    ordered = sorted((one for one in spots if one.thing.kind in ("points", "units")),
                     key=lambda one: (RANK[one.thing.status], one.thing.kind, -one.thing.open, one.thing.code))
    troubled = [one for one in ordered if one.thing.status != "none"]
    found = [*_of_things(troubled, paper, space, "trouble")]
    if ground is not None:
        found += _of_areas(window, paper, ground, space, "subdistrict")
        found += _of_streets(window, paper, ground, space, ("highway", "major", "medium"))
    found += _of_things([one for one in ordered if one.thing.status == "none"], paper, space, "point")
    if ground is not None:
        found += _of_land(window, paper, ground, space)
        if window.scale <= NO_MINOR_BEYOND:
            found += _of_streets(window, paper, ground, space, ("minor",))
            found += _of_areas(window, paper, ground, space, "community")
    return "".join(_written(label, paper) for label in found)


def tags(window: Window, paper: Paper, wanted: Sequence[tuple[str, float, float]], space: Space) -> str:
    """Return page numbers in dark plates, each on or beside its place (plane metres)."""
    size, drawn = paper.label * 1.05, []
    for words, px, py in wanted:
        x, y = window.place(px, py)
        label = space.over(words, x, y, size * 1.15, "tag") or space.around(words, x, y, size * 1.15, size * 0.2, "tag")
        if label is not None:
            wide, high = ink.steps(size * (0.62 * len(words) + 0.5)), ink.steps(size * 1.25)
            drawn.append(f'<rect x="{ink.steps(label.x) - wide // 2}" y="{ink.steps(label.y) - high // 2}" '
                         f'width="{wide}" height="{high}" rx="{high // 5}" fill="#0b4250" stroke="#ffffff" '
                         f'stroke-width="{ink.steps(size * 0.08)}"/>')
            drawn.append(ink.text(words, label.x, label.y, size * 0.95, fill="#ffffff", weight=700))
    return "".join(drawn)


def _written(label: Label, paper: Paper) -> str:
    fill, halo, weight, _times = STYLE[label.style]
    return ink.text(label.text, label.x, label.y, label.size, fill=fill, halo=halo, weight=weight, turn=label.turn,
                    spread=label.size * 0.25 if label.style == "subdistrict" else 0.0)


def _of_things(spots: Sequence[Spot], paper: Paper, space: Space, style: str) -> list[Label]:
    size = paper.label * STYLE[style][3]
    placed = (space.around(shortened(one.thing.name), one.box.x + one.half, one.box.y + one.half, size,
                           one.half + size * 0.12, style) for one in spots)
    return [label for label in placed if label is not None]


def _of_areas(window: Window, paper: Paper, ground: Ground, space: Space, kind: str) -> list[Label]:
    size, found = paper.label * STYLE[kind][3], []
    frame = shapely.box(*window.metres)
    for name, shape in ground.borders.get(kind, ()):
        seen = shapely.intersection(shape, frame)
        if seen.is_empty or not name:
            continue
        middle, inside = shapely.centroid(seen), shapely.point_on_surface(seen)
        for spot_ in ((middle,) if shapely.contains(seen, middle) else ()) + (inside, *_thirds(seen)):
            x, y = window.place(spot_.x, spot_.y)
            label = space.over(name, x, y, size, kind, spread=size * 0.25 if kind == "subdistrict" else 0.0)
            if label is not None:
                found.append(label)
                break
    return found


def _thirds(shape: shapely.Geometry) -> list[shapely.Point]:
    """Return more spots inside an area, for a name whose middle is taken."""
    west, south, east, north = shape.bounds
    spots = [shapely.Point(west + (east - west) * a, south + (north - south) * b)
             for b in (0.5, 0.65, 0.35, 0.8, 0.2) for a in (0.5, 0.35, 0.65)]
    return [spot_ for spot_ in spots if shapely.contains(shape, spot_)]


def _of_streets(window: Window, paper: Paper, ground: Ground, space: Space, kinds: tuple[str, ...]) -> list[Label]:
    size, found = paper.label * STYLE["road"][3], []
    chosen = sorted(((ROAD_RANK.index(kind), name, lines) for name, (kind, lines) in ground.streets.items()
                     if kind in kinds), key=lambda entry: (entry[0], -shapely.length(entry[2]).sum(), entry[1]))
    for _rank, name, lines in chosen:
        told: list[Label] = []
        spots = painting.street_spots(window, lines, size)
        for place in spots:
            if all(abs(place[0] - label.x) + abs(place[1] - label.y) > REPEAT * size * len(name) for label in told):
                label = space.along(name, [place], size, "road")
                told += [label] if label else []
        found += told
    return found


def _of_land(window: Window, paper: Paper, ground: Ground, space: Space) -> list[Label]:
    found = []
    for kind, name, px, py, _area in sorted(ground.places, key=lambda place: -place[4]):
        style = "water" if kind == "water" else "park" if kind in ("park", "green", "wood", "square") else None
        if style is None:
            continue
        x, y = window.place(px, py)
        label = space.over(name, x, y, paper.label * STYLE[style][3], style)
        found += [label] if label else []
    return found
