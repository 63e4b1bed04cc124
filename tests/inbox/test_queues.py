"""What waits is what the lists show: every queue of every role, counted and told as the list of the same filters."""

import pytest
from shapely import Point
from sqlalchemy import select

from civmap.calendar import WorkCalendar
from civmap.clock import parse_moment
from civmap.exchange import gather
from civmap.exchange.gather import Narrowing
from civmap.inbox import queries, rules
from civmap.issues.models import Issue, Plea
from civmap.people.rules import Viewer
from civmap.store.listing import Here
from civmap.units.models import Unit

PACE = queries.Times(WorkCalendar(), rules.TARGETS)


def moment(text):
    return parse_moment(f"2026-05-{text}:00+08:00") if text else None


@pytest.fixture
def story(session, town):
    """Give a dozen issues in every stage, some of them late."""
    units = {row.code: row.id for row in session.scalars(select(Unit))}

    def issue(no, state, unit=None, code="E0102", division=town.HEDONG, more=None, **at):
        session.add(Issue(issue_no=no, class_code=code, description=f"问题{no}", geom=Point(town.SPOT_A2), state=state,
                          division=division, unit_id=units.get(unit), time_limit="4 work_hour",
                          **{f"{name}_at": moment(text) for name, text in at.items()}, **(more or {})))

    given = {"reported": "19T14:00", "filed": "19T14:10", "dispatched": "19T15:00"}
    issue("R1", "reported", "HW-C", reported="20T08:40")
    issue("R2", "verifying", "HW-C", reported="20T08:20")
    issue("R3", "reported", None, reported="20T08:50", division=town.QIAOXI, more={"reported_by": "shop"})
    issue("F1", "filed", "HW-C", reported="20T08:00", filed="20T08:05", more={"is_ambiguous": True})
    issue("B1", "returned", "HW-B", **given)
    issue("D1", "dispatched", "HW-C", **given, due_soon="20T08:00", due="20T10:00")
    issue("D2", "dispatched", "LI", reported="20T08:00", filed="20T08:10", dispatched="20T08:30", due_soon="20T11:30",
          due="20T14:30")
    issue("I1", "in_progress", "HW-C", **given, acknowledged="19T16:00", due_soon="19T18:00", due="20T08:30",
          more={"on_site": True, "supervision_level": 3})
    issue("I2", "in_progress", "HD", reported="20T08:00", dispatched="20T08:10", acknowledged="20T08:20",
          due_soon="20T11:10", due="20T14:10")
    issue("W1", "rework", "HW-C", **given, acknowledged="19T16:00", checked="20T08:30", due_soon="20T10:00",
          due="20T15:00")
    issue("S1", "suspended", "HW-C", **given, acknowledged="19T16:00", suspended="19T17:00", due_soon="20T08:00",
          due="20T08:10", more={"resumes_at": moment("25T08:00")})
    issue("C1", "resolved", "HW-C", **given, acknowledged="19T16:00", resolved="19T16:30", due_soon="20T10:00",
          due="20T15:00")
    issue("C2", "resolved", "HD", **given, acknowledged="19T16:00", resolved="20T08:30", due_soon="20T10:00",
          due="20T15:00")
    issue("X1", "closed", "HW-C", **given, closed="20T08:00", ended="20T08:00")
    session.flush()
    ids = {row.issue_no: row.id for row in session.scalars(select(Issue))}
    for no, kind, state in (("D1", "extension", "asked"), ("I1", "suspension", "asked"), ("X1", "appeal", "asked")):
        session.add(Plea(issue_id=ids[no], kind=kind, state=state, reason="缺料", asked_at=moment("20T08:45"),
                         asked_by="handler"))
    session.flush()


def shown(session, viewer, now):
    """Return per queue the numbers, most urgent first, and how many are late."""
    here, known = Here(session, viewer, now, now), queries.queues(session, viewer)
    counts = queries.counts(here, known, PACE)
    told = {}
    for queue in known:
        rows = queries.page(here, queue, PACE, "zh", limit=100)
        assert counts[queue.name].total == len(rows)
        asked = Narrowing(filters={name: value for name, value in queue.filters.items() if name != "status"},
                          status=tuple(queue.filters.get("status", "").split(",")) if "status" in queue.filters else ())
        listed = gather.collect(session, viewer, "issues", asked, now, "zh").features
        assert {row.issue.issue_no for row in rows} == {feature["id"] for feature in listed}, queue.name
        if rows or counts[queue.name].late:
            told[queue.name] = (" ".join(row.issue.issue_no for row in rows), counts[queue.name].late)
    return told, queries.total(here, known)


WAITING = {
    "dispatcher": ({"to_file": ("R2 R1 R3", 1), "to_dispatch": ("F1", 1), "returned": ("B1", 0), "pleas": ("I1 X1", 1),
                    "to_check": ("C1 C2", 0), "doubtful": ("F1 R3", 0), "overdue": ("I1", 1)}, 9),
    "inspector": ({"to_verify": ("R2 R1 R3", 1), "to_check": ("C1 C2", 0), "on_site": ("I1", 1)}, 6),
    "handler": ({"to_acknowledge": ("D1", 1), "rework": ("W1", 0), "to_fix": ("I1", 1), "overdue": ("I1", 1),
                 "due_soon": ("D1", 0), "suspended": ("S1", 0)}, 3),
    "head": ({"to_second": ("D1", 0), "to_acknowledge": ("D1", 1), "rework": ("W1", 0), "to_fix": ("I1", 1),
              "overdue": ("I1", 1), "due_soon": ("D1", 0), "suspended": ("S1", 0)}, 3),
    "clerk": ({"to_verify": ("R2 R1", 1), "to_fix": ("I2", 0)}, 3),
    "clerk_west": ({"to_verify": ("R3", 0)}, 1),
    "leader": ({"overdue": ("I1", 1), "level_3": ("I1", 1), "doubtful": ("F1 R3", 0)}, 1),
    "discipline": ({"level_3": ("I1", 1), "overdue": ("I1", 1)}, 1),
    "shop": ({"to_acknowledge": ("D2", 0), "mine": ("R3", 0)}, 1),
}


@pytest.mark.parametrize("who", WAITING)
def test_each_role_finds_what_it_must_do_and_the_lists_say_the_same(session, cast, story, now, who):
    assert shown(session, cast[who], now) == WAITING[who]


def test_who_handled_it_is_not_asked_to_check_it(session, cast, story, now):
    own = session.scalar(select(Unit.id).where(Unit.code == "HW-C"))
    inspector = Viewer("inspector", "inspector", 3, unit_id=own, unit_ids=frozenset({own}))
    assert shown(session, inspector, now)[0]["to_check"] == ("C2", 0)
