"""How this city does it: named values that an administrator edits, each read and checked by the room it belongs to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import Custom
from civmap.errors import Stale
from civmap.people.rules import Viewer
from civmap.store import ledger


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept value and its version; version 0 and value None where the city never changed it."""

    value: Any = None
    version: int = 0


def kept(session: Session, name: str) -> Kept:
    """Return what the city keeps under a name."""
    row = session.scalar(select(Custom).where(Custom.name == name))
    return Kept(row.value, row.version) if row else Kept()


def keep(session: Session, viewer: Viewer, name: str, value: Any, version: int, now: datetime) -> Kept:
    """Keep a checked value under a name, with its line in the ledger; raise Forbidden, or Stale for another version."""
    viewer.must("manage", "city")
    row = session.scalar(select(Custom).where(Custom.name == name).with_for_update())
    standing = Kept(row.value, row.version) if row else Kept()
    if standing.version != version:
        raise Stale("stale_edit", current=standing.value, version=standing.version)
    if row is None:
        row = Custom(name=name, value=value, changed_at=now, changed_by=viewer.name)
        session.add(row)
    elif row.value != value:
        row.value, row.changed_at, row.changed_by = value, now, viewer.name
    session.flush()
    if standing.value != value:
        ledger.record(session, viewer.actor, "edit", "custom", name, at=now,
                      before={"value": standing.value}, after={"value": value})
    return Kept(row.value, row.version)
