"""What filters can be set to, sorted rows, codes for a lasso, and what many issues allow: as far as each may see."""

from sqlalchemy import select

from civmap.issues import actions
from civmap.issues.models import Issue
from civmap.people.queries import by_name, viewer_of
from civmap.store.database import writing
from tests.support import town as plan


def _choices(client, of, **more):
    found = client.get("/api/v1/choices", query_string={"of": of, **more}).get_json()["choices"]
    return {name: [row["name"] for row in told["items"]] for name, told in found.items()}


def test_choices_are_what_the_viewer_sees_found_by_words_and_named_by_code(signed_in):
    office = signed_in("dispatcher")
    found = _choices(office, "street,chief,division,grid,unit,source")
    assert found["street"] == ["河东路"] and set(found["chief"]) == {"赵总", "钱一", "孙二", "李三"}
    assert found["division"] == ["河东街道", "桥西街道"] and found["grid"] == found["source"] == []
    assert found["unit"][-1] == "小李面馆", "shops come last"
    assert _choices(office, "unit", q="环卫")["unit"] == ["环卫一所", "环卫二所"]
    assert _choices(office, "unit", code="YY,SC", q="环卫")["unit"] == ["人民医院", "市场监督管理局"]
    assert _choices(signed_in("handler"), "street,chief")["chief"] == []
    assert _choices(signed_in("shop"), "unit")["unit"] == ["小李面馆"]
    refused = office.get("/api/v1/choices?of=street,colour")
    assert refused.status_code == 422 and "chief" in refused.get_json()["known"]


def _rows(client, kind, **asked):
    return client.get(f"/api/v1/rows/{kind}", query_string=asked).get_json()


def test_rows_come_sorted_by_pages_and_codes_follow_the_same_filters(signed_in):
    office = signed_in("dispatcher")
    page = _rows(office, "points", sort="name", order="desc", limit=2)
    assert [row["name"] for row in page["rows"]] == ["人民医院", "桥西农贸市场"] and page["total"] == 3
    assert _rows(office, "points", sort="name", offset=2, limit=2)["rows"][0]["box"] == [*plan.HOSPITAL_SPOT] * 2
    ring = "115.86,28.683;115.868,28.683;115.868,28.689;115.86,28.689"
    for asked in ({"within": ring}, {"within": ring, "code": "P001,P002,P003"}):
        assert sorted(_rows(office, "points", only="codes", **asked)["codes"]) == [["P001", "none"], ["P003", "none"]]
    assert _rows(office, "points", only="codes", bbox="115.84,28.68,115.855,28.69")["codes"] == [["P002", "none"]]
    assert _rows(signed_in("doctor"), "points", only="codes")["codes"] == [["P001", "none"]]
    assert office.get("/api/v1/rows/points?sort=colour").status_code == 422


def _report(engine, lon, lat):
    with writing(engine) as session:
        office = viewer_of(session, by_name(session, "dispatcher"), "page")
        body = {"class": "E0102", "description": "垃圾", "lon": lon, "lat": lat}
        return actions.report(session, office, body, plan.parse_moment("2026-05-20T09:00:00+08:00")).issue_no


def test_what_many_issues_allow_is_told_with_version_and_reason(signed_in, engine):
    number = _report(engine, *plan.SPOT_A2)
    asked = f"/api/v1/issues.possible?code={number},WT19000101-0001"
    told = signed_in("dispatcher").get(asked).get_json()
    item, = told["items"]
    assert item["verbs"]["file"] is None and "待受理" in item["verbs"]["dispatch"]
    with writing(engine) as session:
        version = session.scalar(select(Issue.version).where(Issue.issue_no == number))
    assert item["etag"] == f'"v{version}"'
    assert "file" not in signed_in("inspector").get(asked).get_json()["verbs"]
    assert signed_in("doctor").get(asked).get_json()["items"] == []
