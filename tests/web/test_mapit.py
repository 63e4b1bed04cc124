"""MapIt: what mySociety's own programs ask of it, answered from our zones."""

import base64
import json
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
import shapely
from flask.testing import FlaskClient
from shapely import box
from sqlalchemy import select

from civmap.geo.crs import from_wgs84
from civmap.store.database import writing
from civmap.zones.models import Zone
from tests.support import town as plan

AREA = {"id", "name", "country", "country_name", "type", "type_name", "parent_area", "generation_low",
        "generation_high", "codes", "all_names"}
EAST, WEST = (115.8571, 28.6900), (115.8300, 28.6900)


@dataclass
class Program:
    """A program that shows somebody's token."""

    client: FlaskClient
    headers: dict

    def get(self, path, headers=None):
        """Ask."""
        return self.client.get(path, headers={**self.headers, **(headers or {})})

    def post(self, path, data):
        """Send a form."""
        return self.client.post(path, headers=self.headers, data=data)


@pytest.fixture
def with_token(app, program):
    """Give a maker of programs, by the first name of whose token they show."""
    return lambda name: Program(app.test_client(), program(name))


@pytest.fixture
def area(engine):
    """Give the number of a zone by its code."""
    with writing(engine) as session:
        numbers = dict(session.execute(select(Zone.code, Zone.id)).all())
    return numbers.__getitem__


def _asked(browser, path, status=200, **headers):
    got = browser.get(f"/mapit/{path}", headers=headers)
    assert got.status_code == status, (path, got.get_data(as_text=True))
    return got.get_json()


def test_fixmystreet_finds_the_areas_of_a_spot_their_shape_and_all_of_a_type(with_token, area):
    program = with_token("inspector")
    lon, lat = plan.SPOT_NOODLES
    found = _asked(program, f"point/4326/{lon},{lat}")
    assert {one["type"] for one in found.values()} == {"SUB", "FRT"} and all(set(one) == AREA for one in found.values())
    only = _asked(program, f"point/4326/{lon},{lat}?type=COM,SUB")
    assert list(only) == [str(area(plan.HEDONG))] and only[str(area(plan.HEDONG))]["name"] == "河东街道"
    number = area(plan.HEDONG)
    one = _asked(program, f"area/{number}")
    assert one["id"] == number and one["codes"] == {"civmap": plan.HEDONG, "division": plan.HEDONG}
    assert one["generation_low"] == 20260105 and one["all_names"]["default"][1] == "河东街道"
    shape = shapely.from_geojson(json.dumps(_asked(program, f"area/{number}.geojson?simplify_tolerance=0.0001")))
    assert shape.equals(box(115.856, plan.FRAME[1], plan.FRAME[2], plan.FRAME[3]))
    assert {one["name"] for one in _asked(program, "areas/SUB,COM").values()} == {"河东街道", "桥西街道"}
    assert set(_asked(program, f"areas/{number},{area(plan.QIAOXI)}")) == {str(number), str(area(plan.QIAOXI))}
    assert list(_asked(program, "areas/河东")) == [str(number)] and not _asked(program, "areas/XYZ")
    beside = _asked(program, f"area/{number}/touches?type=SUB")
    assert list(beside) == [str(area(plan.QIAOXI))]
    assert list(_asked(program, f"area/{number}/covers")) == [str(area("SB000001"))]
    assert list(_asked(program, f"area/{area('SB000001')}/covered")) == [str(number)]
    assert not _asked(program, f"area/{number}/overlaps") and _asked(program, f"area/{number}/children") == {}


def test_other_systems_forms_and_codes_are_answered_and_mistakes_told_in_mapits_words(with_token, stranger, area):
    program = with_token("inspector")
    number = area(plan.HEDONG)
    for srid in (4490, 3857, 4548):
        x, y = from_wgs84(f"EPSG:{srid}", *EAST)
        assert list(_asked(program, f"point/{srid}/{float(x)},{float(y)}?type=SUB")) == [str(number)], srid
    wkt, kml = (program.get(f"/mapit/area/{number}.{form}") for form in ("wkt", "kml"))
    assert shapely.from_wkt(wkt.get_data(as_text=True)).geom_type == "Polygon" and wkt.mimetype == "text/plain"
    assert ElementTree.fromstring(kml.get_data()).find(".//{*}Polygon") is not None
    several = _asked(program, f"areas/{number},{area(plan.QIAOXI)}.geojson")
    assert [one["properties"]["type"] for one in several["features"]] == ["SUB", "SUB"]
    size = _asked(program, f"area/{number}/geometry")
    assert size["min_lon"] == 115.856 and size["area"] > 1e6 and size["srid_en"] == 4548
    there = program.get(f"/mapit/code/civmap/{plan.HEDONG}")
    assert there.status_code == 302 and there.headers["Location"].endswith(f"/mapit/area/{number}")
    posted = program.post("/mapit/areas", data={"URL": "SUB"})
    assert posted.status_code == 200 and len(posted.get_json()) == 2
    page = program.get(f"/mapit/point/4326/{EAST[0]},{EAST[1]}.html")
    assert page.mimetype == "text/html" and "河东街道" in page.get_data(as_text=True)
    for path, status in (("area/999999", 404), (f"area/{number}/example_postcode", 404), ("code/gss/1", 404),
                         ("point/999999/1,1", 400), ("nowhere", 404), ("generations?generation=1", 400),
                         (f"area/{number}.geojson?simplify_tolerance=x", 400)):
        told = _asked(program, path, status)
        assert told["code"] == status and told["error"] and set(told) == {"code", "error"}, path
    assert _asked(program, "point/4326/10,10") == {}
    refused = stranger.get("/mapit/generations")
    assert refused.status_code == 401 and refused.get_json()["code"] == 401 and refused.headers["WWW-Authenticate"]


def test_a_generation_is_a_day_and_nobody_sees_more_than_on_the_pages(signed_in, with_token, area):
    admin = signed_in("admin")
    code = plan.QIAOXI
    tag = admin.get(f"/api/v1/zones/{code}").headers["ETag"]
    ended = admin.delete(f"/api/v1/zones/{code}", headers={"If-Match": tag})
    assert ended.status_code in (200, 204), ended.get_data(as_text=True)
    program = with_token("inspector")
    lon, lat = WEST
    assert _asked(program, f"point/4326/{lon},{lat}") == {}
    assert list(_asked(program, f"point/4326/{lon},{lat}?generation=20260110")) == [str(area(code))]
    days = _asked(program, "generations")
    assert list(days) == sorted(days) and "20260105" in days and len(days) == 2
    known = _asked(program, f"area/{area(code)}")
    assert known["generation_low"] == known["generation_high"] == 20260105
    shop = with_token("shop")
    assert set(_asked(shop, "areas/SUB,FRT")) == {str(area("SB000001"))}
    _asked(shop, f"area/{area(plan.HEDONG)}", 404)


def test_keys_of_every_protocol_open_it_and_only_they_open_it_to_other_sites(app, signed_in, program):
    token = program("leader")["Authorization"].removeprefix("Bearer ")
    client = app.test_client()
    basic = base64.b64encode(f"leader:{token}".encode()).decode()
    for headers, query in (({"X-Api-Key": token}, ""), ({}, f"?api_key={token}"),
                           ({"Authorization": f"Basic {basic}"}, "")):
        got = client.get(f"/mapit/generations{query}", headers=headers)
        assert got.status_code == 200 and got.headers["Access-Control-Allow-Origin"] == "*"
        again = client.get(f"/mapit/generations{query}", headers={**headers, "If-None-Match": got.headers["ETag"]})
        assert again.status_code == 304
    mine = signed_in("leader").get("/mapit/generations")
    assert mine.status_code == 200 and "Access-Control-Allow-Origin" not in mine.headers
    assert "no-cache" in mine.headers["Cache-Control"]
    assert client.options("/mapit/generations").headers["Access-Control-Allow-Headers"].startswith("X-Api-Key")
    assert "MapIt" in signed_in("leader").get("/mapit").get_data(as_text=True)
