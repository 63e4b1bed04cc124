"""Boards and plates with a QR code: the unguessable key behind which anybody reads the public page of one thing.

A thing has at most one live key. It is made once, printed again and again, and ended when a board was lost or misused;
the next board then gets another one, and the old code leads nowhere.
"""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import Placard
from civmap.errors import Invalid
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.editing import one_at_a_time

KEY_BYTES = 16
PATHS = {"segment": "board", "zone": "pledge"}
"""The kinds of things that carry a code, and the public page under which each is read."""
_LOCK = 360_207
_LONGEST = 32


def placard_for(session: Session, viewer: Viewer, kind: str, code: str, now: datetime) -> Placard:
    """Return the live board of a thing, made with its line in the ledger where there is none.

    Whoever asks has found the thing within the own reach; making a key needs the right to edit its kind. Raise
    Forbidden, and Invalid for a kind that carries no code.
    """
    found = live(session, kind, code)
    if found is not None:
        return found
    if kind not in PATHS:
        raise Invalid("placard_kind", field="kind", value=kind[:20], known=list(PATHS))
    viewer.must("edit", kind)
    one_at_a_time(session, _LOCK)
    found = live(session, kind, code)
    if found is not None:
        return found
    placard = Placard(key=secrets.token_urlsafe(KEY_BYTES), kind=kind, code=code, made_at=now, made_by=viewer.name)
    session.add(placard)
    session.flush()
    ledger.record(session, viewer.actor, "placard", kind, code, at=now, after={"path": PATHS[kind]})
    return placard


def live(session: Session, kind: str, code: str) -> Placard | None:
    """Return the board of a thing that is in force, or None."""
    return session.scalar(select(Placard).where(Placard.kind == kind, Placard.code == code,
                                                Placard.ended_at.is_(None)).order_by(Placard.id).limit(1))


def by_key(session: Session, key: str) -> Placard | None:
    """Return the board in force whose code was read, or None: unknown and ended keys are told alike."""
    if not 0 < len(key) <= _LONGEST:
        return None
    return session.scalar(select(Placard).where(Placard.key == key, Placard.ended_at.is_(None)))


def end(session: Session, viewer: Viewer, kind: str, code: str, now: datetime) -> bool:
    """End the live key of a thing, with its line in the ledger; return whether there was one. Raise Forbidden."""
    viewer.must("edit", kind)
    found = live(session, kind, code)
    if found is None:
        return False
    found.ended_at = now
    session.flush()
    ledger.record(session, viewer.actor, "end_placard", kind, code, at=now, before={"path": PATHS[kind]})
    return True


def address_of(base: str, placard: Placard) -> str:
    """Return the address that the QR code holds: the city's public address and the page of the kind."""
    return f"{base.rstrip('/')}/{PATHS[placard.kind]}/{placard.key}"
