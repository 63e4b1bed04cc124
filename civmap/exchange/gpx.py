"""GPX 1.1 through gpxpy, for navigation devices: points as waypoints, lines as tracks. Areas it cannot hold.

Coordinates are WGS 84 always; what a table says of a thing stands in its description, a line per heading.
"""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from gpxpy import gpx

from civmap import texts
from civmap.exchange import layout
from civmap.exchange.layout import Cell, Feature
from civmap.exchange.signs import clean

UNTOLD = ("code", "name", "issue_no", "lon", "lat", "geometry")
CREATOR = "civmap"


def write(kind: str, features: Iterable[Feature], target: BinaryIO, lang: str, mark: str = "") -> None:
    """Write points, units, issues (waypoints) or segments (tracks); `export.check` refuses areas."""
    made = document(texts.say(lang, f"export.kind.{kind}"))
    made.description = mark or None
    columns, headings = layout.columns_of(kind), layout.headings(kind, lang)
    told = [(column, heading) for column, heading in zip(columns, headings, strict=True)
            if column.field not in UNTOLD]
    for feature in features:
        facts = [(heading, column.make(feature, lang)) for column, heading in told]
        _put(made, feature, facts)
    save(made, target)


def _put(made: gpx.GPX, feature: Feature, facts: Sequence[tuple[str, Cell]]) -> None:
    geometry, properties = feature["geometry"], feature["properties"]
    if geometry is None:
        return
    code = properties.get("code") or properties.get("issue_no")
    name, desc = properties.get("name") or code, description(facts)
    kind = properties.get("type_name") or properties.get("class_name")
    if geometry["type"] == "Point":
        made.waypoints.append(waypoint(geometry["coordinates"], name, code, desc, kind))
        return
    lines = geometry["coordinates"] if geometry["type"].startswith("Multi") else [geometry["coordinates"]]
    made.tracks.append(track(name, lines, code, desc))


def document(name: str) -> gpx.GPX:
    """Return an empty document of a name."""
    made = gpx.GPX()
    made.creator, made.name = CREATOR, clean(name)
    return made


def save(made: gpx.GPX, target: BinaryIO) -> None:
    """Write a document as GPX 1.1."""
    target.write(made.to_xml(version="1.1", prettyprint=False).encode())


def description(facts: Iterable[tuple[str, Cell]]) -> str:
    """Return facts as a text, a line each; empty ones are left out."""
    return "\n".join(f"{heading}: {clean(cell)}" for heading, cell in facts if cell is not None and cell != "")


def waypoint(place: Sequence[float], name: Any, code: Any = None, desc: str = "", kind: Any = None) -> gpx.GPXWaypoint:
    """Return a waypoint at lon, lat."""
    return gpx.GPXWaypoint(**_place(place), name=clean(name), comment=clean(code) or None, description=desc or None,
                           type=clean(kind) or None)


def stop(place: Sequence[float], name: Any, code: Any = None, desc: str = "", kind: Any = None) -> gpx.GPXRoutePoint:
    """Return a point of a route at lon, lat."""
    return gpx.GPXRoutePoint(**_place(place), name=clean(name), comment=clean(code) or None, description=desc or None,
                             type=clean(kind) or None)


def track(name: Any, lines: Iterable[Iterable[Sequence[float]]], code: Any = None, desc: str = "") -> gpx.GPXTrack:
    """Return a track with a segment per line."""
    made = gpx.GPXTrack(name=clean(name), description=desc or None)
    made.comment = clean(code) or None
    made.segments = [gpx.GPXTrackSegment([gpx.GPXTrackPoint(**_place(place)) for place in line]) for line in lines]
    return made


def _place(place: Sequence[float]) -> dict[str, float]:
    return {"latitude": round(place[1], 7), "longitude": round(place[0], 7)}
