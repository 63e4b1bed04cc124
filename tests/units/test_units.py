"""The directory of units: who may be made responsible."""

from datetime import timedelta

import pytest

from civmap.errors import Conflict, Forbidden, Invalid, Missing, NotFound, Several, Stale
from civmap.people.rules import Viewer
from civmap.store.ledger import history
from civmap.units import actions, queries
from tests.support.features import codes, feature, plain, spot


def test_a_unit_is_made_with_its_categories_in_any_wording(session, cast, now):
    unit = actions.create(session, cast["dispatcher"], feature(
        spot(115.86, 28.69), code="YL", name="园林处", categories="园林绿化、环境卫生;路灯管理", kind="部门",
        parent="城市管理局", territory="360199", capacity=40, phone="0791-8888 1234转5"), now)
    assert unit.categories == ["园林", "环卫", "路灯"]
    assert unit.kind == "bureau"
    known = queries.as_feature(session, cast["admin"], unit)["properties"]
    assert (known["parent"], known["parent_name"]) == ("CG", "城市管理局")


def test_several_wrong_fields_are_all_named_at_once(session, cast, now):
    with pytest.raises(Several) as refused:
        actions.create(session, cast["admin"], feature(
            None, code="a b", name="x" * 201, phone="call me", capacity=-1, colour="red", territory="36x"), now)
    assert {problem.field for problem in refused.value.problems} == {
        "code", "name", "phone", "capacity", "colour", "territory"}


def test_hostile_names_are_kept_as_text(session, cast, now):
    for number, text in enumerate(("`${alert(1)}`", "</script>", '"><img onerror>', "𠮷野家", "ﷺ")):
        unit = actions.create(session, cast["admin"], feature(None, code=f"H{number}", name=text), now)
        session.expire(unit)
        assert unit.name == text


def test_names_that_no_database_can_store_are_refused(session, cast, now):
    for text in ("a\x00b", "a\ud800b"):
        with pytest.raises(Invalid) as refused:
            actions.create(session, cast["admin"], feature(None, code="H", name=text), now)
        assert refused.value.code == "text_not_storable"


def test_control_and_direction_signs_are_taken_out_of_a_name(session, cast, now):
    unit = actions.create(session, cast["admin"], feature(None, code="H", name=" a\u202eb\r\nc\x07 "), now)
    assert unit.name == "ab c"


def test_a_unit_may_not_stand_above_itself(session, cast, now):
    actions.create(session, cast["admin"], feature(None, code="A", name="A", parent="CG"), now)
    with pytest.raises(Invalid) as refused:
        actions.replace(session, cast["admin"], "CG", feature(None, parent="A"), 1, now)
    assert refused.value.code == "unit_cycle"


def test_an_unknown_parent_names_the_nearest(session, cast, now):
    with pytest.raises(Invalid) as refused:
        actions.create(session, cast["admin"], feature(None, code="A", name="A", parent="城市管理据"), now)
    assert refused.value.code == "unknown_unit"
    assert "CG 城市管理局" in refused.value.facts["near"]


def test_two_units_of_one_name_are_told_apart_by_code(session, cast, now):
    for code in ("A1", "A2"):
        actions.create(session, cast["admin"], feature(None, code=code, name="一中队"), now)
    with pytest.raises(Invalid) as refused:
        queries.resolve(session, "一中队")
    assert refused.value.facts["codes"] == ["A1", "A2"]


def test_a_code_is_given_once(session, cast, now):
    with pytest.raises(Conflict) as refused:
        actions.create(session, cast["admin"], feature(None, code="CG", name="另一个"), now)
    assert refused.value.code == "code_taken"


def test_an_edit_needs_the_version_that_was_seen(session, cast, now):
    with pytest.raises(Missing):
        actions.replace(session, cast["admin"], "CG", feature(None, name="城管局"), None, now)
    with pytest.raises(Stale) as refused:
        actions.replace(session, cast["admin"], "CG", feature(None, name="城管局"), 7, now)
    assert refused.value.facts["current"]["properties"]["name"] == "城市管理局"


def test_a_feature_sent_back_untouched_changes_nothing(session, cast, now):
    unit = queries.by_code(session, cast["admin"], "CG")
    actions.replace(session, cast["admin"], "CG", plain(queries.as_feature(session, cast["admin"], unit)), 1, now)
    assert unit.version == 1
    assert history(session, "unit", "CG") == []


def test_a_masked_phone_sent_back_keeps_the_whole_one(session, cast, now):
    clerk = cast["clerk"]
    unit = queries.by_code(session, clerk, "CG")
    seen = plain(queries.as_feature(session, clerk, unit))
    assert "****" in seen["properties"]["phone"]
    seen["properties"]["name"] = "城管局"
    actions.replace(session, cast["admin"], "CG", seen, 1, now)
    assert unit.phone == "13800000004"


def test_every_change_leaves_a_line_with_the_phone_masked(session, cast, now):
    actions.replace(session, cast["admin"], "CG", feature(None, name="城管局"), 1, now)
    actions.retire(session, cast["admin"], "CG", 2, now)
    edit, retire = history(session, "unit", "CG")
    assert (edit.verb, edit.who, retire.verb) == ("edit", "admin", "retire")
    assert (edit.before["name"], edit.after["name"]) == ("城市管理局", "城管局")
    assert edit.after["phone"] == "138****0004"


def test_a_retired_unit_leaves_the_list_and_stays_known(session, cast, now):
    actions.retire(session, cast["admin"], "CG", 1, now)
    assert "CG" not in codes(queries.listed(session, cast["admin"], on=now))
    assert "CG" in codes(queries.listed(session, cast["admin"], on=now, filters={"retired": "yes"}))
    assert queries.by_code(session, cast["admin"], "CG").valid_to == now


def test_only_the_office_edits_units(session, cast, now):
    for name in ("inspector", "handler", "clerk", "leader", "shop"):
        with pytest.raises(Forbidden):
            actions.create(session, cast[name], feature(None, code="N", name="N"), now)


def test_a_shop_sees_itself_and_those_above_it_only(session, cast, now):
    actions.replace(session, cast["admin"], "LI", feature(None, parent="HD"), 1, now)
    assert codes(queries.listed(session, cast["shop"], on=now)) == ["HD", "LI"]
    with pytest.raises(NotFound):
        queries.by_code(session, cast["shop"], "CG")
    assert queries.listed(session, Viewer("guest", "public"), on=now) == []


def test_the_directory_is_open_to_everybody_else(session, cast, now):
    for name in ("handler", "clerk", "grid", "chief", "industry", "discipline", "leader"):
        assert len(queries.listed(session, cast[name], on=now)) == 10


def test_lists_are_narrowed_by_frame_words_and_fields(session, cast, now):
    admin = cast["admin"]
    assert codes(queries.listed(session, admin, on=now, q="环卫")) == ["HW-B", "HW-C"]
    assert codes(queries.listed(session, admin, on=now, q="hw-b")) == ["HW-B"]
    assert queries.listed(session, admin, on=now, q="%") == []
    assert codes(queries.listed(session, admin, on=now, bbox=(115.853, 28.682, 115.858, 28.687))) == [
        "HW-B", "HW-C", "LI"]
    assert codes(queries.listed(session, admin, on=now, filters={"category": "环卫"})) == ["HW-B", "HW-C"]
    first = queries.listed(session, admin, on=now, limit=4)
    assert len(queries.listed(session, admin, on=now, after=first[-1].id)) == 6


def test_an_unknown_filter_names_the_known_ones(session, cast, now):
    with pytest.raises(Invalid) as refused:
        queries.listed(session, cast["admin"], on=now, filters={"colour": "red"})
    assert refused.value.code == "unknown_filter" and "kind" in refused.value.facts["known"]


def test_a_frame_that_is_none_is_refused(session, cast, now):
    for bbox in ((1, 2, 3), (5, 0, 1, 2), ("a", 0, 1, 2), (0, 0, float("nan"), 1), (0, 0, 400, 1)):
        with pytest.raises(Invalid) as refused:
            queries.listed(session, cast["admin"], on=now, bbox=bbox)
        assert refused.value.code == "bbox_unreadable"


def test_a_table_row_creates_updates_or_changes_nothing(session, cast, now):
    row = {"code": 1001.0, "name": "新单位", "lon": "115.86", "lat": "28.69", "capacity": "12", "kind": ""}
    assert actions.save(session, cast["admin"], row, now) == "created"
    assert actions.save(session, cast["admin"], {**row, "code": "1001"}, now) == "unchanged"
    assert actions.save(session, cast["admin"], {"code": "1001", "name": "改名单位"}, now) == "updated"
    unit = queries.by_code(session, cast["admin"], "1001")
    assert (unit.name, unit.capacity, unit.seat.x) == ("改名单位", 12, 115.86)


def test_retiring_again_does_not_move_the_day_on_which_it_ended(session, cast, now):
    actions.retire(session, cast["admin"], "CG", 1, now)
    unit = actions.retire(session, cast["admin"], "CG", 2, now + timedelta(days=30))
    assert (unit.valid_to, unit.version) == (now, 2)
    assert [entry.verb for entry in history(session, "unit", "CG")] == ["retire"]
