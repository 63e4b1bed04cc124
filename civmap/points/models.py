"""What is kept of an inspection point."""

from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean, Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Coded, Geom, Valid, Versioned, unit_key


class InspectionPoint(Coded, Valid, Versioned, Base):
    """A place that assessors visit (点位): where its door is, and its outline where it has one."""

    __tablename__ = "inspection_point"

    type: Mapped[str] = mapped_column(String(8), nullable=False, index=True)
    geom: Mapped[Point] = mapped_column(Geom("POINT"), nullable=False)
    outline: Mapped[BaseGeometry | None] = mapped_column(Geom())
    unit_id: Mapped[int | None] = unit_key()
    address: Mapped[str | None] = mapped_column(String(200))
    street: Mapped[str | None] = mapped_column(String(100), index=True)
    division: Mapped[str | None] = mapped_column(String(20), index=True)
    is_declared: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    open_hours: Mapped[str | None] = mapped_column(String(200))
    surroundings_m: Mapped[float | None] = mapped_column(Float)
    note: Mapped[str | None] = mapped_column(Text)
