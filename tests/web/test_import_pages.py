"""The pages of imports: who may is shown where to drop, who may not whom to ask; empty tables that come back in."""

import pytest

from civmap.exchange import blanks, kinds, mapping, naming, sheets
from civmap.geo.validity import Frame
from tests.web.test_imports import bring, workbook

pytestmark = pytest.mark.spatialite
FRAME: Frame = (115.84, 28.66, 115.88, 28.70)


def test_a_role_without_the_right_sees_why_and_whom_to_ask(signed_in):
    told = signed_in("inspector").get("/imports").text
    assert "不能导入数据" in told and "调度员" in told and 'id="imp-file"' not in told
    assert 'id="imp-file"' in signed_in("clerk").get("/imports").text
    assert 'href="/imports" aria-current="page"' in signed_in("dispatcher").get("/imports").text


def test_an_import_is_seen_by_its_maker_and_the_office_alone(signed_in):
    code = bring(signed_in("clerk"), workbook([["小李面馆", 115.857, 28.683]], ("店名", "经度", "纬度")),
                 kind="shops")["import"]
    assert signed_in("clerk").get(f"/imports/{code}").status_code == 200
    assert signed_in("dispatcher").get(f"/imports/{code}").status_code == 200
    assert signed_in("clerk_west").get(f"/imports/{code}").status_code == 404
    assert signed_in("dispatcher").get("/imports/templates/nothing.xlsx").status_code == 404


@pytest.mark.parametrize("kind", sorted(blanks.examples()))
def test_an_empty_table_has_columns_that_are_known_when_it_comes_back(kind, tmp_path):
    path = tmp_path / f"{kind}.xlsx"
    path.write_bytes(blanks.workbook(kind, FRAME, "zh"))
    table = sheets.read(path, "示例", lambda heading: naming.is_heading(kind, heading))
    columns = mapping.columns(kinds.kind(kind), table).columns
    assert set(columns) >= set(blanks.examples()[kind])
    assert len(list(table.rows)) == 2
    table.close()
