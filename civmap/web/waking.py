"""Before a request is answered, what was due by itself has happened: one look at an index, at most once a second."""

import time
from datetime import datetime, timedelta

from flask import Flask, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from civmap import clock
from civmap.errors import CivmapError
from civmap.issues import waking
from civmap.web import desk

MOST_SECONDS = 5.0
PAUSE = timedelta(seconds=1)
ASLEEP = ("/static/", "/ground/", "/healthz", "/readyz")


class _Last:
    """When this process looked last: the product's moment, and the machine's."""

    moment: datetime | None = None
    looked = 0.0


def add_to(app: Flask) -> None:
    """Let every request that may show or change an issue find the city as it stands now."""
    @app.before_request
    def _wake() -> None:
        if request.path.startswith(ASLEEP):
            return
        now, last = clock.now(), desk.held().setdefault("last_look", _Last())
        is_fresh = last.moment is not None and abs(now - last.moment) < PAUSE  # a clock that was set on is not
        if is_fresh and time.monotonic() - last.looked < PAUSE.total_seconds():
            return
        last.moment, last.looked = now, time.monotonic()
        try:
            waking.wake_up(desk.engine(), now, MOST_SECONDS)
        except (CivmapError, DBAPIError, StaleDataError):
            return  # the request itself says what is wrong with the database
