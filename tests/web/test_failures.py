"""What the office reads when something is missing or broken."""

import pytest

from civmap.config import Settings
from civmap.people import queries as people
from civmap.store import database
from civmap.store.database import open_engine, writing
from civmap.web.app import create_app


def app_on(url, tmp_path, engine=None):
    return create_app(Settings.from_environ({"CIVMAP_HOME": str(tmp_path / "home"), "CIVMAP_DATABASE_URL": url,
                                             "CIVMAP_SECRET_KEY": "k" * 48}), engine).test_client()


def check_no_city(client):
    page = client.get("/")
    assert page.status_code == 503
    assert "civmap init" in page.get_data(as_text=True)
    problem = client.get("/api/v1/points")
    assert (problem.status_code, problem.json["code"]) == (503, "no_city")
    assert problem.headers["Retry-After"]
    assert client.get("/healthz").status_code == 200
    assert (client.get("/readyz").status_code, client.get("/readyz").json["code"]) == (503, "no_city")


@pytest.mark.spatialite
def test_without_a_database_the_page_says_what_to_run(tmp_path):
    check_no_city(app_on(f"sqlite:///{tmp_path / 'none.sqlite'}", tmp_path))
    assert not (tmp_path / "none.sqlite").exists()


def test_without_a_city_the_page_says_what_to_run(database_url, tmp_path):
    engine = open_engine(database_url)
    check_no_city(app_on(database_url, tmp_path, engine))
    engine.dispose()


def test_a_failure_of_ours_shows_a_mark_and_no_trace(signed_in, monkeypatch, caplog):
    person = signed_in("dispatcher")

    def breaks(*_more):
        raise RuntimeError("secret inside")

    monkeypatch.setattr("civmap.web.kinds.one", breaks)
    problem = person.get("/api/v1/points/P001")
    assert (problem.status_code, problem.json["code"]) == (500, "our_fault")
    assert problem.json["id"] in problem.json["detail"]
    assert problem.json["id"] in caplog.text
    page = person.get("/points/P001")
    assert page.status_code == 500
    assert "secret inside" not in page.get_data(as_text=True) + problem.get_data(as_text=True)


@pytest.mark.spatialite
def test_a_locked_database_is_said_and_reading_goes_on(signed_in, engine, monkeypatch):
    person = signed_in("dispatcher")
    monkeypatch.setattr(database, "PRAGMAS", ("busy_timeout=50",))
    report = {"class": "E0115", "description": "x", "lon": 115.8570, "lat": 28.6830}
    with writing(engine) as session:
        people.by_name(session, "dispatcher")
        refused = person.post("/api/v1/issues", json=report)
        assert (refused.status_code, refused.json["code"]) == (503, "database_unavailable")
        assert refused.headers["Retry-After"] == "5"
        assert person.get("/api/v1/points").status_code == 200
    assert person.post("/api/v1/issues", json=report).status_code == 201


@pytest.mark.parametrize(("body", "kind", "status", "code"), [
    (b"{", "application/json", 400, "json_unreadable"), (b"{}", "text/plain", 415, "content_type"),
    (b"[" * 50, "application/json", 400, "json_too_deep"), (b'{"lon": 1e999}', "application/json", 400,
                                                            "number_not_finite_json"),
    (b'{"description": "\\u0000"}', "application/json", 400, "text_nul"),
    (b" " * (2 * 1024 * 1024 + 1), "application/json", 413, "body_too_large"),
])
def test_bytes_that_are_not_strict_json_are_refused(signed_in, body, kind, status, code):
    refused = signed_in("dispatcher").post("/api/v1/issues", data=body, content_type=kind)
    assert (refused.status_code, refused.json["code"], refused.json["status"]) == (status, code, status)
    assert refused.mimetype == "application/problem+json"
    assert refused.json["type"].endswith(f"/help#error-{code}")
