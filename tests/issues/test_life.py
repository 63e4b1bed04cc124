"""The first life of an issue in the town: report, file, dispatch, acknowledge, feedback, check (example A6)."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from civmap.errors import Forbidden, Invalid, Missing, NotAllowed, NotFound, Several, Stale
from civmap.issues import actions, photos, queries, showing
from civmap.store import ledger
from civmap.units import actions as units

GARBAGE = {"class": "exposed_garbage", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830}


def picture(colour="green", size=(64, 48), form="JPEG"):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


@pytest.fixture
def story(session, cast, now, tmp_path):
    """Give a teller: each call performs one verb, one minute after the last."""
    class Story:
        at = now

        def report(self, who="inspector", **more):
            self.issue = actions.report(session, cast[who], GARBAGE | more, self.at)
            return self.issue

        def do(self, who, verb, **body):
            self.at += timedelta(minutes=1)
            return actions.perform(session, cast[who], self.issue.issue_no, verb, body, self.issue.version, self.at)

        def photo(self, who="handler", kind="after", colour="green"):
            return photos.add(session, cast[who], self.issue.issue_no, picture(colour), {"kind": kind}, tmp_path,
                              self.at)

        def up_to(self, verb):
            self.report()
            for who, name, body in (("dispatcher", "file", {}), ("dispatcher", "dispatch", {}),
                                    ("handler", "acknowledge", {})):
                self.do(who, name, **body)
                if name == verb:
                    break
            return self.issue
    return Story()


def test_a_report_names_the_unit_and_gets_a_number_of_the_day(story, session, cast, now):
    issue = story.report()
    seen = showing.as_json(session, issue, cast["inspector"], "zh", now)
    assert seen["issue_no"] == "WT20260520-0001"
    assert (seen["state"], seen["due_at"], seen["unit"]) == ("reported", None, "HW-C")
    assert seen["assignment"]["claims"][1]["unit"]["code"] == "HW-B"
    assert seen["flags"] == ["no_photo"]
    assert story.report().issue_no == "WT20260520-0002"


def test_the_whole_way_from_report_to_strike_off_with_one_rework(story, session, cast):
    issue = story.up_to("acknowledge")
    assert issue.due_at.isoformat() == "2026-05-20T07:02:00+00:00"
    story.photo(colour="red")
    story.do("handler", "feedback", measure="已清理")
    story.do("inspector", "check", **{"pass": False, "opinion": "照片角度不符"})
    assert (issue.state, issue.rework_count) == ("rework", 1)
    with pytest.raises(Invalid, match="after_photo_missing"):
        story.do("handler", "feedback", measure="已清理")
    story.photo(colour="blue")
    story.do("handler", "feedback", measure="已重新清理")
    story.do("inspector", "check", **{"pass": True})
    assert issue.state == "closed" and issue.closed_at == story.at
    session.refresh(issue)
    assert [photo.round for photo in issue.photos] == [0, 1]
    steps = [(entry.verb, entry.who) for entry in ledger.history(session, "issue", issue.issue_no)]
    assert [verb for verb, _ in steps if verb != "photo"] == [
        "report", "file", "dispatch", "acknowledge", "feedback", "check", "feedback", "check"]
    assert ledger.verify_all(session)[1] is None


def test_feedback_without_an_after_photo_is_refused(story):
    story.up_to("acknowledge")
    with pytest.raises(Invalid, match="after_photo_missing"):
        story.do("handler", "feedback", measure="已清理")


def test_a_unit_cannot_touch_the_issue_of_another_and_does_not_even_see_it(story):
    story.up_to("dispatch")
    with pytest.raises(NotFound, match="issue_not_found"):
        story.do("doctor", "acknowledge")


def test_who_handled_it_may_not_check_it(story):
    story.up_to("acknowledge")
    story.photo()
    story.do("dispatcher", "feedback", measure="单位电话报告已清理")
    with pytest.raises(Forbidden, match="checker_handled_it"):
        story.do("dispatcher", "check", **{"pass": True})
    assert story.do("inspector", "check", **{"pass": True}).state == "closed"


def test_an_illegal_verb_says_what_is_allowed(story):
    story.report()
    with pytest.raises(NotAllowed) as refusal:
        story.do("dispatcher", "dispatch")
    assert refusal.value.code == "not_allowed_now"
    assert refusal.value.facts["allowed"] == ["verify", "file", "reject", "duplicate", "supervise"]


def test_an_unknown_verb_says_so(story):
    story.up_to("acknowledge")
    with pytest.raises(NotFound, match="verb_unknown"):
        story.do("dispatcher", "vanish")


def test_a_stale_or_missing_version_changes_nothing(story, session, cast):
    issue = story.report()
    with pytest.raises(Missing):
        actions.perform(session, cast["dispatcher"], issue.issue_no, "file", {}, None, story.at)
    with pytest.raises(Stale) as refusal:
        actions.perform(session, cast["dispatcher"], issue.issue_no, "file", {}, issue.version + 1, story.at)
    assert refusal.value.facts["current"]["state"] == "reported"
    assert issue.state == "reported"


def test_a_wrong_dispatch_comes_back_with_a_reason_and_goes_to_another_unit(story):
    story.up_to("dispatch")
    with pytest.raises(Invalid, match="field_missing"):
        story.do("handler", "return")
    assert story.do("handler", "return", reason="不属于我单位").state == "returned"
    issue = story.do("dispatcher", "dispatch", unit="CG", designated=True)
    assert (issue.state, issue.return_count, issue.basis) == ("dispatched", 1, "designated")


def test_a_designated_unit_cannot_hand_the_issue_back(story):
    story.up_to("file")
    story.do("dispatcher", "dispatch", unit="环卫一所", designated=True)
    with pytest.raises(NotAllowed, match="designated_stays"):
        story.do("handler", "return", reason="不属于我单位")


def test_after_work_has_begun_there_is_no_way_back(story):
    story.up_to("acknowledge")
    story.do("handler", "start", plan="马上清理")
    with pytest.raises(NotAllowed, match="return_too_late"):
        story.do("handler", "return", reason="不属于我单位")


def test_an_order_on_the_spot_is_reported_filed_and_dispatched_at_once(story, session):
    issue = story.report(on_site=True, unit="CG", person="王五", limit="2 work_day")
    assert (issue.state, issue.basis, issue.person) == ("dispatched", "explicit", "王五")
    assert issue.due_at.isoformat() == "2026-05-22T01:00:00+00:00"
    assert [line.verb for line in ledger.history(session, "issue", issue.issue_no)] == ["report", "file", "dispatch"]


def test_a_shop_may_report_but_not_order(story):
    assert story.report(who="shop").state == "reported"
    with pytest.raises(Forbidden):
        story.report(who="shop", on_site=True, unit="CG")


@pytest.mark.parametrize(("more", "code"), [
    ({"lon": 15.0}, "outside_city"), ({"lon": 28.6830, "lat": 115.8570}, "coordinates_swapped"),
    ({"class": "不存在的类别"}, "unknown_issue_class"), ({"description": ""}, "field_missing"),
    ({"lon": None}, "spot_missing"), ({"colour": "red"}, "unknown_field"), ({"point": "P999"}, "point_not_found"),
    ({"description": "a\x00b"}, "text_not_storable"), ({"description": "x" * 3000}, "text_too_long"),
])
def test_a_report_that_cannot_be_is_refused_with_a_code(story, more, code):
    with pytest.raises((Invalid, NotFound, Several)) as refusal:
        story.report(**more)
    assert refusal.value.code == code


def test_an_issue_inside_a_points_walls_is_linked_to_it_and_one_on_the_street_to_the_segment(story, session, town):
    inside = story.report(lon=town.HOSPITAL_SPOT[0], lat=town.HOSPITAL_SPOT[1])
    assert showing.as_json(session, inside, _office(), "zh", story.at)["point"] == "P001"
    beside = story.report(lon=115.8631844, lat=28.6832859)
    assert showing.as_json(session, beside, _office(), "zh", story.at)["segment"] == "LD0001"
    away = story.report(lon=115.8637025, lat=28.6826768)
    assert showing.as_json(session, away, _office(), "zh", story.at)["segment"] is None


def _office():
    from civmap.people.rules import OFFICE
    return OFFICE


def test_points_segments_zones_and_units_carry_their_open_issues(story, session, cast, town):
    story.report(point="P001", lon=town.HOSPITAL_SPOT[0], lat=town.HOSPITAL_SPOT[1])
    story.report(lon=town.SPOT_NOODLES[0], lat=town.SPOT_NOODLES[1], **{"class": "outside_shop"})
    issue = story.up_to("dispatch")
    late = issue.due_at + timedelta(seconds=1)
    soon = issue.due_soon_at
    admin = cast["admin"]

    def of(kind, model_code, moment):
        burdens = queries.BURDENS[kind](session, admin, moment)
        from civmap.schema import tables
        model = {"points": tables.InspectionPoint, "segments": tables.RoadSegment, "zones": tables.Zone,
                 "units": tables.Unit}[kind]
        row = session.query(model).filter_by(code=model_code).one()
        return burdens[row.id].as_properties() if row.id in burdens else None

    assert of("points", "P001", late) == {"open_issues": 1, "due_soon_issues": 0, "overdue_issues": 0,
                                          "status": "open"}
    assert of("segments", "LD0001", late)["open_issues"] == 1
    assert of("zones", "SB000001", late)["open_issues"] == 1
    assert of("units", "HW-C", soon)["status"] == "due_soon"
    assert of("units", "HW-C", issue.due_at)["status"] == "due_soon"
    assert of("units", "HW-C", late)["status"] == "overdue"
    assert of("units", "SZ", late) is None


def test_each_of_the_cast_sees_the_issues_of_their_duty_and_no_other(story, session, cast, town):
    garbage = story.report()
    noodles = story.report(lon=town.SPOT_NOODLES[0], lat=town.SPOT_NOODLES[1], **{"class": "outside_shop"})
    west = story.report(lon=115.8500, lat=28.6830)

    def seen(who):
        return {issue.issue_no for issue in queries.listed(session, cast[who], story.at)}

    everything = {garbage.issue_no, noodles.issue_no, west.issue_no}
    for who in ("admin", "dispatcher", "inspector", "leader"):
        assert seen(who) == everything
    assert seen("handler") == {garbage.issue_no, west.issue_no}
    assert seen("shop") == {noodles.issue_no} == seen("chief")
    assert seen("clerk") == seen("grid") == {garbage.issue_no, noodles.issue_no}
    assert seen("clerk_west") == {west.issue_no}
    assert seen("doctor") == seen("discipline") == set()


def test_lists_are_narrowed_by_status_class_unit_zone_and_words(story, session, cast):
    late = story.up_to("dispatch")
    story.report(description="a%b_c")
    admin, after = cast["admin"], late.due_at + timedelta(minutes=1)

    def found(q=None, **filters):
        return [issue.issue_no for issue in queries.listed(session, admin, after, q=q, filters=filters)]

    assert found(status="overdue") == [late.issue_no]
    assert len(found(status="open")) == 1 and len(found(status="overdue,open")) == 2
    assert len(found(open="true")) == 2 and found(state="closed") == []
    assert len(found(state="open")) == 2 and found(state="已派遣待签收,closed") == [late.issue_no]
    with pytest.raises(Invalid, match="unknown_issue_state"):
        found(state="banana")
    with pytest.raises(Invalid, match="flag_expected"):
        found(open="banana")
    assert len(found(**{"class": "暴露垃圾"})) == 2 and len(found(unit="HW-C")) == 2
    assert len(found(q="%b_")) == 1 and found(q="%x") == []
    assert len(found(zone=admin and "360199006")) == 2
    with pytest.raises(Invalid, match="unknown_filter"):
        found(colour="red")


def test_a_duplicate_points_to_its_original(story, session):
    first = story.report()
    second = story.report()
    assert story.do("dispatcher", "duplicate", of=first.issue_no).state == "duplicate"
    assert second.duplicate_of_id == first.id
    third = story.report()
    with pytest.raises(Invalid, match="duplicate_of_itself"):
        story.do("dispatcher", "duplicate", of=third.issue_no)


def test_nobody_is_handed_an_issue_who_is_no_longer_in_office(session, story, cast, now):
    story.report()
    story.do("dispatcher", "file")
    units.retire(session, cast["admin"], story.issue.claims[0]["unit"], 1, now)
    for said in ({}, {"unit": story.issue.claims[0]["unit"]}, {"unit": "CG", "assisting": ["HW-C"]}):
        with pytest.raises(Invalid, match="unit_not_in_office"):
            story.do("dispatcher", "dispatch", **said)
    with pytest.raises(Invalid, match="unit_not_in_office"):
        story.report(unit="HW-C", on_site=True)


def test_old_numbers_that_look_almost_like_ours_do_not_stop_the_counting(session, story):
    first = story.report()
    prefix = first.issue_no[:-4]
    for odd in ("0001-补", "00000A", "²", ""):
        story.report().issue_no = f"{prefix}{odd}"
        session.flush()
    assert story.report().issue_no == f"{prefix}0002"
    story.issue.issue_no = f"{prefix}10041"
    session.flush()
    assert story.report().issue_no == f"{prefix}10042"
