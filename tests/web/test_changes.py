"""What changed since a cursor: named to whoever sees it, gone for whoever saw it, unknown to everybody else."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from civmap import clock
from civmap.issues.models import Issue
from civmap.people import actions
from civmap.people.models import Person, Token
from civmap.people.rules import OFFICE
from civmap.store.database import writing
from civmap.store.ledger import Entry

EAST = {"class": "E0115", "description": "垃圾箱满溢", "lon": 115.8620, "lat": 28.6850, "point": "P001"}
WEST = {"class": "E0115", "description": "垃圾箱满溢", "lon": 115.8500, "lat": 28.6850, "point": "P002"}


@pytest.fixture
def office(signed_in):
    return signed_in("dispatcher")


class Watcher:
    """Somebody's live map: asks from cursor to cursor."""

    def __init__(self, browser):
        self.browser = browser
        self.answer = browser.get("/api/v1/changes").json

    def ask(self, **more):
        asked = {"since": self.answer["cursor"], **more}
        self.answer = self.browser.get("/api/v1/changes", query_string=asked).json
        return self.answer

    def told(self, **more):
        return {(one["kind"], one["code"]) for one in self.ask(**more)["changes"]}

    def gone(self):
        return {(one["kind"], one["code"]) for one in self.answer["gone"]}


@pytest.fixture
def watch(signed_in):
    return lambda name: Watcher(signed_in(name))


def verb(person, no, name, body=None):
    path = f"/api/v1/issues/{no}"
    answer = person.post(f"{path}/{name}", json=body or {}, headers={"If-Match": person.get(path).headers["ETag"]})
    assert answer.status_code == 200, answer.json
    return answer.json


def on_site(office, where, unit):
    made = office.post("/api/v1/issues", json={**where, "on_site": True, "unit": unit})
    assert made.status_code == 201, made.json
    return made.json["issue_no"]


def test_a_first_question_gives_a_cursor_and_a_quiet_one_stays_small(watch):
    leader = watch("leader")
    first = leader.answer
    assert (first["changes"], first["gone"], first["reload"], first["next_status_at"]) == ([], [], [], None)
    again = leader.ask()
    assert again["cursor"] == first["cursor"]
    assert again["changes"] == again["gone"] == again["reload"] == []


def test_an_issue_names_what_it_is_counted_on_and_who_did_it_knows_it_as_own(office, watch, town):
    inspector, own = watch("inspector"), Watcher(office)
    no = on_site(office, EAST, "YY")
    assert inspector.told() == {("issues", no), ("points", "P001"), ("units", "YY"), ("zones", town.HEDONG)}
    assert not any("own" in one for one in inspector.answer["changes"])
    own.ask()
    assert [one["code"] for one in own.answer["changes"] if one.get("own")] == [no]
    assert inspector.told() == set()


def test_closing_names_its_places_again_and_a_photo_only_the_issue(office, signed_in, watch, town):
    no = on_site(office, EAST, "YY")
    leader, doctor = watch("leader"), signed_in("doctor")
    verb(doctor, no, "acknowledge")
    leader.ask()
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    out.seek(0)
    photo = doctor.post(f"/api/v1/issues/{no}/photos", data={"kind": "after", "file": (out, "a.jpg")})
    assert leader.told() == {("issues", no)}
    verb(doctor, no, "feedback", {"measure": "已清运", "photos": [photo.json["id"]]})
    leader.ask()
    verb(signed_in("inspector"), no, "check", {"pass": True})
    assert leader.told() == {("issues", no), ("points", "P001"), ("units", "YY"), ("zones", town.HEDONG)}
    assert {one["verb"] for one in leader.answer["changes"]} == {"check", "counts"}


def test_nobody_learns_of_what_lies_outside_their_reach(office, watch, town):
    eyes = {name: watch(name) for name in ("clerk", "clerk_west", "doctor", "handler", "discipline", "shop", "chief")}
    no = on_site(office, EAST, "YY")
    told = {name: eye.told() for name, eye in eyes.items()}
    assert told["clerk"] == {("issues", no), ("points", "P001"), ("units", "YY"), ("zones", town.HEDONG)}
    assert told["doctor"] == {("issues", no), ("points", "P001"), ("units", "YY"), ("zones", town.HEDONG)}
    for name in ("clerk_west", "handler", "discipline", "shop", "chief"):
        assert told[name] == set(), name
        assert eyes[name].answer["gone"] == eyes[name].answer["reload"] == []


def test_an_issue_that_goes_to_another_unit_is_gone_for_the_first_and_new_for_the_second(office, watch, signed_in):
    no = on_site(office, EAST, "YY")
    verb(signed_in("doctor"), no, "return", {"reason": "不属本院"})
    doctor, handler, leader, west = (watch(name) for name in ("doctor", "handler", "leader", "clerk_west"))
    verb(office, no, "dispatch", {"unit": "HW-C"})
    assert ("issues", no) not in doctor.told()
    assert doctor.gone() == {("issues", no)}
    assert ("units", "YY") in {(one["kind"], one["code"]) for one in doctor.answer["changes"]}
    assert {("issues", no), ("units", "HW-C")} <= handler.told()
    assert handler.gone() == set()
    assert {("units", "YY"), ("units", "HW-C"), ("points", "P001")} <= leader.told()
    assert west.told() == west.gone() == set()


COUNTS = ("status", "open_issues", "due_soon_issues", "overdue_issues")


def test_counts_told_beside_a_change_are_those_that_each_viewers_own_layers_show(office, watch, town, signed_in):
    eyes = {name: watch(name) for name in ("leader", "clerk", "clerk_west", "doctor", "handler", "chief")}
    no = on_site(office, EAST, "YY")
    office.post("/api/v1/issues", json=WEST)
    verb(signed_in("doctor"), no, "return", {"reason": "不属本院"})
    told = {}
    for name, eye in eyes.items():
        changes = eye.ask(counts="points,zones,units")["changes"]
        told[name] = {(one["kind"], one["code"]): [one[key] for key in COUNTS] for one in changes if "status" in one}
        for (kind, code), counts in told[name].items():
            shown = eye.browser.get(f"/api/v1/{kind}.geojson", query_string={"code": code}).json["features"]
            assert [[one["properties"][key] for key in COUNTS] for one in shown] == [counts], (name, kind, code)
    assert told["leader"]["points", "P001"] == ["open", 1, 0, 0]
    assert ("points", "P001") in told["clerk"] and ("points", "P002") not in told["clerk"]
    assert ("points", "P002") in told["clerk_west"] and ("points", "P001") not in told["clerk_west"]
    refused = office.get("/api/v1/changes", query_string={"since": "0", "counts": "people"})
    assert (refused.status_code, refused.json["code"]) == (422, "choice_unknown")


def test_a_helping_unit_hears_of_what_it_helps_with(office, watch, signed_in):
    handler = watch("handler")
    no = office.post("/api/v1/issues", json=EAST).json["issue_no"]
    verb(office, no, "file")
    assert handler.told() == set()
    verb(office, no, "dispatch", {"unit": "YY", "assisting": ["HW-C"]})
    assert ("issues", no) in handler.told()


def test_a_point_that_changes_hands_names_both_units_and_leaves_the_first_ones_map(office, watch):
    etag = office.get("/api/v1/points/P001").headers["ETag"]
    feature = office.get("/api/v1/points/P001").json
    doctor, handler, leader, clerk_west = (watch(name) for name in ("doctor", "handler", "leader", "clerk_west"))
    feature["properties"]["unit"] = "HW-C"
    sent = office.put("/api/v1/points/P001", json=feature, headers={"If-Match": etag})
    assert sent.status_code == 200, sent.json
    assert leader.told() == {("points", "P001"), ("units", "YY"), ("units", "HW-C")}
    doctor.ask()
    assert doctor.gone() == {("points", "P001")}
    assert ("points", "P001") in handler.told()
    assert clerk_west.told() == clerk_west.gone() == set()


def test_what_is_retired_is_gone(office, watch):
    leader, shop = watch("leader"), watch("shop")
    etag = office.get("/api/v1/zones/SB000001").headers["ETag"]
    assert office.delete("/api/v1/zones/SB000001", headers={"If-Match": etag}).status_code in (200, 204)
    leader.ask()
    shop.ask()
    assert leader.gone() == shop.gone() == {("zones", "SB000001")}
    assert ("zones", "SB000001") not in {(one["kind"], one["code"]) for one in leader.answer["changes"]}


def test_a_border_that_moves_asks_for_everything_anew(office, watch, town):
    leader = watch("leader")
    etag = office.get(f"/api/v1/zones/{town.HEDONG}").headers["ETag"]
    assert office.delete(f"/api/v1/zones/{town.HEDONG}", headers={"If-Match": etag}).status_code in (200, 204)
    assert set(leader.ask()["reload"]) == {"points", "segments", "zones", "units", "issues"}
    assert leader.answer["changes"] == leader.answer["gone"] == []


def test_an_old_unknown_or_foreign_cursor_asks_for_everything_anew(office, watch, engine):
    no = on_site(office, EAST, "YY")
    now = office.get("/api/v1/changes").json["cursor"]
    line, mark = now.split("-")
    for cursor in (f"{int(line) + 7}", f"{line}-00000000", f"{int(line) + 7}-{mark}", "0-00000000"):
        answer = office.get("/api/v1/changes", query_string={"since": cursor}).json
        assert (len(answer["reload"]), answer["cursor"]) == (5, now), cursor
    with writing(engine) as session:
        session.execute(delete(Entry).where(Entry.key == no))
    assert len(office.get("/api/v1/changes", query_string={"since": now}).json["reload"]) == 5


@pytest.mark.parametrize("cursor", ["x", "-1", "1-", "1-XYZ", "1e5", "1 2", "9" * 19, "'"])
def test_a_cursor_that_is_none_is_refused_in_words(office, cursor):
    refused = office.get("/api/v1/changes", query_string={"since": cursor})
    assert (refused.status_code, refused.json["code"]) == (422, "cursor_malformed")
    assert refused.json["errors"][0]["field"] == "since"


def test_the_clock_alone_turns_an_issue_and_says_beforehand_when(office, watch, engine):
    no = on_site(office, EAST, "YY")
    now = clock.now()
    with writing(engine) as session:
        session.execute(update(Issue).values(due_soon_at=now - timedelta(hours=1), due_at=now + timedelta(hours=1)))
        session.execute(update(Entry).where(Entry.id == select(Entry.id).order_by(Entry.id.desc()).limit(1)
                                            .scalar_subquery()).values(verb="dispatch"))
    leader, west, discipline = watch("leader"), watch("clerk_west"), watch("discipline")
    fresh = on_site(office, WEST, "SC")
    assert leader.ask()["next_status_at"] == clock.iso(now + timedelta(hours=1, seconds=1))
    assert ("issues", no) not in leader.told(seen=clock.iso(now))
    with writing(engine) as session:
        session.execute(update(Issue).where(Issue.issue_no == no).values(due_at=now - timedelta(minutes=1)))
    told = leader.told(seen=clock.iso(now - timedelta(minutes=5)))
    assert {("issues", no), ("points", "P001"), ("units", "YY")} <= told
    assert {one["verb"] for one in leader.answer["changes"]} == {"overdue", "counts"}
    assert ("issues", no) in discipline.told(seen=clock.iso(now - timedelta(minutes=5)))
    west.ask()
    assert ("issues", no) not in west.told(seen=clock.iso(now - timedelta(minutes=5)))
    assert fresh != no


def test_the_news_say_what_others_did_and_nothing_of_ones_own_or_of_strangers(office, signed_in, watch):
    cursor = office.get("/api/v1/changes").json["cursor"]
    east, west = on_site(office, EAST, "YY"), on_site(office, WEST, "SC")

    def news(name):
        return signed_in(name).get("/api/v1/news", query_string={"since": cursor}).json

    leader = news("leader")
    assert (leader["total"], leader["cut"]) == (2, False)
    assert [item["code"] for item in leader["items"]] == [west, east]
    first = leader["items"][0]
    assert (first["kind"], first["who"], first["verb"], first["times"]) == ("issues", "dispatcher", "dispatch", 3)
    assert first["name"] and first["verb_name"] and first["lon"] and first["at"]
    assert [item["code"] for item in news("clerk")["items"]] == [east]
    assert [item["code"] for item in news("doctor")["items"]] == [east]
    assert news("shop")["items"] == news("handler")["items"] == news("dispatcher")["items"] == []
    assert office.get("/api/v1/news?since=x").status_code == 422


def test_changes_are_for_those_who_are_signed_in(stranger):
    assert stranger.get("/api/v1/changes").status_code == 401
    assert stranger.get("/api/v1/news?since=0").status_code == 401


def test_whoever_sees_only_what_is_late_hears_nothing_of_what_was_done_in_time(office, signed_in, watch, engine):
    discipline, no = watch("discipline"), on_site(office, EAST, "YY")
    verb(signed_in("doctor"), no, "acknowledge")
    with writing(engine) as session:
        session.execute(update(Entry).where(Entry.key == no).values(at=clock.now() - timedelta(hours=1)))
        session.execute(update(Issue).where(Issue.issue_no == no).values(
            state="closed", due_at=clock.now() - timedelta(minutes=5)))
    assert discipline.told() == discipline.gone() == set()


def _codes(who, kind="points", **more):
    answer = who.get(f"/api/v1/{kind}.geojson", **more)
    return answer.status_code, {one["properties"]["code"] for one in (answer.json or {}).get("features", [])}


def test_what_is_kept_ready_for_one_is_never_given_to_another(signed_in, program, stranger, engine, town):
    """Neither beside each other nor after a right has changed, a sign-in has ended or a token was taken back."""
    leader, clerk, handler, shop = (signed_in(name) for name in ("leader", "clerk", "handler", "shop"))
    token = program("clerk")
    for _again in range(2):
        assert _codes(leader) == (200, {"P001", "P002", "P003"})
        assert _codes(clerk) == _codes(stranger, headers=token) == (200, {"P001", "P003"})
        assert _codes(handler) == _codes(shop) == (200, set())
        assert _codes(stranger)[0] == 401
    phones = {who: one.get("/api/v1/points.geojson").json["features"][0]["properties"]["unit_phone"]
              for who, one in (("leader", leader), ("clerk", clerk))}
    assert "*" in phones["clerk"] and "*" not in phones["leader"]
    tag = leader.get("/api/v1/points.geojson").headers["ETag"]
    assert leader.get("/api/v1/points.geojson", headers={"If-None-Match": tag}).status_code == 304
    assert clerk.get("/api/v1/points.geojson", headers={"If-None-Match": tag}).status_code == 200
    with writing(engine) as session:
        session.execute(update(Person).where(Person.name == "clerk").values(territory=town.QIAOXI))
    assert _codes(clerk) == _codes(stranger, headers=token) == (200, {"P002"})
    with writing(engine) as session:
        session.execute(update(Token).values(revoked_at=clock.now()))
        actions.set_active(session, OFFICE, "clerk", False, clock.now())
    assert _codes(stranger, headers=token)[0] == _codes(clerk)[0] == 401
    assert leader.post("/logout").status_code in (200, 302, 303)
    assert _codes(leader)[0] == 401
    assert leader.get("/api/v1/changes", query_string={"since": "0", "counts": "points"}).status_code == 401
