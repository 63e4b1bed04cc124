"""A visit to a point: arriving, judging, the score rate, and fails that become issues (example A11)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from civmap.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from civmap.inspections import actions, checklists, queries, visiting
from civmap.issues import queries as issues
from civmap.issues import showing
from civmap.points import queries as points
from civmap.routes import books
from civmap.routes.models import Route
from civmap.store import ledger
from civmap.store.database import reading, writing
from civmap.store.listing import Here
from tests.support import rounds
from tests.support import town as plan

MARKET = {"point": "P002", "lon": 115.8500, "lat": 28.6850, "accuracy_m": 8}
FAILS = ("E02", "F13", "O02")
NA = 5


@pytest.fixture
def market():
    """Give a teller of the market's 14 applicable items of 19, three of them fails."""
    items = [item.code for item in checklists.items_of("PT07")]
    rest = [code for code in items if code not in FAILS]

    def told(report=None, **more):
        found = [{"item": code, "result": "na"} for code in rest[:NA]]
        found += [{"item": code, "result": "pass"} for code in rest[NA:]]
        asked = {} if report is None else {"report": report}
        found += [{"item": code, "result": "fail", "remark": "西门一侧", **asked} for code in FAILS]
        return MARKET | {"findings": found} | more
    return told


def test_fourteen_items_with_three_fails_are_78_6_per_cent_and_three_issues_never_six(session, cast, now, market):
    left = (now + timedelta(minutes=9)).isoformat()
    body = market(report={}, key="phone-1", arrived_at=now.isoformat(), left_at=left)
    later = now + timedelta(minutes=10)
    for _ in range(2):
        visit = actions.keep(session, cast["inspector"], body, later)
        told = queries.told(session, cast["inspector"], [visit], "zh", later)[0]
        assert (told["score_rate"], told["passed"], told["failed"], told["not_applicable"]) == (78.6, 11, 3, NA)
        assert [one["item"] for one in told["issues"]] == sorted(FAILS)
        assert told["warnings"] == ["no_photo"]
    found = {row.issue_no: row for row in issues.listed(session, cast["inspector"], later)}
    assert len(found) == 3
    for one in told["issues"]:
        row = found[one["issue_no"]]
        assert row.state == "dispatched" and row.due_at is not None and row.unit_id is not None
        assert row.description.endswith("：西门一侧") and row.source == cast["inspector"].via
    without_key = {name: value for name, value in body.items() if name != "key"}
    again = actions.keep(session, cast["inspector"], without_key, later)
    assert again.id == visit.id, "the same words within minutes are the same visit"
    other = actions.keep(session, cast["inspector"], body | {"key": "phone-2"}, later)
    assert other.id != visit.id
    assert len(issues.listed(session, cast["inspector"], later)) == 3, "open issues of the item are linked, not doubled"
    assert {entry.kind for entry in ledger.history(session, "visit", str(visit.id))} == {"visit"}


def _at_once(engine, work, times=6):
    """Do the same in as many transactions at once; return what each gave."""
    def one(_number):
        with writing(engine) as session:
            return work(session, plan.viewers(session)["inspector"])

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_the_same_visit_at_once_is_one_and_so_is_each_issue(engine, now, market):
    """Phones send again what they do not know to be through, and a colleague taps the same fail."""
    at = now + timedelta(minutes=5)
    ids = _at_once(engine, lambda session, viewer: actions.keep(
        session, viewer, market(report={}, key="phone-1"), at).id)
    asked = {"items": list(FAILS)}
    _at_once(engine, lambda session, viewer: actions.make_issues(session, viewer, ids[0], asked, at).id)
    with writing(engine) as session:
        bare = actions.keep(session, plan.viewers(session)["clerk_west"], market(key="phone-2"), at)
        number = bare.id
    twice = _at_once(engine, lambda session, viewer: actions.make_issues(
        session, plan.viewers(session)["clerk_west"], number, {"items": ["E02", "O02"]}, at).id)
    assert (len(set(ids)), len(set(twice))) == (1, 1)
    with reading(engine) as session:
        viewer = plan.viewers(session)["admin"]
        assert len(issues.listed(session, viewer, at)) == 3
        assert len(queries.listed(session, viewer)) == 2


def test_a_visit_grows_until_it_is_left_in_whatever_order_it_arrives(session, cast, now, market):
    viewer = cast["inspector"]
    arrival = MARKET | {"key": "k", "arrived_at": now.isoformat()}
    visit = actions.keep(session, viewer, arrival, now)
    assert visit.left_at is None and queries.told(session, viewer, [visit], "zh", now)[0]["state"] == "here"
    fail = arrival | {"here": True, "findings": [{"item": "E02", "result": "fail", "report": True}]}
    actions.keep(session, viewer, fail, now + timedelta(minutes=1))
    whole = market(key="k", arrived_at=now.isoformat(), left_at=(now + timedelta(minutes=5)).isoformat())
    actions.keep(session, viewer, whole, now + timedelta(minutes=9))
    for late in (fail, arrival, whole):
        assert actions.keep(session, viewer, late, now + timedelta(minutes=20)).id == visit.id
    told = queries.told(session, viewer, [visit], "zh", now)[0]
    assert (told["score_rate"], [one["item"] for one in told["issues"]], told["state"]) == (78.6, ["E02"], "done")
    with pytest.raises(Conflict, match="visit_key_taken"):
        actions.keep(session, cast["clerk_west"], whole, now)

    with pytest.raises(Stale):
        actions.change(session, viewer, visit.id, visit.version - 1, {"remark": "x"}, now)
    with pytest.raises(Conflict, match="finding_has_issue"):
        actions.change(session, viewer, visit.id, visit.version, {"findings": [{"item": "E02", "result": "pass"}]}, now)


@pytest.mark.spatialite
def test_a_second_fail_of_an_open_issue_is_linked_unless_a_new_one_is_asked_for(session, cast, now):
    def fail(key, item, **report):
        return actions.keep(session, cast["inspector"], MARKET | {"key": key, "findings": [
            {"item": item, "result": "fail", "report": report}]}, now + timedelta(minutes=1))

    def number(visit):
        return queries.told(session, cast["inspector"], [visit], "zh", now)[0]["issues"][0]["issue_no"]

    first, same, other = fail("1", "A01"), fail("2", "A01"), fail("3", "A02")
    assert number(first) == number(same) != number(other), "another item of the same class is another matter"
    assert number(fail("4", "A01", new=True)) not in {number(first), number(other)}
    assert number(fail("5", "A01", link=number(other))) == number(other)
    with pytest.raises(Invalid, match="issue_not_linkable"):
        elsewhere = actions.keep(session, cast["inspector"], {"point": "P001", "key": "6", "findings": [
            {"item": "E02", "result": "fail", "report": True}]}, now)
        fail("7", "E02", link=number(elsewhere))


REFUSED = (
    ({"outcome": "skipped"}, "skip_needs_reason"),
    ({"findings": [{"item": "Z99", "result": "pass"}]}, "check_item_unknown"),
    ({"findings": [{"item": "F12", "result": "pass"}]}, "check_item_foreign"),
    ({"findings": [{"item": "E01", "result": "pass"}] * 2}, "item_twice"),
    ({"findings": [{"item": "E01", "result": "pass", "report": {}}]}, "only_fails_are_reported"),
    ({"findings": [{"item": "E01", "result": "good"}]}, "choice_unknown"), ({"lat": None}, "spot_missing"),
    ({"lon": float("nan")}, "spot_missing"), ({"lon": "inf"}, "number_not_finite"),
    ({"lat": 115.85, "lon": 28.68}, "number_out_of_range"), ({"arrived_at": "2020-01-01"}, "visit_too_old"),
    ({"remark": "a\x00b"}, "text_not_storable"), ({"route": "LX-NONE"}, "route_not_found"),
    ({"point": "P999"}, "point_not_found"),
)


@pytest.mark.spatialite
def test_what_cannot_be_is_refused_with_its_reason(session, cast, now):
    for more, code in REFUSED:
        with pytest.raises((Invalid, NotFound), match=code), session.begin_nested():
            actions.keep(session, cast["inspector"], MARKET | more, now)
    market = points.by_code(session, cast["admin"], "P002")
    market.valid_to = now
    session.flush()
    with pytest.raises(Conflict, match="point_retired"), session.begin_nested():
        actions.keep(session, cast["inspector"], MARKET, now)
    actions.keep(session, cast["inspector"], MARKET | {"arrived_at": (now - timedelta(hours=1)).isoformat()}, now)
    assert len(queries.listed(session, cast["admin"])) == 1, "what was seen before it was retired still arrives"


def test_a_covert_round_is_known_to_its_walkers_alone_until_it_is_published(session, cast, now):
    walker, stranger = cast["inspector"], cast["industry"]
    at = now + timedelta(days=1)
    rounds.lay(session, ("市场",), 1, "LX-A", walker=walker.person_id, is_covert=True)
    visit = actions.keep(session, walker, {"point": "R0000", "route": "LX-A", "team": 2, "findings": [
        {"item": "E02", "result": "fail", "report": {}, "remark": "暗访"}]}, at)
    assert visit.is_covert and visit.warnings == ["no_position", "other_team", "incomplete"]
    later = {"point": "R0000", "route": "LX-A", "outcome": "skipped", "remark": "门关着"}
    actions.keep(session, walker, later, at + timedelta(minutes=20))
    assert books.state_of(books.visits(session, visit.route_id)[visit.point_id]) == "done", "no skip undoes a visit"
    seen = [visiting.last_seen(Here(session, who, visit.arrived_at, visit.arrived_at)) for who in (walker, stranger)]
    assert seen == [{visit.point_id: visit.arrived_at.timestamp()}, {}]
    with pytest.raises(NotFound, match="visit_not_found"):
        queries.by_id(session, stranger, visit.id)
    with pytest.raises(NotFound, match="route_not_found"):
        actions.keep(session, stranger, {"point": "R0000", "route": "LX-A"}, at)
    number = queries.told(session, walker, [visit], "zh", at)[0]["issues"][0]["issue_no"]
    office = cast["dispatcher"]
    said = [showing.as_json(session, issues.by_no(session, office, number, at), office, "zh", at),
            *(entry.after for entry in ledger.history(session, "issue", number))]
    assert "LX-A" not in json.dumps(said, ensure_ascii=False, default=str)

    session.get_one(Route, visit.route_id).published_at = at
    visit.is_covert = False
    session.flush()
    assert queries.told(session, stranger, [visit], "zh", at)[0]["route"] == "LX-A"
    with pytest.raises(Forbidden, match="round_not_yours"):
        actions.keep(session, stranger, {"point": "R0000", "route": "LX-A"}, at)
    with pytest.raises(Invalid, match="point_not_on_round"):
        actions.keep(session, walker, {"point": "P001", "route": "LX-A"}, at)
    route = session.get_one(Route, visit.route_id)
    route.state, route.finished_at = "finished", at
    session.flush()
    with pytest.raises(Conflict, match="visit_round_finished"):
        actions.change(session, walker, visit.id, visit.version, {"remark": "迟了"}, at)
    with pytest.raises(Conflict, match="round_finished"):
        actions.keep(session, walker, {"point": "R0000", "route": "LX-A"}, at + timedelta(hours=1))
    late = actions.keep(session, walker, {"point": "R0000", "route": "LX-A", "key": "phone", "arrived_at":
                                          (at - timedelta(minutes=9)).isoformat()}, at + timedelta(hours=1))
    assert "after_finish" in late.warnings, "what was done before the end still arrives"
