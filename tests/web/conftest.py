"""A served town: browsers of the cast, and programs with tokens."""

from dataclasses import dataclass
from itertools import count

import pytest
from flask.testing import FlaskClient

from civmap import clock
from civmap.people import actions
from civmap.people.models import SignIn
from civmap.people.queries import by_name, token_digest
from civmap.people.rules import OFFICE
from civmap.store.database import writing
from civmap.web import csrf
from civmap.web.access import COOKIE
from civmap.web.app import hold
from civmap.web.throttle import limiter


@dataclass
class Browser:
    """Somebody's browser: requests carry the cookie and the proof of origin."""

    client: FlaskClient
    token: str = ""

    def get(self, path, **more):
        """Open a page or read data."""
        return self.client.get(path, **more)

    def _write(self, method, path, headers=None, **more):
        sent = {"X-CSRF-Token": self.token, **(headers or {})}
        return self.client.open(path, method=method, headers={name: text for name, text in sent.items() if text},
                                **more)

    def post(self, path, **more):
        """Send a form or JSON."""
        return self._write("POST", path, **more)

    def put(self, path, **more):
        """Replace a thing."""
        return self._write("PUT", path, **more)

    def delete(self, path, **more):
        """Retire a thing."""
        return self._write("DELETE", path, **more)


@pytest.fixture
def app(routes, settings, engine):
    """Give the application over the town."""
    hold(routes, settings, engine)
    limiter.reset()
    return routes


@pytest.fixture
def stranger(app):
    """Give the browser of somebody who is not signed in."""
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app, engine, settings):
    """Give a maker of signed-in browsers, by first name."""
    numbers = count()

    def sign_in(name: str) -> Browser:
        client, secret, now = app.test_client(), f"cookie-of-{name}-{next(numbers)}", clock.now()
        with writing(engine) as session:
            person = by_name(session, name)
            session.add(SignIn(token_hash=token_digest(secret), person_id=person.id, created_at=now,
                               expires_at=now.replace(year=now.year + 1)))
        client.set_cookie(COOKIE, secret)
        return Browser(client, csrf.token_for(settings.secret_key, secret))

    return sign_in


@pytest.fixture
def program(engine):
    """Give a maker of the headers of a person's program."""

    def headers(name: str) -> dict[str, str]:
        with writing(engine) as session:
            token, _expires = actions.add_token(session, OFFICE, name, 30, clock.now())
        return {"Authorization": f"Bearer {token}"}

    return headers
