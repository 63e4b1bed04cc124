"""Score rates: exact in the formulas, the same from the database, hidden where they must be; visits as last visits."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from civmap.clock import parse_moment
from civmap.errors import Invalid
from civmap.exchange import gather
from civmap.exchange.gather import Narrowing
from civmap.inspections import scores, scoring, visiting
from civmap.inspections.models import Finding, Visit
from civmap.inspections.scores import Tally
from civmap.inspections.scoring import Asked
from civmap.issues import changes
from civmap.mirror.following import Mirror
from civmap.points.models import InspectionPoint
from civmap.routes.models import Route
from civmap.store import ledger
from civmap.store.ledger import Actor
from civmap.store.listing import Here
from civmap.tiles.serving import Question, answer

ROUND_HALF_UP = [((11, 14), 78.6), ((984, 1180), 83.4), ((1, 3), 33.3), ((2, 3), 66.7), ((13, 16), 81.3),
                 ((1, 2000), 0.1), ((0, 5), 0.0), ((5, 5), 100.0), ((0, 0), None)]


@pytest.mark.parametrize(("parts", "value"), ROUND_HALF_UP)
def test_rates_have_one_decimal_half_up(parts, value):
    assert scores.rate(*parts).value == scores.point_rate(*parts).value == value
    assert scores.rate(*parts).as_json()["text"] == ("—" if value is None else f"{value} %")


def test_a_type_has_two_rates_and_both_are_kept():
    seen = [Tally(1, 1, passed, failed, 3, {scores.mark(passed, passed + failed): 1}) for passed, failed in
            ((10, 0), (1, 1), (0, 0))]
    whole = scores.joined(seen)
    assert (whole.points, whole.mean.value, whole.mean.numerator, whole.mean.denominator) == (3, 75.0, 1.5, 2)
    assert (whole.observed.value, whole.observed.numerator, whole.observed.denominator) == (91.7, 11, 12)
    assert whole.not_applicable == 9
    # Weights of tenths add up to exactly a half: 0.1 + 0.2 of 0.6 is 50.0, and 0.05 % rounds up, not to even.
    assert scores.point_rate(0.1 + 0.2, 0.6).value == 50.0
    assert scores.mean({scores.mark(1, 1): 1, scores.mark(0, 1): 1999}).value == 0.1
    assert scores.change(scores.rate(786, 1000), scores.rate(752, 1000)) == 3.4
    assert scores.change(scores.rate(1, 2), scores.rate(0, 0)) is None


AT = parse_moment("2026-05-18T09:00:00+08:00")
FOUND = (  # point, days after the first, round, covert, findings
    ("P001", 0, "A", False, "A01+ A06+ F10- F13- E01x"), ("P002", 0, "A", False, "A01+ F10- S07+ E01+"),
    ("P003", 0, "A", False, "E05x"), ("P001", 1, "B", True, "A01+ A06+ F10+ F13-"),
    ("P002", -10, None, False, "A01-"),
)
SIGNS = {"+": "pass", "-": "fail", "x": "na"}


@pytest.fixture
def visits(session, town):
    """Three points in open round A, one again in covert round B, one by itself long ago, and one that was skipped."""
    ids = {row.code: row.id for row in session.scalars(select(InspectionPoint))}
    rounds = {name: Route(code=f"LX-{name}", day=AT.date(), state="finished", is_covert=name == "B", options={},
                          made_at=AT, made_by="dispatcher") for name in "AB"}
    session.add_all(rounds.values())
    session.flush()
    for number, (point, days, name, is_covert, findings) in enumerate(FOUND):
        results = {part[:3]: SIGNS[part[3]] for part in findings.split()}
        counts = {each: sum(one == each for one in results.values()) for each in scores.RESULTS}
        at = AT + timedelta(days=days)
        visit = Visit(key=f"k{number}", point_id=ids[point], who="inspector",
                      route_id=rounds[name].id if name else None,
                      arrived_at=at, left_at=at, saved_at=at, passed=counts["pass"], failed=counts["fail"],
                      not_applicable=counts["na"], weight_passed=counts["pass"],
                      weight_all=counts["pass"] + counts["fail"], is_covert=is_covert)
        session.add(visit)
        session.flush()
        session.add_all(Finding(visit_id=visit.id, item=item, result=result) for item, result in results.items())
    session.add(Visit(key="skip", point_id=ids["P003"], route_id=rounds["B"].id, outcome="skipped", who="inspector",
                      arrived_at=AT + timedelta(days=1), saved_at=AT))
    session.flush()
    return ids


def test_visits_are_added_up_by_point_type_item_and_round_for_those_who_may_know(session, cast, visits, now):
    def lines(who, **asked):
        here = Here(session, cast[who], now, now)
        return {line.code: (line.tally.mean.value, line.tally.observed.value, line.tally.visits)
                for line in scoring.lines(here, Asked(**asked), "zh")}

    assert lines("leader", by="point") == {"P002": (60.0, 60.0, 2), "P001": (62.5, 62.5, 2), "P003": (None, None, 1)}
    assert lines("industry", by="point")["P001"] == (50.0, 50.0, 1)  # the covert round is not there for it
    assert lines("doctor", by="point") == {"P001": (50.0, 50.0, 1)}  # nor the points of others
    assert lines("leader", by="type", first="2026-05-18", last="2026-05-18") == {
        "PT07": (75.0, 75.0, 1), "PT10": (50.0, 50.0, 1), "PT08": (None, None, 1)}
    assert lines("leader", by="division") == {"360199007": (60.0, 60.0, 2), "360199006": (62.5, 62.5, 3)}
    assert list(lines("leader", by="item"))[:3] == ["F13", "F10", "A01"]  # the most failed first, then the weakest
    here = Here(session, cast["leader"], now, now)
    whole = scoring.total(here, Asked(first="2026-05-18", last="2026-05-18"))
    assert (whole.points, whole.mean.value, whole.mean.numerator, whole.mean.denominator) == (3, 62.5, 1.25, 2)
    assert (whole.observed.value, whole.observed.numerator, whole.observed.denominator) == (62.5, 5, 8)
    names = {route.id: route.code for route in session.scalars(select(Route))}
    rounds = {names.get(key): one for key, one in scoring.tallies(here, Asked("round")).items()}
    assert {code: one.mean.value for code, one in rounds.items()} == {"LX-A": 62.5, "LX-B": 75.0}
    assert scoring.total(here, Asked(filters={"type": "PT18"})).mean.value is None
    with pytest.raises(Invalid, match="choice_unknown"):
        scoring.lines(here, Asked("moon"), "zh")
    with pytest.raises(Invalid, match="span_backwards"):
        scoring.lines(here, Asked("type", "2026-05-20", "2026-05-18"), "zh")


def test_a_visit_is_the_last_visit_of_its_point_in_list_and_map_for_those_who_may_know(session, cast, visits, now):
    mirror = Mirror()

    def days(who, on=None):
        listed = gather.collect(session, cast[who], "points", Narrowing(by="last_visit", on=on), now, "zh").features
        told = {one["properties"]["code"]: one["properties"]["value"] for one in listed}
        drawn = answer(mirror, session, cast[who], Question("points", {}, by="last_visit", on=on), now)
        codes = [drawn.table.codes.row(row).tobytes().decode() for row in drawn.left.nonzero()[0]]
        values = drawn.colours.values[drawn.left.nonzero()[0]].tolist()
        assert {code: None if value != value else value for code, value in zip(codes, values, strict=True)} == told
        return told

    assert days("leader") == {"P001": 1, "P002": 2, "P003": 2}
    assert days("industry") == {"P001": 2, "P002": 2, "P003": 2}
    assert days("leader", on=parse_moment("2026-05-17T12:00:00+08:00")) == {"P001": None, "P002": 9, "P003": None}
    # A new visit is there at once: the mirror follows its line, and open maps are told of the point.
    cursor = changes.newest(session)
    session.add(Visit(key="new", point_id=visits["P003"], who="grid", arrived_at=now, saved_at=now))
    session.flush()
    ledger.record(session, Actor("grid"), "create", "visit", "new", after={"point": "P003"}, at=now)
    session.flush()
    assert days("industry")["P003"] == 0
    told = changes.since(session, cast["industry"], cursor, now).told
    assert ("points", "P003") in told
    # Published: everybody learns of the visits of the covert round.
    session.execute(Visit.__table__.update().values(is_covert=False))
    ledger.record(session, Actor("dispatcher"), "publish", "route", "LX-B", at=now)
    session.flush()
    assert days("industry") == {"P001": 1, "P002": 2, "P003": 0}
    here = Here(session, cast["doctor"], now, now)
    assert set(visiting.last_seen(here, list(visits.values()))) == set(visits.values())
