"""The route sheet as PDF: every stop with its words, phones by role, what is open, where one walks; codes that lead."""

import numpy as np
import pytest
import segno
from pypdf import PdfReader

from civmap.documents import rounds
from civmap.issues import actions
from civmap.paper import codes
from civmap.people.rules import OFFICE
from civmap.units.models import Unit
from tests.support.rounds import HOSTILE, PLAIN, lay

CODE = "LX20260521-01"


def text_of(page):
    return page.extract_text().replace("\n", "")


def test_a_sheet_tells_each_stop_with_phone_issues_items_and_way(session, cast, now, tmp_path):
    lay(session)
    phone = session.query(Unit).filter_by(code="YY").one().phone
    for words in ("地面有<油污>", "=灯不亮"):
        actions.report(session, OFFICE, {"class": "E0102", "description": words, "point": "R0000", "lon": 115.8581,
                                         "lat": 28.6832, "on_site": True, "unit": "YY"}, now)
    heard = []
    assert rounds.write(session, cast["dispatcher"], CODE, tmp_path / "a.pdf", "pdf", "zh", now, heard.append,
                        "赣S(2026)001号") == len(HOSTILE)
    assert heard == sorted(heard) and heard[-1] == 100
    pages = [text_of(page) for page in PdfReader(tmp_path / "a.pdf").pages]
    whole = "".join(pages)
    for number, page in enumerate(pages, start=1):
        assert "内部使用" in page and f"第 {number} 页，共 {len(pages)} 页" in page and "赣S(2026)001号" in page
    for place, name in enumerate(PLAIN):
        told = " ".join(name.split())
        assert told[:20] in whole and f"R{place:04}" in whole
    for words in ("人民医院", phone, "未结问题 2 件", "地面有<油污>", "=灯不亮", "0 天", "扫码导航",
                  "距上一点 100 m", "河东路", "达标", "08:20", "起点", "办公室", "A01"):
        assert words in whole, words
    assert rounds.write(session, cast["clerk"], CODE, tmp_path / "b.pdf", "pdf", "en", now) == len(HOSTILE) / 2
    english = "".join(text_of(page) for page in PdfReader(tmp_path / "b.pdf").pages)
    assert "Route sheet" in english and "R0002" in english and "138****" in english
    assert "R0001" not in english and phone not in english


@pytest.mark.spatialite
def test_codes_are_the_very_ones_that_segno_makes():
    for length in (1, 13, 14, 77, 130, 180, 213):
        made = codes.matrices(["a" * length, "b" * max(length - 3, 1)])
        version = (len(made[0]) - 17) // 4
        for text, squares in zip(("a" * length, "b" * max(length - 3, 1)), made, strict=True):
            drawn = segno.make(text, version=version, error="m", mask=3, micro=False, boost_error=False)
            assert (np.array(drawn.matrix) == squares).all(), length
