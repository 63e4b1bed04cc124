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
    `checked_at` when somebody last looked whether it is gone (`rules.moments_of` keeps the three). `rouse_at` is when
    something next happens to it by itself: it comes back from suspension, or a level of supervision is reached.
    `handled_work_s` are the working seconds from dispatch to the last feedback, suspensions left out.
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
    fixed_on_spot: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    criterion: Mapped[str | None] = mapped_column(String(40))

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
    limit_factor: Mapped[float] = mapped_column(Float, nullable=False, default=1.0)
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

    resumes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rouse_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    plan: Mapped[str | None] = mapped_column(Text)
    measure: Mapped[str | None] = mapped_column(Text)
    handled_by: Mapped[str | None] = mapped_column(String(64))
    handled_work_s: Mapped[int | None] = mapped_column(Integer)
    dispatch_count: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    return_count: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    wrong_return_count: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    rework_count: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    extension_count: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    is_overdue_waived: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    supervision_level: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id"), index=True)
    recurrence_of_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id"), index=True)

    photos: Mapped[list["Photo"]] = relationship(order_by="Photo.id", back_populates="issue")


class AssistingUnit(Base):
    """A unit that helps the main one."""

    __tablename__ = "assisting_unit"
    __table_args__ = (UniqueConstraint("issue_id", "unit_id"),)

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), nullable=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), nullable=False, index=True)


class Suspension(Base):
    """A span in which an issue hangs on the books (挂账) and its clock stands still."""

    __tablename__ = "suspension"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), nullable=False, index=True)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    until: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted_by: Mapped[str] = mapped_column(String(64), nullable=False)


class Plea(Versioned, Base):
    """What a unit asks for an issue and who decided it: kind extension, suspension or appeal.

    State: asked (waits for the first word), seconded (waits for the second), granted, refused.
    """

    __tablename__ = "plea"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), nullable=False, index=True)
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False, index=True)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    asked_by: Mapped[str] = mapped_column(String(64), nullable=False)
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_by: Mapped[str | None] = mapped_column(String(64))
    first_opinion: Mapped[str | None] = mapped_column(Text)
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_by: Mapped[str | None] = mapped_column(String(64))
    second_opinion: Mapped[str | None] = mapped_column(Text)


class Notice(Base):
    """A numbered paper of the office: kind supervision, dispatch_sheet or rectification; `facts` as it was issued."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("kind", "year", "serial"),)

    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    serial: Mapped[int] = mapped_column(Integer, nullable=False)
    number: Mapped[str] = mapped_column(String(60), nullable=False)
    level: Mapped[int | None] = mapped_column(Integer)
    unit_id: Mapped[int | None] = unit_key()
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)
    issued_by: Mapped[str] = mapped_column(String(64), nullable=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)


class NoticeIssue(Base):
    """An issue that a notice speaks of."""

    __tablename__ = "notice_issue"
    __table_args__ = (UniqueConstraint("notice_id", "issue_id"),)

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), nullable=False)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), nullable=False, index=True)


class Photo(Base):
    """A picture of an issue; `sha256` is the hash of the bytes as they came, the kept file is re-encoded.

    `pair_id` is the before photo that an after photo was taken over; `masks` are the blurred boxes (x, y, width,
    height as shares of the picture) of `masked_file`, the form that may be published.
    """

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
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    pair_id: Mapped[int | None] = mapped_column(Integer)
    warnings: Mapped[list[str]] = mapped_column(JSON, nullable=False, default=list)
    masks: Mapped[list[list[float]]] = mapped_column(JSON, nullable=False, default=list)
    masked_file: Mapped[str | None] = mapped_column(String(100))
    masked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    masked_by: Mapped[str | None] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    uploaded_by: Mapped[str] = mapped_column(String(64), nullable=False)
