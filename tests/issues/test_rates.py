"""The rates of the office: exact halves, empty denominators, shared ranks, and one story counted by hand."""

from datetime import timedelta

import pytest
from shapely import Point
from sqlalchemy import select

from civmap.clock import parse_moment
from civmap.issues import figures, measures
from civmap.issues.models import Issue
from civmap.issues.rates import GROUPS, RATES, Tally, per_cent, ranking, rates_of, score, words
from civmap.issues.tallying import Asked, tally
from civmap.store.listing import Here
from civmap.units.models import Unit


@pytest.mark.parametrize(("part", "whole", "text"), [
    (984, 1180, "83.4 %"), (984, 1200, "82.0 %"), (0, 0, "—"), (0, 7, "0.0 %"), (7, 7, "100.0 %"), (1, 3, "33.3 %"),
    (2, 3, "66.7 %"), (1, 16, "6.3 %"), (3, 16, "18.8 %"), (1, 2000, "0.1 %"), (1, 2001, "0.0 %"),
    (11, 14, "78.6 %"), (1, 8, "12.5 %"), (5, 400, "1.3 %"), (999, 1000, "99.9 %"), (19999, 20000, "100.0 %")])
def test_a_rate_has_one_decimal_and_a_half_goes_up(part, whole, text):
    assert words(per_cent(part, whole), "rectification") == text


def test_a_mean_is_in_working_hours():
    assert words(RATES["handling_hours"](Tally(handled=2, handled_s=3 * 3600 + 360)), "handling_hours") == "1.6 h"
    assert words(RATES["handling_hours"](Tally()), "handling_hours") == "—"


def test_a_unit_without_issues_shows_a_dash_everywhere():
    assert {words(rate, name) for name, rate in rates_of(Tally()).items()} == {"—"}
    assert score(Tally()) is None


def _unit(closed, of=10, **more):
    return Tally(handed_over=of, closed=closed, due=of, on_time=closed, with_feedback=of, **more)


def test_equal_scores_share_a_rank_and_few_issues_are_listed_only():
    assert score(_unit(10)) == 1000
    assert score(_unit(5, reworked=1)) == 10 * (20 + 15 + 18 + 10)
    assert score(Tally(handed_over=4)) == 0
    units = [("a", "bureau", _unit(10)), ("b", "bureau", _unit(8)), ("c", "bureau", _unit(8)),
             ("d", "bureau", _unit(6)), ("few", "bureau", _unit(4, of=4)), ("other", "subdistrict", _unit(1))]
    found = ranking(units)
    assert {code: found[code].rank for code in found} == {"a": 1, "b": 2, "c": 2, "d": 4, "few": None, "other": 1}
    assert set(GROUPS.values()) == {"subdistrict", "bureau"}


def _issues(session, now):
    """Give unit HW-C ten issues whose fates can be counted in the head, and one to another unit."""
    units = {unit.code: unit.id for unit in session.scalars(select(Unit))}
    start = now - timedelta(days=10)

    def one(number, unit="HW-C", state="closed", **more):
        known = {"dispatched_at": start, "due_at": start + timedelta(days=2), "filed_at": start, "dispatch_count": 1,
                 "class_code": "E0102", "division": "360199007"} | more
        if state in ("closed", "resolved"):
            known = {"resolved_at": start + timedelta(days=1), "handled_work_s": 3600 * number} | known
        if state == "closed":
            known = {"closed_at": known["resolved_at"], "ended_at": known["resolved_at"]} | known
        if state in ("rejected", "duplicate"):
            known |= {"ended_at": start}
        issue = Issue(issue_no=f"N{number}", description="x", geom=Point(115.85, 28.685), state=state,
                      reported_at=start, unit_id=units[unit], claims=[], **known)
        session.add(issue)
        return issue

    first = one(1)
    one(2, resolved_at=start + timedelta(days=3), rework_count=2)
    one(3, resolved_at=start + timedelta(days=3), is_overdue_waived=True)
    one(4, state="resolved", due_at=now + timedelta(days=1))
    one(5, state="in_progress")
    one(6, state="suspended", suspended_at=start)
    one(7, state="in_progress", due_at=now + timedelta(days=1), return_count=1, dispatch_count=2, wrong_return_count=1)
    one(8, due_at=now + timedelta(days=9))
    one(9, state="rejected")
    one(10, state="reported", dispatched_at=None, filed_at=None, due_at=None)
    one(11, "HW-B", dispatched_at=start - timedelta(days=30))
    session.flush()
    one(12, "HW-B", state="reported", dispatched_at=None, filed_at=None, due_at=None, recurrence_of_id=first.id)
    session.flush()


COUNTED = {"handed_over": 8, "suspended": 1, "closed": 4, "fed_back": 5, "due": 5, "on_time": 2, "late": 2,
           "with_feedback": 5, "reworked": 1, "rework_times": 2, "wrong_returns": 1, "recurred": 1, "handled": 5,
           "handled_s": 3600 * (1 + 2 + 3 + 4 + 8), "reported": 10, "filed": 9, "dispatches": 10, "returns": 1}


def test_a_story_is_counted_as_in_the_head(session, cast, now):
    _issues(session, now)
    here = Here(session, cast["leader"], now, now)
    found = {line.code: line for line in tally(here, Asked("unit")).lines}
    assert {name: getattr(found["HW-C"].tally, name) for name in COUNTED} == COUNTED
    assert (found["HW-C"].placed.rank, found["HW-B"].placed.rank) == (1, None)
    period = tally(here, Asked("unit", "2026-05-01", "2026-05-20"))
    assert period.total.handed_over == 8
    assert [line.code for line in tally(here, Asked("unit", filters={"unit": "HW-B"})).lines] == ["HW-B"]
    whole = tally(here, Asked())
    assert (whole.total.handed_over, whole.total.signed, whole.total.zones) == (9, 1, 1)
    for by in ("division", "type", "class"):
        parts = tally(here, Asked(by))
        assert parts.total == whole.total
        assert sum(line.tally.handed_over for line in parts.lines) == 9
    unit = session.scalar(select(Unit).where(Unit.code == "HW-C"))
    counts = figures.counts_on(session, cast["leader"], "units", unit, now)
    assert measures.value("rectification_rate", counts, now.timestamp()) == rates_of(
        found["HW-C"].tally)["rectification"].value == 57.1
    assert measures.rectification_rate_of_all(counts, now.timestamp()) == 50.0


def test_of_an_earlier_day_the_moments_and_the_ledger_tell(session, cast, now):
    _issues(session, now)
    before = tally(Here(session, cast["leader"], now, parse_moment("2026-05-11T12:00+08:00")), Asked("unit"))
    counted = {line.code: line.tally for line in before.lines}["HW-C"]
    assert (counted.handed_over, counted.closed, counted.due, counted.rework_times) == (8, 2, 2, 0)


def test_a_handler_sees_the_own_figures_and_the_place_among_all(session, cast, now):
    _issues(session, now)
    found = tally(Here(session, cast["head"], now, now), Asked("unit"))
    assert [(line.code, line.placed.rank) for line in found.lines] == [("HW-C", 1)]
