"""What an administrator may write as CIVMAP_BASEMAPS, and what is said to what they may not."""

import pytest

from civmap import texts
from civmap.errors import Invalid
from civmap.grounds.reading import grounds_of

KEY = "0123456789abcdef0123456789abcdef"


def test_without_a_word_there_is_the_offline_ground_and_blank_paper():
    assert [ground.id for ground in grounds_of("", "审图号：赣S（2026）1号")] == ["offline", "plain"]
    assert grounds_of("", "审图号：赣S（2026）1号")[0].approval == "审图号：赣S（2026）1号"


def test_a_forgiving_hand_is_read():
    grounds = {ground.id: ground for ground in grounds_of(
        f" 天地图：{KEY} | 审图号=GS（2024）0650号 ；高德;\n xyz｜市测绘院｜https://t{{0-3}}.map.gov.cn/{{z}}/{{x}}/{{-y}}.png"
        "｜© 测绘院｜赣S1｜zoom=5-17; xyz|局域网|http://10.0.0.5/{z}/{x}/{y}|坐标系=GCJ-02;;"
        "wmts|省厅|https://wmts.example.gov.cn/map?layer=vec&style=default&tilematrixset=w&format=image/png")}
    assert list(grounds) == ["tianditu_vec", "tianditu_img", "tianditu_ter", "amap", "xyz1", "xyz2", "wmts1", "offline",
                             "plain"]
    assert grounds["tianditu_img"].approval == "GS（2024）0650号" and grounds["tianditu_img"].is_imagery
    assert len(grounds["tianditu_vec"].parts) == 2 and "LAYER=cva" in grounds["tianditu_vec"].parts[1]
    assert grounds["amap"].is_gcj02 and grounds["xyz2"].is_gcj02 and not grounds["xyz1"].is_gcj02
    own = grounds["xyz1"]
    assert (own.name, own.attribution, own.approval) == ("市测绘院", "© 测绘院", "赣S1")
    assert (own.min_zoom, own.max_zoom) == (5, 17)
    assert own.address(0, 3, 2, 1) == "https://t3.map.gov.cn/3/2/6.png"
    asked = grounds["wmts1"].address(0, 14, 3, 7)
    assert "TILEMATRIX=14&TILEROW=7&TILECOL=3" in asked and "REQUEST=GetTile" in asked and asked.count("?") == 1


@pytest.mark.parametrize(("wrong", "code"), [
    ("bing", "kind"), ("tianditu_vec", "key"), ("tianditu_img:short", "key"), ("xyz|名称", "fields"),
    ("xyz|a|ftp://x/{z}/{x}/{y}", "address"), ("xyz|a|https://{x}.evil/{z}/{x}/{y}", "address"),
    ("xyz|a|https://x/{z}/{x}", "template"), ("xyz|a|https://x/{z}/{x}/{y}/{tk}", "template"),
    ("pmtiles|a|/nowhere/x.pmtiles", "file"), ("osm;osm", "twice"), ("osm|zoom=9-3", "zoom"), ("osm|crs=bd09", "crs"),
    (";".join(f"xyz|{n}|https://x/{{z}}/{{x}}/{{y}}" for n in range(21)), "many"),
])
def test_what_cannot_be_used_is_refused_with_what_to_write(wrong, code):
    with pytest.raises(Invalid) as refusal:
        grounds_of(f"offline;{wrong}" if code not in ("many",) else wrong)
    assert refusal.value.code == f"setting_basemaps_{code}" and refusal.value.field == "CIVMAP_BASEMAPS"
    for lang in texts.LANGUAGES:
        assert "{" not in texts.refusal(lang, refusal.value)[0]


def test_a_key_is_in_no_refusal_and_no_printed_value():
    grounds = grounds_of(f"tianditu:{KEY}")
    assert KEY not in repr(grounds)
    with pytest.raises(Invalid) as refusal:
        grounds_of(f"tianditu:{KEY};tianditu_vec:{KEY}")
    assert KEY not in str(refusal.value)
