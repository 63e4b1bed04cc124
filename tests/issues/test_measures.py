"""Measures by figures that can be checked in the head, for one thing and for many at once."""

import math

import numpy as np
import pytest

from civmap.clock import parse_moment
from civmap.issues.measures import (
    DAY,
    NEVER,
    OF_KIND,
    Counts,
    Lives,
    last_visit,
    open_per_km,
    open_per_point,
    overdue_share,
    rectification_rate,
    rectification_rate_of_all,
    seconds,
    standing,
    status,
    value,
)

NOW = seconds(parse_moment("2026-05-20T09:00:00+08:00"))


def test_984_of_1200_with_20_on_the_books_is_83_4_percent():
    counts = Counts(handed_over=1200, closed=984, suspended=20)
    assert rectification_rate(counts, NOW) == 83.4
    assert rectification_rate_of_all(counts, NOW) == 82


@pytest.mark.parametrize(("part", "whole", "said"), [(1, 3, 33.3), (2, 3, 66.7), (1, 8, 12.5), (1, 16, 6.3),
                                                      (0, 5, 0), (5, 5, 100), (0, 0, None), (67, 2000, 3.4)])
def test_shares_have_one_decimal_and_halves_go_up(part, whole, said):
    assert overdue_share(Counts(open=whole, overdue=part), NOW) == said
    many = overdue_share(Counts(open=np.array([whole, 4]), overdue=np.array([part, 1])), NOW)
    assert many[1] == 25 and (np.isnan(many[0]) if said is None else many[0] == said)


def test_nothing_to_divide_by_gives_no_value():
    nothing = Counts(open=3)
    assert [value(by, nothing, NOW) for by in ("rectification_rate", "last_visit", "open_per_km", "open_per_point")] \
        == [None] * 4
    all_suspended = Counts(handed_over=2, suspended=2)
    assert rectification_rate(all_suspended, NOW) is None
    assert value("open", Counts(), NOW) == 0


def test_days_kilometres_and_points():
    counts = Counts(open=np.array([3, 1]), last_visit=np.array([NOW - 2.9 * DAY, -NEVER]),
                    length_m=np.array([400.0, 0.0]), points=np.array([2, 0]))
    assert last_visit(counts, NOW).tolist()[0] == 2 and math.isnan(last_visit(counts, NOW)[1])
    assert open_per_km(counts, NOW)[0] == 7.5
    assert open_per_point(counts, NOW)[0] == 1.5
    assert last_visit(Counts(last_visit=NOW + 60), NOW) == 0


def test_status_is_the_worst():
    assert [status(Counts()), status(Counts(open=1)), status(Counts(2, 1)), status(Counts(2, 1, 1))] \
        == ["none", "open", "due_soon", "overdue"]
    assert status(Counts(np.array([0, 2]), np.array([0, 1]), np.array([0, 0]))).tolist() == ["none", "due_soon"]


def test_an_issue_stands_as_its_moments_say():
    life = Lives(reported=0, dispatched=10, due_soon=40, due=50, suspended=NEVER, checked=70, ended=70, was_closed=True)
    told = {at: standing(life, at) for at in (-1, 0, 20, 45, 51, 70)}
    assert [bool(told[at].open) for at in told] == [False, True, True, True, True, False]
    assert [bool(told[at].due_soon) for at in told] == [False, False, False, True, False, False]
    assert [bool(told[at].overdue) for at in told] == [False, False, False, False, True, False]
    assert [bool(told[at].handed_over) for at in told] == [False, False, True, True, True, True]
    assert [bool(told[at].closed) for at in told] == [False] * 5 + [True]
    assert [float(told[at].visited) for at in told] == [-NEVER, 0, 0, 0, 0, 70]


def test_rejected_ones_are_not_handed_over_and_suspended_ones_are_not_late():
    ends, hangs = np.array([30, NEVER]), np.array([NEVER, 20])
    lives = Lives(np.zeros(2), np.full(2, 5.0), np.full(2, 8.0), np.full(2, 9.0), hangs, np.full(2, NEVER), ends,
                  np.array([False, False]))
    found = standing(lives, 35.0)
    assert found.handed_over.tolist() == [False, True]
    assert found.suspended.tolist() == [False, True]
    assert found.overdue.tolist() == [False, False]
    assert standing(lives, 15.0).overdue.tolist() == [True, True]


def test_every_kind_can_be_coloured_by_its_status():
    assert all(names[0] == "status" for names in OF_KIND.values())
