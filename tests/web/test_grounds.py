"""Basemaps through our own address: nothing leaks, nothing hangs, a failing host says so, and Amap fits."""

import gzip
import time

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write as pmtiles_writer

from civmap.basemap import fetching
from civmap.config import Settings
from civmap.web.app import create_app
from tests.support.tilehost import blob, tile_host, world_pixel

pytestmark = pytest.mark.spatialite  # grounds ask the city for nothing

KEY = "0123456789abcdef0123456789abcdef"
PLACE = (115.857, 28.683)
Z = 16
X, Y = (int(part // 256) for part in world_pixel(*PLACE, Z))


@pytest.fixture
def host():
    """Give another host."""
    with tile_host() as running:
        yield running


@pytest.fixture
def basemaps(host, tmp_path):
    """Give what the administrator wrote."""
    archive = tmp_path / "own.pmtiles"
    with pmtiles_writer(archive) as writer:
        writer.write_tile(zxy_to_tileid(Z, X, Y), gzip.compress(b"a vector tile"))
        writer.finalize({"tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_zoom": 9, "max_zoom": Z,
                         "min_lon_e7": 0, "min_lat_e7": 0, "max_lon_e7": 1, "max_lat_e7": 1, "center_zoom": 14,
                         "center_lon_e7": 0, "center_lat_e7": 0}, {})
    host.files["/far.pmtiles"] = archive.read_bytes()
    return (f"xyz|别家|{host.address}/a/{{z}}/{{x}}/{{y}}.png?tk={KEY}|© 别家|审图号：赣S（2026）9号;"
            f"xyz|火星|{host.address}/b/{{z}}/{{x}}/{{y}}.png|crs=gcj02;pmtiles|自有|{archive};"
            f"pmtiles|远处|{host.address}/far.pmtiles")


@pytest.fixture
def settings(engine, tmp_path, basemaps):
    """Give settings with grounds of another host."""
    url = engine.url.render_as_string(hide_password=False)
    return Settings.from_environ({"CIVMAP_HOME": str(tmp_path / "home"), "CIVMAP_DATABASE_URL": url,
                                  "CIVMAP_SECRET_KEY": "k" * 48, "CIVMAP_BASEMAPS": basemaps})


def _tile(browser, ground="xyz1", at=(Z, X, Y)):
    return browser.get(f"/ground/{ground}/{'/'.join(map(str, at))}")


def test_a_tile_comes_through_our_address_and_is_asked_for_once(signed_in, host):
    someone = signed_in("inspector")
    got = _tile(someone)
    assert got.status_code == 200 and got.content_type == "image/png" and got.data.startswith(b"\x89PNG")
    again = someone.get(f"/ground/xyz1/{Z}/{X}/{Y}", headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304 and len(host.asked) == 1
    assert KEY in host.asked[0] and next(iter(host.agents)).startswith("civmap/")


def test_the_key_and_the_host_are_in_no_page(signed_in, host):
    page = signed_in("dispatcher").get("/")
    said = page.get_data(as_text=True)
    assert "别家" in said and "赣S（2026）9号" in said
    assert KEY not in said and host.address not in said
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob:" in page.headers["Content-Security-Policy"]


def test_strangers_and_grounds_that_nobody_set_get_nothing(stranger, signed_in, host):
    assert _tile(stranger).status_code == 401
    someone = signed_in("inspector")
    for path in ("/ground/evil/1/1/1", "/ground/xyz1/3/9/9", f"/ground/xyz1/{Z}/{X}/{Y}?part=7",
                 f"/ground/xyz1/{Z}/{X}/{Y}?part=1", "/ground/xyz1/21/1/1", "/ground/plain/1/1/1", "/ground/evil.json"):
        assert someone.get(path).status_code == 404, path
    assert host.asked == []


@pytest.mark.parametrize(("mood", "code"), [
    ("refuses", "ground_refused"), ("fails", "ground_unreachable"), ("speaks", "ground_not_an_image"),
    ("huge", "ground_too_large"), ("leads away", "ground_unreachable")])
def test_a_host_that_fails_is_an_honest_502(signed_in, host, mood, code):
    host.mood = mood
    got = _tile(signed_in("inspector"))
    assert got.status_code == 502 and got.get_json()["code"] == code
    assert KEY not in got.get_data(as_text=True)
    assert not any("elsewhere" in path for path in host.asked)


def test_where_the_host_has_nothing_there_is_an_empty_tile(signed_in, host):
    host.mood = "lacks"
    assert _tile(signed_in("inspector")).status_code == 204


def test_a_hanging_host_ties_up_neither_the_server_nor_the_database(signed_in, host, monkeypatch):
    monkeypatch.setattr(fetching, "WAIT_SECONDS", 0.3)
    host.mood, someone = "slow", signed_in("inspector")
    codes = [_tile(someone, at=(Z, X + n, Y)).get_json()["code"] for n in range(3)]
    assert codes == ["ground_unreachable"] * 3
    began = time.monotonic()
    assert _tile(someone, at=(Z, X + 9, Y)).status_code == 502
    assert time.monotonic() - began < 0.25 and len(host.asked) == 3
    assert someone.get("/help").status_code == 200


def test_what_was_seen_once_is_still_there_when_the_host_is_gone(signed_in, host, monkeypatch):
    someone = signed_in("inspector")
    assert _tile(someone).status_code == 200
    monkeypatch.setattr("civmap.basemap.shelf.FRESH_SECONDS", -1)
    host.mood = "fails"
    assert _tile(someone).status_code == 200


def test_a_ground_in_gcj02_is_woven_and_kept(signed_in, host):
    someone = signed_in("inspector")
    got = _tile(someone, "xyz2")
    assert got.content_type == "image/webp" and len(host.asked) in (2, 4)
    _tile(someone, "xyz2")
    assert len(host.asked) in (2, 4)


def test_an_archive_of_vectors_gives_its_tiles_as_they_are(signed_in):
    someone = signed_in("inspector")
    facts = someone.get("/ground/pmtiles1.json").get_json()
    assert facts == {"id": "pmtiles1", "form": "vector", "parts": 1, "min_zoom": Z, "max_zoom": Z}
    packed = someone.get(f"/ground/pmtiles1/{Z}/{X}/{Y}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == b"a vector tile"
    assert _tile(someone, "pmtiles1").data == b"a vector tile"
    assert _tile(someone, "pmtiles1", (Z, X + 1, Y)).status_code == 204


def test_an_archive_at_an_address_is_read_by_byte_ranges(signed_in, host):
    someone = signed_in("inspector")
    assert someone.get("/ground/pmtiles2.json").get_json()["max_zoom"] == Z
    assert _tile(someone, "pmtiles2").data == b"a vector tile" and set(host.asked) == {"/far.pmtiles"}
    asked = len(host.asked)
    assert _tile(someone, "pmtiles2", (Z, X + 1, Y)).status_code == 204 and len(host.asked) == asked
    host.files["/far.pmtiles"] = b"no archive at all" * 20
    host.mood = "fails"
    assert _tile(someone, "pmtiles2").status_code == 502


def test_a_city_without_basemap_says_so(signed_in):
    someone = signed_in("inspector")
    assert someone.get("/ground/offline.json").get_json()["form"] == "plain"
    got = _tile(someone, "offline")
    assert got.status_code == 404 and got.get_json()["code"] == "no_basemap"


def test_the_shelf_stays_within_its_bounds(tmp_path):
    from civmap.basemap.shelf import Shelf
    shelf = Shelf(tmp_path / "shelf", most_bytes=10_000)
    for n in range(600):
        shelf.put("address", 10, n, 0, b"x" * 100)
    assert sum(file.stat().st_size for file in (tmp_path / "shelf").rglob("*") if file.is_file()) <= 20_000
    assert shelf.get("address", 10, 599, 0) == b"x" * 100 and shelf.get("another", 10, 599, 0) is None


def test_the_doctor_asks_the_basemaps_only_when_told_to(settings, host):
    from civmap.doctor import grounds, machine
    assert not any(finding.code.startswith("ground") for finding in machine.look(settings)) and host.asked == []
    host.mood = "refuses"
    found = {finding.facts["name"]: finding for finding in grounds.look(settings)}
    assert found["别家"].code == "ground_trouble" and "密钥" in found["别家"].sentence("zh")
    assert found["自有"].code == "ground_ok" and KEY not in str([one.as_json("zh") for one in found.values()])


def test_an_application_is_made_without_asking_anybody(settings, engine, host):
    create_app(settings, engine)
    assert host.asked == [] and blob(1, 0, 0, PLACE)
