"""What stands before an extract is read: foreign, damaged, empty and oversized files are refused in words."""

import gzip
import io
import zipfile

import pytest

from civmap import texts
from civmap.errors import CivmapError
from civmap.founding import extract, gate

OSM = b'<?xml version="1.0"?><osm version="0.6"><node id="1" lon="117" lat="28"><tag k="shop" v="books"/></node></osm>'
VRT = (b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
       b"</OGRVRTDataSource>")
LAUGHS = (b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
          b'<osm version="0.6"><node id="1" lon="117" lat="28"><tag k="name" v="&b;"/></node></osm>')


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("map.osm", OSM)
    return packed.getvalue()


REFUSED = {
    "a zip that calls itself osm": ("city.osm", _zip(), "osm_foreign"),
    "a web page": ("city.osm", b"<!DOCTYPE html><html><body>Too many requests</body></html>", "osm_foreign"),
    "a virtual layer that points elsewhere": ("city.osm", VRT, "osm_foreign"),
    "an xml of another kind": ("city.osm", b'<?xml version="1.0"?><gpx version="1.1"></gpx>', "osm_foreign"),
    "a change file": ("city.osm", b'<osmChange version="0.6"></osmChange>', "osm_foreign"),
    "an element that only begins like osm": ("city.osm", b"<osmosis></osmosis>", "osm_foreign"),
    "binary noise": ("city.osm", bytes(range(256)) * 8, "osm_foreign"),
    "json": ("city.osm", b'{"elements": []}', "osm_foreign"),
    "plain xml that calls itself packed": ("city.osm.gz", OSM, "osm_foreign"),
    "a packed web page": ("city.osm.gz", gzip.compress(b"<html></html>"), "osm_foreign"),
    "xml that calls itself pbf": ("city.osm.pbf", OSM, "osm_foreign"),
    "an empty file": ("city.osm", b"", "osm_empty"),
    "an empty pbf": ("city.osm.pbf", b"", "osm_empty"),
    "a packed file cut short": ("city.osm.gz", gzip.compress(OSM * 50)[:-20], "osm_damaged"),
    "a packed file with flipped bytes": ("city.osm.gz", gzip.compress(OSM)[:-8] + b"12345678", "osm_damaged"),
    "xml cut short": ("city.osm", OSM[:-30], "osm_damaged"),
    "xml with broken utf-8": ("city.osm", OSM.replace(b"books", b"\xff\xfe"), "osm_damaged"),
    "xml with entities that blow up": ("city.osm", LAUGHS, "osm_foreign"),
    "another extension": ("city.geojson", OSM, "osm_extension"),
    "an extract without anything": ("city.osm", b'<osm version="0.6"></osm>', "osm_nothing"),
    "a pbf whose body is noise": ("city.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c" + b"\x55" * 300,
                                  "osm_damaged"),
}


@pytest.mark.parametrize("name, data, code", REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_no_extract_is_refused_with_its_own_sentence_and_a_way_out(tmp_path, name, data, code):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CivmapError) as refused:
        extract.read(tmp_path / name)
    assert refused.value.code == code
    for lang in texts.LANGUAGES:
        assert all(told and "{" not in told for told in texts.refusal(lang, refused.value))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    (tmp_path / "folder.osm").mkdir()
    for name in ("nothing.osm", "folder.osm"):
        with pytest.raises(CivmapError) as refused:
            gate.check(tmp_path / name)
        assert refused.value.code == "osm_missing"


def test_a_packed_file_that_unpacks_without_end_is_stopped_early(tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "RATIO_FLOOR", 1_000_000)
    path = tmp_path / "bomb.osm.gz"
    path.write_bytes(gzip.compress(b"<osm>" + b" " * 8_000_000 + b"</osm>"))
    with pytest.raises(CivmapError) as refused:
        gate.check(path)
    assert refused.value.code == "osm_too_large"


def test_more_nodes_than_a_city_has_are_refused(sheet, monkeypatch):
    monkeypatch.setattr(extract, "MAX_NODES", 3)
    sheet.street("长街", *((x, 0) for x in range(6)))
    with pytest.raises(CivmapError) as refused:
        sheet.extract()
    assert refused.value.code == "osm_too_many"


def test_with_a_box_a_larger_extract_is_read_without_keeping_what_is_far_away(sheet, monkeypatch):
    monkeypatch.setattr(extract, "TIDY_WAYS", 10)
    monkeypatch.setattr(extract, "MAX_WAYS", 30)
    sheet.street("城中路", (0, 0), (50, 0))
    for row in range(100):
        sheet.street(f"远路{row}", (5000, row), (5050, row))
    sheet.street("城东路", (50, 0), (50, 50))
    found = extract.read(sheet.file(), (117.0, 28.0, 117.01, 28.01))
    assert {way.tags["name"] for way in found.ways.values()} == {"城中路", "城东路"}


def test_plain_and_packed_extracts_read_the_same(sheet):
    sheet.street("长街", (0, 0), (50, 0))
    sheet.node(5, 5, shop="supermarket", name="供销社")
    plain, packed = extract.read(sheet.file("a.osm")), extract.read(sheet.file("a.osm.gz"))
    assert plain.spots == packed.spots
    assert plain.frame == packed.frame
    assert plain.ways.keys() == packed.ways.keys()


def test_a_pbf_reads_like_the_xml_it_was_made_from(sheet, tmp_path):
    import osmium

    sheet.street("长街", (0, 0), (50, 0))
    sheet.street("横街", (25, -20), (25, 0), (25, 20))
    source = sheet.file()
    with osmium.SimpleWriter(str(tmp_path / "sheet.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    first, second = extract.read(source), extract.read(tmp_path / "sheet.osm.pbf")
    assert {way.id: way.tags for way in first.ways.values()} == {way.id: way.tags for way in second.ways.values()}
    assert first.frame == second.frame


def test_text_of_a_tag_comes_in_one_line_without_control_characters():
    assert extract.clean("  中山\u202e路\n北段\t") == "中山 路 北段"
    assert len(extract.clean("长" * 500)) == extract.MAX_TEXT
