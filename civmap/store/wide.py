"""Wide lines of the ledger: a portion of things that were made together is one line, which holds them all.

A million things at once would cost a million lines, more than the things themselves. A wide line carries, packed, what
each line would have told; its hash covers that like any other content, and the history of a thing finds and unfolds
it. The table of ranges only helps to find: it says from which code to which a line goes.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import ForeignKey, String, and_, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from civmap.store import ledger
from civmap.store.base import Base
from civmap.store.ledger import Actor, Entry, Line

VERB = "create_many"
THINGS = 2_000
"""How many things one line holds: to unfold it takes milliseconds."""
LEVEL = 1
Columns = Mapping[str, Any]


class Range(Base):
    """Where a wide line lies: the kind of its things, and the first and the last of their codes."""

    __tablename__ = "ledger_range"

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(32), nullable=False, index=True)
    first_key: Mapped[str] = mapped_column(String(64), nullable=False)
    last_key: Mapped[str] = mapped_column(String(64), nullable=False)


@dataclass(frozen=True, slots=True)
class Folded:
    """Some things in a line's `after`: kind, first and last code, how many, and all of them packed."""

    first: str
    last: str
    after: dict[str, Any]


def folded(kind: str, key: str, columns: Columns) -> list[Folded]:
    """Return things as what lines hold, in order of their codes.

    A column is one plain value for all, a list of plain values, or (n, 2) lon/lat.
    """
    keys = columns[key]
    order = None if all(map(str.__le__, keys, keys[1:])) else sorted(range(len(keys)), key=keys.__getitem__)
    found = []
    for start in range(0, len(keys), THINGS):
        part = slice(start, start + THINGS) if order is None else order[start:start + THINGS]
        told = {name: _part(value, part) for name, value in columns.items()}
        packed = zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), LEVEL)
        names = told[key]
        found.append(Folded(names[0], names[-1], {
            "kind": kind, "key": key, "first": names[0], "last": names[-1], "count": len(names),
            "packed": base64.b64encode(packed).decode()}))
    return found


def _part(value: Any, part: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"xy": base64.b64encode(np.ascontiguousarray(value[part], "<f8").tobytes()).decode()}
    if isinstance(value, list):
        return value[part] if isinstance(part, slice) else [value[place] for place in part]
    return {"all": ledger.plain(value)}


def append(session: Session, actor: Actor, kind: str, lines: Sequence[Folded], at: datetime) -> None:
    """Write wide lines, and where they lie."""
    if not lines or ledger.REHEARSAL in session.info:
        return
    ledger.append(session, [Line(at, actor.name, actor.via, VERB, f"{kind}s", line.first, None, line.after)
                            for line in lines])
    written = session.scalars(select(Entry.id).order_by(Entry.id.desc()).limit(len(lines))).all()
    session.execute(insert(Range), [
        {"entry_id": number, "kind": kind, "first_key": line.first, "last_key": line.last}
        for number, line in zip(reversed(written), lines, strict=True)])


def of_thing(session: Session, kind: str, key: str) -> list[Entry]:
    """Return the lines that wide lines hold of one thing, each as if it stood by itself."""
    first, last = Range.first_key, Range.last_key
    if session.get_bind().dialect.name == "postgresql":
        first, last = first.collate("C"), last.collate("C")  # type: ignore[assignment]
    lines = session.scalars(select(Entry).join(Range, Range.entry_id == Entry.id).where(
        Range.kind == kind, first <= key, last >= key).order_by(Entry.id)).all()
    found = []
    for line in lines:
        facts = facts_of(line.after or {}, key)
        if facts is not None:
            found.append(Entry(id=line.id, at=line.at, who=line.who, via=line.via, verb="create", kind=kind, key=key,
                               before=None, after=facts, previous_hash=line.previous_hash, hash=line.hash))
    return found


def lost(session: Session) -> int | None:
    """Return the number of the first wide line that the table of ranges does not lead to, None where it leads to all.

    No hash covers that table: a row taken out of it would hide the beginnings of thousands of things.
    """
    leads = and_(Range.entry_id == Entry.id, Entry.kind == Range.kind + "s", Range.first_key == Entry.key,
                 Range.last_key == Entry.after["last"].as_string())
    return session.scalar(select(Entry.id).outerjoin(Range, leads).where(Entry.verb == VERB, Range.id.is_(None))
                          .order_by(Entry.id).limit(1))


def facts_of(after: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """Return what a wide line tells of one thing, None where it does not hold it."""
    told = json.loads(zlib.decompress(base64.b64decode(after["packed"])))
    try:
        place = told[after["key"]].index(key)
    except ValueError:
        return None
    return {name: _one(value, place) for name, value in told.items()}


def _one(value: Any, place: int) -> Any:
    if isinstance(value, list):
        return value[place]
    if "all" in value:
        return value["all"]
    lon, lat = np.frombuffer(base64.b64decode(value["xy"]), "<f8").reshape(-1, 2)[place].tolist()
    return ledger.plain(shapely.Point(lon, lat))
