"""Real sheets, read again by another program: size, pages, words, no pixels, nothing the viewer may not see."""

from dataclasses import replace

import pypdf
import pytest

from civmap import clock
from civmap.errors import Invalid, NotFound
from civmap.grounds import sources
from civmap.issues import actions as issues
from civmap.paper.wishes import Wish
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.database import reading, writing
from civmap.web import drawing
from civmap.web.desk import CityFacts, Desk, Identity
from tests.support import town as plan

pytestmark = pytest.mark.spatialite  # what the paper shows is asked by the same queries as everywhere else
NIGHT = "2026-05-22T20:00:00+08:00"


@pytest.fixture
def drawn(engine, settings, tmp_path, now):
    """Give a maker of sheets: the wish of one of the cast becomes a PDF that is read again."""
    city = CityFacts("示例区", plan.DIVISION, plan.FRAME, "", False)

    def draw(name="dispatcher", lang="zh", at=now, under=settings, **wish):
        told: list[float] = []
        target = tmp_path / f"{name}.pdf"
        with reading(engine) as session:
            who = Identity(viewer=plan.viewers(session)[name], is_signed_in=True, city=city)
            desk = Desk(session, who, at, lang, under)
            sheets = drawing.draw(desk, drawing.checked(replace(Wish(), **wish), desk), target, told.append)
        reader = pypdf.PdfReader(target)
        assert len(reader.pages) == sheets and told == sorted(told) and told[-1] > 90
        return reader

    return draw


def _words(reader):
    return "".join("".join(page.extract_text() for page in reader.pages).split())


def _report(engine, now):
    with writing(engine) as session:
        dispatcher = plan.viewers(session)["dispatcher"]
        said = {"class": "E0503", "description": "店外经营", "lon": 115.8615, "lat": 28.6851, "point": "P001"}
        issue = issues.report(session, dispatcher, said, now, "zh")
        for verb, body in (("file", {}), ("dispatch", {"unit": "YY", "limit": "2 work_hour"})):
            session.flush()
            issues.perform(session, dispatcher, issue.issue_no, verb, body, issue.version, now, "zh")


def _change(engine, model, code, **values):
    with writing(engine) as session:
        row = session.query(model).filter_by(code=code).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_a_wall_map_is_vector_has_its_size_and_says_what_is_on_it(drawn, engine, now):
    _report(engine, now)
    reader = drawn(size="A4", title="河东街道作战图", at=clock.parse_moment(NIGHT))
    [page] = reader.pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((841.89, 595.28), abs=0.1)
    assert list(page.images) == []
    words = _words(reader)
    for expected in ("河东街道作战图", "内部使用", "人民医院", "桥西农贸市场", "超期清单", "店外经营", "审图号",
                     "截至2026-05-22"):
        assert expected in words, expected
    fonts = page["/Resources"]["/Font"]
    assert all("+Noto-Sans-CJK-SC" in str(fonts[name].get_object()["/BaseFont"]) for name in fonts)


def test_a_sheet_bears_the_approval_number_of_the_ground_and_survives_odd_signs(drawn, engine, settings):
    _change(engine, InspectionPoint, "P001", name="人民\ufffe医院\x85<b>&amp;")
    approved = replace(settings, grounds=(sources.offline("GS(2026)0099号"),))
    words = _words(drawn(size="A4", under=approved))
    assert "审图号：GS(2026)0099号" in words
    assert "人民医院<b>&amp;" in words


def test_an_upright_wall_map_in_english_has_no_chinese_words_of_ours(drawn):
    reader = drawn(size="A3", orientation="portrait", lang="en", layers=("points",))
    assert float(reader.pages[0].mediabox.height) > float(reader.pages[0].mediabox.width)
    assert "INTERNALUSE" in _words(reader) and "图例" not in _words(reader)


def test_colours_follow_the_status_or_the_measure_that_was_asked_for(drawn, engine, now):
    _report(engine, now)
    plain = _words(drawn(layers=("points",), include=("tables",)))
    graded = _words(drawn(layers=("points",), include=("tables",), by="open"))
    assert "没有数值" not in plain and "未结问题（件）" in graded and "没有数值" in graded


def test_a_sheet_shows_only_what_its_reader_may_see(drawn):
    assert "桥西农贸市场" in _words(drawn("dispatcher", layers=("points",)))
    assert "桥西农贸市场" not in _words(drawn("doctor", layers=("points",)))


def test_a_sheet_of_one_subdistrict_holds_only_what_lies_in_it(drawn):
    words = _words(drawn(area=plan.HEDONG, layers=("points",)))
    assert "人民医院" in words and "桥西农贸市场" not in words
    with pytest.raises(NotFound):
        drawn(area="NOWHERE")


def test_a_selection_and_a_filter_narrow_the_sheet_and_are_told(drawn):
    words = _words(drawn(layers=("points",), codes={"points": ["P003"]}))
    assert "河东公园" in words and "人民医院" not in words and "只含选中的1项" in words
    words = _words(drawn(layers=("points",), view={"points": {"type": "PT07"}}))
    assert "桥西农贸市场" in words and "人民医院" not in words and "类型：农贸市场" in words


def test_an_atlas_has_an_overview_and_a_page_per_chief_with_phones_by_role(drawn, engine):
    with writing(engine) as session:
        session.query(RoadSegment).filter_by(code="LD0001").one().chiefs[3].phone = "13800001234"
    reader = drawn(atlas="chief", size="A4")
    assert len(reader.pages) == 2
    page = "".join(reader.pages[1].extract_text().split())
    assert all(word in page for word in ("李三", "赵总", "13800001234", "河东路", "路段总长"))
    own = _words(drawn("chief", atlas="chief", size="A4", layers=("segments",)))
    assert "李三" in own and "138****1234" in own and "13800001234" not in own


def test_an_atlas_has_a_page_per_unit_and_per_subdistrict_and_refuses_an_empty_one(drawn):
    assert len(drawn(atlas="subdistrict", size="A4").pages) == 3
    names = _words(drawn(atlas="unit", size="A4"))
    assert "人民医院" in names and "市场监督管理局" in names
    with pytest.raises(Invalid) as refused:
        drawn(atlas="grid")
    assert refused.value.code == "paper_atlas_empty"


def test_hostile_names_stay_text(drawn, engine):
    _change(engine, InspectionPoint, "P003", name='</text><image href="file:///etc/passwd"/>&lt;\x07')
    reader = drawn(layers=("points",), title="<script>alert(1)</script>")
    assert "<script>alert(1)</script>" in _words(reader) and list(reader.pages[0].images) == []
