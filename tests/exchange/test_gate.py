"""A stranger's file never crashes, never blocks, never vanishes: it is refused with a sentence."""

import io
import json
import zipfile

import pytest

from civmap.errors import BadInput, CivmapError, TooLarge
from civmap.exchange import gate, kinds, mapping, naming, sheets, strict


@pytest.fixture
def brought(tmp_path):
    """Bring a file of these bytes to the gate."""
    def bring(body, name="表.xlsx"):
        (tmp_path / name).write_bytes(body)
        return gate.open_file(tmp_path / name)
    return bring


def _zip(members, level=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", level) as pack:
        for name, body in members.items():
            pack.writestr(name, body)
    return out.getvalue()


HOSTILE = {
    "empty": (b"  \n ", BadInput, "file_empty"),
    "a VRT named geojson": (b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", BadInput, "file_is_markup"),
    "an external entity": (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", BadInput,
                           "file_is_markup"),
    "a picture": (b"\x89PNG\r\n\x1a\n00000", BadInput, "file_not_a_table"),
    "another zip": (_zip({"a.bin": "x"}), BadInput, "zip_without_table"),
    "a cut zip": (_zip({"xl/workbook.xml": "x" * 500})[:60], BadInput, "file_damaged"),
    "a zip bomb": (_zip({"xl/workbook.xml": b"0" * 40_000_000}), TooLarge, "file_unpacks_too_large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_before_anything_opens_it(name, brought):
    body, kind, code = HOSTILE[name]
    with pytest.raises(kind) as refusal:
        brought(body)
    assert refusal.value.code == code


def _workbook(sheet):
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    return _zip({
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
                       f' Type="{rels}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets><sheet name="A" sheetId="1" r:id="r1"/>'
                           "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
                                      f' Type="{rels}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet xmlns="{main}">{sheet}</worksheet>'})


WIDE = "<c><v>1</v></c>" * 16_000
CLAIMS = {
    "a cell at the end of the world": '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
                                      '<c r="XFD1048576"><v>1</v></c></row></sheetData>',
    "a dimension of everything": '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
                                 "</sheetData>",
    "cells without names": f'<sheetData><row r="1">{WIDE}</row><row r="1048576">{WIDE}</row></sheetData>',
    "an entity from outside": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sheetData><row r="1"><c r="A1"'
                              ' t="inlineStr"><is><t>&e;</t></is></c></row></sheetData>',
    "no sheet data": "<sheetData>", "noise": "<<<<", "a name out of range": '<sheetData><row r="1"><c r="ZZZ9999999"/>'
                                                                        "</row></sheetData>",
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_workbook_that_claims_too_much_is_read_or_refused_but_never_holds_the_server(name, brought):
    try:
        table = sheets.read(brought(_workbook(CLAIMS[name])), None, lambda text: False)
    except CivmapError as refusal:
        assert refusal.code in ("file_damaged", "too_many_rows", "file_empty", "file_holds_too_much", "too_many_cells",
                                "file_has_dtd")
    else:
        assert "root:" not in str([table.headings, *table.rows])


@pytest.mark.parametrize("body", [
    b'{"type": "FeatureCollection", "features": [{"geometry": {"coordinates": [NaN, 1]}}]}', b"[1e999]", b"[" * 100_000,
    b'{"a": 99999999999999999999}', b"{'a': 1}", b'{"a": "\xff"}', b"[" * 25 + b"]" * 25])
def test_json_that_is_not_strict_is_refused(body):
    with pytest.raises(BadInput):
        strict.loads(body, "a.geojson")


@pytest.mark.parametrize("document", [
    [1, 2], {"type": "Topology"}, {"type": "FeatureCollection", "features": 3},
    {"type": "FeatureCollection", "features": [3]}, {"type": "Feature", "properties": [1]}])
def test_json_that_is_no_feature_collection_is_refused(document, brought):
    with pytest.raises(BadInput):
        sheets.read(brought(json.dumps(document).encode(), "a.geojson"), None, lambda text: True)


@pytest.mark.parametrize("body", [
    b"a,b\x00c\n1,2", b"\xff\xfe\x00", b"\x81\x20\xff\xff", b'"' + b"x" * 9_000_000 + b'"'])
def test_text_that_is_no_table_is_refused_with_a_sentence(body, brought):
    with pytest.raises(CivmapError):
        table = sheets.read(brought(body, "a.csv"), None, lambda text: False)
        kind = kinds.kind("points")
        mapping.columns(kind, table).check(kind, table.headings)


def test_headings_are_known_with_stars_widths_and_spaces(brought):
    file = brought("点位编号*,点位 名称,类型（PT）,类型,经度,纬度\n1,2,3,4,5,6\n".encode(), "a.csv")
    table = sheets.read(file, None, lambda text: naming.is_heading("points", text))
    found = mapping.columns(kinds.kind("points"), table).columns
    assert found == {"code": 0, "name": 1, "type": 3, "lon": 4, "lat": 5}
