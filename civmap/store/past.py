"""How things were before they were changed: one row for each span of time in which a zone or segment stood so.

A thing's own row tells how it is now. Whoever asks for a day in the past takes, for things changed since, the row
whose span holds that day (`store.asof`). Validity stays the thing's own: who corrects since when it holds, corrects
its past; only a thing that had ended and holds again keeps the time between as a span in which it was absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, Boolean, Index, Integer, String, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from civmap.store.base import Base, Geom, UtcDateTime
from civmap.store.ledger import plain

KEPT = ("zone", "segment")
"""The kinds whose past is kept. A row of the table of owners that changes leaves an ended row of its own."""
LEFT_OUT = frozenset({"id", "version", "geom"})
VALIDITY = frozenset({"valid_from", "valid_to"})
CHUNK = 5000
EVER = datetime(1, 1, 2, tzinfo=UTC)


class Past(Base):
    """How one thing stood from one moment (None: from its beginning) until another one.

    Absent: it did not hold at all. Own: the span belongs to an earlier period of validity, of which the thing's
    present validity says nothing.
    """

    __tablename__ = "past"
    __table_args__ = (Index("ix_past_kind_thing_id", "kind", "thing_id"),)

    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    thing_id: Mapped[int] = mapped_column(Integer, nullable=False)
    from_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)
    is_absent: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    is_own: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    geom: Mapped[BaseGeometry | None] = mapped_column(Geom())
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False)


def remember(session: Session, kind: str, rows: Iterable[Any], now: datetime) -> int:
    """Keep how some zones or segments stand, from their last change until now; call it before they are changed.

    Many rows cost one question and one INSERT per 5,000. A thing that only ends needs no call: its own row tells it.
    Return how many were kept: nothing is kept of other kinds, nor of a thing that never held or changed just now.
    """
    if kind not in KEPT:
        return 0
    rows, kept = list(rows), 0
    for start in range(0, len(rows), CHUNK):
        part = rows[start:start + CHUNK]
        last = _last_changes(session, kind, [row.id for row in part])
        spans = [span for row in part for span in _spans(kind, row, last.get(row.id), now)]
        if spans:
            session.execute(insert(Past), spans)
        kept += len(spans)
    return kept


def remember_change(session: Session, kind: str, row: Any, values: Mapping[str, Any], now: datetime, *,
                    is_more: bool = False) -> None:
    """Keep how a thing stands before these values are written into it, where a past day would be answered otherwise.

    `is_more`: what hangs on it (the chiefs of a segment) changes too.
    """
    if kind not in KEPT:
        return
    differing = {name for name, value in values.items() if getattr(row, name) != value}
    ended = row.valid_to is not None and row.valid_to <= now
    holds_on = values.get("valid_to", row.valid_to)
    is_revived = ended and "valid_to" in differing and (holds_on is None or holds_on > now)
    if not (is_more or is_revived or any(_matters(name) for name in differing)):
        return
    remember(session, kind, [row], now)
    begins = values.get("valid_from", row.valid_from)
    if is_revived and begins is not None and begins >= row.valid_to:
        _close_period(session, kind, row)


def facts_kept(row: Any) -> dict[str, Any]:
    """Return what is kept of a row as plain values: columns and what hangs on it, without anybody's phone number."""
    kept = {name: plain(getattr(row, name)) for name in _columns(type(row))}
    for relation in row.__mapper__.relationships:
        order = [column.key for column in relation.order_by or ()]
        parts = sorted(getattr(row, relation.key), key=lambda part: [getattr(part, name) for name in order])
        kept[relation.key] = [{name: plain(getattr(part, name)) for name in _columns(type(part)) if name[-3:] != "_id"}
                              for part in parts]
    return kept


@cache
def _columns(model: Any) -> tuple[str, ...]:
    return tuple(column.key for column in model.__mapper__.column_attrs if _is_kept(column.key))


def _is_kept(name: str) -> bool:
    return name not in LEFT_OUT and not name.endswith("phone")


def _matters(name: str) -> bool:
    return name == "geom" or (_is_kept(name) and name not in VALIDITY)


def _last_changes(session: Session, kind: str, ids: Sequence[int]) -> dict[int, datetime]:
    found = session.execute(select(Past.thing_id, func.max(Past.until_at).label("until_at"))
                            .where(Past.kind == kind, Past.thing_id.in_(ids)).group_by(Past.thing_id))
    return {row.thing_id: row.until_at for row in found}


def _spans(kind: str, row: Any, last: datetime | None, now: datetime) -> list[dict[str, Any]]:
    """Return the spans of a thing since its last change: as it stands, and absent once it had ended."""
    began = last or row.valid_from
    if began is not None and began >= now:
        return []
    ended = now if row.valid_to is None else min(now, row.valid_to)
    span = {"kind": kind, "thing_id": row.id, "is_own": False}
    stood = {**span, "from_at": last, "until_at": ended, "is_absent": False, "geom": row.geom,
             "facts": facts_kept(row)}
    absent = {**stood, "from_at": ended, "until_at": now, "is_absent": True}
    return [*([stood] if last is None or last < ended else []), *([absent] if ended < now else [])]


def _close_period(session: Session, kind: str, row: Any) -> None:
    """Let the spans of a thing that ended and begins anew stand by themselves, from the beginning it had."""
    mine = (Past.kind == kind, Past.thing_id == row.id)
    session.execute(update(Past).where(*mine, Past.from_at.is_(None)).values(from_at=row.valid_from or EVER)
                    .execution_options(synchronize_session=False))
    session.execute(update(Past).where(*mine).values(is_own=True).execution_options(synchronize_session=False))
