"""Names, limits and windows of the workflow: the administrator changes them, new dispatches follow, meanings stay."""

import pytest

LID = {"class": "manhole", "description": "井盖异响", "lon": 115.8570, "lat": 28.6830}


@pytest.fixture
def frozen(monkeypatch):
    """Set the product's clock."""
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    return lambda moment: monkeypatch.setenv("CIVMAP_NOW", moment)


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


def put(person, part, value, version):
    return person.put(f"/api/v1/workflow/{part}", json={"value": value}, headers={"If-Match": f'"v{version}"'})


def test_limits_per_criterion_names_and_windows_are_edited_and_followed(admin, signed_in, frozen):
    frozen("2026-05-20T09:00:00+08:00")
    assert admin.get("/workflow").status_code == 200
    kept = put(admin, "limits", {"manhole/noisy": "1 work_day", "E0102": "6 work_hour", "pothole": "3 work_day"}, 0)
    assert (kept.status_code, kept.json["value"]) == (200, {"C0101/noisy": "1 work_day", "E0102": "6 work_hour"})
    words = {"state.filed": {"zh": "已受理"}, "verb.dispatch": {"zh": "交{办"}}
    assert put(admin, "wording", words, 0).status_code == 200
    assert put(admin, "workflow", {"return_window": "1 work_hour"}, 0).json["version"] == 1
    office = signed_in("dispatcher")
    address = office.post("/api/v1/issues", json={**LID, "criterion": "异响"}).headers["Location"]
    office.post(f"{address}/file", json={}, headers={"If-Match": "*"})
    page = office.get(address.replace("/api/v1", "")).get_data(as_text=True)
    assert "已受理" in page and ">交{办<" in page  # a brace is a brace, and breaks no page
    done = office.post(f"{address}/dispatch", json={"unit": "HW-C"}, headers={"If-Match": "*"}).json
    assert (done["limit"], done["due_at"], done["criterion"]) == ("1 work_day", "2026-05-21T01:00:00Z", "noisy")
    assert done["return_until"] == "2026-05-20T02:00:00Z"
    frozen("2026-05-20T10:00:01+08:00")
    late = signed_in("handler").post(f"{address}/return", json={"reason": "不是我们"}, headers={"If-Match": "*"})
    assert (late.status_code, late.json["code"], "acknowledge" in late.json["allowed"]) == (
        409, "return_window_over", True)


def test_what_cannot_be_is_refused_by_name_and_only_the_administrator_may(admin, signed_in):
    wrong = put(admin, "limits", {"manhole": "soon", "E9999": "1 work_day"}, 0)
    assert (wrong.status_code, {part["field"] for part in wrong.json["errors"]}) == (422, {"manhole", "E9999"})
    assert put(admin, "wording", {"state.lost": {"zh": "丢"}}, 0).json["code"] == "wording_unknown"
    assert put(admin, "workflow", {"most_extensions": 99}, 0).json["code"] == "number_out_of_range"
    assert put(admin, "colours", {}, 0).status_code == 404
    assert put(admin, "workflow", {"most_extensions": 3}, 7).status_code == 412
    assert put(signed_in("dispatcher"), "workflow", {}, 0).status_code == 403
    assert signed_in("dispatcher").get("/workflow").status_code == 403
    assert signed_in("handler").get("/api/v1/workflow").json["workflow"]["usual"]["most_extensions"] == 2
