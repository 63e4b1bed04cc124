"""A covert draw, its round and its visits leave no trace for responsible units in any door, until it is published.

Every address that can be read is walked before and after the office has drawn, planned and visited in secret: what
units read must be the very same bytes, moments of the ledger's cursor and tokens aside, so no count can tell either.
"""

import io
import re
import zipfile

import pytest

from civmap.issues import actions
from civmap.people.rules import OFFICE
from civmap.store.database import writing
from tests.support import town

SECRETS = ("暗访甲", "种子丙丁", "备注戊己")
UNITS = ("industry", "doctor")
OTHERS = ("handler", "clerk", "grid", "chief", "shop")
GLANCED = ("/api/v1/rows/points?sort=risk", "/api/v1/visits", "/draws", "/routes")
KNOWN = {"points": ("P001",), "units": ("YY",)}
ELSEWHERE = re.compile(  # what can tell of no point, visit or person: files, words, ground, borders, rules, long prints
    r"(/api/v1)?/(static|ground|basemap|help|offline|log\w+|language|healthz|readyz|sw\.js|favicon|board|"
    r"pledge|password|documents|tiles|segments|zones|roads|frontage|cascade|duties|rulings|calendar|workflow|coverage|"
    r"assignment|linework|papers|photos|notices|openapi|people|responsibility|plan|possible|paper|outbox|feeds|days|me|"
    r"issues\.|choices|rounds/custom)\w*\b.*|"
    r".*\.(pdf|docx|gpkg|shp\.zip|kml|geojson)|.*/qfield\.zip|.*/edit|.*/new|.*<(path:rest|key|part)>.*")
ASKED = (
    "/api/v1/points?not_seen_days=1", "/api/v1/points.geojson?by=last_visit", "/points?not_seen_days=1&sort=risk",
    "/points?sort=unseen&order=desc", "/api/v1/rows/points?sort=risk", "/api/v1/rows/points?sort=unseen_days",
    "/api/v1/rows/points?not_seen_days=1&only=codes", "/api/v1/points/ranked", "/api/v1/points/ranked?by=not_seen",
    "/api/v1/legend?kind=points&by=last_visit", "/tiles/points/0/0/0.mvt?by=last_visit", "/points.csv?not_seen_days=1",
    "/api/v1/search?q=暗访甲", "/api/v1/visits", "/api/v1/visits?point=P001", "/api/v1/draws?q=暗访",
    "/routes?q=暗访", "/api/v1/routes?q=暗访")
VOLATILE = re.compile(rb'"(csrf_token|cursor)": ?"[^"]*"|(csrf-token" content|name="csrf_token" value|nonce)="[^"]*"')
NEAR = re.compile(r"P001|draws|routes|visit|not_seen|unseen|risk|scores$")


@pytest.fixture(autouse=True)
def frozen(monkeypatch, now):
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", now.isoformat())


@pytest.fixture
def issue(engine, now):
    with writing(engine) as session:
        lon, lat = town.HOSPITAL_SPOT
        return actions.report(session, OFFICE, {"class": "E0102", "description": "x", "lon": lon, "lat": lat,
                                                "on_site": True, "unit": "YY"}, now).issue_no


def addresses(app, issue, cursor):
    """Return every address that is read by GET, with known things in it, and those that ask more closely."""
    found = [*ASKED, f"/api/v1/changes?since={cursor}&counts=points", f"/api/v1/news?since={cursor}"]
    for rule in app.url_map.iter_rules():
        path = str(rule)
        is_hidden = re.match(r"(/api/v1)?/(draws|routes|visits)/<", path)
        if "GET" not in rule.methods or is_hidden or ELSEWHERE.fullmatch(path):
            continue
        room = path.removeprefix("/api/v1").split("/")[1]
        names = (issue,) if room == "issues" else KNOWN.get(room, ("points",))
        for name in names if "<" in path else ("",):
            found.append(re.sub(r"<int[^>]*>", "1", re.sub(r"<(?!int)[^>]*>", name, path)))
    return sorted(set(found))


def hidden(app, draw, route, visit):
    """Return every address of the hidden things themselves."""
    kept = {"draws": draw, "routes": route, "visits": str(visit)}
    return [re.sub(r"<[^>]*>", kept[room], str(rule)) for rule in app.url_map.iter_rules() if "GET" in rule.methods
            for room in [str(rule).removeprefix("/api/v1").split("/")[1]] if room in kept and "<" in str(rule)
            and "<path:" not in str(rule)]


def read(person, address):
    answer = person.get(address, buffered=True)
    body = answer.data
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b"".join(parts.read(name) for name in sorted(parts.namelist()) if not name.startswith("docProps"))
    return answer.status_code, VOLATILE.sub(b"", body)


@pytest.fixture
def covert(signed_in, app, issue):
    """Let the office draw, plan and visit in secret; give what it made."""
    office = signed_in("dispatcher")

    def make():
        draw = office.post("/api/v1/draws", json={"mandatory": True, "covert": True, "name": SECRETS[0],
                                                  "seed": SECRETS[1]}).json
        assert draw["points"] == ["P002", "P001"]
        made = office.post("/api/v1/routes", json={"draw": draw["draw"], "name": SECRETS[0] + "路线", "seconds": 0.2,
                                                   "metric": "air", "start": {"lon": 115.86, "lat": 28.685}})
        assert made.status_code == 201 and made.json["is_covert"], made.json
        route = made.json["route"]
        visit = office.post("/api/v1/visits", json={"point": "P001", "route": route, "findings": [
            {"item": "F10", "result": "pass"}], "remark": SECRETS[2]})
        assert visit.status_code == 201, visit.json
        return draw["draw"], route, visit.json["visit"]

    return office, make


def test_a_covert_draw_leaves_no_trace_until_it_is_published(app, signed_in, covert, issue):
    office, make = covert
    people = {name: signed_in(name) for name in (*UNITS, *OTHERS)}
    cursor = office.get("/api/v1/changes").json["cursor"]
    walked = addresses(app, issue, cursor)
    before = {(name, address): read(people[name], address) for name in UNITS for address in walked
              if name == UNITS[0] or NEAR.search(address)}
    assert [place for place, (status, _body) in before.items() if status >= 500] == []
    draw, route, visit = make()
    for (name, address), told in before.items():
        assert read(people[name], address) == told, (name, address)
    secrets = [secret.encode() for secret in SECRETS]
    own = hidden(app, draw, route, visit)
    assert len(own) > 12
    for name, person in people.items():
        for address in own if name in ("industry", "shop") else ():
            status, body = read(person, address)
            assert status in (404, 403) and not any(secret in body for secret in secrets), (name, address, status)
        assert {person.get(f"/api/v1/{path}").status_code for path in (
            f"draws/{draw}", f"routes/{route}", f"routes/{route}/legs", f"visits/{visit}")} == {404}
        assert person.post(f"/api/v1/draws/{draw}/publish").status_code == 404
    for name in OTHERS:
        for address in (*GLANCED, f"/api/v1/news?since={cursor}", f"/api/v1/changes?since={cursor}&counts=points"):
            body = read(people[name], address)[1]
            assert not any(secret in body for secret in (*secrets, draw.encode(), route.encode())), (name, address)
    for name, status in (("inspector", 404), ("leader", 200), ("discipline", 200)):  # an inspector who is on no team
        assert signed_in(name).get(f"/api/v1/draws/{draw}").status_code == status, name
    fail = {"item": "F11", "result": "fail", "report": {}}
    found = office.post("/api/v1/visits", json={"point": "P001", "route": route, "findings": [fail]}).json
    number = found["issues"][0]["issue_no"]
    for address in (f"/api/v1/issues/{number}{part}" for part in ("", "/ledger", "/about")):
        status, body = read(people["clerk"], address)
        told = [secret for secret in (*secrets, draw.encode(), route.encode()) if secret in body]
        assert (status, told) == (200, []), address
    told_when_published(office, people, draw, route, visit)


def told_when_published(office, people, draw, route, visit):
    """Everybody then sees the points that are theirs to see, and who sees none of them still nothing."""
    assert office.post(f"/api/v1/draws/{draw}/publish").json["published_at"]
    assert office.post(f"/api/v1/draws/{draw}/publish").status_code == 200
    seen = {"doctor": ["P001"], "clerk": ["P001"], "grid": ["P001"], "chief": ["P001"], "industry": ["P002", "P001"]}
    for name, person in people.items():
        answer = person.get(f"/api/v1/draws/{draw}")
        listed = [row["draw"] for row in person.get("/api/v1/draws").json["draws"]]
        status = person.get(f"/draws/{draw}").status_code
        if name not in seen:
            assert (answer.status_code, listed, status) == (404, [], 404), name
            continue
        assert (answer.json["points"], listed, status) == (seen[name], [draw], 200), name
        assert SECRETS[0] in person.get("/draws").text and "proof" not in answer.json
        stops = [stop["code"] for stop in person.get(f"/api/v1/routes/{route}").json["stops"]]
        assert sorted(stops) == sorted(seen[name]), name
        assert person.get(f"/api/v1/visits/{visit}").status_code == 200, name
    row, = people["doctor"].get("/api/v1/points?by=last_visit").json["features"]
    assert row["properties"]["value"] == 0
    assert people["doctor"].get("/api/v1/points?not_seen_days=1").json["features"] == []
