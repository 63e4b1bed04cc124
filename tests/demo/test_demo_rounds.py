"""The demo's rounds: seen, under way and hidden ones, true to its own issues, draws and streets."""

import pytest
from sqlalchemy import func, select

from civmap import dictionaries
from civmap.draws import queries as draws
from civmap.draws.models import Draw
from civmap.inspections.models import Finding, Visit
from civmap.issues.models import Issue
from civmap.people.queries import by_name, viewer_of
from civmap.people.rules import OFFICE
from civmap.routes import queries as routes
from civmap.routes.models import Stop
from civmap.store.database import reading

pytestmark = pytest.mark.spatialite


def test_six_rounds_were_walked_one_is_under_way_and_one_is_hidden(built, plan):
    now = plan.times.start
    with reading(built.engine) as session:
        def states(who):
            rows, _more = routes.listed(session, viewer_of(session, by_name(session, who), "page"), "zh")
            return [row["state"] for row in rows]

        assert sorted(states("dispatcher")) == ["finished"] * 6 + ["planned", "under_way"]
        assert "planned" not in states("inspector") and "under_way" in states("inspector")
        assert "planned" not in states("handler")
        rounds, _more = routes.listed(session, OFFICE, "zh", {"state": "under_way"})
        told = routes.told(session, OFFICE, rounds[0]["route"], "zh")
        assert told["day"] == plan.day.isoformat() and (rounds[0]["done"], rounds[0]["stops"]) == (8, 16)
        assert "inspector" in [person["name"] for person in told["teams"][0]["people"]]
        for draw in session.scalars(select(Draw)):
            assert draws.proof(session, OFFICE, draw, now)["is_same"]
        ways = session.execute(select(Stop.leg_m, Stop.is_air, Stop.leg).where(Stop.team_id.is_not(None))).all()
        assert not any(way.is_air for way in ways) and all(way.leg_m > 0 and way.leg is not None for way in ways)


def test_fails_speak_of_issues_of_their_point_and_class_that_were_open_then(built):
    with reading(built.engine) as session:
        rows = session.execute(select(Finding.item, Finding.result, Visit.arrived_at, Visit.point_id, Issue.class_code,
                                      Issue.point_id.label("place"), Issue.reported_at, Issue.ended_at)
                               .join(Visit, Visit.id == Finding.visit_id)
                               .join(Issue, Issue.id == Finding.issue_id)).all()
        sums = session.execute(select(func.sum(Visit.passed + Visit.failed + Visit.not_applicable))).scalar()
        assert sums == session.scalar(select(func.count()).select_from(Finding))
    assert len(rows) > 10
    for row in rows:
        assert row.result == "fail" and row.point_id == row.place
        assert row.class_code in dictionaries.check_items()[row.item].classes
        assert row.reported_at <= row.arrived_at and (row.ended_at is None or row.ended_at > row.arrived_at)
