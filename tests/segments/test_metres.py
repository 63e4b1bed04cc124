"""Every metre of an arterial belongs to exactly one segment: the figure, its gaps and overlaps, two carriageways."""

import pytest
from shapely import LineString

from civmap.city.models import StreetEdge
from civmap.segments.figure import figure
from civmap.segments.models import RoadSegment
from tests.segments.test_matching import spot
from tests.support import town


def line(low, high, y=0.0):
    return LineString([spot(low, y), spot(high, y)])


@pytest.fixture
def avenue(session):
    """Give an arterial of two carriageways, 1,000 m long, and a crossing one."""
    for number, (low, high, y) in enumerate(((0, 1000, -9), (1000, 0, 9))):
        session.add(StreetEdge(name="大道", highway="primary", from_node=number, to_node=number + 10, is_oneway=True,
                               length_m=1000, geom=line(low, high, y)))
    session.add(StreetEdge(name="横街", highway="secondary", from_node=20, to_node=21, length_m=400,
                           geom=LineString([spot(500, -200), spot(500, 200)])))
    session.flush()


PIECES = (  # name, from, to, side; what none and several hold
    ([("a", 0, 500, "both"), ("b", 500, 1000, "both")], 0, 0),
    ([("a", 0, 400, "both"), ("b", 600, 1000, "both")], 200, 0),
    ([("a", 0, 600, "both"), ("b", 400, 1000, "both")], 0, 200),
    ([("a", 0, 1000, "left"), ("b", 0, 1000, "right")], 0, 0),
    ([("a", 0, 1000, "left"), ("b", 0, 500, "right"), ("c", 480, 1000, "right")], 0, 0), ([], 1000, 0))


@pytest.mark.parametrize(("pieces", "none", "several"), PIECES)
def test_the_figure_tells_metres_of_one_none_and_several(session, cast, now, avenue, pieces, none, several):
    for code, low, high, side in pieces:
        session.add(RoadSegment(code=code, name=code, road="大道", road_class="arterial_primary", side=side,
                                geom=line(low, high), valid_from=town.FOUNDED, division=town.HEDONG))
    session.flush()
    found = figure(session, cast["admin"], now)
    row = next(row for row in found["roads"] if row["road"] == "大道")
    assert (row["total_m"], row["none_m"], row["several_m"]) == (
        pytest.approx(1000, abs=5), pytest.approx(none, abs=20), pytest.approx(several, abs=20))
    places = [place for place in found["places"] if place["road"] == "大道"]
    assert {place["state"] for place in places} == ({"none"} if none else {"several"} if several else set())
    if several:
        assert places[0]["segments"] == ["a", "b"] and places[0]["place"] == pytest.approx(spot(500, 9), abs=4e-4)
    assert next(row for row in found["roads"] if row["road"] == "横街")["none_m"] == pytest.approx(400, abs=25)
