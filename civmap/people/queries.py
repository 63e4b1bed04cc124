"""Ask about people: who is behind a name, a cookie or a token, and what they may see."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.errors import NotFound, NotSignedIn
from civmap.people.models import Person, SignIn, Token
from civmap.people.rules import Viewer
from civmap.store.prepared import Prepared, asked
from civmap.units.models import Unit
from civmap.units.queries import subtree_ids


def token_digest(token: str) -> str:
    """Return the SHA-256 under which a cookie or API token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_name(session: Session, name: str) -> Person:
    """Return the person of a sign-in name; raise NotFound."""
    person = session.scalar(select(Person).where(Person.name == name))
    if person is None:
        raise NotFound("person_not_found", field="name", name=name)
    return person


# Asked with every request, so with all that a viewer needs, and put together once.
_FACTS = (Person.id, Person.name, Person.full_name, Person.role, Person.unit_id, Person.territory,
          Person.segment_code, Person.lang, Person.must_change_password, Unit.code.label("unit_code"),
          Unit.name.label("unit_name"), Unit.categories.label("unit_categories"))
_SIGNED_IN = select(*_FACTS).outerjoin(Unit, Unit.id == Person.unit_id).where(Person.is_active)
_BY_COOKIE = Prepared(_SIGNED_IN.join(SignIn, SignIn.person_id == Person.id).where(
    SignIn.token_hash == asked("digest", SignIn.token_hash), SignIn.expires_at > asked("now", SignIn.expires_at)))
_BY_TOKEN = Prepared(_SIGNED_IN.join(Token, Token.person_id == Person.id).where(
    Token.token_hash == asked("digest", Token.token_hash), Token.expires_at > asked("now", Token.expires_at),
    Token.revoked_at.is_(None)))


def by_cookie(session: Session, token: str, now: datetime) -> Any | None:
    """Return who is signed in with a cookie at a moment, as they are now with the unit they belong to, or None."""
    return next(iter(_BY_COOKIE.rows(session, digest=token_digest(token), now=now)), None)


def by_token(session: Session, token: str, now: datetime) -> Any:
    """Return whose program sends a token, likewise; raise NotSignedIn where it is unknown, revoked or has run out."""
    found = _BY_TOKEN.rows(session, digest=token_digest(token), now=now)
    if not found:
        raise NotSignedIn("token_not_valid")
    return found[0]


def tokens_of(session: Session, person_id: int, now: datetime) -> list[Token]:
    """Return a person's tokens that still open something, the newest first."""
    return list(session.scalars(select(Token).where(
        Token.person_id == person_id, Token.revoked_at.is_(None), Token.expires_at > now).order_by(Token.id.desc())))


def viewer_signed_in(session: Session, known: Any, via: str) -> Viewer:
    """Return role and scope of somebody whom a cookie or a token named."""
    ids = subtree_ids(session, known.unit_id) if known.unit_code else frozenset()
    return _viewer(known, ids, known.unit_categories or (), via)


def viewer_of(session: Session, person: Person, via: str) -> Viewer:
    """Return a person's role and scope as they are now."""
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    ids = subtree_ids(session, unit.id) if unit else frozenset()
    return _viewer(person, ids, unit.categories if unit else (), via)


def _viewer(person: Any, unit_ids: frozenset[int], categories: Iterable[str], via: str) -> Viewer:
    return Viewer(name=person.name, role=person.role, person_id=person.id, full_name=person.full_name,
                  unit_id=person.unit_id, unit_ids=unit_ids, unit_categories=frozenset(categories),
                  territory=person.territory or None,
                  segment_codes=frozenset({person.segment_code} if person.segment_code else ()),
                  lang=person.lang, via=via)
