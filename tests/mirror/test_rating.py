"""Rates counted over the arrays are those of the database, for everybody and every narrowing, after any write."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from civmap.issues.models import Issue
from civmap.issues.rates import Tally
from civmap.issues.tallying import BY, Asked, by_database
from civmap.mirror import rating
from civmap.mirror.following import Mirror
from civmap.store import ledger
from civmap.store.ledger import Actor
from civmap.store.listing import Here
from tests.support import crowd

ROLES = ("dispatcher", "clerk", "handler", "chief", "discipline", "leader")
PERIODS = ((None, None), ("2026-05-01", "2026-05-20"), (None, "2026-05-19T10:00:00.5+08:00"), ("2026-05-22", None))
FILTERS = ({}, {"class": "C0101"}, {"grid": "360199006"}, {"state": "open", "source": "page"})


@pytest.fixture
def city(session, now):
    """Give a city whose issues have had every fate, some of them within one second."""
    crowd.build(session, now, zones=20, points=12, issues=160)
    for number, issue in enumerate(session.scalars(select(Issue).order_by(Issue.id))):
        start = issue.dispatched_at or issue.reported_at
        if number % 3 == 0 and issue.dispatched_at:
            issue.resolved_at = start + timedelta(hours=number % 50, microseconds=number * 7001)
            issue.handled_work_s = number * 61
            issue.due_at = issue.resolved_at + timedelta(microseconds=(number % 5 - 2) * 250_000)
        if number % 4 == 0:
            issue.filed_at = issue.reported_at
        issue.rework_count, issue.return_count, issue.dispatch_count = number % 3, number % 2, number % 5
        issue.wrong_return_count, issue.is_overdue_waived = number % 2, number % 7 == 0
        issue.recurrence_of_id = issue.id - 3 if number % 9 == 8 else None
        if number % 11 == 0:
            issue.closed_at = issue.ended_at = start + timedelta(days=1)
    ledger.record(session, Actor("test"), "survey", "city", "360199", at=now)
    session.flush()
    return session


def _told(found):
    return {key: tally for key, tally in found.items() if tally != Tally()}


def test_the_arrays_count_as_the_database_does(city, cast, now):
    mirror = Mirror()
    for number, (role, by) in enumerate(product(ROLES, (None, *BY))):
        (first, last), filters = PERIODS[number % 4], FILTERS[number // 4 % 4]
        here, asked = Here(city, cast[role], now, now), Asked(by, first, last, filters)
        assert _told(rating.counted(mirror, here, asked)) == _told(by_database(here, asked)), (role, asked)


def test_the_arrays_follow_every_write(city, cast, now):
    mirror, here = Mirror(), Here(city, cast["dispatcher"], now, now)
    before = rating.counted(mirror, here, Asked())[""]
    issue = city.scalars(select(Issue).where(Issue.state == "closed").limit(1)).one()
    issue.state, issue.closed_at, issue.ended_at, issue.resolved_at = "in_progress", None, None, None
    new = Issue(issue_no="NEW1", description="x", geom=issue.geom, state="reported", reported_at=now, claims=[],
                class_code="E0102")
    city.add(new)
    city.flush()
    for one in (issue, new):
        ledger.record(city, Actor("test"), "reopen", "issue", one.issue_no, at=now)
    city.flush()
    after = rating.counted(mirror, here, Asked())[""]
    assert (after.closed, after.reported) == (before.closed - 1, before.reported + 1)
    assert after == by_database(here, Asked())[""]


def test_of_the_past_and_of_frames_the_database_tells(city, cast, now):
    count = rating.over(Mirror())
    assert count(Here(city, cast["leader"], now, now - timedelta(days=1)), Asked()) is None
    assert count(Here(city, cast["leader"], now, now), Asked(bbox=(115, 28, 116, 29))) is None
