"""What is kept of a road segment and of its chiefs."""

from datetime import datetime
from typing import Any

from shapely import LineString
from sqlalchemy import JSON, Float, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civmap.store.base import Base, Coded, Geom, UtcDateTime, Valid, Versioned, unit_key


class RoadSegment(Coded, Valid, Versioned, Base):
    """A stretch of a road (路段) between two crossings, with a duty unit and up to four levels of chiefs."""

    __tablename__ = "road_segment"

    road: Mapped[str] = mapped_column(String(100), nullable=False, default="", index=True)
    road_class: Mapped[str] = mapped_column(String(32), nullable=False, default="branch")
    geom: Mapped[LineString] = mapped_column(Geom("LINESTRING"), nullable=False)
    width_m: Mapped[float | None] = mapped_column(Float)
    side: Mapped[str] = mapped_column(String(8), nullable=False, default="both")
    unit_id: Mapped[int | None] = unit_key()
    from_name: Mapped[str | None] = mapped_column(String(100))
    to_name: Mapped[str | None] = mapped_column(String(100))
    chainage_m: Mapped[float | None] = mapped_column(Float)
    division: Mapped[str | None] = mapped_column(String(20), index=True)
    chiefs: Mapped[list["SegmentChief"]] = relationship(
        order_by="SegmentChief.level", cascade="all, delete-orphan", lazy="selectin")


class SegmentChief(Base):
    """A road chief (路长) of one level: 0 总路长, 1 一级, 2 二级, 3 三级."""

    __tablename__ = "segment_chief"
    __table_args__ = (UniqueConstraint("segment_id", "level"),)

    segment_id: Mapped[int] = mapped_column(ForeignKey("road_segment.id"), nullable=False)
    level: Mapped[int] = mapped_column(Integer, nullable=False)
    name: Mapped[str] = mapped_column(String(60), nullable=False, index=True)
    title: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40))


TAKEN = "taken"
"""The state of a choice whose first candidate a person took."""


class MatchChoice(Versioned, Base):
    """A row of a table (road, from, to) that fits the street network in several ways, until a person chose one."""

    __tablename__ = "match_choice"

    code: Mapped[str] = mapped_column(String(64), nullable=False, index=True)
    row: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False)
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSON, nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default="open", index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    asked_by: Mapped[str] = mapped_column(String(64), nullable=False)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(64))
