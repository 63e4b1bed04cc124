"""What is kept of the table of professional owners (权责配置表) and of decisions that became rules."""

from datetime import datetime

from shapely.geometry.base import BaseGeometry
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Geom, UtcDateTime, Valid, Versioned


class Duty(Valid, Versioned, Base):
    """A row: for an issue class or a duty category, in a territory, this unit answers."""

    __tablename__ = "duty"

    class_code: Mapped[str | None] = mapped_column(String(8), index=True)
    category: Mapped[str | None] = mapped_column(String(20), index=True)
    territory: Mapped[str] = mapped_column(String(20), nullable=False, default="")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), nullable=False, index=True)


class Ruling(Valid, Versioned, Base):
    """What a person decided where the answer was doubtful, kept as a rule: in this area this unit answers.

    `class_code` None means every class.
    """

    __tablename__ = "ruling"

    class_code: Mapped[str | None] = mapped_column(String(8), index=True)
    geom: Mapped[BaseGeometry] = mapped_column(Geom("POLYGON"), nullable=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), nullable=False, index=True)
    reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    issue_no: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    made_by: Mapped[str] = mapped_column(String(64), nullable=False)
