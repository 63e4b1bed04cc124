"""From words to a place over HTTP and on the command line: what is found, how sure, and by whom."""

import pytest
from shapely import LineString, Point

from civmap.city.models import StreetEdge
from civmap.clock import parse_moment
from civmap.geo.measure import distance_m
from civmap.store.database import writing
from civmap.units.models import Unit
from tests.support import town as plan

START, CROSSING, END = (115.8590, 28.6800), (115.8590, 28.6850), (115.8590, 28.6900)
WEST, EAST = (115.8540, 28.6850), (115.8690, 28.6850)


def _edges():
    rows = (("南湖路", 1, 2, START, CROSSING), ("南湖路", 2, 3, CROSSING, END), ("文庙街", 4, 2, WEST, CROSSING),
            ("文庙街", 2, 5, CROSSING, EAST))
    return [StreetEdge(name=name, highway="residential", from_node=one, to_node=two, length_m=500,
                       geom=LineString([low, high])) for name, one, two, low, high in rows]


def _shops():
    """Odd numbers on the northern side of 文庙街, 20 m apart, from its western end."""
    return [Unit(code=f"M{number}", name=f"门店{number}号", kind="shop", address=f"示例区文庙街{number}号",
                 seat=Point(115.8545 + number * 0.0002, 28.6851), categories=[], valid_from=plan.FOUNDED)
            for number in range(1, 21, 2) if number != 9]


WORDS = (
    ("示例区南湖路与文庙街交叉口", "crossing", CROSSING, 40), ("文庙街/南湖路", "crossing", CROSSING, 40),
    ("南湖与文庙路口", "crossing", CROSSING, 40), ("南湖路与文庙街路口以北100米", "crossing", (115.8590, 28.6859), 100),
    ("南湖路", "street", CROSSING, 700), ("文庙街９号", "number", (115.8563, 28.6851), 80),
    ("文庙街八号", "number", (115.8561, 28.6851), 130), ("文庙街11号", "number", (115.8567, 28.6851), 80),
    ("人民医院", "point", plan.HOSPITAL_SPOT, 50), ("人民医院对面", "point", plan.HOSPITAL_SPOT, 80),
    ("河东路", "street", (115.8622, 28.6832), 700), ("小李面馆", "shop", plan.SPOT_NOODLES, 70),
    ("桥西街道", "division", (115.828, 28.685), 8_000))


@pytest.fixture
def streets(engine):
    with writing(engine) as session:
        session.add_all([*_edges(), *_shops()])


def _point(code, name):
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [115.861, 28.687]},
            "properties": {"code": code, "name": name, "type": "PT08"}}


def _places(browser, q, **more):
    got = browser.get("/api/v1/places", query_string={"q": q, **more})
    assert got.status_code == 200, got.get_data(as_text=True)
    return got.get_json()["places"]


def test_words_find_the_place_that_they_mean(signed_in, streets):
    browser = signed_in("dispatcher")
    for q, basis, spot, reach_m in WORDS:
        best = _places(browser, q)[0]
        assert best["basis"] == basis, (q, best)
        assert distance_m((best["lon"], best["lat"]), spot) <= min(best["reach_m"], reach_m), (q, best)
        assert best["sure_name"] and best["basis_name"] and 0 < best["score"] <= 1


def test_places_are_found_by_those_who_may_see_them_and_follow_every_change(signed_in, engine, streets):
    assert _places(signed_in("dispatcher"), "人民医院")
    assert not _places(signed_in("shop"), "人民医院"), "a shop sees no points"
    assert _places(signed_in("shop"), "南湖路")[0]["basis"] == "street", "streets are public ground"
    clerk = signed_in("clerk_west")
    assert not _places(clerk, "河东公园") and _places(clerk, "桥西农贸市场")
    assert clerk.get("/api/v1/places?q=x&lon=115").status_code == 422
    admin = signed_in("admin")
    assert not _places(admin, "新城广场")
    made = admin.post("/api/v1/points", json=_point("P9", "新城广场"))
    assert made.status_code == 201, made.get_data(as_text=True)
    assert _places(admin, "新城广场")[0]["code"] == "P9"
    two = [Unit(code=code, name="苏果超市", kind="shop", seat=Point(lon, 28.68), categories=[],
                valid_from=parse_moment("2026-01-05T08:00:00+08:00")) for code, lon in (("S1", 115.85), ("S2", 115.88))]
    with writing(engine) as session:
        session.add_all(two)
    assert admin.post("/api/v1/points", json=_point("P10", "别的")).status_code == 201
    both = _places(admin, "苏果超市", lon=115.879, lat=28.68)
    assert [one["code"] for one in both[:2]] == ["S2", "S1"] and both[0]["score"] < 0.8, "two are as good: near decides"


def test_many_at_once_and_the_words_for_a_spot(signed_in, streets):
    browser = signed_in("inspector")
    many = browser.post("/api/v1/places", json={"texts": ["人民医院", "", "没有这里", "人民医院"]})
    assert many.status_code == 200
    assert [len(one["places"]) for one in many.get_json()["results"]] == [1, 0, 0, 1]
    assert browser.post("/api/v1/places", json={"texts": ["路"] * 1001}).status_code == 422

    def at(lon, lat):
        return browser.get("/api/v1/places/at", query_string={"lon": lon, "lat": lat}).get_json()

    assert at(115.85901, 28.68502)["address"] == "南湖路与文庙街路口"
    assert at(115.8590, 28.6863)["address"] == "南湖路，近文庙街路口"
    assert at(115.8553, 28.68512)["address"] == "文庙街5号附近" or at(115.8553, 28.68512)["number"] in (3, 5)
    here = at(115.8685, 28.68502)
    assert here["road"] == "文庙街" and here["divisions"] == ["河东街道"]
    assert at(115.9100, 28.7200)["address"] is None
