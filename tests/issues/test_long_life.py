"""What may befall an issue on its way: sent back twice, extended, hung up, appealed against, fixed on the spot."""

from dataclasses import replace
from datetime import timedelta

import pytest

from civmap.clock import parse_moment
from civmap.errors import Forbidden, Invalid, NotAllowed
from civmap.issues import actions, customs, recurrence, rules, showing, standing, waking
from civmap.issues.models import Photo
from civmap.store import ledger

GARBAGE = {"class": "exposed_garbage", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830}


def at(text):
    return parse_moment(f"2026-05-{text}+08:00")


@pytest.fixture
def told(session, cast):
    class Teller:
        """Tell a story: who does what when."""

        def report(self, who, when, **more):
            self.issue = actions.report(session, cast[who], GARBAGE | more, at(when))
            return self.issue

        def do(self, who, verb, when, **body):
            waking.wake(session, at(when))
            return actions.perform(session, cast[who], self.issue.issue_no, verb, body, self.issue.version, at(when))

        def photo(self, kind="after", taken="20T09:00", lat=28.6830):
            row = Photo(issue_id=self.issue.id, kind=kind, round=self.issue.rework_count, sha256="0" * 64, file="x",
                        media_type="image/jpeg", width=1, height=1, taken_at=at(taken), lon=115.8570, lat=lat,
                        uploaded_at=at(taken), uploaded_by="x")
            session.add(row)
            session.flush()
            session.expire(self.issue, ["photos"])
            return row.id

        def working(self, when="20T09:00", **more):
            self.report("dispatcher", when)
            self.do("dispatcher", "file", when)
            self.do("dispatcher", "dispatch", when, unit="HW-C", **more)
            return self.do("handler", "acknowledge", when)

        def seen(self, who="dispatcher", when="20T09:00"):
            return showing.as_json(session, self.issue, cast[who], "zh", at(when))

        def verbs(self):
            return [(line.verb, line.who) for line in ledger.history(session, "issue", self.issue.issue_no)]
    return Teller()


def test_a10_two_returns_then_a_designation_that_cannot_be_returned(told):
    told.report("dispatcher", "20T09:00")
    told.do("dispatcher", "file", "20T09:05")
    told.do("dispatcher", "dispatch", "20T09:10", unit="HW-C")
    told.do("handler", "return", "20T09:20", reason="不属于我单位")
    with pytest.raises(NotAllowed):
        told.do("dispatcher", "check", "20T09:21", **{"pass": True})
    with pytest.raises(Invalid, match="dispatch_needs_unit"):
        told.do("dispatcher", "dispatch", "20T09:22")
    told.do("dispatcher", "dispatch", "20T09:30", unit="YY")
    told.do("doctor", "return", "20T09:40", reason="也不属于我院")
    told.do("dispatcher", "dispatch", "20T09:50", unit="HW-C", designated=True)
    seen = told.seen("handler", "20T10:00")
    assert "return" not in seen["allowed"] and "指定" in seen["why_not"]["return"]
    with pytest.raises(NotAllowed, match="designated_stays"):
        told.do("handler", "return", "20T10:00", reason="还是不属于")
    issue = told.issue
    assert (issue.dispatch_count, issue.return_count, issue.wrong_return_count) == (3, 2, 0)
    other = told.working("20T09:00")
    told.do("handler", "return", "20T09:30", reason="不属于我单位")
    assert told.do("dispatcher", "dispatch", "20T09:40", unit="HW-C").wrong_return_count == 1 == other.return_count


def test_an_extension_is_asked_seconded_and_granted_twice_at_most_and_a_refusal_does_not_count(told):
    issue = told.working()  # 4 working hours: due 15:00
    assert issue.due_at == at("20T15:00")
    told.do("handler", "extend", "20T09:10", reason="垃圾量大")
    with pytest.raises(NotAllowed, match="plea_waits_for_head"):
        told.do("dispatcher", "extend", "20T09:11", decision="grant")
    told.do("head", "extend", "20T09:12", decision="grant", reason="情况属实")
    told.do("dispatcher", "extend", "20T09:13", decision="refuse", reason="人手足够")
    assert (issue.extension_count, issue.due_at) == (0, at("20T15:00"))
    for granted, due in ((1, "21T09:00"), (2, "21T15:00")):
        told.do("head", "extend", "20T09:20", reason="垃圾量大")
        told.do("dispatcher", "extend", "20T09:21", decision="grant")
        assert (issue.extension_count, issue.due_at) == (granted, at(due))
    assert issue.due_soon_at == at("21T10:00") and issue.state == "in_progress"
    with pytest.raises(NotAllowed, match="extensions_used_up"):
        told.do("handler", "extend", "20T10:00", reason="再延")
    assert [plea["state"] for plea in told.seen()["pleas"]] == ["refused", "granted", "granted"]


def test_a_suspension_stops_the_clock_once_and_ends_by_itself(told, session):
    issue = told.working()
    told.do("handler", "suspend", "20T10:00", reason="等待迁改", until="2026-05-22")
    assert issue.state == "in_progress"
    with pytest.raises(Invalid, match="suspension_too_long"):
        told.do("dispatcher", "suspend", "20T10:30", decision="grant", until="2027-06-01")
    told.do("dispatcher", "suspend", "20T11:00", decision="grant")
    assert (issue.state, issue.resumes_at, issue.rouse_at) == ("suspended", at("22T00:00"), at("22T00:00"))
    assert told.seen(when="21T18:00")["status"] == "open"
    assert waking.wake(session, at("22T09:00")) >= 1
    assert (issue.state, issue.due_at) == ("in_progress", at("22T10:00"))  # two of four hours were left
    assert told.verbs()[-2:] == [("resume", "clock"), ("supervise", "clock")]  # 75 % of the limit is used at 09:00
    with pytest.raises(NotAllowed, match="suspended_before"):
        told.do("dispatcher", "suspend", "22T09:10", reason="再挂", until="2026-06-01")
    told.photo()
    told.do("handler", "feedback", "22T09:20", measure="已清理")
    assert issue.handled_work_s == (2 * 3600) + 80 * 60


def test_being_late_is_pressed_for_by_the_clock_and_may_be_appealed_against_before_two_reviewers(told, session, cast):
    issue = told.working()
    assert waking.wake(session, at("26T09:00")) == 4
    seen = told.seen(when="26T09:00")
    assert [(one["level"], one["why"], one["issued_by"]) for one in seen["notices"]] == [
        (1, "remind", "clock"), (1, "remind", "clock"), (2, "overdue", "clock"), (3, "overdue", "clock")]
    assert seen["notices"][3]["number"] == "创建办督〔2026〕4号" and (issue.version, seen["status"]) == (4, "overdue")
    told.photo(taken="20T08:00")
    told.do("handler", "feedback", "26T09:10", measure="已清理")
    assert told.seen(when="26T09:20")["warnings"] == ["after_photo_old"]
    with pytest.raises(NotAllowed):
        told.do("handler", "appeal", "26T09:15", reason="道路封闭")
    told.do("inspector", "check", "26T09:30", **{"pass": True})
    told.do("handler", "appeal", "26T10:00", reason="道路封闭")
    told.do("dispatcher", "appeal", "26T10:10", decision="grant", reason="属实")
    with pytest.raises(Forbidden, match="reviewer_twice"):
        told.do("dispatcher", "appeal", "26T10:20", decision="grant")
    told.do("admin", "appeal", "26T10:30", decision="grant")
    seen = told.seen(when="26T10:40")
    assert (issue.is_overdue_waived, seen["was_overdue"], issue.state) == (True, True, "closed")
    with pytest.raises(NotAllowed, match="appealed_before"):
        told.do("handler", "appeal", "26T11:00", reason="再申诉")
    told.do("dispatcher", "reopen", "26T11:10", reason="又发现")
    assert (issue.state, issue.closed_at, issue.due_at) == ("in_progress", None, at("26T17:10"))
    assert not issue.is_overdue_waived  # being late once more is nothing that was forgiven
    with pytest.raises(Invalid, match="after_photo_missing"):  # a photo from before it came up again shows nothing
        told.do("handler", "feedback", "26T11:20", measure="又清理")
    told.photo(taken="26T11:25")
    told.do("handler", "suspend", "26T11:30", reason="等待迁改", until="2026-05-28")
    told.do("head", "feedback", "26T11:40", measure="又清理")
    assert told.seen()["pleas"][-1]["state"] == "lapsed"  # nobody could decide it any more
    with pytest.raises(Forbidden, match="checker_handled_it"):
        rules.check_allowed(replace(cast["inspector"], name="handler"), "check",
                            standing.of(session, issue, at("26T11:50")))


def test_reworks_keep_the_deadline_and_are_pressed_for_unless_the_city_gives_half_the_limit(told, session, cast):
    issue = told.working()
    for turn, level in ((1, 2), (2, 3)):
        told.photo()
        told.do("handler", "feedback", f"20T{9 + turn}:10", measure="已清理")
        told.do("inspector", "check", f"20T{9 + turn}:20", **{"pass": False, "opinion": "照片角度不符"})
        assert (issue.state, issue.due_at, issue.supervision_level) == ("rework", at("20T15:00"), level)
    assert [one["why"] for one in told.seen()["notices"]] == ["rework", "rework"]
    customs.keep(session, cast["admin"], "workflow", {"rework_share": 0.5}, 0, at("20T11:00"))
    told.photo()
    told.do("handler", "feedback", "20T14:50", measure="已清理")
    told.do("inspector", "check", "20T14:55", **{"pass": False, "opinion": "仍有残留"})
    assert issue.due_at == at("20T16:55") and issue.supervision_level == 3


def test_fixed_on_the_spot_is_struck_off_by_the_inspectors_own_photos(told):
    issue = told.report("inspector", "20T09:00", fixed_on_spot=True, unit="HW-C")
    assert (issue.state, told.verbs()[-1][0]) == ("in_progress", "acknowledge")
    told.photo()
    with pytest.raises(Invalid, match="before_photo_missing"):
        told.do("inspector", "feedback", "20T09:05", measure="当场清理")
    told.photo("before", "20T08:58")
    told.do("inspector", "feedback", "20T09:06", measure="当场清理")
    assert (issue.state, issue.closed_at, issue.ended_at) == ("closed", at("20T09:06"), at("20T09:06"))
    with pytest.raises(Forbidden, match="role_may_not"):
        told.report("handler", "20T09:00", fixed_on_spot=True, unit="HW-C")


def test_what_is_near_is_told_and_what_comes_back_is_linked(told, session, cast):
    first = told.report("inspector", "20T09:00", fixed_on_spot=True, unit="HW-C")
    second = told.report("grid", "20T10:00", lat=28.68312)
    usual = customs.Workflow()

    def twins(who, issue):
        found = recurrence.possible_duplicates(session, cast[who], issue, at("20T10:00"), usual)
        return [(one["issue_no"], round(one["distance_m"])) for one in found]

    assert twins("inspector", second) == [(first.issue_no, 13)] and second.recurrence_of_id is None
    assert twins("doctor", second) == []
    told.issue = first
    told.photo(), told.photo("before")
    told.do("inspector", "feedback", "20T11:00", measure="当场清理")
    third = told.report("inspector", "21T10:30", lat=28.68312)
    assert twins("inspector", third) == [] and third.recurrence_of_id == first.id
    assert told.seen(when="21T11:00")["recurrence_of"] == first.issue_no
    late = actions.report(session, cast["inspector"], GARBAGE, first.closed_at + timedelta(days=31))
    assert late.recurrence_of_id is None
