"""What is kept of a draw: its rule and seed, so that it can be drawn again, and the points it chose."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, UtcDateTime, Versioned


class Draw(Versioned, Base):
    """A sample of points (随机抽点); while `is_covert` and not published, responsible units learn nothing of it."""

    __tablename__ = "draw"

    code: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    seed: Mapped[str] = mapped_column(String(64), nullable=False)
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False)
    shortfall: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    is_covert: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    made_by: Mapped[str] = mapped_column(String(64), nullable=False)


class Drawn(Base):
    """One point of a draw, and why it is in: mandatory or quota."""

    __tablename__ = "drawn_point"
    __table_args__ = (UniqueConstraint("draw_id", "point_id"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), nullable=False)
    point_id: Mapped[int] = mapped_column(ForeignKey("inspection_point.id"), nullable=False, index=True)
    position: Mapped[int] = mapped_column(Integer, nullable=False)
    why: Mapped[str] = mapped_column(String(16), nullable=False)
