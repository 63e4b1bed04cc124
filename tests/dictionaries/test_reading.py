"""A city may edit its dictionaries; a slip is refused with table, row and column."""

import pytest

from civmap import texts
from civmap.calendar import Limit
from civmap.dictionaries import reading, saying
from civmap.dictionaries.records import IssueClass, ZoneKind
from civmap.errors import Invalid

HEADER = "code,name_zh,name_en,must_tile,forbids_overlap,within,aliases\n"


@pytest.fixture
def kinds(tmp_path, monkeypatch):
    (tmp_path / "dictionaries").mkdir()
    monkeypatch.setattr(reading, "folder", lambda name: tmp_path)

    def read(body):
        (tmp_path / "dictionaries" / "zone_kinds.csv").write_text(HEADER + body, encoding="utf-8")
        yes_no, bars = reading.yes_no, reading.bars
        return reading.table("zone_kinds", ZoneKind, must_tile=yes_no, forbids_overlap=yes_no, within=bars,
                             aliases=bars)

    return read


def test_a_good_row_is_read_into_a_record(kinds):
    kind = kinds("grid,网格,Grid,yes,no,community,单元网格|责任网格\n")["grid"]
    assert kind.must_tile and not kind.forbids_overlap
    assert (kind.within, kind.aliases) == (("community",), ("单元网格", "责任网格"))


@pytest.mark.parametrize(
    ("body", "row", "column"),
    [
        ("grid,网格,Grid,maybe,no,,\n", 2, "must_tile"),
        ("grid,网格,Grid,yes,no,,\ngrid,网格,Grid,yes,no,,\n", 3, "code"),
        ("grid,网格,Grid,yes\n", 2, 4),
    ],
)
def test_a_slip_is_refused_with_its_place(kinds, body, row, column):
    with pytest.raises(Invalid) as refused:
        kinds(body)
    assert refused.value.code == "dictionary_row"
    assert (refused.value.facts["row"], refused.value.facts["column"]) == (row, column)
    for lang in texts.LANGUAGES:
        assert "zone_kinds.csv" in saying.sentence(lang, refused.value)


def test_limits_stand_apart_by_a_slash():
    assert reading.limits("4 work_hour / 3 work_day") == (Limit(4, "work_hour"), Limit(3, "work_day"))
    assert reading.limits("") == ()


@pytest.mark.parametrize("wrong", ["4", "4 weeks", "0 work_day", "x work_day"])
def test_a_limit_in_no_known_unit_is_refused_with_its_place(tmp_path, monkeypatch, wrong):
    (tmp_path / "dictionaries").mkdir()
    (tmp_path / "dictionaries" / "issue_classes.csv").write_text(f"code,limit\nE0101,{wrong}\n", encoding="utf-8")
    monkeypatch.setattr(reading, "folder", lambda name: tmp_path)
    with pytest.raises(Invalid) as refused:
        reading.table("issue_classes", IssueClass, limit=Limit.parse)
    assert refused.value.facts == {"table": "issue_classes", "row": 2, "column": "limit", "value": wrong}
