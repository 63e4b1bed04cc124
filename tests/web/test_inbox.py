"""The page on which each role begins, and the way there."""

import re

import pytest

from civmap import clock
from civmap.people import actions
from civmap.people.rules import OFFICE
from civmap.store.database import writing

GARBAGE = {"class": "exposed_garbage", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830}


@pytest.mark.parametrize("asked, lands", [("/login", "/inbox"), ("/login?next=/", "/inbox"),
                                          ("/login?next=%2Fissues%3Fq%3Dx", "/issues?q=x"),
                                          ("/login?next=%2F%3Fshow%3Dpoints%2FP001", "/?show=points/P001")])
def test_one_lands_on_what_waits_but_a_link_that_was_asked_for_wins(stranger, engine, asked, lands):
    with writing(engine) as session:
        actions.add(session, OFFICE, "li", "dispatcher", password="correct horse 7", now=clock.now())
    page = stranger.get(asked).get_data(as_text=True)
    token, wanted = (re.findall(f'name="{name}" value="([^"]*)"', page)[-1] for name in ("csrf_token", "next"))
    answer = stranger.post("/login", data={"name": "li", "password": "correct horse 7", "csrf_token": token,
                                           "next": wanted})
    assert (answer.status_code, answer.location) == (303, lands)


def test_the_inbox_tells_rows_in_words_and_the_verbs_that_fit(signed_in):
    office, unit = signed_in("dispatcher"), signed_in("handler")
    no = office.post("/api/v1/issues", json=GARBAGE).json["issue_no"]
    found = office.get("/api/v1/inbox").json
    row = found["rows"][0]
    assert (found["total"], found["queue"], row["issue_no"], row["verbs"]) == (
        1, "to_file", no, ["file", "verify", "reject", "duplicate"])
    assert (row["place"], row["stage"]["words"]) == ("河东街道", "本环节还剩 30 分钟")
    assert office.post(f"/api/v1/issues/{no}/file", json={}, headers={"If-Match": row["etag"]}).status_code == 200
    done = office.get("/api/v1/inbox?queue=to_file").json
    assert (done["rows"], done["done"]["verb_name"], done["done"]["issue_no"]) == ([], "立案", no)
    page = office.get("/inbox").get_data(as_text=True)
    assert "<title>(1) 待办 · 示例区</title>" in page
    assert unit.get("/api/v1/inbox").json["total"] == 0
    assert unit.get("/api/v1/inbox?queue=to_file").json["code"] == "choice_unknown"
    assert office.get("/api/v1/inbox?near=115.857,28.68").json["rows"][0]["distance_m"] == 332


def test_what_concerns_somebody_rings_their_bell_until_it_is_read(signed_in):
    office, unit, other, finder = (signed_in(name) for name in ("dispatcher", "handler", "doctor", "inspector"))
    no = finder.post("/api/v1/issues", json=GARBAGE).json["issue_no"]

    def do(who, verb, **body):
        etag = who.get(f"/api/v1/issues/{no}").headers["ETag"]
        answer = who.post(f"/api/v1/issues/{no}/{verb}", json=body, headers={"If-Match": etag})
        assert answer.status_code == 200, answer.json

    def heard(who):
        return [(one["kind"], one["is_new"]) for one in who.get("/api/v1/notifications").json["items"]]

    do(office, "file")
    do(office, "dispatch")
    assert (heard(unit), heard(other), heard(office)) == ([("given", True)], [], [])
    note = unit.get("/api/v1/notifications").json["items"][0]
    assert (note["title"], note["class_name"], note["issue_no"]) == ("新交办", "暴露垃圾", no)
    do(unit, "return", reason="不在我们的路段")
    assert (heard(office), office.get("/api/v1/notifications?limit=0").json["new"]) == ([("returned", True)], 1)
    assert office.post("/api/v1/notifications/read", json={}).json["new"] == 0
    assert heard(office) == [("returned", False)]
    do(office, "reject", reason="已经没有了")
    assert (heard(finder), heard(unit)) == ([("rejected", True)], [("given", True)])
    page = unit.get("/notifications").get_data(as_text=True)
    assert "新交办" in page and "13800" not in page
    assert unit.post("/notifications/read", data={"line": str(note["line"])}).status_code == 303
    assert unit.get("/api/v1/notifications?limit=0").json["new"] == 0
