"""What a newer release does with the issues it finds: those older than their clock ring like the others."""

import importlib
import pkgutil

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import update

from civmap import clock
from civmap.issues import actions, waking
from civmap.issues.models import Issue
from civmap.store.migrations import versions
from tests.issues.test_photos import GARBAGE


def test_issues_older_than_their_clock_are_looked_at_once_and_ring_like_others(session, cast, now, monkeypatch):
    dispatcher = cast["dispatcher"]
    issue = actions.report(session, cast["inspector"], GARBAGE, now)
    for verb, body in (("file", {}), ("dispatch", {"unit": "HW-C"})):
        actions.perform(session, dispatcher, issue.issue_no, verb, body, issue.version, now, "zh")
    rings = issue.rouse_at
    session.execute(update(Issue).values(rouse_at=None, version=Issue.version))
    monkeypatch.setattr(clock, "now", lambda: now)
    [name] = [one.name for one in pkgutil.iter_modules(versions.__path__) if one.name.startswith("0006_")]
    with Operations.context(MigrationContext.configure(session.connection())):
        importlib.import_module(f"{versions.__name__}.{name}")._rouse_old_issues()
    session.expire_all()
    assert issue.rouse_at is not None
    assert waking.wake(session, now, 25) == 1
    assert issue.rouse_at == rings
