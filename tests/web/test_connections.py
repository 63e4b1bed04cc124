"""Other programs connect: styles, QGIS and QField, calendars, feeds of areas, and the tokens that let them in."""

import base64
import io
import json
import sqlite3
import zipfile
from xml.etree import ElementTree

from icalendar import Calendar

from civmap.connections.style import ORDER
from civmap.people import keys
from civmap.people.queries import by_name, viewer_of
from civmap.store.database import writing
from tests.support import town


def test_a_token_of_ones_own_opens_every_way_in_until_it_is_revoked(signed_in, app):
    inspector, client = signed_in("inspector"), app.test_client()
    page = inspector.post("/connections/tokens").get_data(as_text=True)
    token = page.split('value="civ_')[1].split('"')[0]
    basic = base64.b64encode(f"inspector:civ_{token}".encode()).decode()
    ways = ({"headers": {"Authorization": f"Basic {basic}"}}, {"headers": {"X-Api-Key": f"civ_{token}"}},
            {"query_string": {"api_key": f"civ_{token}"}})
    assert [client.get("/tiles/points.json", **way).status_code for way in ways] == [200, 200, 200]
    others = base64.b64encode(f"admin:civ_{token}".encode()).decode()
    refused = client.get("/tiles/points.json", headers={"Authorization": f"Basic {others}"})
    assert refused.status_code == 401 and "Basic" in refused.headers["WWW-Authenticate"]
    assert client.get("/api/v1/points", query_string={"api_key": f"civ_{token}"}).status_code == 401, "elsewhere Bearer"
    assert client.post("/connections/tokens", **ways[1]).status_code == 401, "a token makes no other token"
    kept = {"Authorization": f"Basic {basic}"}  # a browser sends it by itself, also where another site's page asks
    for origin in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post("/open311/v2/requests.json", headers={**kept, **origin}).status_code == 403
    assert client.post("/open311/v2/requests.json", headers={**kept, "Origin": "http://localhost"}).status_code == 400
    assert inspector.get("/exports?what=elsewhere&q=x").status_code == 200
    number = inspector.get("/connections").get_data(as_text=True).split("/connections/tokens/")[1].split("/")[0]
    assert signed_in("leader").post(f"/connections/tokens/{number}/revoke").status_code == 404
    assert inspector.post(f"/connections/tokens/{number}/revoke").status_code == 200
    assert client.get("/tiles/points.json", **ways[1]).status_code == 401


def test_style_and_connection_files_name_our_layers_and_no_other_host(signed_in, program):
    office, key = signed_in("dispatcher"), program("dispatcher")["Authorization"].removeprefix("Bearer ")
    style = office.get(f"/tiles/style.json?api_key={key}").json
    assert style["version"] == 8 and list(style["sources"]) == list(ORDER)
    assert {layer["source"] for layer in style["layers"][1:]} == set(ORDER)
    assert [source["tiles"] for source in style["sources"].values()] == [
        [f"http://localhost/tiles/{kind}/{{z}}/{{x}}/{{y}}.mvt?api_key={key}"] for kind in ORDER]
    assert list(office.get("/tiles/style.json?layers=points").json["sources"]) == ["points"]
    (features,) = ElementTree.fromstring(office.get("/connections/qgis-features.xml").data)
    assert (features.get("url"), features.get("version")) == ("http://localhost/ogc", "OGC_API_FEATURES")
    project = ElementTree.fromstring(office.get("/connections/civmap.qgs").data)
    assert [layer.findtext("provider") for layer in project.iter("maplayer")] == ["OAPIF"] * 5


def test_the_field_package_holds_what_may_leave_the_house_and_a_project_that_shows_it(signed_in, tmp_path):
    def package(name):
        answer = signed_in(name).get("/connections/qfield.zip")
        assert answer.status_code == 200
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        (tmp_path / f"{name}.gpkg").write_bytes(archive.read("civmap.gpkg"))
        return archive, sqlite3.connect(tmp_path / f"{name}.gpkg")
    assert signed_in("grid").get("/connections/qfield.zip").status_code == 403, "nothing leaves with this role"
    archive, database = package("dispatcher")
    tables = {row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")}
    assert tables == {"points", "segments", "zones", "units"}
    assert database.execute("SELECT code FROM points ORDER BY code").fetchall() == [("P001",), ("P002",), ("P003",)]
    phones = database.execute("SELECT holder_phone FROM zones WHERE code = 'SB000001'").fetchone()
    (packed,) = database.execute("SELECT content FROM qgis_projects").fetchone()
    inner = zipfile.ZipFile(io.BytesIO(bytes.fromhex(packed))).read("civmap.qgs")
    assert inner == archive.read("civmap.qgs") and b"./civmap.gpkg|layername=points" in inner
    database.close()
    _archive, masked = package("industry")
    assert phones == ("13912345678",) and masked.execute(
        "SELECT holder_phone FROM zones WHERE code = 'SB000001'").fetchone() == ("139****5678",)
    masked.close()


def test_a_feed_key_brings_the_news_of_an_area_and_the_deadlines_into_a_calendar(signed_in, app, engine, now):
    dispatcher, client = signed_in("dispatcher"), app.test_client()
    lon, lat = town.SPOT_NOODLES
    said = {"class": "E0102", "description": "垃圾，13812345678", "lon": lon, "lat": lat, "unit": "HW-C",
            "on_site": True}
    number = dispatcher.post("/api/v1/issues", json=said).json["issue_no"]
    with writing(engine) as session:
        secrets = {name: keys.renew(session, viewer_of(session, by_name(session, name), "page"), now)
                   for name in ("handler", "doctor", "clerk")}
    due = Calendar.from_ical(client.get(f"/feeds/duties.ics?key={secrets['handler']}").data)
    (event,) = due.walk("VEVENT")
    assert number in event["summary"] and "13812345678" not in event["description"] and event["dtend"].dt > now
    other = Calendar.from_ical(client.get(f"/feeds/duties.ics?key={secrets['doctor']}").data)
    assert not other.walk("VEVENT"), "another unit's deadlines are not theirs"
    area = client.get(f"/zones/{town.HEDONG}/feed.json?key={secrets['clerk']}").json
    assert any(number in item["title"] for item in area["items"])
    assert not client.get(f"/zones/{town.HEDONG}/feed.json?key={secrets['doctor']}").json["items"]
    atom = ElementTree.fromstring(client.get(f"/zones/{town.HEDONG}/feed.atom?key={secrets['clerk']}").data)
    assert len(atom.findall("{http://www.w3.org/2005/Atom}entry")) == len(area["items"])
    refused = client.get("/feeds/rounds.ics?key=civf_wrong")
    assert refused.status_code == 401 and json.loads(refused.data)["code"] == "feed_key_not_valid"
