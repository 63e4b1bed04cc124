"""The cascade edited through the interface: what would change, saving and taking back, owners and decisions."""

from datetime import timedelta

import pytest

from civmap import clock
from civmap.store.database import writing
from civmap.units.models import Unit
from civmap.zones.models import Zone

NOODLES = {"class": "outside_shop", "description": "店外经营", "lon": 115.85722, "lat": 28.68325}
ASKED = "/api/v1/assignment?lon=115.85722&lat=28.68325&class="


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


@pytest.fixture
def office(signed_in):
    return signed_in("dispatcher")


def who(browser, class_code, more=""):
    answer = browser.get(f"{ASKED}{class_code}{more}").json
    return answer["unit"] and answer["unit"]["code"], answer["basis"]


def report(browser, **more):
    made = browser.post("/api/v1/issues", json=NOODLES | more)
    assert made.status_code == 201, made.json
    return made.json["issue_no"], made.headers["ETag"]


def verb(browser, no, tag, name, body):
    return browser.post(f"/api/v1/issues/{no}/{name}", json=body, headers={"If-Match": tag})


def test_what_would_change_is_told_before_it_is_saved_and_one_put_takes_it_back(admin, office, signed_in):
    waiting, _ = report(office)
    given, tag = report(office, unit="CG", on_site=True)
    held, tag = report(office)
    tag = verb(office, held, tag, "file", {}).headers["ETag"]
    assert verb(office, held, tag, "dispatch", {}).status_code == 200
    wanted = {"order": ["point", "professional", "segment", "frontage", "grid", "nearest", "territorial"]}
    seen = office.post("/api/v1/cascade?preview=true", json=wanted).json
    assert (seen["total"], seen["checked"], seen["next"]) == (2, 2, None)
    assert [(one["issue_no"], one["from"]["unit"]["code"], one["to"]["unit"]["code"], one["to"]["basis"])
            for one in seen["moves"]] == [(waiting, "LI", "HD", "segment")]
    assert [one["issue_no"] for one in seen["dispatched"]] == [held] and given not in str(seen)
    both = office.post("/api/v1/cascade/try", json={"lon": 115.85722, "lat": 28.68325, "class": "E0503",
                                                    "cascade": wanted}).json
    assert (both["now"]["basis"], both["then"]["basis"]) == ("frontage", "segment")
    assert who(office, "E0503") == ("LI", "frontage")
    assert office.put("/api/v1/cascade", json=wanted, headers={"If-Match": '"v0"'}).status_code == 403
    assert admin.put("/api/v1/cascade", json=wanted).status_code == 428
    saved = admin.put("/api/v1/cascade?move=true", json=wanted, headers={"If-Match": '"v0"'})
    assert saved.status_code == 200 and saved.json["moved"] == 1, saved.json
    assert who(office, "E0503") == ("HD", "segment")
    assert office.get(f"/api/v1/issues/{waiting}").json["unit"] == "HD"
    assert office.get(f"/api/v1/issues/{held}").json["unit"] == "LI"
    assert admin.put("/api/v1/cascade", json=wanted, headers={"If-Match": '"v0"'}).status_code == 412
    back = office.get("/api/v1/cascade").json["previous"]["value"]
    taken = admin.put("/api/v1/cascade?move=true", json=back, headers={"If-Match": saved.headers["ETag"]})
    assert taken.json["moved"] == 1 and who(office, "E0503") == ("LI", "frontage")
    refused = admin.put("/api/v1/cascade", headers={"If-Match": taken.headers["ETag"]}, json={
        "order": ["point", "point"], "reach": {"nearest_m": -1}, "frontage_classes": ["E9999"]})
    assert refused.status_code == 422 and len(refused.json["errors"]) == 3, refused.json


def test_the_table_of_owners_keeps_who_answered_before(admin, office, now):
    made = admin.post("/api/v1/duties", json={"class": "manhole", "territory": "360199006", "unit": "CG",
                                             "valid_from": "2026-01-05"})
    assert made.status_code == 201, made.json
    assert who(office, "C0101") == ("CG", "professional")
    assert who(office, "C0101", "&on=2026-01-05T07:00:00%2B08:00")[0] != "CG"
    path, tag = made.headers["Location"], made.headers["ETag"]
    twice = admin.post("/api/v1/duties", json={"class": "manhole", "territory": "360199006", "unit": "SZ"})
    assert (twice.status_code, twice.json["code"]) == (422, "duty_twice")
    changed = admin.put(path, json={"class": "manhole", "territory": "360199006", "unit": "JJ",
                                    "valid_from": "2026-03-01"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.json
    assert who(office, "C0101")[0] == "JJ" and who(office, "C0101", "&on=2026-02-01")[0] == "CG"
    assert admin.delete(path, headers={"If-Match": tag}).status_code == 412
    assert admin.delete(path, headers={"If-Match": changed.headers["ETag"]}).status_code == 200
    assert who(office, "C0101") == ("SZ", "professional")
    assert len(office.get("/api/v1/duties?retired=any").json["items"]) == 4


def test_a_doubtful_answer_waits_for_a_person_whose_decision_becomes_a_rule(admin, office, signed_in):
    edge = {"lon": 115.8571485 + 0.3 / 97_700}
    no, tag = report(office, **edge)
    tag = verb(office, no, tag, "file", {}).headers["ETag"]
    admin.put("/api/v1/cascade", json={"waits_for_person": True}, headers={"If-Match": '"v0"'})
    refused = verb(office, no, tag, "dispatch", {})
    assert (refused.status_code, refused.json["code"]) == (409, "decision_needed")
    made = office.post("/api/v1/rulings", json={"unit": "CG", "reason": "街道与店主商定", "issue": no, "radius_m": 12})
    assert made.status_code == 201 and made.json["class"] == "E0503", made.json
    assert verb(office, no, tag, "dispatch", {"unit": "CG"}).status_code == 200
    answer = office.get(f"/api/v1/assignment?lon={edge['lon']}&lat=28.68325&class=E0503").json
    assert (answer["unit"]["code"], answer["basis"], answer["ambiguous"]) == ("CG", "designated", False)
    assert "街道与店主商定" in answer["reason"]
    assert [claim["unit"]["code"] for claim in answer["claims"][:2]] == ["CG", "LI"]
    named = office.post("/api/v1/issues", json=NOODLES | {"unit": "SC"}).json["assignment"]
    assert named["basis"] == "explicit"
    assert signed_in("handler").get("/api/v1/rulings").status_code == 403
    gone = office.delete(made.headers["Location"], headers={"If-Match": made.headers["ETag"]})
    assert gone.status_code == 200
    assert office.get(f"/api/v1/assignment?lon={edge['lon']}&lat=28.68325&class=E0503").json["basis"] == "frontage"
    assert office.post("/api/v1/rulings", json={"unit": "CG", "reason": "x"}).json["code"] == "ruling_of_nowhere"


def test_a_pledge_that_ran_out_falls_to_the_subdistrict_and_says_so(engine, office):
    today = clock.office_day(clock.now())
    with writing(engine) as session:
        zone = session.query(Zone).filter_by(code="SB000001").one()
        zone.pledge_expires_on = today - timedelta(days=1)
    answer = office.get(f"{ASKED}E0503").json
    assert (answer["unit"]["code"], answer["basis"]) == ("HD", "territorial")
    assert "小李面馆" in answer["reason"] and str(zone.pledge_expires_on) in answer["reason"]
    assert answer["claims"][0]["facts"]["expired"] == "SB000001" and answer["claims"][0]["facts"]["version"] >= 1
    assert who(office, "E0503", f"&on={today - timedelta(days=2)}")[1] == "frontage"
    with writing(engine) as session:
        session.query(Zone).filter_by(code="SB000001").one().pledge_expires_on = today
    assert who(office, "E0503")[1] == "frontage"


def test_an_edit_of_a_unit_is_followed_at_once(admin, office, engine):
    assert who(office, "E0102&lon=115.8570&lat=28.6860")[0] in ("HW-B", "HW-C", "HD")
    seat = admin.get("/api/v1/units/HW-B")
    feature = {"type": "Feature", "geometry": seat.json["geometry"], "properties": {
        "name": "环卫二所", "kind": "bureau", "categories": ["园林"]}}
    assert office.get("/api/v1/assignment?lon=115.8570&lat=28.6880&class=E0102").json["unit"]["code"] == "HW-B"
    done = admin.put("/api/v1/units/HW-B", json=feature, headers={"If-Match": seat.headers["ETag"]})
    assert done.status_code == 200, done.json
    assert office.get("/api/v1/assignment?lon=115.8570&lat=28.6880&class=E0102").json["unit"]["code"] == "HW-C"
    assert office.get("/api/v1/assignment?lon=115.8570&lat=28.6880&class=E0106").json["unit"]["code"] == "HW-B"
    with writing(engine) as session:
        assert session.query(Unit).filter_by(code="HW-B").one().categories == ["园林"]
