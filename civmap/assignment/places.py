"""The values the cascade works on: what lies around a spot, in metres from it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shapely import Point, dwithin
from shapely.geometry.base import BaseGeometry

ORIGIN = Point(0, 0)
ON_EDGE_M = 0.001
"""Who stands on an edge stands in both areas: a millimetre, so that no spot falls between two neighbours."""


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit as a claim names it."""

    id: int
    code: str
    name: str
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a unit sits; `shape` in the plane's metres."""

    unit: UnitRef
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Place:
    """A point, zone, segment or decided area that may make its unit answer; `shape` in the plane's metres.

    `expired_on` is the last day of a pledge that no longer holds; `class_code` the one class a decision is about;
    `division` the division code that a border stands for.
    """

    code: str
    name: str
    shape: BaseGeometry
    unit: UnitRef | None
    version: int = 1
    width_m: float | None = None
    side: str = "both"
    is_linked: bool = False
    chief: str | None = None
    expired_on: str | None = None
    class_code: str | None = None
    division: str = ""

    def holds(self, spot: Point) -> bool:
        """Tell whether an area holds a spot, its edge included."""
        return self.shape.geom_type.endswith("Polygon") and bool(dwithin(self.shape, spot, ON_EDGE_M))


@dataclass(frozen=True, slots=True)
class Owner:
    """A row of the table of professional owners."""

    unit: UnitRef
    class_code: str | None
    category: str | None
    territory: str

    def holds_in(self, division: str) -> bool:
        """Tell whether the row holds at a division code; where none is known, rows of the whole city hold."""
        return not self.territory or division.startswith(self.territory) or (not division and len(self.territory) <= 6)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that may answer for a spot, gathered once; the spot is the origin of the plane.

    `city` is the division code of the city, which holds where no border is drawn.
    """

    explicit: UnitRef | None = None
    rulings: tuple[Place, ...] = ()
    points: tuple[Place, ...] = ()
    frontages: tuple[Place, ...] = ()
    owners: tuple[Owner, ...] = ()
    segments: tuple[Place, ...] = ()
    grids: tuple[Place, ...] = ()
    communities: tuple[Place, ...] = ()
    subdistricts: tuple[Place, ...] = ()
    seats: tuple[Seat, ...] = ()
    city: str = ""

    @property
    def division(self) -> str:
        """Return the division code of the spot, empty where no border holds it."""
        return self.division_at(ORIGIN)

    def division_at(self, spot: Point) -> str:
        """Return the code of the smallest grid, community or subdistrict that holds a spot; empty where none does."""
        codes = {place.division for kind in (self.subdistricts, self.communities, self.grids) for place in kind
                 if place.division and place.holds(spot)}
        return max(sorted(codes), key=len, default="")


def holding(places: Iterable[Place], spot: Point) -> list[Place]:
    """Return the areas that hold a spot, with or without a unit: the smallest first, then by code."""
    return sorted((place for place in places if place.holds(spot)),
                  key=lambda place: (round(place.shape.area, 2), place.code))


@dataclass(frozen=True, slots=True)
class Claim:
    """Why a unit would answer, how far it is, and the facts its sentence names."""

    unit: UnitRef
    basis: str
    distance_m: float | None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """All claims in the cascade's order; the first one is the answer, none means "to be designated"."""

    claims: tuple[Claim, ...]
    is_ambiguous: bool = False

    @property
    def unit(self) -> UnitRef | None:
        """Return who answers, or None."""
        return self.claims[0].unit if self.claims else None

    @property
    def basis(self) -> str:
        """Return by which rule."""
        return self.claims[0].basis if self.claims else "none"

    @property
    def distance_m(self) -> float | None:
        """Return how far what decided is from the spot."""
        return self.claims[0].distance_m if self.claims else None
