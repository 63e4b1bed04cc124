"""A crew's day minute by minute: hours of the door, lunch, the end of the day, and what a hand-made plan breaks."""

import numpy as np
import pytest

from civmap.routes.drafts import Draft, DraftStop, DraftTeam, arranged
from civmap.routes.insertion import cheapest, faults
from civmap.routes.problem import Crew, Place, Problem
from civmap.routes.scheduling import timings

LUNCH = (720.0, 840.0)
DAY = Crew(480.0, 1080.0, None, None, LUNCH)


def on_a_line(spots, places, crews):
    """Return a problem on a line: a kilometre takes ten minutes."""
    at = np.array(spots, dtype=float)
    metres = np.abs(at[:, None] - at) * 1000
    return Problem(tuple(places), tuple(crews), metres, metres / 100)


@pytest.mark.parametrize(("from_min", "km", "visit", "windows", "arrive", "begin", "leave", "is_late"), [
    (480, 1, 15, (), 490, 490, 505, False),
    (480, 1, 15, ((600, 700),), 490, 600, 615, False),           # waits for the door
    (480, 1, 15, ((400, 500),), 490, 490, 505, True),            # would be shut out before the visit ends
    (715, 1, 15, (), 845, 845, 860, False),                      # the way is interrupted by lunch
    (700, 1, 30, (), 710, 710, 740, False),                      # the visit runs into lunch
    (710, 1, 30, (), 720, 840, 870, False),                      # nobody begins in lunch
    (700, 1, 30, ((480, 720), (840, 1020)), 710, 840, 870, False),   # shut at noon: after lunch
    (480, 1, 30, ((730, 790),), 490, 490, 520, True),            # open only while we eat
    (480, 1, 30, ((730, 900),), 490, 840, 870, False),
    (750, 1, 15, (), 850, 850, 865, False),                      # the day begins in lunch
    (900, 1, 15, (), 910, 910, 925, False),
    (1060, 1, 15, (), 1070, 1070, 1085, True),                   # after the end of the day
])
def test_a_visit_keeps_to_hours_and_lunch(from_min, km, visit, windows, arrive, begin, leave, is_late):
    problem = on_a_line([km, 0], [Place("A", visit, windows)], [Crew(from_min, 1080.0, 1, None, LUNCH)])
    (stop,) = timings(problem, problem.crews[0], (0,)).stops
    assert (stop.arrive, stop.begin, stop.leave, stop.is_late) == (arrive, begin, leave, is_late)


def test_lunch_follows_a_long_visit_in_full_and_the_way_back_counts():
    problem = on_a_line([1, 2, 0], [Place("A", 230.0), Place("B", 20.0)], [Crew(480.0, 900.0, 2, 2, LUNCH)])
    day = timings(problem, problem.crews[0], (0, 1))
    assert [(stop.begin, stop.leave, stop.lunch, stop.wait) for stop in day.stops] == [
        (490, 720, None, 0), (850, 870, 720, 0)]
    assert (day.back.arrive, day.back.leg_m, day.back.is_late, day.metres, day.minutes) == (890, 2000, False, 4000, 410)
    longer = on_a_line([1, 2, 0], [Place("A", 260.0), Place("B", 20.0)], [Crew(480.0, 900.0, 2, 2, LUNCH)])
    day = timings(longer, longer.crews[0], (0, 1))
    assert (day.stops[0].leave, day.stops[1].begin, day.back.arrive, day.is_late) == (750, 880, 920, True)


@pytest.mark.parametrize(("from_min", "begin", "is_late"), [(480, 600, False), (595, 605, False), (602, 612, True)])
def test_a_fixed_time_waits_and_forgives_ten_minutes(from_min, begin, is_late):
    problem = on_a_line([1, 0], [Place("A", 15.0, ((900, 1000),), at_min=600.0)], [Crew(from_min, None, 1, None)])
    (stop,) = timings(problem, problem.crews[0], (0,)).stops
    assert (stop.begin, stop.is_late) == (begin, is_late)


def test_one_more_place_goes_where_it_costs_least_and_makes_nothing_late():
    places = [Place("A", 10.0), Place("B", 10.0, ((480, 545),)), Place("C", 10.0), Place("D", 10.0, team=1)]
    problem = on_a_line([1, 4, 2.5, 1.5, 0], places, [Crew(480.0, None, 4, 4), Crew(480.0, None, 4, 4)])
    assert cheapest(problem, ((0, 1), ()), 2) == (0, 2, 0.0)        # on the way out B would be late
    assert cheapest(problem, ((0, 1), ()), 3) == (1, 0, 3000.0)     # only the second crew may
    assert cheapest(problem, ((0, 1), ()), 2, crew=1) == (1, 0, 5000.0)


def test_what_a_plan_made_by_hand_breaks_is_told():
    places = [Place("A", 10.0, together="x"), Place("B", 10.0), Place("C", 10.0, together="x"),
              Place("D", 10.0, ((480, 500),), team=1)]
    problem = on_a_line([1, 2, 3, 4, 0], places, [Crew(480.0, 590.0, 4, 4), Crew(480.0, None, 4, None)])
    found = [(one.code, one.crew, one.node) for one in faults(problem, ((0, 1, 2, 3), (1,)))]
    assert found == [("late", 0, 3), ("over", 0, None), ("other_team", 0, 3), ("twice", 1, 1), ("apart", 0, 2)]
    assert faults(problem, ((0, 2, 1), ())) == []


def test_what_was_passed_over_is_still_to_be_visited():
    states = ("planned", "skipped", "planned", "done", "planned")
    stops = tuple(DraftStop(place, str(place), 0.0, 0.0, 5.0, state=state, arrived_min={1: 50.0, 3: 40.0}.get(place))
                  for place, state in enumerate(states))
    told = arranged(Draft(stops, (DraftTeam(),), ((0, 1, 2, 3, 4),)))
    assert (told.orders, told.past(0)) == (((3, 1, 0, 2, 4),), 2)
