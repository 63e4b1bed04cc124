"""What somebody wants printed: a plain value that goes to the drawing process as JSON, and what was gathered for it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

from civmap.geo.measure import Plane
from civmap.paper.classes import Classes
from civmap.paper.ground import Ground
from civmap.paper.scales import Window
from civmap.paper.things import KINDS, Thing

INCLUDES = ("tables", "names", "ground", "index")
MOST_THINGS = 60_000
MOST_PAGES = 400


@dataclass(frozen=True, slots=True)
class Wish:
    """Paper, piece of the city, layers with their narrowing, and what stands beside the map."""

    size: str = "A3"
    orientation: str = "landscape"
    title: str = ""
    bbox: tuple[float, ...] | None = None
    area: str | None = None
    scale: int | None = None
    layers: tuple[str, ...] = KINDS[:3]
    view: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(default_factory=dict)
    by: str = "status"
    breaks: tuple[float, ...] = ()
    include: tuple[str, ...] = INCLUDES
    atlas: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the wish as JSON keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Wish":
        """Return a wish as it was kept."""
        lists = {name: tuple(kept[name]) for name in ("layers", "breaks", "include")}
        return cls(**{**kept, **lists, "bbox": tuple(kept["bbox"]) if kept.get("bbox") else None})


@dataclass(slots=True)
class Material:
    """Everything that the sheets are made of, in plane metres."""

    plane: Plane
    window: Window
    found: list[Thing]
    ground: Ground
    title: str
    subtitle: str
    area: BaseGeometry | None = None
    areas: list[Thing] = field(default_factory=list)
    classes: Classes | None = None
    states: dict[str, str] = field(default_factory=dict)
