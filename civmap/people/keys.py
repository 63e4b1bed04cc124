"""A person's key to the feeds: shown once, only its hash is kept; renewing or revoking ends the old one at once."""

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civmap.errors import NotSignedIn
from civmap.people import queries
from civmap.people.models import Person
from civmap.people.rules import Viewer
from civmap.store import ledger

PREFIX = "civf_"


def renew(session: Session, viewer: Viewer, now: datetime) -> str:
    """Give a viewer a new key to the feeds; the old one opens nothing any more."""
    secret = PREFIX + secrets.token_urlsafe(24)
    _keep(session, viewer, queries.token_digest(secret))
    ledger.record(session, viewer.actor, "feed_key", "person", viewer.name, at=now)
    return secret


def revoke(session: Session, viewer: Viewer, now: datetime) -> None:
    """Take a viewer's key to the feeds away."""
    if has_key(session, viewer):
        _keep(session, viewer, None)
        ledger.record(session, viewer.actor, "feed_key_revoked", "person", viewer.name, at=now)


def has_key(session: Session, viewer: Viewer) -> bool:
    """Tell whether a viewer has a key to the feeds."""
    return session.scalar(select(Person.feed_hash).where(Person.id == viewer.person_id)) is not None


def _keep(session: Session, viewer: Viewer, digest: str | None) -> None:
    session.execute(update(Person).where(Person.id == viewer.person_id).values(feed_hash=digest))


def by_key(session: Session, secret: str) -> Viewer:
    """Return as whom a feed reader looks; raise NotSignedIn for a key that opens nothing."""
    person = session.scalar(select(Person).where(
        Person.feed_hash == queries.token_digest(secret), Person.is_active)) if secret else None
    if person is None:
        raise NotSignedIn("feed_key_not_valid", field="key")
    return queries.viewer_of(session, person, "feed")
