"""Operations on zones through the JSON interface: what is shown is what is written, and all still fits."""

import itertools
import time

import numpy as np
import pytest
import shapely
from shapely.geometry import mapping, shape

from tests.support.clerks import METRE, Clerk

SOUTH_WEST = np.array((115.870, 28.700))
NEXT_DOOR = {"type": "Polygon", "coordinates": [[
    [115.8572815, 28.6832723], [115.8574554, 28.6832737], [115.8574559, 28.6832286], [115.8572819, 28.6832272],
    [115.8572815, 28.6832723]]]}


def at(*spots):
    return [list(map(float, SOUTH_WEST + METRE * np.array(spot))) for spot in spots]


def ring(*spots):
    return {"type": "Polygon", "coordinates": [at(*spots, spots[0])]}


def line(*spots):
    return {"type": "LineString", "coordinates": at(*spots)}


def block(west, south, east, north):
    return ring((west, south), (east, south), (east, north), (west, north))


@pytest.fixture
def office(signed_in):
    return signed_in("dispatcher")


def made(office, kind, geometry, **properties):
    answer = office.post("/api/v1/zones", json={"type": "Feature", "geometry": geometry,
                                                "properties": {"kind": kind, **properties}})
    assert answer.status_code == 201, answer.text
    return answer.json["properties"]["code"]


def seen(office, kind):
    found = office.get(f"/api/v1/zones.geojson?kind={kind}").json["features"]
    return {each["properties"]["code"]: (shape(each["geometry"]), each["properties"]) for each in found}


def done(office, path, body, status=200):
    """Preview, check that nothing was written, do it, check that it is what was shown; return the answer."""
    before = office.get("/api/v1/zones.geojson").text
    shown = office.post(f"/api/v1/zones/{path}?preview=true", json=body)
    assert shown.status_code == 200, shown.text
    assert office.get("/api/v1/zones.geojson").text == before
    versions = {each["zone"]: each["version"] for each in shown.json["changes"] if each["version"]}
    answer = office.post(f"/api/v1/zones/{path}", json={**body, "versions": versions})
    assert answer.status_code == status, answer.text
    assert answer.json["changes"] == shown.json["changes"]
    return answer.json


def sizes(answer):
    return {each["zone"]: (round(each["before_m2"]), round(each["after_m2"])) for each in answer["changes"]
            if abs(each["before_m2"] - each["after_m2"]) > 0.05}


@pytest.mark.spatialite
@pytest.mark.parametrize(("kind", "seed"), [("grid", 101), ("frontage", 102)])
def test_whatever_a_clerk_does_the_zones_fit_afterwards(office, kind, seed):
    def send(method, path, body):
        return office.get(path) if method == "GET" else office.post(path, json=body)

    clerk = Clerk(send, kind, seed)
    for _ in range(25):
        clerk.step()
    assert {name for name, status, _ in clerk.done if status < 300} >= {"draw", "reshape"}


def test_contested_ground_is_offered_in_halves(office):
    drawn = {"type": "Feature", "geometry": NEXT_DOOR, "properties": {"kind": "frontage", "name": "二店"}}
    refused = office.post("/api/v1/zones", json=drawn)
    assert (refused.status_code, refused.json["code"]) == (409, "zone_overlap")
    assert refused.json["overlaps"][0]["area_m2"] == pytest.approx(10, abs=0.1)
    fair = refused.json["halved"]
    answer = done(office, "halve", {"feature": drawn, "with": fair["with"]}, 201)
    assert sizes(answer) == {"SB000002": (0, 80), "SB000001": (75, 70)}
    zones = seen(office, "frontage")
    assert shapely.coverage_is_valid([area for area, _ in zones.values()])
    assert shape(fair["geometry"]).equals_exact(zones["SB000002"][0], 1e-7, normalize=True)
    undone = office.post(f"/api/v1{answer['undo']['path']}", json=answer["undo"]["body"])
    assert undone.status_code == 200, undone.text
    assert list(seen(office, "frontage")) == ["SB000001"]
    assert seen(office, "frontage")["SB000001"][1]["area_m2"] == pytest.approx(75, abs=0.5)


def test_a_stale_operation_is_refused_with_the_zone_as_it_is(office):
    left, right = made(office, "grid", block(0, 0, 20, 20)), made(office, "grid", block(20, 0, 40, 20))
    body = {"geometry": block(0, 0, 25, 20), "neighbours": "follow"}
    seen_by_one = {code: office.get(f"/api/v1/zones/{code}") for code in (left, right)}
    versions = {code: int(answer.headers["ETag"][2:-1]) for code, answer in seen_by_one.items()}
    done(office, f"{left}/reshape", body)
    late = office.post(f"/api/v1/zones/{right}/reshape", json={
        "geometry": block(15, 0, 40, 20), "neighbours": "follow", "versions": versions})
    assert (late.status_code, late.json["code"]) == (412, "stale_edit")
    assert late.json["current"]["properties"]["code"] in versions
    by_tag = office.post(f"/api/v1/zones/{left}/split", json={"parts": 2}, headers={"If-Match": '"v1"'})
    assert by_tag.status_code == 412


def test_what_tiles_a_community_follows_it(office):
    first, second = "360199006001", "360199006002"
    made(office, "community", block(0, 0, 60, 60), code=first)
    made(office, "community", block(60, 0, 120, 60), code=second)
    for code, west in ((first, 0), (second, 60)):
        for number, (x, y) in enumerate(itertools.product(range(2), range(2)), start=1):
            made(office, "grid", block(west + 30 * x, 30 * y, west + 30 * x + 30, 30 * y + 30),
                 code=f"{code}{number:03d}")

    def check(count):
        communities, grids = seen(office, "community"), seen(office, "grid")
        assert len(communities) == count
        assert shapely.coverage_is_valid([area for area, _ in grids.values()])
        assert shapely.coverage_is_valid([area for area, _ in communities.values()])
        for code, (ground, _) in communities.items():
            below = [area for area, properties in grids.values() if properties["parent"] == code]
            assert shapely.union_all(below).symmetric_difference(ground).area == 0

    answer = done(office, f"{first}/split", {"line": line((-5, 26), (65, 33)), "names": ["新社区"]}, 201)
    assert answer["zones"][:2] == [first, "360199006003"]
    check(3)
    done(office, f"{second}/reshape", {"geometry": ring((45, 0), (120, 0), (120, 60), (70, 60)),
                                       "neighbours": "follow"})
    check(3)
    done(office, "merge", {"zones": [first, "360199006003"], "keep": first})
    check(2)
    few = office.post(f"/api/v1/zones/{second}001/split?preview=true", json={"parts": 3, "by": "issues"})
    assert [note["code"] for note in few.json["notes"]] == ["fewer_than_parts"]
    parts = done(office, f"{second}001/split", {"parts": 3, "by": "area"}, 201)
    assert not parts["notes"]
    assert parts["zones"][1:3] == [f"{second}005", f"{second}006"]
    assert max(each["after_m2"] for each in parts["changes"][:3]) == pytest.approx(
        min(each["after_m2"] for each in parts["changes"][:3]), rel=0.01)
    check(2)
    beyond = office.post(f"/api/v1/zones/{second}004/reshape", json={"geometry": block(95, 25, 130, 70)})
    assert (beyond.status_code, beyond.json["code"]) == (409, "zone_beyond_parent")
    done(office, f"{second}004/reshape", {"geometry": beyond.json["suggestion"], "neighbours": "follow"})
    check(2)


def test_gaps_strips_and_overlaps_are_mended(office):
    west, east = made(office, "frontage", block(0, 0, 20, 20)), made(office, "frontage", block(30, 0, 50, 20))
    made(office, "frontage", block(0, -10, 50, 0))
    north = made(office, "frontage", block(0, 20, 50, 30))
    spot = at((25, 10))[0]
    filled = done(office, "fill", {"kind": "frontage", "lon": spot[0], "lat": spot[1], "to": west})
    before, after = sizes(filled)[west]
    assert after - before == pytest.approx(before / 2, abs=1)
    given = done(office, f"{west}/give", {"to": east, "line": line((25, -1), (25, 21))})
    change = sizes(given)
    assert change[west][0] - change[west][1] == pytest.approx(change[east][1] - change[east][0], abs=1)
    apart = office.post("/api/v1/zones/merge", json={"zones": [north, "SB000001"], "keep": north})
    assert (apart.status_code, apart.json["code"]) == (409, "zones_not_adjacent")
    assert "(SB000001)" in apart.get_data(as_text=True) and apart.json["zones"] == ["SB000001"]
    short = office.post(f"/api/v1/zones/{north}/split", json={"line": line((10, 19), (10, 22))})
    assert (short.status_code, short.json["code"]) == (409, "line_does_not_cross")
    done(office, f"{north}/split", {"line": short.json["repair"]}, 201)
    assert shapely.coverage_is_valid([area for area, _ in seen(office, "frontage").values()])


def many(count):
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return ring(*np.column_stack([40 * np.cos(angles), 40 * np.sin(angles)]))


BROKEN = (
    (ring((0, 0), (10, 10), (10, 0), (0, 10)), "geometry_invalid", True),
    (ring((0, 0), (10, 0), (10, 5), (40, 5.002), (10, 5.004), (10, 10), (0, 10)), "area_has_spike", True),
    (ring((0, 0), (50, 0), (50, 0.03), (0, 0.03)), "area_too_thin", False),
    (ring((0, 0), (0.1, 0), (0.1, 0.1)), "area_too_small", False),
    ({"type": "Polygon", "coordinates": [at((0, 0), (10, 0), (10, 10))]}, "ring_not_closed", True),
    ({"type": "Polygon", "coordinates": [[spot[::-1] for spot in block(0, 0, 9, 9)["coordinates"][0]]]},
     "coordinates_swapped", True),
    (block(90000, 0, 90010, 10), "outside_city", False),
    (many(20_500), "geometry_too_large", True),
)


@pytest.mark.spatialite
@pytest.mark.parametrize(("geometry", "code", "is_mendable"), BROKEN, ids=[row[1] for row in BROKEN])
def test_a_broken_area_is_answered_with_the_place_and_a_repair(office, geometry, code, is_mendable):
    begun = time.process_time()
    drawn = {"type": "Feature", "geometry": geometry, "properties": {"kind": "frontage"}}
    answer = office.post("/api/v1/zones", json=drawn)
    assert time.process_time() - begun < 3
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert set(answer.json["place"]) == {"lon", "lat"}
    assert ("repair" in answer.json) is is_mendable
    if is_mendable:
        assert office.post("/api/v1/zones", json={**drawn, "geometry": answer.json["repair"]}).status_code == 201


def test_a_drawn_zone_is_shown_before_it_is_made(office):
    shown = office.post("/api/v1/zones?preview=true", json={
        "type": "Feature", "geometry": mapping(shapely.box(*at((0, 0))[0], *at((9, 9))[0])),
        "properties": {"kind": "frontage"}})
    assert [each["is_new"] for each in shown.json["changes"]] == [True]
    assert list(seen(office, "frontage")) == ["SB000001"]
