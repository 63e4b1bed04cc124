"""What is kept of a zone."""

from datetime import date

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean, Date, Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Coded, Geom, Valid, Versioned, unit_key


class Zone(Coded, Valid, Versioned, Base):
    """An area somebody answers for: frontage 门前三包, grid 网格, estate 小区, community 社区, subdistrict 街道 …"""

    __tablename__ = "zone"

    kind: Mapped[str] = mapped_column(String(32), nullable=False, index=True)
    geom: Mapped[BaseGeometry] = mapped_column(Geom(), nullable=False)
    unit_id: Mapped[int | None] = unit_key()
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    division: Mapped[str | None] = mapped_column(String(20), index=True)
    is_partial: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    holder: Mapped[str | None] = mapped_column(String(60))
    holder_phone: Mapped[str | None] = mapped_column(String(40))
    door_no: Mapped[str | None] = mapped_column(String(60))
    segment_code: Mapped[str | None] = mapped_column(String(64), index=True)
    side: Mapped[str | None] = mapped_column(String(8))
    depth_rule: Mapped[str | None] = mapped_column(String(16))
    depth_m: Mapped[float | None] = mapped_column(Float)
    snow_geom: Mapped[BaseGeometry | None] = mapped_column(Geom(spatial_index=False))
    pledge_no: Mapped[str | None] = mapped_column(String(64))
    pledge_signed_on: Mapped[date | None] = mapped_column(Date)
    pledge_expires_on: Mapped[date | None] = mapped_column(Date)
    adopting_unit_id: Mapped[int | None] = unit_key()
    households: Mapped[int | None] = mapped_column(Integer)
    level: Mapped[str | None] = mapped_column(String(16))
    plate_no: Mapped[str | None] = mapped_column(String(64))
    pledge_mark: Mapped[str | None] = mapped_column(String(16))
