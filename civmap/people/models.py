"""What is kept of people: who they are, how they sign in, and the tokens of their programs."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, UtcDateTime, Versioned, unit_key


class Person(Versioned, Base):
    """Somebody who signs in; `role`, `territory`, unit and segment together make the scope.

    `read_entry_id` is the last line of the ledger whose news was read; `feed_hash` the hash of the key to the feed.
    """

    __tablename__ = "person"

    name: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    full_name: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    role: Mapped[str] = mapped_column(String(32), nullable=False)
    unit_id: Mapped[int | None] = unit_key()
    territory: Mapped[str | None] = mapped_column(String(20))
    segment_code: Mapped[str | None] = mapped_column(String(64))
    phone: Mapped[str | None] = mapped_column(String(40))
    lang: Mapped[str | None] = mapped_column(String(2))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    read_entry_id: Mapped[int | None] = mapped_column(Integer)
    feed_hash: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)


class SignIn(Base):
    """One signed-in browser; only the hash of its cookie is kept, and signing out deletes the row."""

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), nullable=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)


class Token(Base):
    """A program's key to the JSON interface; only its hash is kept."""

    __tablename__ = "token"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), nullable=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    days: Mapped[int] = mapped_column(Integer, nullable=False, default=365)
