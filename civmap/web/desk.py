"""What every view gets: the open session, who asks, the one frozen moment of the request and the language."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from flask import current_app
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from civmap.assignment import seats
from civmap.config import Settings
from civmap.coverage import keeping
from civmap.errors import Unavailable
from civmap.people.rules import Viewer
from civmap.store import database

OPENING = Lock()
GUEST = Viewer(name="guest", role="public")


@dataclass(frozen=True, slots=True)
class CityFacts:
    """What every page says about the city, free of the session it was read in; `wording` and `cascade` as kept."""

    name: str
    division: str
    frame: tuple[float, float, float, float]
    attribution: str
    is_demo: bool
    campaign: float = 1.0
    wording: Any = None
    cascade: Any = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends the request: `cookie` is the secret of a signed-in browser, None for guests and programs."""

    viewer: Viewer = GUEST
    is_signed_in: bool = False
    cookie: str | None = None
    must_change_password: bool = False
    unit_name: str = ""
    unit_code: str = ""
    city: CityFacts | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The working place of one request."""

    session: Session
    identity: Identity
    now: datetime
    lang: str
    settings: Settings

    @property
    def viewer(self) -> Viewer:
        """Return who asks; a guest is a viewer who sees and may nothing."""
        return self.identity.viewer

    def over(self, session: Session) -> "Desk":
        """Return the same desk over another session."""
        return replace(self, session=session)


def held() -> dict[str, Any]:
    """Return what the application holds: settings, engine, and whether the schema was seen."""
    return current_app.extensions["civmap"]


def engine() -> Engine:
    """Return the application's engine, opened on first use; raise Unavailable where a part or the file is missing."""
    kept = held()
    with OPENING:
        if kept["engine"] is None:
            url = make_url(kept["settings"].database_url)
            if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
                raise Unavailable("no_city")
            kept["engine"] = database.open_engine(kept["settings"].database_url)
        seats.keep_for(kept["engine"])
        keeping.keep_for(kept["engine"])
        return kept["engine"]


def settings() -> Settings:
    """Return the application's settings."""
    return held()["settings"]


@contextmanager
def reading() -> Iterator[Session]:
    """Give a session for reading on the application's engine."""
    with database.reading(engine()) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """Give a session whose one transaction is committed before the answer goes out."""
    with database.writing(engine()) as session:
        yield session
