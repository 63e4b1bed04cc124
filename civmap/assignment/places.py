"""The values the cascade works on: what lies around a spot, in metres from it."""

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry


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
    """A point, zone or segment that may make its unit answer; `shape` in the plane's metres."""

    code: str
    name: str
    shape: BaseGeometry
    unit: UnitRef | None
    version: int = 1
    reach_m: float = 0.0
    side: str = "both"
    is_linked: bool = False
    chief: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """A row of the table of professional owners that holds at the spot."""

    unit: UnitRef
    class_code: str | None
    category: str | None
    territory: str

    def holds_in(self, division: str) -> bool:
        """Tell whether the row holds at a division code; where none is known, rows of the whole city hold."""
        return not self.territory or division.startswith(self.territory) or (not division and len(self.territory) <= 6)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that may answer for a spot, gathered once; the spot is the origin of the plane."""

    explicit: UnitRef | None = None
    points: tuple[Place, ...] = ()
    frontages: tuple[Place, ...] = ()
    owners: tuple[Owner, ...] = ()
    segments: tuple[Place, ...] = ()
    grids: tuple[Place, ...] = ()
    communities: tuple[Place, ...] = ()
    subdistricts: tuple[Place, ...] = ()
    seats: tuple[Seat, ...] = ()
    division: str = ""


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
