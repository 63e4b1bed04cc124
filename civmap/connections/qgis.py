"""QGIS: lists of connections that its data source manager loads, and a project with our layers in the map's colours.

Pure. Source: the XML that QGIS 3.22 and later writes for "Save connections…" and for projects (`.qgs`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from civmap import texts
from civmap.connections.style import COLOURS, MOST_ZOOM, ORDER, STATUSES

GEOMETRIES = {"points": "Point", "units": "Point", "issues": "Point", "segments": "Line", "zones": "Polygon"}
SIZES = {"points": "3.4", "units": "2.8", "issues": "2.4", "segments": "1", "zones": "0.26"}
DOCTYPE = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
WGS84 = ("+proj=longlat +datum=WGS84 +no_defs", "3452", "4326", "EPSG:4326", "WGS 84", "longlat", "EPSG:7030", "true")
_SRS = ("proj4", "srsid", "srid", "authid", "description", "projectionacronym", "ellipsoidacronym", "geographicflag")


@dataclass(frozen=True, slots=True)
class Source:
    """Where QGIS finds a layer: its provider and the address or file in the words of that provider."""

    kind: str
    provider: str
    address: str


def features_connection(city: str, base: str) -> bytes:
    """Return the connection to OGC API – Features for "WFS / OGC API – Features → Load"."""
    root = Element("qgsWFSConnections", version="1.1")
    SubElement(root, "wfs", name=f"civmap {city}", url=f"{base}/ogc", version="OGC_API_FEATURES", pagingenabled="1",
               pagesize="5000", maxnumfeatures="", ignoreAxisOrientation="0", invertAxisOrientation="0", username="",
               password="")
    return _document(root, b"<!DOCTYPE connections>\n")


def tiles_connection(city: str, base: str, lang: str) -> bytes:
    """Return the connections to our vector tiles for "Vector Tile → Load"."""
    root = Element("qgsVectorTileConnections", version="1.0")
    for kind in ORDER:
        SubElement(root, "vectortile", name=f"civmap {city} {texts.say(lang, f'tiles.layer.{kind}')}",
                   url=f"{base}/tiles/{kind}/{{z}}/{{x}}/{{y}}.mvt", zmin="0", zmax=str(MOST_ZOOM), serviceType="",
                   authcfg="", username="", password="", referer="", styleUrl=f"{base}/tiles/style.json")
    return _document(root, b"<!DOCTYPE connections>\n")


def over_ogc(base: str) -> list[Source]:
    """Return our layers as OGC API – Features serves them, the lowest last."""
    return [Source(kind, "OAPIF", f"pagingEnabled='true' restrictToRequestBBOX='1' srsname='OGC:CRS84' "
                                  f"typename='{kind}' url='{base}/ogc' version='OGC_API_FEATURES'")
            for kind in reversed(ORDER)]


def in_file(file: str, kinds: Sequence[str] = ORDER) -> list[Source]:
    """Return layers of a GeoPackage that lies beside the project, the lowest last."""
    return [Source(kind, "ogr", f"./{file}|layername={kind}") for kind in reversed(ORDER) if kind in kinds]


def project(city: str, frame: Sequence[float], sources: Sequence[Source], lang: str,
            fields: dict[str, Sequence[tuple[str, str]]] | None = None) -> bytes:
    """Return a QGIS project: layers coloured by status, named in words; `fields` name and title a layer's columns."""
    title = texts.say(lang, "connections.project", city=city)
    root = Element("qgis", projectname=title, version="3.22.16-Białowieża")
    SubElement(root, "title").text = title
    SubElement(SubElement(root, "projectCrs"), "spatialrefsys").extend(_srs())
    tree, layers = SubElement(root, "layer-tree-group"), Element("projectlayers")
    for source in sources:
        name = texts.say(lang, f"tiles.layer.{source.kind}")
        SubElement(tree, "layer-tree-layer", id=f"civmap_{source.kind}", name=name, source=source.address,
                   providerKey=source.provider, checked="Qt::Checked", expanded="0")
        layers.append(_layer(source, name, lang, (fields or {}).get(source.kind, ())))
    root.append(_canvas(frame))
    root.append(layers)
    enabled = SubElement(SubElement(SubElement(root, "properties"), "SpatialRefSys"), "ProjectionsEnabled", type="int")
    enabled.text = "1"
    order = SubElement(root, "layerorder")
    for source in sources:
        SubElement(order, "layer", id=f"civmap_{source.kind}")
    return _document(root, DOCTYPE)


def _layer(source: Source, name: str, lang: str, fields: Sequence[tuple[str, str]]) -> Element:
    shape = GEOMETRIES[source.kind]
    layer = Element("maplayer", type="vector", geometry=shape, autoRefreshEnabled="0", hasScaleBasedVisibilityFlag="0",
                    styleCategories="AllStyleCategories", readOnly="0", simplifyDrawingHints="1")
    for tag, words in (("id", f"civmap_{source.kind}"), ("datasource", source.address), ("layername", name)):
        SubElement(layer, tag).text = words
    SubElement(SubElement(layer, "srs"), "spatialrefsys").extend(_srs())
    SubElement(layer, "provider", encoding="UTF-8").text = source.provider
    layer.append(_renderer(source.kind, shape, lang))
    if fields:
        aliases = SubElement(layer, "aliases")
        for index, (field, title) in enumerate(fields):
            SubElement(aliases, "alias", index=str(index), field=field, name=title)
    SubElement(layer, "previewExpression").text = '"description"' if source.kind == "issues" else '"name"'
    return layer


def _renderer(kind: str, shape: str, lang: str) -> Element:
    renderer = Element("renderer-v2", type="categorizedSymbol", attr="status", forceraster="0", symbollevels="0",
                       enableorderby="0")
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    for number, status in enumerate(STATUSES):
        SubElement(categories, "category", symbol=str(number), value=status, render="true",
                   label=texts.say(lang, f"export.status.{status}"))
        symbols.append(_symbol(str(number), shape, COLOURS[status], SIZES[kind]))
    return renderer


def _symbol(name: str, shape: str, colour: str, size: str) -> Element:
    kind, drawn = {"Point": ("marker", "SimpleMarker"), "Line": ("line", "SimpleLine"),
                   "Polygon": ("fill", "SimpleFill")}[shape]
    symbol = Element("symbol", name=name, type=kind, alpha="0.45" if kind == "fill" else "1", clip_to_extent="1",
                     force_rhr="0")
    told = {"marker": {"color": _rgb(colour), "name": "circle", "size": size, "size_unit": "MM",
                       "outline_color": "255,255,255,255", "outline_width": "0.4"},
            "line": {"line_color": _rgb(colour), "line_width": size, "line_width_unit": "MM", "capstyle": "round",
                     "joinstyle": "round"},
            "fill": {"color": _rgb(colour), "outline_color": _rgb(colour), "outline_width": size,
                     "outline_width_unit": "MM", "style": "solid"}}[kind]
    layer = SubElement(symbol, "layer", {"class": drawn}, enabled="1", locked="0")
    options = SubElement(layer, "Option", type="Map")
    for member, value in told.items():
        SubElement(options, "Option", name=member, value=value, type="QString")
        SubElement(layer, "prop", k=member, v=value)
    layer.set("pass", "0")
    return symbol


def _canvas(frame: Sequence[float]) -> Element:
    canvas = Element("mapcanvas", name="theMapCanvas", annotationsVisible="1")
    SubElement(canvas, "units").text = "degrees"
    extent = SubElement(canvas, "extent")
    for tag, edge in zip(("xmin", "ymin", "xmax", "ymax"), frame, strict=True):
        SubElement(extent, tag).text = f"{edge:.7f}"
    SubElement(canvas, "rotation").text = "0"
    SubElement(SubElement(canvas, "destinationsrs"), "spatialrefsys").extend(_srs())
    return canvas


def _srs() -> list[Element]:
    made = []
    for tag, words in zip(_SRS, WGS84, strict=True):
        element = Element(tag)
        element.text = words
        made.append(element)
    return made


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[at:at + 2], 16)) for at in (1, 3, 5)) + ",255"


def _document(root: Any, doctype: bytes) -> bytes:
    ElementTree.indent(root)
    return doctype + ElementTree.tostring(root, encoding="utf-8") + b"\n"
