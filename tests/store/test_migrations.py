"""What a migration fills in for rows that were there before it."""

import importlib

from shapely import Point
from sqlalchemy import select, text

from civmap.clock import parse_moment
from civmap.issues.models import Issue
from civmap.store import ledger


def test_issues_of_old_learn_when_they_ended_hang_and_were_checked(session, now):
    step = importlib.import_module("civmap.store.migrations.versions.0004_tell_how_issues_stood")
    begun, closed, refused, hung = (parse_moment(f"2026-05-{day}T09:00:00+08:00") for day in ("10", "12", "13", "14"))
    rows = {"closed": {"closed_at": closed}, "rejected": {}, "suspended": {"dispatched_at": begun}, "rework": {}}
    session.add_all(Issue(issue_no=state, class_code="E0102", description="x", geom=Point(115.857, 28.683), state=state,
                          reported_at=begun, **more) for state, more in rows.items())
    session.flush()
    for verb, key, at in (("reject", "rejected", refused), ("suspend", "suspended", hung), ("check", "rework", hung)):
        ledger.record(session, ledger.Actor("office"), verb, "issue", key, at=at)
    session.flush()
    for statement in step.FILLED:
        session.execute(text(statement))
    session.expire_all()
    found = {row.state: (row.ended_at, row.checked_at, row.suspended_at) for row in session.scalars(select(Issue))}
    assert found == {"closed": (closed, closed, None), "rejected": (refused, None, None),
                     "suspended": (None, None, hung), "rework": (None, hung, None)}
