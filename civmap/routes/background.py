"""Plans rounds beside the requests: the work runs in a thread and a child process, its state stands in the database.

A job's token stands in the round's `progress`; whoever finds another one there stops. So nothing is planned twice, any
process may halt it, and a server that dies leaves a round whose sign of life grows old and that can be planned anew.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Thread
from typing import Any

from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from civmap import clock
from civmap.errors import CivmapError, NotAllowed, TooMany
from civmap.people.rules import Viewer
from civmap.routes import changing, keeping, noting, queries, replanning
from civmap.routes.models import Route
from civmap.routes.problem import Progress
from civmap.routes.progress import is_interrupted
from civmap.routes.replanning import Ready
from civmap.store.database import reading, writing
from civmap.store.editing import locked_row

log = logging.getLogger("civmap.routes")
TELL_EVERY, SIGN_EVERY, LOOK_EVERY = 0.5, 5.0, 0.5
MOST_AT_ONCE = 6
_TABLE = Route.__table__


def order(session: Session, viewer: Viewer, route: Route, sent: Mapping[str, Any], engine: Engine,
          now: datetime) -> None:
    """Have a round planned as soon as this transaction is kept; raise TooMany where enough are being planned."""
    busy = sum(not is_interrupted(progress, now) for progress in session.scalars(
        select(Route.progress).where(Route.progress.is_not(None), Route.id != route.id)) if progress)
    if busy >= MOST_AT_ONCE:
        raise TooMany("route_planning_queue", count=busy)
    token = secrets.token_hex(8)
    route.progress = {"token": token, "at": clock.iso(now), "fraction": 0.0, "seconds": 0.0, "best_m": None}
    session.flush()
    job = Job(engine, viewer, route.code, token, dict(sent))
    event.listen(session, "after_commit", lambda _session: job.start(), once=True)


def halt(session: Session, viewer: Viewer, code: str, now: datetime, lang: str) -> Route:
    """Ask for the best plan so far; of an interrupted planning it is taken at once. Raise NotAllowed."""
    route: Route = locked_row(session, Route, "route", code, queries.visible(viewer))
    if route.progress is None:
        raise NotAllowed("route_not_planning", field="state", state=route.state,
                         allowed=list(changing.VERBS_IN[route.state]))
    if is_interrupted(route.progress, now):
        best = route.progress.get("best")
        here = changing.opened(session, viewer, code, keeping.ANY_VERSION, now, states=changing.LIVING, lang=lang)
        ready = replanning.ready(here, {})
        if best:
            replanning.keep(here, replanning.taken(ready, best))
    else:
        _write(session, route.id, {**route.progress, "is_halting": True})
        session.expire(route)
    return route


@dataclass
class Job:
    """One planning; `_asked` and `_told` say when the database was last asked and told."""

    engine: Engine
    viewer: Viewer
    code: str
    token: str
    sent: dict[str, Any]
    is_over: bool = False
    _asked: float = 0.0
    _told: float = field(default_factory=time.monotonic)
    _last: Progress | None = None

    def start(self) -> None:
        """Begin in a thread of its own."""
        Thread(target=self.run, name=f"plan-{self.code}", daemon=True).start()

    def run(self) -> None:
        """Plan and write; whatever happens, the round says so."""
        try:
            ready = self._ready()
            if ready is not None:
                self._keep(ready.solved(self._tell, self._is_halted))
        except Exception:
            log.exception("planning of %s failed", self.code)
            self._fail()

    def _ready(self) -> Ready | None:
        with reading(self.engine) as session:
            route = session.scalar(select(Route).where(Route.code == self.code))
            if route is None or not self._is_ours(route.progress):
                return None
            here = changing.opened(session, self.viewer, self.code, keeping.ANY_VERSION, clock.now(), is_shown=True,
                                   states=changing.LIVING, is_free=True)
            return replanning.ready(here, self.sent)

    def _is_ours(self, progress: Mapping[str, Any] | None) -> bool:
        return progress is not None and progress.get("token") == self.token

    def _tell(self, progress: Progress) -> None:
        self._last = progress
        if time.monotonic() - self._told >= TELL_EVERY:
            self._sign()

    def _is_halted(self) -> bool:
        """Ask now and then whether somebody wants the plan, and give a sign of life."""
        now = time.monotonic()
        if now - self._told >= SIGN_EVERY:
            self._sign()
        if not self.is_over and now - self._asked >= LOOK_EVERY:
            self._asked = now
            with reading(self.engine) as session:
                progress = session.scalar(select(_TABLE.c.progress).where(_TABLE.c.code == self.code))
            self.is_over = not self._is_ours(progress) or bool(progress.get("is_halting"))
        return self.is_over

    def _sign(self) -> None:
        """Write how far it is; a database that is busy just now is asked again later."""
        self._told = time.monotonic()
        last = self._last
        try:
            with writing(self.engine) as session:
                row = session.execute(select(_TABLE.c.id, _TABLE.c.progress).where(
                    _TABLE.c.code == self.code).with_for_update()).one_or_none()
                if row is None or not self._is_ours(row.progress):
                    self.is_over = True
                    return
                _write(session, row.id, {
                    **row.progress, "at": clock.iso(clock.now()),
                    "fraction": round(last.fraction, 3) if last else row.progress["fraction"],
                    "seconds": round(last.seconds, 1) if last else row.progress["seconds"],
                    "best_m": round(last.best_m, 1) if last and last.best_m is not None else None,
                    "best": [list(one) for one in last.orders] if last and last.orders else None})
        except CivmapError:
            log.info("no sign of life of %s just now", self.code)

    def _keep(self, done: Ready) -> None:
        with writing(self.engine) as session:
            route: Route = locked_row(session, Route, "route", self.code, queries.visible(self.viewer))
            if not self._is_ours(route.progress) or route.state not in changing.LIVING:
                return
            here = changing.opened(session, self.viewer, self.code, keeping.ANY_VERSION, clock.now(),
                                   states=changing.LIVING, is_free=True)
            replanning.keep(here, replace(done, version=here.route.version))  # changes were refused meanwhile

    def _fail(self) -> None:
        with writing(self.engine) as session:
            route = session.scalar(select(Route).where(Route.code == self.code).with_for_update())
            if route is not None and self._is_ours(route.progress):
                route.notes = [*route.notes, noting.note("failed")]
                route.progress = None


def _write(session: Session, route_id: int, progress: Mapping[str, Any]) -> None:
    """Write the progress alone: no version counts it."""
    session.execute(update(_TABLE).where(_TABLE.c.id == route_id).values(progress=dict(progress)))
