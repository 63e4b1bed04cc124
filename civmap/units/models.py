"""What is kept of a unit."""

from shapely import Point
from sqlalchemy import JSON, Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Coded, Geom, Valid, Versioned


class Unit(Coded, Valid, Versioned, Base):
    """A responsible unit (责任单位): a bureau, subdistrict, community, company or shop."""

    __tablename__ = "unit"

    kind: Mapped[str] = mapped_column(String(32), nullable=False, default="bureau")
    seat: Mapped[Point | None] = mapped_column(Geom("POINT"))
    categories: Mapped[list[str]] = mapped_column(JSON, nullable=False, default=list)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    territory: Mapped[str | None] = mapped_column(String(20), index=True)
    capacity: Mapped[int | None] = mapped_column(Integer)
    phone: Mapped[str | None] = mapped_column(String(40))
    head_person: Mapped[str | None] = mapped_column(String(60))
    liaison: Mapped[str | None] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(200))
    holder: Mapped[str | None] = mapped_column(String(60))
    door_no: Mapped[str | None] = mapped_column(String(60))
    door_width_m: Mapped[float | None] = mapped_column(Float)
