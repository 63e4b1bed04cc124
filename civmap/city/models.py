"""What is kept of the city and of its ground."""

from datetime import date, datetime
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, Boolean, Date, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Geom, UtcDateTime, Versioned


class City(Base):
    """The one city this database is about; its frame bounds every coordinate that may enter."""

    __tablename__ = "city"

    name: Mapped[str] = mapped_column(String(100), nullable=False)
    division_code: Mapped[str] = mapped_column(String(12), nullable=False)
    west: Mapped[float] = mapped_column(Float, nullable=False)
    south: Mapped[float] = mapped_column(Float, nullable=False)
    east: Mapped[float] = mapped_column(Float, nullable=False)
    north: Mapped[float] = mapped_column(Float, nullable=False)
    founded_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    attribution: Mapped[str] = mapped_column(Text, nullable=False, default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    demo_seed: Mapped[int | None] = mapped_column(Integer)
    demo_on: Mapped[date | None] = mapped_column(Date)

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Return (west, south, east, north) in degrees."""
        return self.west, self.south, self.east, self.north


class Custom(Versioned, Base):
    """How this city does something that differs between cities: office hours, the cascade, limits, names."""

    __tablename__ = "custom"

    name: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    value: Mapped[Any] = mapped_column(JSON, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    changed_by: Mapped[str] = mapped_column(String(64), nullable=False)


class Holiday(Versioned, Base):
    """A day that is worked or not, whatever the official calendar says (节假日、调休)."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(Date, unique=True, nullable=False)
    is_worked: Mapped[bool] = mapped_column(Boolean, nullable=False)
    name: Mapped[str] = mapped_column(String(60), nullable=False, default="")


class StreetEdge(Base):
    """A piece of the routable street network between two nodes."""

    __tablename__ = "street_edge"

    name: Mapped[str | None] = mapped_column(String(100), index=True)
    highway: Mapped[str] = mapped_column(String(32), nullable=False)
    from_node: Mapped[int] = mapped_column(Integer, nullable=False)
    to_node: Mapped[int] = mapped_column(Integer, nullable=False)
    is_oneway: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    may_walk: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    may_cycle: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    may_drive: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    width_m: Mapped[float | None] = mapped_column(Float)
    layer: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    length_m: Mapped[float] = mapped_column(Float, nullable=False)
    geom: Mapped[BaseGeometry] = mapped_column(Geom("LINESTRING"), nullable=False)


class Building(Base):
    """The footprint of a building."""

    __tablename__ = "building"

    name: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str | None] = mapped_column(String(32))
    levels: Mapped[int | None] = mapped_column(Integer)
    households: Mapped[int | None] = mapped_column(Integer)
    geom: Mapped[BaseGeometry] = mapped_column(Geom(), nullable=False)


class LandCover(Base):
    """An area of water, green or another use of land."""

    __tablename__ = "land_cover"

    name: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(32), nullable=False, index=True)
    geom: Mapped[BaseGeometry] = mapped_column(Geom(), nullable=False)


class Placard(Base):
    """A board or plate with a QR code: the unguessable key behind which anybody reads its public page."""

    __tablename__ = "placard"

    key: Mapped[str] = mapped_column(String(32), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    code: Mapped[str] = mapped_column(String(64), nullable=False, index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    made_by: Mapped[str] = mapped_column(String(64), nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
