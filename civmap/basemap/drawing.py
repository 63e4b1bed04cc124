"""What the basemap shows: shapes collected by layer, with the zoom from which each is worth drawing.

Layers and kinds are those the page's drawing rules know (`static/js/basemap.js`): earth, landuse, water, buildings,
roads, boundaries, places.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

Frame = tuple[float, float, float, float]

ROADS = {"motorway": ("highway", 8), "trunk": ("highway", 8), "primary": ("major", 9), "secondary": ("major", 10),
         "tertiary": ("medium", 11), "motorway_link": ("major", 12), "trunk_link": ("major", 12),
         "primary_link": ("medium", 12), "secondary_link": ("medium", 12), "service": ("minor", 14),
         "residential": ("minor", 12), "living_street": ("minor", 12), "unclassified": ("minor", 12),
         "road": ("minor", 12), "tertiary_link": ("minor", 12), "pedestrian": ("minor", 12), "busway": ("minor", 13)}
PATH = ("path", 14)
LAND = {"park": "park", "grass": "park", "pitch": "park", "wood": "wood", "wetland": "wood", "farmland": "wood",
        "residential": "residential", "commercial": "residential", "industrial": "industrial", "school": "school",
        "institution": "school", "hospital": "hospital", "square": "square"}
PLACES = {"subdistrict": 10, "community": 12, "park": 12, "water": 11, "poi": 14}
BUILDING_FROM = 13
LAYERS = ("earth", "landuse", "water", "buildings", "roads", "boundaries", "places")


@dataclass(slots=True)
class Feature:
    """One thing on the map: its shape (lon, lat), what the drawing rules read of it, and its first zoom."""

    shape: BaseGeometry
    props: dict[str, str | bool]
    from_zoom: int


@dataclass(slots=True)
class Drawing:
    """The features of a city's basemap by layer; the ground itself is the frame (WGS 84 degrees)."""

    frame: Frame
    layers: dict[str, list[Feature]] = field(default_factory=lambda: {name: [] for name in LAYERS})
    _roads: dict[tuple[str, int, str, bool], list[BaseGeometry]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.layers["earth"].append(Feature(shapely.box(*self.frame), {"kind": "earth"}, 0))

    def land(self, kind: str, shape: BaseGeometry, name: str = "") -> None:
        """Add green or built-up land; kinds the map does not colour are left out."""
        if kind in LAND:
            self.layers["landuse"].append(Feature(shape, _props(LAND[kind], name), 10))
            if name and kind in ("park", "wood"):
                self._label("park", shape, name)

    def water(self, shape: BaseGeometry, name: str = "", kind: str = "water") -> None:
        """Add a water area."""
        self.layers["water"].append(Feature(shape, _props(kind, name), 8))
        if name:
            self._label("water", shape, name)

    def building(self, shape: BaseGeometry, name: str = "") -> None:
        """Add a building."""
        self.layers["buildings"].append(Feature(shape, _props("building", name), BUILDING_FROM))

    def road(self, highway: str, line: BaseGeometry, name: str = "", is_bridge: bool = False) -> None:
        """Add a piece of a street, `highway` in OpenStreetMap's words; pieces of one street are joined later."""
        kind, zoom = PATH if highway == "service" and not name else ROADS.get(highway, PATH)
        self._roads[kind, zoom, name, is_bridge].append(line)

    def border(self, kind: str, shape: BaseGeometry) -> None:
        """Add the border of an area without the part that is only the frame's edge."""
        edge = shapely.buffer(shapely.box(*self.frame).exterior, 1e-7)
        line = shapely.difference(shapely.boundary(shape), edge)
        if not line.is_empty:
            self.layers["boundaries"].append(Feature(line, {"kind": kind}, 9 if kind == "subdistrict" else 12))

    def place(self, kind: str, name: str, lon: float, lat: float) -> None:
        """Add a label: subdistrict, community, poi, park or water."""
        if name:
            self.layers["places"].append(Feature(shapely.Point(lon, lat), {"kind": kind, "name": name}, PLACES[kind]))

    def finished(self) -> dict[str, list[Feature]]:
        """Return the layers with the pieces of every street joined to long lines, which carry names better."""
        roads = [Feature(shapely.line_merge(shapely.MultiLineString(shapely.get_parts(lines).tolist())),
                         {**_props(kind, name), **({"bridge": True} if is_bridge else {})}, zoom)
                 for (kind, zoom, name, is_bridge), lines in sorted(self._roads.items())]
        return {**self.layers, "roads": [*self.layers["roads"], *roads]}

    def _label(self, kind: str, shape: BaseGeometry, name: str) -> None:
        spot = shapely.point_on_surface(shape)
        self.place(kind, name, spot.x, spot.y)


def _props(kind: str, name: str) -> dict[str, str | bool]:
    return {"kind": kind, "name": name} if name else {"kind": kind}
