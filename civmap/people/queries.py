"""Ask about people: who is behind a name, a cookie or a token, and what they may see."""

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from civmap.errors import NotFound, NotSignedIn
from civmap.people.models import Person, SignIn, Token
from civmap.people.rules import Viewer
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


# Asked with every request: put together once, for that takes longer than asking.
_BY_COOKIE = select(Person).join(SignIn, SignIn.person_id == Person.id).where(
    SignIn.token_hash == bindparam("digest"), SignIn.expires_at > bindparam("now"), Person.is_active)
_BY_TOKEN = select(Person).join(Token, Token.person_id == Person.id).where(
    Token.token_hash == bindparam("digest"), Token.expires_at > bindparam("now"), Token.revoked_at.is_(None),
    Person.is_active)


def by_cookie(session: Session, token: str, now: datetime) -> Person | None:
    """Return who is signed in with a cookie at a moment, or None."""
    return session.scalar(_BY_COOKIE, {"digest": token_digest(token), "now": now})


def by_token(session: Session, token: str, now: datetime) -> Person:
    """Return whose program sends a token; raise NotSignedIn where it is unknown, revoked or has run out."""
    person = session.scalar(_BY_TOKEN, {"digest": token_digest(token), "now": now})
    if person is None:
        raise NotSignedIn("token_not_valid")
    return person


def viewer_of(session: Session, person: Person, via: str) -> Viewer:
    """Return a person's role and scope as they are now."""
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    ids = subtree_ids(session, unit.id) if unit else frozenset()
    return Viewer(name=person.name, role=person.role, person_id=person.id, full_name=person.full_name,
                  unit_id=person.unit_id, unit_ids=ids, unit_categories=frozenset(unit.categories if unit else ()),
                  territory=person.territory or None,
                  segment_codes=frozenset({person.segment_code} if person.segment_code else ()),
                  lang=person.lang, via=via)
