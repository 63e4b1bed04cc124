"""The whole way from an extract to the values of a city, in order; pure but for reading the one file."""

from collections.abc import Callable
from pathlib import Path

from civmap.errors import Invalid
from civmap.founding import areas, borders, extract, places, roadsides, segments, streets
from civmap.founding.values import Extract, Frame, Ground
from civmap.geo.measure import Plane

Progress = Callable[[str, float], None]
STEPS = ("read", "streets", "segments", "areas", "points", "borders")


def _silent(step: str, share: float) -> None:
    """Tell nobody."""


def survey(path: Path, box: Frame | None = None, progress: Progress = _silent) -> Ground:
    """Read an extract and return the ground of a city; raises what `extract.read` raises, Invalid for nothing usable.

    `progress(step, share)` is told the name of each step and the share of the whole that is done.
    """
    progress("read", 0.0)
    found = extract.read(path, box)
    ground = describe(found, progress)
    if not (ground.streets or ground.candidates or ground.areas or ground.borders):
        raise Invalid("osm_nothing", field="osm", file=path.name)
    return ground


def describe(found: Extract, progress: Progress = _silent) -> Ground:
    """Return the ground that an extract describes."""
    west, south, east, north = found.frame
    plane = Plane((west + east) / 2, (south + north) / 2)
    ground = Ground(found.frame, skipped=found.skipped.copy())
    progress("streets", 0.3)
    ground.streets, ground.outskirts, ground.nodes = streets.cut(found, ground.skipped)
    progress("segments", 0.4)
    ground.segments, ground.metres = segments.build(ground.streets, found.frame, ground.skipped)
    progress("areas", 0.55)
    shapes = list(areas.shapes(found, ground.skipped))
    ground.areas = areas.ground(shapes, found.frame, ground.skipped)
    ground.areas += areas.streams(found, [area for area in ground.areas if area.layer == "water"], plane)
    progress("points", 0.7)
    ground.candidates = places.coded([*places.take(found, shapes, ground.segments, plane, ground.skipped),
                                      *roadsides.roads(ground.segments, ground.skipped),
                                      *roadsides.junctions(ground.segments)])
    progress("borders", 0.9)
    ground.borders = borders.take(found, ground.skipped)
    ground.name = borders.city_name(found)
    ground.skipped = +ground.skipped
    return ground
