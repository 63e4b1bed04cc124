"""What is kept of visits to points and of what their check lists found."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, UtcDateTime, Versioned


class Visit(Versioned, Base):
    """One visit to a point, on a round or by itself; `key` is the phone's own, so that one visit arrives once.

    `outcome` is visited or skipped (then `remark` says why). The counts and weights are those of the findings, kept
    beside them so that rates are sums. `is_covert`: its round is hidden from responsible units until published.
    `distance_m` is from the check-in to the point; what is odd (far away, clock) stands in `warnings` and blocks
    nothing.
    """

    __tablename__ = "visit"

    key: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    point_id: Mapped[int] = mapped_column(ForeignKey("inspection_point.id"), nullable=False, index=True)
    route_id: Mapped[int | None] = mapped_column(ForeignKey("route.id"), index=True)
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("route_stop.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(12), nullable=False, default="visited")
    who: Mapped[str] = mapped_column(String(64), nullable=False)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    distance_m: Mapped[float | None] = mapped_column(Float)
    edition: Mapped[str] = mapped_column(String(20), nullable=False, default="")
    remark: Mapped[str] = mapped_column(Text, nullable=False, default="")
    warnings: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    passed: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    failed: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    not_applicable: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    weight_passed: Mapped[float] = mapped_column(Float, nullable=False, default=0.0)
    weight_all: Mapped[float] = mapped_column(Float, nullable=False, default=0.0)
    is_covert: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)


class Finding(Base):
    """What a visit found on one check item: pass, fail or na; a fail leads to at most one issue.

    Fails of several visits may speak of the same issue while it is open.
    """

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("visit_id", "item"),)

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), nullable=False)
    item: Mapped[str] = mapped_column(String(8), nullable=False, index=True)
    result: Mapped[str] = mapped_column(String(4), nullable=False)
    weight: Mapped[float] = mapped_column(Float, nullable=False, default=1.0)
    remark: Mapped[str] = mapped_column(Text, nullable=False, default="")
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id"), index=True)
