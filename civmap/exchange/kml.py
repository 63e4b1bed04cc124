"""KML 2.2 by the standard library: placemarks with their facts under the table's own headings, coloured by status.

The encoding is not declared: it is UTF-8 anyway, and some readers refuse a text that declares one. No icon is fetched
from anywhere: the viewer's own symbol takes the colour. Coordinates are WGS 84 lon, lat always.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from civmap import texts
from civmap.exchange import layout
from civmap.exchange.layout import Cell, Feature
from civmap.exchange.signs import marked

COLOURS = {"none": "ff4b8f2e", "open": "ffb4631d", "due_soon": "ff007ad9", "overdue": "ff1f1fc0"}
"""By status, as KML writes colours: alpha, blue, green, red."""
HEAD = ('<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
        "<name>{}</name>\n")
TAIL = "</Document>\n</kml>\n"
UNTOLD = ("lon", "lat", "geometry")


def write(kind: str, features: Iterable[Feature], target: BinaryIO, lang: str, mark: str = "") -> None:
    """Write features of a kind as a document of placemarks in one folder; its description is the mark."""
    title = texts.say(lang, f"export.kind.{kind}")
    styles = "".join(style(f"status-{status}", colour) for status, colour in COLOURS.items())
    told = f"<description>{marked(mark)}</description>\n" if mark else ""
    target.write((HEAD.format(marked(title)) + told + styles).encode())
    for text in folder(title, _placemarks(kind, features, lang)):
        target.write(text.encode())
    target.write(TAIL.encode())


def _placemarks(kind: str, features: Iterable[Feature], lang: str) -> Iterator[str]:
    columns, headings = layout.columns_of(kind), layout.headings(kind, lang)
    told = [(column, heading) for column, heading in zip(columns, headings, strict=True)
            if column.field not in UNTOLD]
    for feature in features:
        facts = [(heading, column.make(feature, lang)) for column, heading in told]
        properties = feature["properties"]
        name = properties.get("name") or properties.get("issue_no") or properties.get("code")
        yield placemark(name, feature["geometry"], facts, f"status-{properties.get('status') or 'none'}")


def style(name: str, colour: str, width: float = 3) -> str:
    """Return a style: symbol, line and translucent area in one colour (alpha, blue, green, red)."""
    return (f'<Style id="{name}"><IconStyle><color>{colour}</color></IconStyle>'
            f"<LineStyle><color>{colour}</color><width>{width:g}</width></LineStyle>"
            f"<PolyStyle><color>59{colour[2:]}</color></PolyStyle></Style>\n")


def folder(name: str, parts: Iterable[str]) -> Iterator[str]:
    """Yield a folder of placemarks or folders."""
    yield f"<Folder>\n<name>{marked(name)}</name>\n"
    yield from parts
    yield "</Folder>\n"


def placemark(name: Any, geometry: dict[str, Any] | None, facts: Iterable[tuple[str, Cell]], style_name: str,
              snippet: str = "") -> str:
    """Return a placemark with its facts by heading; empty ones are left out. The snippet stands in lists of places."""
    data = "".join(f'<Data name="{marked(heading)}"><value>{marked(cell)}</value></Data>'
                   for heading, cell in facts if cell is not None and cell != "")
    told = f'<Snippet maxLines="1">{marked(snippet)}</Snippet>' if snippet else ""
    extended = f"<ExtendedData>{data}</ExtendedData>" if data else ""
    return (f"<Placemark><name>{marked(name)}</name>{told}<styleUrl>#{style_name}</styleUrl>{extended}"
            f"{_shape(geometry) if geometry else ''}</Placemark>\n")


def _shape(geometry: dict[str, Any]) -> str:
    kind, places = geometry["type"], geometry["coordinates"]
    if kind.startswith("Multi"):
        parts = "".join(_shape({"type": kind.removeprefix("Multi"), "coordinates": part}) for part in places)
        return f"<MultiGeometry>{parts}</MultiGeometry>"
    if kind == "Point":
        return f"<Point>{_course([places])}</Point>"
    if kind == "LineString":
        return f"<LineString><tessellate>1</tessellate>{_course(places)}</LineString>"
    rings = [f"<LinearRing>{_course(ring)}</LinearRing>" for ring in places]
    inner = "".join(f"<innerBoundaryIs>{ring}</innerBoundaryIs>" for ring in rings[1:])
    return f"<Polygon><outerBoundaryIs>{rings[0]}</outerBoundaryIs>{inner}</Polygon>"


def _course(places: Iterable[Sequence[float]]) -> str:
    return "<coordinates>" + " ".join(f"{degrees(place[0])},{degrees(place[1])}" for place in places) + "</coordinates>"


def degrees(value: float) -> str:
    """Return degrees with up to seven decimals, never as a power of ten."""
    return f"{value:.7f}".rstrip("0").rstrip(".")
