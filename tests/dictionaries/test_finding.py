"""People write a type, a class or a duty in many ways; each finds its entry, and a wrong word gets near names."""

import pytest

from civmap import dictionaries, texts
from civmap.dictionaries import saying
from civmap.errors import Invalid

FINDERS = (
    "point_type", "issue_class", "duty_category", "duty_relation", "zone_kind", "unit_kind", "road_class",
    "issue_state", "photo_kind",
)  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["PT07", "pt07", "\uff30\uff34\uff10\uff17", "farmers_market", "农贸市场(集贸市场)",
     "农贸市场\uff08集贸市场\uff09", "农贸\u3000市场", "农贸市场", "集贸市场",
     " 农贸 市场 ", "菜市场", "PT07 农贸市场", "PT07-农贸市场"],
)  # fmt: skip
def test_a_farmers_market_is_found_however_it_is_written(written):
    assert dictionaries.point_type(written).code == "PT07"


@pytest.mark.parametrize(
    ("written", "code"),
    [("医院", "PT10"), ("学校", "PT22"), ("商场超市", "PT16"), ("宾馆饭店", "PT17"), ("公厕", "PT29"),
     ("文化场馆", "PT19"), ("广场", "PT09"), ("爱国主义教育基地/博物馆", "PT20"), ("政务服务大厅/机关", "PT11"),
     ("窗口/门店", "PT27"), ("火车站", "PT13"), ("社区", "PT05"), ("居委会", "PT05"), ("公交车", "PT15"),
     ("图书馆", "PT19"), ("小区", "PT06"), ("大型超市", "PT16"), ("其他", "PT99")],
)  # fmt: skip
def test_the_words_of_real_point_lists_find_their_type(written, code):
    assert dictionaries.point_type(written).code == code


@pytest.mark.parametrize(
    ("written", "code"),
    [("E0503", "E0503"), ("e0503", "E0503"), ("outside_shop", "E0503"), ("店外经营", "E0503"), ("井盖", "C0101"),
     ("C0101 井盖缺失移位", "C0101"), ("manhole", "C0101"), ("小广告", "E0201"), ("盲道被占", "C0203"),
     ("门前三包未落实", "X2115"), ("非机动车乱停乱放", "E0505")],
)  # fmt: skip
def test_a_class_is_found_by_code_identifier_or_chinese(written, code):
    assert dictionaries.issue_class(written).code == code


@pytest.mark.parametrize(
    ("written", "code"),
    [("城管执法", "城管"), ("市场", "市场监管"), ("市政排水", "排水"), ("路灯管理", "路灯"), ("环卫", "环卫"),
     ("园林绿化", "园林")],
)  # fmt: skip
def test_aliases_of_duties_are_resolved(written, code):
    assert dictionaries.duty_category(written).code == code


def test_duty_words_of_the_requirements_are_resolved_in_the_classes():
    assert dictionaries.issue_class("lamp_out").duties == ("路灯",)
    assert dictionaries.issue_class("standing_water").duties == ("排水",)
    assert dictionaries.issue_class("pests").duties == ("卫健", "市场监管")
    assert dictionaries.issue_class("outside_shop").duties == ("三包责任人", "城管")
    assert dictionaries.issue_class("frontage_failed").duties == ("三包责任人", "属地")


def test_kinds_and_classes_are_found_in_chinese():
    assert dictionaries.zone_kind("门前三包").code == "frontage"
    assert dictionaries.zone_kind("街道").code == "subdistrict"
    assert dictionaries.unit_kind("物业公司").code == "property"
    assert dictionaries.road_class("主干道").code == "arterial_primary"
    assert dictionaries.road_class("背街小巷").code == "alley"
    assert dictionaries.issue_state("已销号").code == "closed"
    assert dictionaries.photo_kind("整改后照片").code == "after"


@pytest.mark.parametrize("table", ["point_types", "issue_classes", "zone_kinds", "unit_kinds", "road_classes"])
def test_every_entry_is_found_by_all_of_its_names(table):
    finder = getattr(dictionaries, table.removesuffix("es" if table.endswith("classes") else "s"))
    for entry in getattr(dictionaries, table)().values():
        for written in (entry.code, getattr(entry, "identifier", entry.code), entry.name_zh, entry.name_en):
            assert finder(written) is entry
        for alias in entry.aliases:
            assert finder(alias) is entry, alias


def test_an_unknown_type_is_refused_with_the_nearest_names():
    with pytest.raises(Invalid) as refused:
        dictionaries.point_type("农贸商场")
    assert refused.value.code == "unknown_point_type"
    assert refused.value.facts["value"] == "农贸商场"
    assert refused.value.facts["near"][0] == "农贸市场(集贸市场)"


def test_a_code_that_contradicts_its_name_is_refused():
    with pytest.raises(Invalid):
        dictionaries.point_type("PT07 公园")


@pytest.mark.parametrize("finder", FINDERS)
@pytest.mark.parametrize("written", ["", "zzz", "没有这个词", "`${alert(1)}`", "</script>"])
def test_every_refusal_names_something_that_would_be_accepted(finder, written):
    with pytest.raises(Invalid) as refused:
        getattr(dictionaries, finder)(written)
    near = refused.value.facts["near"]
    assert near
    assert getattr(dictionaries, finder)(near[0])
    for lang in texts.LANGUAGES:
        assert near[0] in saying.sentence(lang, refused.value)
        assert "{" not in saying.sentence(lang, refused.value).replace(written, "")
