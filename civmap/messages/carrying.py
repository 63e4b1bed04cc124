"""Carrying messages: rounds that write what happened into the outbox and hand over what is due."""

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from civmap import clock
from civmap.channels import Channel
from civmap.city.queries import the_city
from civmap.config import Settings
from civmap.errors import CivmapError
from civmap.issues.waking import wake_up
from civmap.messages import adapters, outbox
from civmap.messages.adapters import Undelivered
from civmap.messages.models import Message
from civmap.store.database import open_engine, reading, writing

BEAT = 5.0
AT_ONCE = 50
PATIENCE = 25.0
log = logging.getLogger("civmap.messages")
Send = Callable[[Channel, Message, datetime], None]


@dataclass(slots=True)
class Round:
    """What one round did."""

    written: int = 0
    sent: int = 0
    failed: int = 0


def carry(engine: Engine, settings: Settings, send: Send = adapters.send,
          is_over: Callable[[], bool] = lambda: False) -> Round:
    """Do one round: write what happened since, then hand over what is due; a channel that fails rests until later."""
    done = Round(written=_collect(engine, settings))
    for channel in settings.channels:
        with reading(engine) as session:
            messages = outbox.due(session, channel.name, clock.now(), AT_ONCE)
        for message in messages:
            if is_over() or not _handed_over(engine, channel, message, send, done):
                break
    return done


def _collect(engine: Engine, settings: Settings) -> int:
    with reading(engine) as session:
        if not outbox.is_behind(session, settings.channels):
            return 0
    written = 0
    while True:
        with writing(engine) as session:
            if not settings.channels:
                outbox.forget(session)
                return 0
            written += outbox.collect(session, settings.channels, the_city(session).name, settings.public_url,
                                      settings.lang, clock.now())
            if not outbox.is_behind(session, settings.channels):
                return written


def _handed_over(engine: Engine, channel: Channel, message: Message, send: Send, done: Round) -> bool:
    """Send one message and keep what came of it; False where the channel should rest."""
    with writing(engine) as session:
        if not outbox.claim(session, message, clock.now()):
            return True
    try:
        send(channel, message, clock.now())
    except Undelivered as problem:
        with writing(engine) as session:
            outbox.failed(session, message.id, message.tries + 1, str(problem), clock.now())
        log.warning("message %d waits, channel %s: %s", message.id, channel.name, problem)
        done.failed += 1
        return False
    with writing(engine) as session:
        outbox.sent(session, message.id, clock.now())
    done.sent += 1
    return True


class Carrier(threading.Thread):
    """The loop beside the server; of several processes over one home only one carries."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="civmap-carrier", daemon=True)
        self.settings = settings
        self.over = threading.Event()

    def run(self) -> None:
        """Carry until told to stop; whatever fails is tried again at the next beat."""
        engine = open_engine(self.settings.database_url)
        try:
            while not self.over.wait(BEAT):
                with alone(self.settings) as is_alone:
                    if is_alone:
                        self._round(engine)
        finally:
            engine.dispose()

    def _round(self, engine: Engine) -> None:
        try:
            wake_up(engine, clock.now())
            carry(engine, self.settings, is_over=self.over.is_set)
        except (CivmapError, StaleDataError, IntegrityError) as problem:
            log.warning("carrying messages rests: %s", problem)
        except Exception:
            log.exception("carrying messages failed")

    def stop(self) -> None:
        """Let the message in hand be finished, then end."""
        self.over.set()
        self.join(PATIENCE)


@contextmanager
def alone(settings: Settings) -> Iterator[bool]:
    """Tell whether no other process carries for this home, and keep it so."""
    with (settings.home / "carrier.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


@contextmanager
def beside(settings: Settings) -> Iterator[Any]:
    """Run the carrier while the server runs, where a channel is set."""
    carrier = Carrier(settings) if settings.channels else None
    if carrier:
        carrier.start()
    try:
        yield carrier
    finally:
        if carrier:
            carrier.stop()
