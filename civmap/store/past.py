"""How things were before they were changed: one row for each span of time in which a zone, segment or duty stood so.

A thing's own row tells how it is now. Whoever asks for a day in the past takes, for things changed since, the row
whose span holds that day.
"""

from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Geom, UtcDateTime


class Past(Base):
    """How one thing stood from one moment (None: from its beginning) until another one."""

    __tablename__ = "past"
    __table_args__ = (Index("ix_past_kind_thing_id", "kind", "thing_id"),)

    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    thing_id: Mapped[int] = mapped_column(Integer, nullable=False)
    from_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)
    geom: Mapped[BaseGeometry | None] = mapped_column(Geom())
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False)
