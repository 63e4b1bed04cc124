"""Road segments over HTTP: split and join with preview and versions, boards, the figure of the arterials."""

import pytest
import shapely

from civmap.city.models import StreetEdge
from civmap.segments.models import RoadSegment
from civmap.store.database import writing
from tests.support import town


def test_a_segment_is_split_joined_and_put_back_over_http(app, program):
    client, headers = app.test_client(), program("admin")

    def post(path, body, **more):
        return client.post(f"/api/v1/segments/{path}", json=body, headers={**headers, **more})

    seen = post("LD0001/split?preview=true", {"at_m": 600}).json["changes"]
    assert [(row["segment"], row["is_new"], row["is_retired"]) for row in seen] == [
        ("LD0001", False, False), ("LD0001-2", True, False)]
    assert [row["after_m"] for row in seen] == pytest.approx([600, 400], abs=2)
    assert seen[0]["geometry"]["coordinates"][-1] == seen[1]["geometry"]["coordinates"][0]
    assert client.get("/api/v1/segments/LD0001-2", headers=headers).status_code == 404

    stale = post("LD0001/split", {"at_m": 600}, **{"If-Match": '"v9"'})
    assert (stale.status_code, stale.json["current"]["properties"]["code"]) == (412, "LD0001")
    assert post("LD0001/split", {"at_m": 600, "versions": {"LD0001": 3}}).status_code == 412
    done = post("LD0001/split", {"at_m": 600}, **{"If-Match": '"v1"', "Idempotency-Key": "split-once"})
    assert (done.status_code, done.json["segments"]) == (201, ["LD0001", "LD0001-2"])
    again = post("LD0001/split", {"at_m": 600}, **{"If-Match": "\"v1\"", "Idempotency-Key": "split-once"})
    assert again.json == done.json
    assert client.get("/api/v1/segments/LD0001-2", headers=headers).json["properties"]["from_name"] == "K0+600"

    assert post("undo", {"segments": ["LD0001", "LD0001-2"]}).json["segments"] == ["LD0001"]
    again = client.get("/api/v1/segments/LD0001", headers=headers).json
    assert again["properties"]["to_name"] == "东环路"
    assert again["geometry"]["coordinates"] == [list(spot) for spot in town.ROAD.coords]
    for body in ({}, {"at_m": 5, "crossing": "x"}, {"lon": 115.86}, {"at_m": "NaN"}, {"lon": 28.68, "lat": 115.86}):
        assert post("LD0001/split", body).status_code == 422, body
    assert post("join", {"segments": ["LD0001"]}).json["code"] == "join_count"


@pytest.fixture
def board(app, program):
    """Give the key of the board of River Street, whose chief of level 3 has a mobile number and level 1 a landline."""
    client, headers = app.test_client(), program("admin")
    named = client.post("/api/v1/segments/chiefs", headers=headers, json={"road": "河东路", "chiefs": [
        {"level": 1, "name": "钱一", "title": "主任", "phone": "0791-88881234"},
        {"level": 3, "name": "李三", "phone": "13900001111"}, {"level": 2}]})
    assert named.json == {"segments": 1, "changed": 1}
    made = client.post("/api/v1/segments/LD0001/board", headers=headers).json
    assert client.post("/api/v1/segments/LD0001/board", headers=headers).json == made
    return client, headers, made["path"]


def test_a_board_is_read_by_anybody_and_keeps_private_numbers_private(board):
    client, headers, path = board
    page = client.get(path)
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and page.headers["X-Robots-Tag"] == "noindex"
    assert all(said in text for said in ("河东路", "桥头", "东环路", "钱一", "0791-88881234", "李三", "1,000 米"))
    assert "13900001111" not in text and "孙二" not in text and "LD0001" not in text
    assert client.get("/board/" + "x" * 22).status_code == 404

    kept = client.put("/api/v1/boards/custom", headers={**headers, "If-Match": '"v0"'}, json={"value": {
        "supervision_phone": "0791-5550000", "duties": ["每天走一遍"], "mobiles_online": True}})
    assert (kept.status_code, kept.json["version"]) == (200, 1)
    text = client.get(path).get_data(as_text=True)
    assert all(said in text for said in ("13900001111", "0791-5550000", "每天走一遍"))
    wrong = client.put("/api/v1/boards/custom", headers={**headers, "If-Match": '"v1"'}, json={"value": {
        "supervision_phone": "<b>", "colour": "red", "duties": "x"}})
    assert {error["code"] for error in wrong.json["errors"]} == {
        "phone_unreadable", "board_member_unknown", "board_duties"}

    assert client.delete("/api/v1/segments/LD0001/board", headers=headers).json == {"ended": True}
    assert client.get(path).status_code == 404


@pytest.mark.spatialite
def test_boards_come_as_a_pdf_with_a_page_each(board):
    client, headers, _ = board
    client.post("/api/v1/segments/LD0001/split", json={"at_m": 500}, headers=headers)
    for query, status in (("road=河东路&size=A4&lay=portrait", 200), ("", 422), ("road=河东路&size=A9", 422)):
        answer = client.get(f"/segments/boards.pdf?{query}", headers=headers)
        assert answer.status_code == status, query
        if status == 200:
            assert answer.data[:5] == b"%PDF-" and answer.data.count(b"/Type /Page\n") + answer.data.count(
                b"/Type /Page ") in (0, 2) and len(answer.data) > 10_000


def test_a_road_its_figure_and_its_choices_have_pages(app, signed_in, program):
    browser, headers = signed_in("dispatcher"), program("admin")
    pages = {path: browser.get(path) for path in ("/roads/河东路", "/segments/figure", "/segments/choices",
                                                  "/segments/boards?road=河东路", "/segments/LD0001", "/segments")}
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(pages, 200)
    assert "每一米只属于一条路段" in pages["/roads/河东路"].get_data(as_text=True)
    assert browser.get("/roads/没有的路").status_code == 404
    told = app.test_client().get("/api/v1/segments/figure", headers=headers).json
    assert (told["total_m"], told["percent"], told["places"]) == (0, None, [])
    refused = app.test_client().get("/api/v1/segments/way?from=115.857,28.683&to=115.867,28.683", headers=headers)
    assert (refused.status_code, refused.json["code"]) == (422, "way_off_street")


def test_what_others_hold_of_a_road_is_no_gap_and_tells_nothing_else(engine, signed_in):
    ways = [shapely.LineString([(115.85 + low / 1e3, 28.68), (115.85 + high / 1e3, 28.68)])
            for low, high in ((0, 6), (6, 12), (12, 18), (24, 30))]
    with writing(engine) as session:
        session.add_all(RoadSegment(code=f"ZZ{place}", name=f"秘{place}", road="中正路", side="both",
                                    road_class="arterial_secondary", geom=line, division=division,
                                    valid_from=town.FOUNDED)
                        for place, (line, division) in enumerate(zip(
                            ways, (town.HEDONG, town.QIAOXI, town.QIAOXI, town.HEDONG), strict=True)))
        session.add(StreetEdge(name="中正路", highway="secondary", from_node=1, to_node=2, length_m=2928,
                               geom=shapely.LineString([(115.85, 28.68), (115.88, 28.68)])))
    told = {}
    for name in ("clerk", "clerk_west", "admin"):
        browser = signed_in(name)
        page = browser.get("/roads/中正路").get_data(as_text=True)
        figure = browser.get("/api/v1/segments/figure?road=中正路").json
        told[name] = (page.count('class="strip-hidden"'), page.count('class="strip-none"'))
        assert [place["segments"] for place in figure["places"] if place["state"] == "none"] == [[]], name
        assert {place["state"] for place in figure["places"]} == {"none"}
        assert figure["hidden_m"] == pytest.approx({"admin": 0}.get(name, 1170), abs=30), name
        assert figure["none_m"] == pytest.approx(585, abs=30)
        hidden = {"clerk": ("ZZ1", "ZZ2"), "clerk_west": ("ZZ0", "ZZ3")}.get(name, ())
        assert not any(code in page or code.replace("ZZ", "秘") in page for code in hidden)
        assert browser.get("/segments/figure").status_code == 200
    assert told == {"clerk": (1, 1), "clerk_west": (2, 1), "admin": (0, 1)}
