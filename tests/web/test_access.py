"""Every route says whom it is for, and keeps to it."""

import pytest

from civmap.people.rules import MAY
from civmap.web.access import EVERYONE, PROCESS, SIGNED_IN

pytestmark = pytest.mark.spatialite  # who is let in is decided above the database

PAGES = ("/", "/points.csv", "/issues.xlsx", "/password", "/routes", "/basemap.pmtiles")
LISTS = ("points", "segments", "zones", "units", "issues")
OPEN311 = {"/open311/discovery.<form>", "/open311/v2/discovery.<form>", "/open311/v2/services.<form>",
           "/open311/v2/services/<code>.<form>", "/open311/v2/", "/open311/v2/<path:rest>"}
CAST = ("admin", "dispatcher", "inspector", "handler", "head", "clerk", "grid", "chief", "industry", "leader",
        "discipline", "shop")


def test_every_route_names_its_permission(app):
    known = {pair for pairs in MAY.values() for pair in pairs}
    for rule in app.url_map.iter_rules():
        named = getattr(app.view_functions[rule.endpoint], "permission", None)
        assert named in (EVERYONE, PROCESS, SIGNED_IN) or named in known, f"{rule} names no permission"


def test_only_these_routes_are_open_to_everyone(app):
    open_to_all = {str(rule) for rule in app.url_map.iter_rules()
                   if app.view_functions[rule.endpoint].permission in (EVERYONE, PROCESS)}
    assert open_to_all == {"/healthz", "/readyz", "/static/<path:filename>", "/favicon.ico", "/login", "/logout",
                           "/language", "/help", "/api/v1/openapi.json", "/offline", "/sw.js",
                           "/units/<code>/feed.atom", "/units/<code>/feed.json", "/zones/<code>/feed.atom",
                           "/zones/<code>/feed.json", "/feeds/<any(rounds,duties):which>.ics", "/board/<key>",
                           "/pledge/<key>", *OPEN311}


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_on_a_page_is_led_to_the_sign_in(stranger, path):
    answer = stranger.get(path)
    assert answer.status_code == (401 if path == "/basemap.pmtiles" else 302)
    if answer.status_code == 302:
        assert answer.location.startswith("/login")


@pytest.mark.parametrize("kind", LISTS)
def test_a_strangers_program_gets_no_data(stranger, kind):
    for path in (f"/api/v1/{kind}", f"/api/v1/{kind}.geojson", f"/api/v1/{kind}/X"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.json["code"]) == (401, "sign_in_first")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", CAST)
def test_each_of_the_cast_reads_every_list(signed_in, name):
    person = signed_in(name)
    for kind in LISTS:
        answer = person.get(f"/api/v1/{kind}.geojson")
        assert answer.status_code == 200, (kind, answer.json)
        assert answer.json["type"] == "FeatureCollection"


def test_a_unit_sees_its_own_points_only(signed_in, town):
    seen = {name: {feature["properties"]["code"] for feature in signed_in(name).get("/api/v1/points").json["features"]}
            for name in ("dispatcher", "doctor", "clerk", "clerk_west", "shop")}
    assert seen["dispatcher"] == {"P001", "P002", "P003"}
    assert seen["doctor"] == {"P001"}
    assert seen["clerk"] == {"P001", "P003"}
    assert seen["clerk_west"] == {"P002"}
    assert not seen["shop"]


def test_a_hidden_point_is_not_found_in_any_way(signed_in, engine):
    person = signed_in("clerk_west")
    assert person.get("/api/v1/points/P001").status_code == 404
    assert "P001" not in person.get("/points.csv").get_data(as_text=True)


def test_a_wrong_unit_in_a_filter_suggests_only_units_that_the_person_sees(signed_in):
    for kind, name in (("points", "unit"), ("segments", "unit"), ("zones", "adopting_unit"), ("units", "parent")):
        path = f"/api/v1/{kind}?{name}=环卫三所"
        assert "环卫一所" in signed_in("clerk").get(path).get_data(as_text=True)
        answer = signed_in("shop").get(path)
        assert (answer.status_code, answer.json["near"]) == (422, ["LI 小李面馆"])
    assert signed_in("shop").get("/api/v1/points?unit=CG").json["code"] == "unknown_unit"


def test_who_answers_shows_the_runners_up_to_those_who_see_everything_only(signed_in):
    path = "/api/v1/assignment?lon=115.857&lat=28.683&class=E0102"
    office, unit = signed_in("dispatcher").get(path).json, signed_in("handler").get(path).json
    assert unit["claims"] == office["claims"][:1]
    assert len(office["claims"]) > 1 and unit["unit"] == office["unit"]


def test_who_answers_does_not_open_a_point_or_a_unit_that_is_hidden(signed_in):
    path = "/api/v1/assignment?lon=115.857&lat=28.683&class=E0102"
    assert signed_in("clerk").get(f"{path}&point=P001").status_code == 200
    assert signed_in("clerk_west").get(f"{path}&point=P001").json["code"] == "point_not_found"
    assert signed_in("shop").get(f"{path}&unit=CG").json["code"] == "unknown_unit"


def test_a_role_that_may_not_is_refused_in_words(signed_in):
    answer = signed_in("leader").post("/api/v1/points", json={"type": "Feature", "geometry": None, "properties": {}})
    assert (answer.status_code, answer.json["code"]) == (403, "role_may_not")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_works_without_csrf_and_ends_when_it_is_wrong(app, program):
    client = app.test_client()
    assert client.get("/api/v1/points", headers=program("dispatcher")).status_code == 200
    answer = client.get("/api/v1/points", headers={"Authorization": "Bearer civ_wrong"})
    assert (answer.status_code, answer.json["code"]) == (401, "token_not_valid")
    answer = client.get("/api/v1/points", headers={"Authorization": "Basic eDp5"})
    assert (answer.status_code, answer.json["code"]) == (401, "authorization_not_bearer")


def test_a_write_without_the_pages_proof_is_refused(signed_in):
    person = signed_in("dispatcher")
    person.token = ""
    answer = person.post("/api/v1/issues", json={})
    assert (answer.status_code, answer.json["code"]) == (403, "csrf_missing")
    person.token = "0" * 64
    assert person.post("/api/v1/issues", json={}).json["code"] == "csrf_wrong"


def test_phone_numbers_are_whole_only_inside_the_duty_chain(signed_in):
    whole = signed_in("dispatcher").get("/api/v1/zones/SB000001").json["properties"]["holder_phone"]
    masked = signed_in("clerk").get("/api/v1/zones/SB000001").json["properties"]["holder_phone"]
    assert whole == "13912345678"
    assert masked == "139****5678"
