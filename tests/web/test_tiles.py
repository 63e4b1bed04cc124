"""Tiles and legends over HTTP: for whom, with which heads, and how soon a write is in them."""

import json

import mapbox_vector_tile
import numpy as np

from civmap.config import Settings
from civmap.mirror.places import mercator
from civmap.web.app import create_app
from tests.support import town as town_plan
from tests.web.test_issues import BIN

ZONE = "/tiles/zones/{}.mvt"


def at(spot, zoom=17):
    column, row = (mercator(np.array([spot])) * 2**zoom).astype(int)[0].tolist()
    return f"{zoom}/{column}/{row}"


NOODLES = ZONE.format(at(town_plan.SPOT_NOODLES))


def things(answer, layer="zones"):
    assert answer.status_code == 200, answer.json
    found = mapbox_vector_tile.decode(answer.data).get(layer, {}).get("features", [])
    return {one["properties"]["code"]: one["properties"] for one in found}


def test_a_write_is_in_the_next_tile(signed_in):
    office = signed_in("dispatcher")
    before = office.get(NOODLES)
    assert things(before)["SB000001"]["open_issues"] == 0
    lon, lat = town_plan.SPOT_NOODLES
    made = office.post("/api/v1/issues", json={**BIN, "lon": lon, "lat": lat})
    after = office.get(NOODLES)
    assert (things(after)["SB000001"]["open_issues"], things(after)["SB000001"]["status"]) == (1, "open")
    assert after.headers["ETag"] != before.headers["ETag"]
    spots = office.get(f"/tiles/issues/{at((lon, lat))}.mvt?state=open")
    assert things(spots, "issues")[made.json["issue_no"]]["class"] == "E0115"
    elsewhere = things(signed_in("clerk_west").get(NOODLES))
    assert {code: told["open_issues"] for code, told in elsewhere.items()} == {town_plan.HEDONG: 0}


def test_what_has_not_changed_is_not_sent_again_and_travels_packed(signed_in):
    office = signed_in("dispatcher")
    first = office.get(NOODLES)
    assert first.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = office.get(NOODLES, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert office.get(ZONE.format("5/0/0")).data == b""
    narrowed = office.get(f"{NOODLES}?kind=frontage&by=open_per_point")
    assert set(things(narrowed)) == {"SB000001"}
    assert "value" not in things(narrowed)["SB000001"]


def test_what_cannot_be_is_refused_in_words(signed_in, stranger):
    office = signed_in("dispatcher")
    for path, code in (("nothing/1/0/0", "tiles_layer_unknown"), ("zones/23/0/0", "tiles_zoom_unknown"),
                       ("zones/2/4/0", "tiles_outside"), ("zones/2/x/0", "tiles_address"),
                       ("zones/2/-1/0", "tiles_address")):
        refused = office.get(f"/tiles/{path}.mvt")
        assert (refused.status_code, refused.json["code"]) == (404, code)
    for query in ("?sort=name", "?by=open_per_km", "?on=yesterday", "?status=red", "?class=x"):
        assert office.get(NOODLES + query).status_code == 422
    assert stranger.get(NOODLES).status_code == 401
    assert stranger.get("/tiles/zones.json").status_code == 401
    assert stranger.get("/api/v1/legend?kind=zones").status_code == 401


def test_a_layer_describes_itself_behind_any_address(signed_in, settings, engine, program):
    told = signed_in("dispatcher").get("/tiles/zones.json?kind=frontage&by=open").json
    assert (told["tilejson"], told["minzoom"], told["maxzoom"]) == ("3.0.0", 0, 22)
    assert told["tiles"] == ["http://localhost/tiles/zones/{z}/{x}/{y}.mvt?kind=frontage&by=open"]
    assert told["bounds"] == list(town_plan.FRAME)
    assert [layer["id"] for layer in told["vector_layers"]] == ["zones", "zones_clusters"]
    assert told["vector_layers"][0]["fields"]["value"] == "Number"
    outside = create_app(Settings(**{name: getattr(settings, name) for name in settings.__slots__}
                                  | {"public_url": "https://map.example.cn"}), engine).test_client()
    told = outside.get("/tiles/points.json", headers=program("dispatcher")).json
    assert told["tiles"] == ["https://map.example.cn/tiles/points/{z}/{x}/{y}.mvt"]


def test_the_legend_counts_what_is_in_view_by_breaks_of_everything(signed_in):
    office = signed_in("dispatcher")
    for _number in range(3):
        office.post("/api/v1/issues", json=BIN)
    whole = office.get("/api/v1/legend?kind=zones&by=open").json
    assert whole["breaks"] == [0, 3, 3]
    assert [one["count"] for one in whole["classes"]] == [2, 1]
    assert (whole["total"], whole["in_view"], whole["statuses"]["open"]) == (3, None, 1)
    west = office.get("/api/v1/legend?kind=zones&by=open&bbox=115.81,28.65,115.82,28.66").json
    assert (west["breaks"], west["in_view"], [one["count"] for one in west["classes"]]) == ([0, 3, 3], 1, [1, 0])
    assert office.get("/api/v1/legend?kind=zones&zone_kind=frontage").json["total"] == 1
    fixed = office.get("/api/v1/legend?kind=segments&by=open_per_km&how=fixed&breaks=0,2,9").json
    assert [one["to"] for one in fixed["classes"]] == [2, 9]
    for query in ("kind=zones&by=open&how=fixed", "kind=zones&by=open&how=fixed&breaks=a", "kind=zones&classes=99",
                  "by=open", "kind=units&type=PT07", "kind=zones&bbox=1,2,3"):
        assert office.get(f"/api/v1/legend?{query}").status_code == 422, query
    assert json.dumps(signed_in("shop").get("/api/v1/legend?kind=zones").json["total"]) == "1"
