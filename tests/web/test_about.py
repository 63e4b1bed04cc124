"""What panels and pages tell around a thing: honest rates, people with masked phones, what lies inside and near."""

import pytest

GARBAGE = {"class": "E0102", "description": "门口有垃圾", "point": "P001", "lon": 115.862, "lat": 28.685}


@pytest.fixture
def issue(signed_in):
    """Give the number of an issue handed over to the hospital."""
    office = signed_in("dispatcher")
    made = office.post("/api/v1/issues", json=GARBAGE)
    no, tag = made.json["issue_no"], made.headers["ETag"]
    for verb, body in (("file", {}), ("dispatch", {"unit": "YY"})):
        done = office.post(f"/api/v1/issues/{no}/{verb}", json=body, headers={"If-Match": tag})
        assert done.status_code == 200, done.json
        tag = done.headers["ETag"]
    return no


def test_a_rate_comes_with_its_numerator_and_denominator_and_none_is_no_zero(signed_in, issue):
    office = signed_in("dispatcher")
    point = office.get("/api/v1/points/P001/about").json
    assert point["rate"] == {"closed": 0, "handed_over": 1, "suspended": 0, "value": 0, "of_all": 0}
    assert point["days_since_visit"] == 0
    quiet = office.get("/api/v1/points/P003/about").json
    assert (quiet["rate"]["value"], quiet["rate"]["handed_over"], quiet["last_visit"]) == (None, 0, None)
    assert "—" in office.get("/points/P003").get_data(as_text=True)
    stands = office.get("/api/v1/standing").json
    assert (stands["open"], stands["overdue"], stands["rate"]["handed_over"]) == (1, 0, 1)


def test_people_are_named_by_role_and_strangers_see_masked_phones(signed_in):
    told = signed_in("dispatcher").get("/api/v1/segments/LD0001/about").json["people"]
    assert [row["role"] for row in told if row["role"].startswith("chief")] != []
    whole = {row["name"]: row["phone"] for row in told if row["phone"]}
    seen = signed_in("industry").get("/api/v1/segments/LD0001/about").json["people"]
    masked = {row["name"]: row["phone"] for row in seen if row["phone"]}
    assert whole.keys() == masked.keys()
    assert all("*" in phone for phone in masked.values())
    assert not any("*" in phone for phone in whole.values())


def test_a_border_tells_what_lies_inside_and_an_issue_its_steps(signed_in, issue):
    office = signed_in("dispatcher")
    zone = office.get("/api/v1/zones/360199006/about").json
    assert zone["inside"]["points"] >= 1
    assert zone["inside"]["zones"] == 1
    steps = office.get(f"/api/v1/issues/{issue}/about").json["history"]
    assert [step["verb_name"] for step in steps] == ["上报", "立案", "派遣"]


def test_the_trail_says_in_words_what_was_changed(signed_in):
    office = signed_in("dispatcher")
    tag = office.get("/api/v1/points/P001").headers["ETag"]
    body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [115.8621, 28.685]},
            "properties": {"name": "人民医院东院", "unit": "HD"}}
    assert office.put("/api/v1/points/P001", json=body, headers={"If-Match": tag}).status_code == 200
    page = office.get("/points/P001").get_data(as_text=True)
    assert "名称: 人民医院 → 人民医院东院" in page
    assert "责任单位: 人民医院 → 河东街道办事处" in page
    assert "位置 已重新定位" in page


def test_what_is_hidden_tells_nothing_and_forms_are_for_those_who_may(signed_in):
    assert signed_in("handler").get("/api/v1/points/P001/about").status_code == 404
    assert signed_in("shop").get("/points/P001/edit").status_code == 403
    assert signed_in("clerk").get("/points/new").status_code == 403
    assert signed_in("clerk").get("/zones/SB000001/edit").status_code == 200
    assert signed_in("dispatcher").get("/units/new").status_code == 200
