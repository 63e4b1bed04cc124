"""Rounds over the interface and the command line: planned, changed, planned anew, published, halted."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from shapely import Point
from sqlalchemy import func, select

from civmap.draws.models import Draw, Drawn
from civmap.inspections.models import Visit
from civmap.points.models import InspectionPoint
from civmap.routes import background, planning
from civmap.routes.models import Plan, Route, Stop
from civmap.routes.solving import solve
from civmap.store.database import reading, writing
from civmap.store.ledger import Entry
from tests.support.command import Civmap

API = "/api/v1/routes"
A7 = ((115.8571485, 28.6832711), (115.8653274, 28.683791), (115.8583369, 28.6868899), (115.8648813, 28.6872156),
      (115.857682, 28.6906735), (115.8642266, 28.6909993), (115.8692109, 28.6841844), (115.8688352, 28.6905868))
CODES = [f"A{number}" for number in range(8)]
START = {"lon": A7[0][0], "lat": A7[0][1], "name": "创建办"}
FAST = {"metric": "air", "seconds": 0.3}


@pytest.fixture
def points(engine, town, monkeypatch):
    """Put the eight points of the office's example into the town, and plan in this process."""
    monkeypatch.setattr(planning, "solve_apart", solve)
    with writing(engine) as session:
        session.add_all(InspectionPoint(code=code, name=f"点位{code}", type="PT29", geom=Point(spot),
                                        division=town.HEDONG, open_hours="全天")
                        for code, spot in zip(CODES, A7, strict=True))


@pytest.fixture
def office(points, signed_in):
    """Give the dispatcher at work on the example."""
    return Office(signed_in("dispatcher"))


class Office:
    """Plans rounds and changes them, with the version last seen."""

    def __init__(self, browser):
        self.browser, self.code, self.tag = browser, "", ""

    def plan(self, status=201, **wish):
        """Plan a round over the eight points."""
        answer = self.browser.post(API, json={"points": CODES, "start": START, **FAST, **wish})
        assert answer.status_code == status, answer.text
        return self._seen(answer)

    def _seen(self, answer):
        if answer.status_code < 300:
            self.code, self.tag = answer.json["route"], answer.headers["ETag"]
        return answer.json

    def send(self, verb, status=200, query="", **body):
        """Change the round; a preview leaves the version as it is."""
        answer = self.browser.post(f"{API}/{self.code}/{verb}{query}", json=body, headers={"If-Match": self.tag})
        assert answer.status_code == status, answer.text
        return answer.json if query else self._seen(answer)

    def read(self, more=""):
        """Read the round."""
        return self.browser.get(f"{API}/{self.code}{more}").json


def orders(told):
    return [team["stops"] for team in told["teams"]]


def holds_together(told, legs):
    """Assert that sums, times and ways of a round fit each other."""
    for team in told["teams"]:
        stops = [stop for stop in told["stops"] if stop["team"] == team["team"]]
        assert [stop["code"] for stop in stops] == team["stops"]
        assert [stop["position"] for stop in stops] == list(range(1, len(stops) + 1))
        walked = sum(stop["leg_m"] for stop in stops) + (team["last_leg_m"] or 0)
        assert team["length_m"] == pytest.approx(walked, abs=0.1 * (len(stops) + 1))
        assert not stops or stops[-1]["sum_m"] == pytest.approx(sum(stop["leg_m"] for stop in stops), abs=1)
        moments = [moment for stop in stops for moment in (stop["arrive_at"], stop["leave_at"])]
        assert moments == sorted(moments)
    assert told["total_m"] == pytest.approx(sum(team["length_m"] for team in told["teams"]), abs=0.5)
    served = {(stop["team"], stop["position"]): stop["leg_m"] for stop in told["stops"]}
    ways = {(leg["properties"]["team"], leg["properties"]["position"]): leg["properties"]["metres"]
            for leg in legs["features"] if leg["properties"]["position"]}
    assert ways.items() <= served.items()


@pytest.mark.spatialite
def test_the_example_of_the_office_is_planned_in_its_order(office, settings, engine, tmp_path):
    told = office.plan(hours=0, visit_min=0)
    assert told["total_m"] == pytest.approx(3237, abs=1)
    assert told["teams"][0]["stops"] == ["A0", "A2", "A4", "A5", "A7", "A3", "A1", "A6"]
    holds_together(told, office.read("/legs"))
    civmap = Civmap(tmp_path, engine.url.render_as_string(hide_password=False))
    asked = ("route", "--start", "{lon},{lat}".format(**START), "--metric", "air", "--seconds", "0.2", "--hours", "0",
             "--visit-min", "0")
    found = civmap.json(*asked, "--points", ",".join(CODES[:4]), "--points", ",".join(CODES[4:]),
                        "--out", tmp_path / "a.gpx", tmp_path / "a.csv")
    assert (orders(found), found["total_m"]) == (orders(told), told["total_m"])
    assert (tmp_path / "a.gpx").read_text("utf-8").count("<rtept") == 8
    assert len((tmp_path / "a.csv").read_text("utf-8-sig").splitlines()) == 9
    closed = civmap.json(*asked, "--type", "室外公厕", "--return")
    assert closed["teams"][0]["ends"] == "return" and closed["total_m"] > found["total_m"]
    assert "A99" in civmap.refused(*asked, "--points", "A99")
    assert "txt" in civmap.refused(*asked, "--points", "A1", "--out", tmp_path / "a.txt")
    assert civmap.run("route", "--metric", "sea").exit_code == civmap.run("route", "a.gpx").exit_code == 2
    assert len(civmap.json(*asked, "--points", "A1", exit_code=0, CIVMAP_LANG="en")["stops"]) == 1


WRONG = (
    ({"points": None}, "route_points_missing"), ({"points": ["A0", "A0"]}, "route_points_twice"),
    ({"points": ["A0", "nothing", "A1"]}, "route_point_unknown"), ({"points": ["GONE"]}, "route_point_retired"),
    ({"teams": 0}, "route_teams"), ({"teams": 9}, "route_teams_more_than_points"), ({"teams": []}, "route_teams"),
    ({"points": None, "types": ["PT33"]}, "route_points_none"), ({"types": ["dragon"]}, "unknown_point_type"),
    ({"start": {"lon": 28.68, "lat": 115.86}}, "coordinates_swapped"),
    ({"start": {"lon": 100, "lat": 28.68}}, "outside_city"), ({"start": "office"}, "route_office_unknown"),
    ({"ends": "fixed"}, "route_end_missing"), ({"hours": -1}, "number_out_of_range"),
    ({"teams": [{"from_min": "18:00", "until_min": "08:00"}]}, "route_day_order"),
    ({"teams": [{"from_min": "late"}]}, "route_time_unreadable"), ({"lunch": [900, 800]}, "rounds_day"),
    ({"must": ["P001"]}, "route_point_not_chosen"), ({"together": [["A0", "A1"], ["A1"]]}, "route_points_twice"),
    ({"teams": [{"people": ["nobody"]}]}, "route_person_unknown"),
    ({"teams": [{"people": ["handler"]}]}, "route_person_role"),
    ({"covert": True, "teams": [{"people": ["clerk"]}]}, "route_person_covert"),
    ({"teams": [{"people": ["grid"]}, {"people": ["grid"]}]}, "route_people_twice"),
    ({"filters": {"colour": "red"}}, "unknown_filter"), ({"day": "someday"}, "day_unreadable"),
    ({"visit_min": {"dragon": 3}}, "unknown_point_type"), ({"seconds": 9999}, "number_out_of_range"),
    ({"points": [f"X{number}" for number in range(10_000)]}, "route_too_many_points"),
    ({"draw": "CJ0"}, "draw_not_found"),
)


@pytest.mark.spatialite
def test_a_wish_that_cannot_be_met_is_refused_with_a_way_out(office, engine, now):
    with writing(engine) as session:
        session.add(InspectionPoint(code="GONE", name="旧", type="PT29", geom=Point(A7[0]), valid_to=now))
    for change, code in WRONG:
        answer = office.browser.post(API, json={name: value for name, value in {
            "points": CODES, **FAST, **change}.items() if value is not None})
        told = answer.json
        found = {told["code"], *(one["code"] for one in told["errors"])}
        assert code in found and answer.status_code in (404, 422), (change, answer.text)
        assert "{" not in told["detail"] + "".join(one["message"] for one in told["errors"])
    assert office.browser.post(API, data='{"hours": NaN}', content_type="application/json").status_code == 400
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Route)) == 0


@pytest.mark.spatialite
def test_a_round_keeps_hours_lunch_groups_and_what_may_give_way(office, engine):
    with writing(engine) as session:
        for code, text in (("A1", "周一至周五 13:00-13:30"), ("A2", "16:00-17:00"), ("A3", "22:00-23:00"),
                           ("A4", "看心情")):
            session.scalar(select(InspectionPoint).where(InspectionPoint.code == code)).open_hours = text
    told = office.plan(day="2026-05-20", lunch=["12:00", "12:30"], visit_min=20, must=["A1", "A2", "A3", "A0"],
                       together=[["A5", "A6"]], hours=8.5, name="周三督查", seconds=3)
    times = {stop["code"]: (stop["arrive_at"][11:16], stop["leave_at"][11:16]) for stop in told["stops"]}
    assert "05:00" <= times["A1"][0] <= times["A1"][1] <= "05:30"
    assert "08:00" <= times["A2"][0] <= times["A2"][1] <= "09:00"
    assert not [one for one in times.values() if one[0] < "04:00" < one[1] < "04:30"]
    assert [(one["code"], one["reason"]) for one in told["unreached"]] == [("A3", "closed")]
    assert told["unreached"][0]["message"] and [note["code"] for note in told["notes"]] == ["hours_unreadable"]
    order = told["teams"][0]["stops"]
    assert abs(order.index("A5") - order.index("A6")) == 1
    assert {stop["code"] for stop in told["stops"] if not stop["is_must"]} == {"A4", "A5", "A6", "A7"}
    short = office.plan(hours=2, visit_min=30, nice=["A7", "A6"], teams=[{"people": ["inspector"]}])
    reasons = {one["reason"] for one in short["unreached"]}
    assert len(short["stops"]) in (3, 4) and reasons <= {"no_time", "left_out", "closed"}
    assert short["teams"][0]["people"] == [{"name": "inspector", "full_name": "inspector"}]
    few = office.plan(teams=3, hours=8, visit_min=1)
    assert few["notes"][0]["code"] == "teams_enough" and few["notes"][0]["message"]


def test_a_round_is_changed_by_hand_shown_before_and_undone(office, engine):
    first = office.plan(teams=2, balance="balanced")
    stop = first["teams"][0]["stops"][-1]
    shown = office.send("move", query="?preview=true", stop=stop, team=2, position=1)
    assert shown["teams"][1]["stops"][0] == stop and office.read() == first
    moved = office.send("move", stop=stop, team=2, position=1)
    assert (orders(moved), moved["total_m"]) == (orders(shown), shown["total_m"])
    holds_together(moved, office.read("/legs"))
    back = office.send("move", stop=stop, team=1)
    assert back["total_m"] == pytest.approx(first["total_m"], abs=0.2) or stop in back["teams"][0]["stops"]
    added = office.send("add", points=["P001", "P003"])
    assert added["total_m"] > back["total_m"] and len(added["stops"]) == 10
    assert office.send("add", 422, points=["P001"])["code"] == "route_stop_known"
    assert office.send("add", 422, points=["P002", "P002"])["code"] == "route_stop_known"
    office.send("lock", stops=["P001"])
    team = next(stop["team"] for stop in office.read()["stops"] if stop["code"] == "P001")
    assert office.send("move", 409, stop="P001", team=3 - team)["code"] == "route_stop_locked"
    again = office.send("replan", seconds=0.3, balance="shortest")
    assert "P001" in again["teams"][team - 1]["stops"] and again["balance"] == "shortest"
    removed = office.send("remove", stops=["P001", "P003"])
    holds_together(removed, office.read("/legs"))
    for _step in range(5):
        told = office.send("undo")
    assert orders(told) == orders(moved)
    assert orders(office.send("undo")) == orders(first)
    assert office.send("undo", 409)["code"] == "route_nothing_to_undo"
    stale = office.browser.post(f"{API}/{office.code}/move", json={"stop": stop}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.json["current"]["route"]) == (412, office.code)
    assert office.browser.post(f"{API}/{office.code}/move", json={"stop": stop}).status_code == 428
    kept = {"headers": {"If-Match": office.tag, "X-CSRF-Token": office.browser.token}}
    lost = {"teams": [{"team": 2, "start": None, "ends": "return"}]}
    refusal = office.browser.client.patch(f"{API}/{office.code}", json=lost, **kept).json
    assert refusal["code"] == "route_return_needs_start"
    edited = office.browser.client.patch(
        f"{API}/{office.code}", json={"name": "新名", "teams": [{"team": 2, "from_min": "10:00", "people": ["grid"]}]},
        **kept).json
    assert edited["name"] == "新名" and edited["teams"][1]["starts_at"].endswith("02:00:00Z")
    verbs = [plan["verb"] for plan in office.read("/plans")["plans"]]
    assert verbs[0] == "edit" and verbs[-1] == "create" and verbs.count("undo") == 6
    with reading(engine) as session:
        lines = list(session.scalars(select(Entry.verb).where(Entry.key == office.code).order_by(Entry.id)))
    assert lines[:4] == ["create", "move", "move", "add"] and lines[-1] == "edit"


def test_of_two_planners_one_is_first_and_a_key_plans_once(office, app, engine):
    office.plan(teams=2, balance="balanced")
    stops = [stop["code"] for stop in office.read()["stops"]]

    def change(code):
        answer = app.test_client(use_cookies=False).post(
            f"{API}/{office.code}/move", json={"stop": code, "team": 1, "position": 1},
            headers={"If-Match": office.tag, "Cookie": _cookie(office), "X-CSRF-Token": office.browser.token})
        return answer.status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(change, stops[:4])) == [200, 412, 412, 412]
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Plan)) == 2
        places = session.execute(select(Stop.team_id, Stop.position)).all()
        assert len(set(places)) == len(places) == 8
    sent = {"json": {"points": CODES, **FAST}, "headers": {"Idempotency-Key": "once"}}
    first, second = (office.browser.post(API, **sent) for _time in range(2))
    assert first.json == second.json and second.headers["Idempotency-Replayed"] == "true"


def _cookie(office):
    return "; ".join(f"{one.key}={one.value}" for one in office.browser.client._cookies.values())


def test_after_a_sick_call_the_others_go_on_from_where_they_are(office, engine, now, monkeypatch):
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", "2026-05-20T10:00:00+08:00")
    told = office.plan(teams=2, balance="balanced", visit_min=10)
    firsts = [order[0] for order in orders(told)]
    with writing(engine) as session:
        for minutes, code in zip((30, 50), firsts, strict=True):
            point = session.scalar(select(InspectionPoint).where(InspectionPoint.code == code))
            stop = session.scalar(select(Stop).where(Stop.point_id == point.id))
            at = now + timedelta(minutes=minutes)
            session.add(Visit(key=code, point_id=point.id, route_id=stop.route_id, stop_id=stop.id, who="inspector",
                              arrived_at=at, left_at=at + timedelta(minutes=5), saved_at=at, weight_passed=11.0,
                              weight_all=14.0, passed=11, failed=3))
    office.send("start")
    assert office.send("move", 409, stop=firsts[0], team=2)["code"] == "route_stop_done"
    assert office.send("move", 409, stop=orders(told)[0][1], team=1, position=1)["code"] == "route_position_done"
    assert office.send("replan", 422, absent=[1, 2])["code"] == "route_all_absent"
    shown = office.send("replan", query="?preview=true", seconds=0.3, absent=[1])
    after = office.send("replan", seconds=0.3, absent=[1])
    assert orders(after) == orders(shown)
    assert orders(after)[0] == firsts[:1] and after["teams"][0]["is_absent"]
    assert orders(after)[1][0] == firsts[1] and sorted([*orders(after)[0], *orders(after)[1]]) == CODES
    rest = [stop for stop in after["stops"] if stop["state"] == "planned"]
    assert min(stop["arrive_at"] for stop in rest) > "2026-05-20T02:00"
    done = next(stop for stop in after["stops"] if stop["code"] == firsts[0])
    assert (done["state"], done["score_rate"], done["failed"]) == ("done", 78.6, 3)
    holds_together(after, office.read("/legs"))
    assert office.send("move", 409, stop=rest[0]["code"], team=1)["code"] == "route_team_absent"
    assert orders(office.send("undo")) == orders(told)
    old = office.code
    carried = office.send("carry", 201, day="2026-05-21", seconds=0.3)
    assert (carried["before"], carried["day"], len(carried["stops"])) == (old, "2026-05-21", 6)
    assert not set(firsts) & {stop["code"] for stop in carried["stops"]}
    assert office.browser.get(f"{API}/{old}").json["state"] == "finished"


def test_a_covert_round_is_nowhere_until_it_is_published(office, signed_in, engine, now):
    cursor = office.browser.get("/api/v1/changes").json["cursor"]
    with writing(engine) as session:
        draw = Draw(code="CJ-X", seed="1", rule={}, is_covert=True, made_at=now, made_by="dispatcher")
        session.add(draw)
        session.flush()
        for place, code in enumerate(("A1", "A2", "P002"), 1):
            point_id = session.scalar(select(InspectionPoint.id).where(InspectionPoint.code == code))
            session.add(Drawn(draw_id=draw.id, point_id=point_id, position=place, why="quota"))
    told = office.plan(points=None, draw="CJ-X", teams=[{"people": ["inspector"]}])
    assert told["is_covert"] and not told["route"][-2:].isdecimal()
    with writing(engine) as session:
        stop = session.scalar(select(Stop))
        session.add(Visit(key="k", point_id=stop.point_id, route_id=stop.route_id, stop_id=stop.id, who="inspector",
                          arrived_at=now, saved_at=now, is_covert=True))

    def known(name):
        browser = signed_in(name)
        found = {browser.get(f"{API}/{told['route']}{more}").status_code for more in ("", "/legs", ".gpx")}
        listed = told["route"] in browser.get(API).text
        changed = "routes" in {one["kind"] for one in browser.get(f"/api/v1/changes?since={cursor}").json["changes"]}
        assert (listed, changed) == (200 in found,) * 2, (name, found, listed, changed)
        return 200 in found

    names = ("clerk", "clerk_west", "grid", "chief", "industry", "shop", "handler", "leader", "discipline", "inspector")
    assert [name for name in names if known(name)] == ["leader", "discipline", "inspector"]
    office.send("publish")
    assert [name for name in ("clerk", "industry", "chief", "handler") if not known(name)] == ["chief", "handler"]
    west = signed_in("clerk_west").get(f"{API}/{told['route']}").json
    assert [stop["code"] for stop in west["stops"]] == west["teams"][0]["stops"] == ["P002"]
    assert "A1" not in json.dumps(west) and west["teams"][0]["start"] is None and "points" not in west["options"]
    assert signed_in("clerk_west").get(f"{API}/{told['route']}/legs").json["features"] == [], "ways lead from A1 or A2"
    with reading(engine) as session:
        assert session.scalar(select(Draw.published_at)) and session.scalar(select(Visit.is_covert)) is False


def test_a_round_is_planned_in_the_background_halted_and_picked_up_again(office, engine, monkeypatch):
    monkeypatch.setattr(background.Job, "start", lambda job: jobs.append(job))
    jobs = []
    told = office.plan(202, wait=False, teams=2)
    assert (told["state"], len(told["unreached"]), told["progress"]["is_interrupted"]) == ("planning", 8, False)
    assert office.send("start", 409)["code"] == office.send("replan", 409)["code"] == "route_planning"
    with writing(engine) as session:  # the server died: nobody gives a sign of life any more
        route = session.scalar(select(Route))
        session.execute(Route.__table__.update().values(progress={**route.progress, "at": "2026-05-20T01:00:00Z"}))
    assert "interrupted" in [note["code"] for note in office.read()["notes"]]
    done = office.send("replan", seconds=0.3)
    assert (done["state"], done["progress"], len(done["stops"])) == ("planned", None, 8)
    jobs[0].run()
    assert office.read() == done and len(office.read("/plans")["plans"]) == 1
    office.send("replan", 202, wait=False, seconds=30, balance="balanced")
    assert office.send("move", 409, stop="A1")["code"] == "route_planning"
    assert office.send("halt")["progress"]["is_halting"]
    jobs[1].run()
    planned = office._seen(office.browser.get(f"{API}/{office.code}"))
    assert (planned["state"], planned["progress"], planned["balance"]) == ("planned", None, "balanced")
    assert planned["notes"][0]["code"] == "halted"
    assert office.send("halt", 409)["code"] == "route_not_planning"
    office.send("replan", 202, wait=False)
    assert office.send("cancel")["state"] == "cancelled"
    jobs[2].run()
    assert office.read()["state"] == "cancelled"
    monkeypatch.undo()
    code = office.plan(202, wait=False, teams=2, seconds=0.3)["route"]
    for planner in [one for one in threading.enumerate() if one.name == f"plan-{code}"]:
        planner.join(30)
    assert office.read()["progress"] is None
    assert office.read()["state"] == "planned"


@pytest.mark.spatialite
def test_an_administrator_says_how_rounds_are_made(office, signed_in):
    admin, path = signed_in("admin"), "/api/v1/rounds/custom"
    told = admin.get(path)
    assert (told.json["version"], told.json["value"]["day"]) == (0, {"from": 480.0, "until": 1080.0,
                                                                     "lunch": [720.0, 840.0]})
    change = {"speeds": {"walk": 6}, "visit_minutes": {"PT29": 1}, "office": START, "risk": {"open": 1},
              "day": {"from": 540, "until": 1020, "lunch": None}}
    for wrong in ({"speeds": {"fly": 9}}, {"visit_minutes": {"PT29": -1}}, {"day": {"from": 900, "until": 800}},
                  {"office": {"lon": 28.68, "lat": 115.86}}, {"risk": {"luck": 1}}):
        assert admin.put(path, json={**change, **wrong}, headers={"If-Match": told.headers["ETag"]}).status_code == 422
    kept = admin.put(path, json=change, headers={"If-Match": told.headers["ETag"]})
    assert (kept.status_code, kept.json["value"]["speeds"]["cycle"]) == (200, 12.0)
    assert admin.put(path, json=change, headers={"If-Match": told.headers["ETag"]}).status_code == 412
    assert office.browser.put(path, json=change, headers={"If-Match": kept.headers["ETag"]}).status_code == 403
    round_ = office.plan(start="office", ends="return")
    [team] = round_["teams"]
    assert (team["from_min"], team["until_min"], team["start"]["name"], team["ends"]) == (540, 1020, "创建办", "return")
    assert team["minutes"] == pytest.approx(team["length_m"] / 100 + 8, abs=0.2)
    holds_together(round_, office.read("/legs"))
