"""What is kept of the table of professional owners (权责配置表)."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, Valid, Versioned


class Duty(Valid, Versioned, Base):
    """A row: for an issue class or a duty category, in a territory, this unit answers."""

    __tablename__ = "duty"

    class_code: Mapped[str | None] = mapped_column(String(8), index=True)
    category: Mapped[str | None] = mapped_column(String(20), index=True)
    territory: Mapped[str] = mapped_column(String(20), nullable=False, default="")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), nullable=False, index=True)
