"""Add people, sign them in and out, and give their programs tokens."""

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civmap.errors import Conflict, Invalid, NotFound, NotSignedIn
from civmap.people import passwords, queries, rules
from civmap.people.models import Person, SignIn, Token
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.editing import facts_of
from civmap.units.queries import resolve

SIGN_IN_DAYS = 14
_NAME = re.compile(r"[\w.@-]{1,64}")
_TERRITORY = re.compile(r"\d{2,20}")


def add(session: Session, viewer: Viewer, name: str, role: str, *, now: datetime, unit: str | None = None,
        territory: str | None = None, segment: str | None = None, password: str | None = None,
        full_name: str = "", phone: str | None = None) -> tuple[Person, str | None]:
    """Add a person; return the row and a one-time password where none was given.

    Raise Invalid for a name, role or scope that cannot be, Conflict where the name is taken.
    """
    viewer.must("manage", "person")
    if not _NAME.fullmatch(name or ""):
        raise Invalid("person_name", field="name", value=(name or "")[:64])
    rules.check_role(role)
    unit_row = resolve(session, unit) if unit else None
    rules.check_scope(role, unit_row, territory, segment)
    if territory and not _TERRITORY.fullmatch(territory):
        raise Invalid("territory_digits", field="territory", value=territory)
    if session.scalar(select(Person.id).where(Person.name == name)):
        raise Conflict("person_exists", field="name", name=name)
    once = passwords.one_time() if password is None else None
    person = Person(name=name, full_name=full_name or name, role=role, unit_id=unit_row.id if unit_row else None,
                    territory=territory, segment_code=segment, phone=phone, created_at=now, is_active=True,
                    password_hash=passwords.hashed(once or passwords.check(password or "", name)),
                    must_change_password=once is not None)
    session.add(person)
    session.flush()
    _note(session, viewer, "add", person, now)
    return person, once


def _note(session: Session, viewer: Viewer, verb: str, person: Person, now: datetime,
          before: dict[str, object] | None = None) -> None:
    ledger.record(session, viewer.actor, verb, "person", person.name, at=now, before=before, after=facts_of(person))


def set_active(session: Session, viewer: Viewer, name: str, is_active: bool, now: datetime) -> Person:
    """Let a person in again or keep them out; their browsers and programs stop at once."""
    viewer.must("manage", "person")
    person = queries.by_name(session, name)
    if person.name == viewer.name:
        raise Invalid("not_yourself", field="name")
    before = facts_of(person)
    person.is_active = is_active
    if not is_active:
        session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    session.flush()
    _note(session, viewer, "activate" if is_active else "deactivate", person, now, before)
    return person


def add_token(session: Session, viewer: Viewer, name: str, days: int, now: datetime) -> tuple[str, datetime]:
    """Return a new token of a person's program and when it runs out; only its hash is kept."""
    if viewer.name != name:
        viewer.must("manage", "person")
    person = queries.by_name(session, name)
    if not 1 <= days <= 3650:
        raise Invalid("token_days", field="days", value=days)
    secret = "civ_" + secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=days)
    session.add(Token(token_hash=queries.token_digest(secret), person_id=person.id, created_at=now,
                      expires_at=expires_at, days=days))
    session.flush()
    ledger.record(session, viewer.actor, "token", "person", person.name, at=now, after={"expires_at": expires_at})
    return secret, expires_at


def revoke_token(session: Session, viewer: Viewer, number: int, now: datetime) -> None:
    """End one of a person's own tokens, or anybody's as an administrator; raise NotFound where there is none."""
    token = session.get(Token, number)
    if token is None or (token.person_id != viewer.person_id and not viewer.may("manage", "person")):
        raise NotFound("token_not_found", field="id", id=number)
    if token.revoked_at is None:
        token.revoked_at = now
        session.flush()
        whose = session.get_one(Person, token.person_id).name
        ledger.record(session, viewer.actor, "token_revoked", "person", whose, at=now, after={"token": number})


def sign_in(session: Session, name: str, password: str, now: datetime) -> tuple[Person, str]:
    """Check a name and password; return the person and the secret of a fresh cookie. Raise NotSignedIn."""
    person = session.scalar(select(Person).where(Person.name == name, Person.is_active))
    if not passwords.matches(person.password_hash if person else None, password) or person is None:
        raise NotSignedIn("sign_in_failed", field="password")
    secret = secrets.token_urlsafe(32)
    session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    session.add(SignIn(token_hash=queries.token_digest(secret), person_id=person.id, created_at=now,
                       expires_at=now + timedelta(days=SIGN_IN_DAYS)))
    session.flush()
    return person, secret


def sign_out(session: Session, secret: str) -> None:
    """End one browser's sign-in; its cookie is worth nothing from then on."""
    session.execute(delete(SignIn).where(SignIn.token_hash == queries.token_digest(secret)))


def change_password(session: Session, viewer: Viewer, old: str, new: str, now: datetime) -> Person:
    """Replace one's own password and end all other sign-ins. Raise NotSignedIn where the old one is wrong."""
    person = queries.by_name(session, viewer.name)
    if not passwords.matches(person.password_hash, old):
        raise NotSignedIn("sign_in_failed", field="old")
    person.password_hash = passwords.hashed(passwords.check(new, person.name))
    person.must_change_password = False
    session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    session.flush()
    ledger.record(session, viewer.actor, "password", "person", person.name, at=now)
    return person


def choose_language(session: Session, name: str, lang: str) -> None:
    """Remember in which language a person reads."""
    session.execute(update(Person).where(Person.name == name).values(lang=lang))
