"""What is kept of an import: the file, how it was read, what became of it, and what it made and changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, UtcDateTime, Versioned


class Import(Versioned, Base):
    """One file taken in (导入): read, looked at and repaired, saved, or thrown away; a saved one can be undone.

    `wish` is what the person asked for beside the file (kind's columns, sheet, coordinate system, repairs alike);
    `summary` counts rows, `quality` is the data-quality report, `evidence` what told the coordinate system. While a
    process works on it, `token` names that process, `phase`, `done` and `total` say how far it is, `beat_at` that it
    lives. The rows themselves lie under `imports/<code>/` of the data folder until it is saved or thrown away.
    """

    __tablename__ = "import_run"

    code: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    file_name: Mapped[str] = mapped_column(String(200), nullable=False)
    file_hash: Mapped[str] = mapped_column(String(64), nullable=False, index=True)
    file_bytes: Mapped[int] = mapped_column(BigInteger, nullable=False)
    layout_hash: Mapped[str | None] = mapped_column(String(64))
    wish: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    state: Mapped[str] = mapped_column(String(16), nullable=False, index=True)
    phase: Mapped[str | None] = mapped_column(String(16))
    done: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    total: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    quality: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    made_by: Mapped[str] = mapped_column(String(64), nullable=False, index=True)
    saved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(64))


class Imported(Base):
    """One thing that an import made, changed or removed: its table and row, and the version it then had.

    `kind` is the name of the table, `before` the values that were overwritten, as `imports.values` packs them. Things
    that were made together are one line: those from `thing_id` to `last_id`.
    """

    __tablename__ = "imported_thing"
    __table_args__ = (UniqueConstraint("import_id", "kind", "thing_id"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    thing_id: Mapped[int] = mapped_column(Integer, nullable=False)
    did: Mapped[str] = mapped_column(String(8), nullable=False)
    version: Mapped[int | None] = mapped_column(Integer)
    last_id: Mapped[int | None] = mapped_column(Integer)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Layout(Versioned, Base):
    """How a table of certain headings was read the last time: which heading held which field, in which system."""

    __tablename__ = "import_layout"
    __table_args__ = (UniqueConstraint("kind", "layout_hash"),)

    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    layout_hash: Mapped[str] = mapped_column(String(64), nullable=False)
    headings: Mapped[list[str]] = mapped_column(JSON, nullable=False)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False)
    wish: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    uses: Mapped[int] = mapped_column(Integer, nullable=False, default=1)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    used_by: Mapped[str] = mapped_column(String(64), nullable=False)
