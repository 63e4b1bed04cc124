"""A refusal speaks in the office's words, not in codes."""

import pytest

from civmap.dictionaries import saying
from civmap.errors import Forbidden, NotAllowed


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ("已立案待派遣", "签收", "派遣")), ("en", ("Filed", "Acknowledge", "Dispatch"))])
def test_states_and_verbs_are_named(lang, words):
    said = saying.sentence(lang, NotAllowed("not_allowed_now", state="filed", verb="acknowledge",
                                            allowed=["dispatch"]))
    assert all(word in said for word in words) and "filed" not in said


def test_a_role_is_named_and_an_unknown_word_stays_as_it_is():
    said = saying.sentence("zh", Forbidden("role_may_not", role="leader", verb="manage", kind="person"))
    assert "分管领导" in said and "管理" in said
    assert "fly" in saying.sentence("zh", Forbidden("role_may_not", role="leader", verb="fly", kind="kite"))


def test_where_nothing_is_allowed_a_dash_says_so():
    assert "—" in saying.sentence("en", NotAllowed("not_allowed_now", state="closed", verb="file", allowed=[]))
