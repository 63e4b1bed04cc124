"""The plain values that founding a city passes from step to step; all coordinates WGS 84 lon, lat."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import shapely

Frame = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A tagged node of the extract."""

    id: int
    lon: float
    lat: float
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """A way of the extract: node ids (n,), lon/lat (n, 2) with NaN where the extract lacks the node."""

    id: int
    nodes: np.ndarray
    lonlat: np.ndarray
    tags: dict[str, str]

    @property
    def is_closed(self) -> bool:
        """Tell whether the way returns to its first node."""
        return len(self.nodes) >= 4 and self.nodes[0] == self.nodes[-1]


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of the extract: members as (kind n/w/r, id, role)."""

    id: int
    members: tuple[tuple[str, int, str], ...]
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Extract:
    """What an extract holds, and the frame it was cut by."""

    frame: Frame
    has_bounds: bool
    spots: list[Spot]
    ways: dict[int, Way]
    relations: list[Relation]
    skipped: Counter[str]


@dataclass(frozen=True, slots=True)
class Street:
    """One edge of the routable network, between two nodes where streets meet."""

    way: int
    name: str
    highway: str
    class_: str
    is_oneway: bool
    foot: bool
    bike: bool
    car: bool
    layer: int
    is_bridge: bool
    is_roundabout: bool
    width_m: float
    from_node: int
    to_node: int
    line: np.ndarray


@dataclass(slots=True)
class Segment:
    """A road segment between two crossings; `length_m` geodesic."""

    road: str
    name: str
    class_: str
    line: shapely.LineString
    length_m: float
    width_m: float
    from_name: str
    to_name: str
    is_nameless: bool = False
    code: str = ""
    side: str = "both"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may become an inspection point."""

    type: str
    name: str
    lon: float
    lat: float
    address: str = ""
    street: str = ""
    open_hours: str = ""
    outline: shapely.Geometry | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A shape of the ground: `layer` is water, green, land or building; `kind` says which sort."""

    layer: str
    kind: str
    name: str
    geometry: shapely.Geometry
    source: int = 0
    levels: int | None = None


@dataclass(frozen=True, slots=True)
class Border:
    """A subdistrict or community; `is_partial` where the frame cuts it."""

    kind: str
    name: str
    geometry: shapely.Geometry
    is_partial: bool
    seat: tuple[float, float] | None = None
    parent: str = ""
    code: str = ""


@dataclass(slots=True)
class Ground:
    """All that was taken from an extract, and what was left and why."""

    frame: Frame
    streets: list[Street] = field(default_factory=list)
    outskirts: list[Street] = field(default_factory=list)
    nodes: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    segments: list[Segment] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    borders: list[Border] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    name: str = ""
    metres: dict[str, float] = field(default_factory=dict)
