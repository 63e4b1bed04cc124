"""Values that strangers write: read where their meaning is plain, else refused by name."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civmap import fields
from civmap.errors import Invalid, Several

JUNK = (st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60)
        | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2))
READERS = (fields.text(20), fields.code, fields.number(0, 10), fields.whole(0, 10), fields.flag, fields.day,
           fields.moment, fields.last_moment, fields.phone, fields.territory, fields.one_of("a", "b"))


@settings(deadline=None)
@given(JUNK, st.sampled_from(READERS))
def test_a_reader_either_reads_or_refuses(value, reader):
    try:
        reader(value)
    except Invalid as refused:
        assert refused.code


@pytest.mark.parametrize(("written", "read"), [
    ("2026-11-22", date(2026, 11, 22)), ("2026/1/2", date(2026, 1, 2)), ("2026年1月2日", date(2026, 1, 2)),
    ("2026-11-22 08:00", date(2026, 11, 22)), (datetime(2026, 11, 22, 20, tzinfo=UTC), date(2026, 11, 23)),
    (date(2026, 1, 2), date(2026, 1, 2))])
def test_days_are_read_as_people_write_them(written, read):
    assert fields.day(written) == read


@pytest.mark.parametrize("written", ["2026-02-30", "22.11.2026", "yesterday", "0001-01-01", "9999-12-31", 45000, ""])
def test_what_is_no_day_is_refused(written):
    with pytest.raises(Invalid) as refused:
        fields.day(written)
    assert refused.value.code == "day_unreadable"


def test_a_span_of_one_day_holds_that_whole_day():
    begins, ends = fields.moment("2026-11-22"), fields.last_moment("2026-11-22")
    assert begins == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert (ends - begins).total_seconds() == 86_400
    assert fields.moment("2026-11-22T09:00:00Z") == fields.last_moment("2026-11-22T17:00:00+08:00")
    assert fields.moment("2026-11-22T09:00") == datetime(2026, 11, 22, 1, tzinfo=UTC)


@pytest.mark.parametrize("written", ["13800001234", "+86 138-0000-1234", "0791-88881234", "(0791) 8888 1234转12", 110])
def test_telephone_numbers_are_read_tolerantly(written):
    assert fields.phone(written)


@pytest.mark.parametrize("written", ["12", "138****1234", "call me", "1" * 41, "１３８"])
def test_what_is_no_telephone_number_is_refused(written):
    with pytest.raises(Invalid):
        fields.phone(written)


@pytest.mark.parametrize("written", ["", "a b", "a/b", "x" * 65, "..", "a?b", "\u3000"])
def test_codes_fit_into_an_address(written):
    with pytest.raises(Invalid):
        fields.code(written)


def test_codes_of_spreadsheets_lose_their_decimals():
    assert (fields.code(1001.0), fields.code(" SB-1 "), fields.code("点位1")) == ("1001", "SB-1", "点位1")


def test_numbers_have_bounds_and_wholes_no_fraction():
    assert (fields.number(0, 10)("2.5"), fields.whole()("12"), fields.whole()(3.0)) == (2.5, 12, 3)
    for reader, value in ((fields.number(0, 1), 2), (fields.whole(), 1.5), (fields.whole(), 1e300),
                          (fields.number(0, 1), "NaN"), (fields.whole(), True)):
        with pytest.raises(Invalid):
            reader(value)


def test_yes_and_no_are_read_in_three_languages():
    assert all(fields.flag(value) for value in (True, "是", "yes", "TRUE", 1))
    assert not any(fields.flag(value) for value in (False, "否", "no", "0", 0))


PAIR = (fields.Field("code", "code", fields.code, is_required=True), fields.Field("side", "side", fields.text(5)))


def test_absent_properties_say_nothing_and_blank_ones_empty():
    assert fields.read_fields({"side": " "}, PAIR, is_new=False) == ({"side": None}, [])
    _, [problem] = fields.read_fields({}, PAIR, is_new=True)
    assert (problem.code, problem.field) == ("field_missing", "code")
    _, [problem] = fields.read_fields({"code": ""}, PAIR, is_new=False)
    assert problem.code == "field_missing"


def test_one_problem_is_raised_alone_and_several_together():
    fields.refuse([])
    with pytest.raises(Invalid) as refused:
        fields.refuse([Invalid("code_unusable", field="code")])
    assert refused.value.code == "code_unusable"
    with pytest.raises(Several) as refused:
        fields.refuse([Invalid("code_unusable"), Invalid("field_missing")])
    assert len(refused.value.problems) == 2


def test_a_table_row_becomes_a_feature():
    assert fields.as_feature({"lon": "115.8", "lat": 28, "name": "x"}) == {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [115.8, 28.0]}, "properties": {"name": "x"}}
    assert fields.as_feature({"lon": "", "lat": None, "name": "x"})["geometry"] is None
    with pytest.raises(Invalid) as refused:
        fields.as_feature({"lon": "east", "lat": 1})
    assert refused.value.field == "lon"
    with pytest.raises(Invalid) as refused:
        fields.as_feature({"lon": "115"})
    assert refused.value.field == "lat"


@pytest.mark.parametrize("sent", [None, [], "x", {}, {"type": "FeatureCollection"},
                                  {"type": "Feature", "properties": []}])
def test_what_is_no_feature_is_refused(sent):
    with pytest.raises(Invalid) as refused:
        fields.feature_parts(sent)
    assert refused.value.code == "feature_expected"
