"""Founding from the command line: an empty city, an extract, and never twice."""

import pytest

from tests.support.command import Civmap

OSM = """<?xml version='1.0'?><osm version='0.6'>
<node id='1' lon='115.850' lat='28.680'/><node id='2' lon='115.853' lat='28.680'/>
<node id='3' lon='115.856' lat='28.680'/>
<node id='4' lon='115.853' lat='28.683'/>
<node id='5' lon='115.8515' lat='28.6805'><tag k='amenity' v='hospital'/><tag k='name' v='东湖医院'/></node>
<way id='10'><nd ref='1'/><nd ref='2'/><nd ref='3'/><tag k='highway' v='primary'/><tag k='name' v='东湖路'/></way>
<way id='11'><nd ref='2'/><nd ref='4'/><tag k='highway' v='residential'/><tag k='name' v='湖滨巷'/></way>
</osm>"""


@pytest.fixture
def empty(tmp_path):
    """Give the command line where nothing is yet."""
    return Civmap(tmp_path / "home")


@pytest.mark.spatialite
def test_an_empty_city_is_founded_once(empty):
    assert "civmap init" in empty.refused("ledger", "verify")
    counts = empty.json("init", "--name", "试城", "--division", "360199", "--bbox", "115.8,28.6,115.9,28.7")
    assert counts == {"streets": 0, "segments": 0, "points": 0, "zones": 0, "buildings": 0, "water": 0, "green": 0,
                      "skipped": []}
    assert "试城" in empty.refused("init", "--name", "又一城")
    assert empty.json("ledger", "verify")["lines"] == 1


@pytest.mark.spatialite
def test_an_extract_becomes_a_city_and_a_damaged_one_changes_nothing(empty, tmp_path):
    bad = tmp_path / "bad.osm"
    bad.write_text(OSM[:300], "utf-8")
    assert "bad.osm" in empty.refused("init", "--osm", bad)
    assert "no.osm" in empty.refused("init", "--osm", tmp_path / "no.osm")
    good = tmp_path / "good.osm"
    good.write_text(OSM, "utf-8")
    counts = empty.json("init", "--name", "东湖", "--osm", good)
    assert (counts["streets"], counts["segments"]) == (2, 3)
    assert counts["points"] >= 1
    assert (empty.home / "basemap.pmtiles").is_file()
    exported = tmp_path / "points.csv"
    empty.json("export", "points", "--out", exported)
    assert "东湖医院" in exported.read_text("utf-8-sig")


def test_a_port_in_use_is_a_sentence_before_anything_is_built(empty):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port + 1) in empty.refused("demo", "--port", port)
    assert not (empty.home / "civmap.sqlite").exists()
