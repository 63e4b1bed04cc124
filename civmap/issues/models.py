"""What is kept of an issue and of its photos."""

from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import JSON, Boolean, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civmap.store.base import Base, Geom, UtcDateTime, Versioned, unit_key


class Issue(Versioned, Base):
    """A problem found (问题), from report to strike-off. Overdue and due soon are computed, never stored.

    `ended_at` is when it was closed, rejected or found a duplicate; `suspended_at` since when it hangs on the books;
    `checked_at` when somebody last looked whether it is gone (`rules.moments_of` keeps the three).
    """

    __tablename__ = "issue"

    issue_no: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    class_code: Mapped[str] = mapped_column(String(8), nullable=False, index=True)
    description: Mapped[str] = mapped_column(Text, nullable=False, default="")
    geom: Mapped[Point] = mapped_column(Geom("POINT"), nullable=False)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    address: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(16), nullable=False, default="page")
    severity: Mapped[str | None] = mapped_column(String(16))
    on_site: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)

    point_id: Mapped[int | None] = mapped_column(ForeignKey("inspection_point.id"), index=True)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("road_segment.id"), index=True)
    division: Mapped[str | None] = mapped_column(String(20), index=True)

    unit_id: Mapped[int | None] = unit_key()
    basis: Mapped[str] = mapped_column(String(16), nullable=False, default="none")
    claims: Mapped[list[dict[str, Any]]] = mapped_column(JSON, nullable=False, default=list)
    is_ambiguous: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    person: Mapped[str | None] = mapped_column(String(60))
    is_designated: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)

    state: Mapped[str] = mapped_column(String(16), nullable=False, index=True)
    time_limit: Mapped[str | None] = mapped_column(String(32))
    captured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)
    reported_by: Mapped[str | None] = mapped_column(String(64), index=True)
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    due_soon_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    measure: Mapped[str | None] = mapped_column(Text)
    handled_by: Mapped[str | None] = mapped_column(String(64))
    return_count: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    rework_count: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    supervision_level: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id"))
    recurrence_of_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id"))

    photos: Mapped[list["Photo"]] = relationship(order_by="Photo.id", back_populates="issue")


class AssistingUnit(Base):
    """A unit that helps the main one."""

    __tablename__ = "assisting_unit"
    __table_args__ = (UniqueConstraint("issue_id", "unit_id"),)

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), nullable=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), nullable=False, index=True)


class Photo(Base):
    """A picture of an issue; `sha256` is the hash of the bytes as they came, the kept file is re-encoded."""

    __tablename__ = "photo"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), nullable=False, index=True)
    issue: Mapped[Issue] = relationship(back_populates="photos")
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    round: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False, index=True)
    file: Mapped[str] = mapped_column(String(100), nullable=False)
    media_type: Mapped[str] = mapped_column(String(20), nullable=False)
    width: Mapped[int] = mapped_column(Integer, nullable=False)
    height: Mapped[int] = mapped_column(Integer, nullable=False)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    warnings: Mapped[list[str]] = mapped_column(JSON, nullable=False, default=list)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    uploaded_by: Mapped[str] = mapped_column(String(64), nullable=False)
