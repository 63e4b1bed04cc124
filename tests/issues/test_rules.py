"""The fifteen rules of the workflow (`domain.md` §4), each by its number: who may, when, and what follows."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from civmap import dictionaries
from civmap.calendar import Limit, WorkCalendar
from civmap.clock import iso, parse_moment
from civmap.errors import Invalid, Several
from civmap.issues import closing, customs, deadlines, forms, recurrence, rules, showing
from civmap.issues.notices import SIGNS
from civmap.people.rules import OFFICE, Viewer

NOW = parse_moment("2026-05-20T09:00:00+08:00")
HOUR = timedelta(hours=1)
OURS, THEIRS = 1, 2
PEOPLE = {
    "office": Viewer("office2", "dispatcher", 11), "boss": Viewer("boss", "admin", 12),
    "inspector": Viewer("inspector", "inspector", 13), "leader": Viewer("leader", "leader", 14),
    "handler": Viewer("handler", "unit_handler", 15, unit_ids=frozenset({OURS})),
    "head": Viewer("head", "unit_head", 16, unit_ids=frozenset({OURS})),
    "stranger": Viewer("stranger", "unit_handler", 17, unit_ids=frozenset({THEIRS})),
    "grid": Viewer("grid", "grid_member", 18), "operator": OFFICE,
}


def issue(state, **more):
    facts = {"unit_id": OURS, "handled_by": "handler", "is_designated": False, "has_started": False, "now": NOW,
             "due_at": NOW + HOUR, "return_until": NOW + HOUR}
    return rules.Standing(state, **(facts | more))


def asked(kind, state="asked", by="handler", first=None):
    return (rules.Asked(kind, state, by, first),)


LATE = {"resolved_at": NOW, "due_at": NOW - HOUR}
GUARDED = [
    # rule, who, verb, how the issue stands, the reason why not (None: may)
    (2, "handler", "return", issue("dispatched"), None),
    (2, "handler", "return", issue("in_progress", has_started=True), "return_too_late"),
    (2, "handler", "return", issue("dispatched", return_until=NOW - HOUR), "return_window_over"),
    (2, "handler", "return", issue("dispatched", return_until=NOW), None),
    (3, "office", "dispatch", issue("returned"), None),
    (3, "office", "reject", issue("returned"), None),
    (3, "office", "check", issue("returned"), "not_allowed_now"),
    (3, "office", "duplicate", issue("returned"), "not_allowed_now"),
    (5, "handler", "check", issue("resolved"), "role_may_not"),
    (5, "inspector", "check", issue("resolved"), None),
    (5, "inspector", "check", issue("resolved", handled_by="inspector"), "checker_handled_it"),
    (5, "office", "check", issue("resolved", handled_by="office2"), "checker_handled_it"),
    (5, "inspector", "check", issue("resolved", handlers=frozenset({"inspector"})), "checker_handled_it"),
    (5, "operator", "check", issue("resolved", handled_by="office"), None),
    (7, "handler", "extend", issue("in_progress"), None),
    (7, "stranger", "extend", issue("in_progress"), "not_your_issue"),
    (7, "handler", "extend", issue("in_progress", due_at=NOW - HOUR), "extension_too_late"),
    (7, "handler", "extend", issue("dispatched", due_at=None), "extension_no_deadline"),
    (7, "handler", "extend", issue("in_progress", extension_count=2), "extensions_used_up"),
    (7, "handler", "extend", issue("in_progress", asked=asked("extension", "refused")), None),
    (7, "handler", "extend", issue("in_progress", asked=asked("extension")), "plea_waits"),
    (7, "head", "extend", issue("in_progress", asked=asked("extension")), None),
    (7, "head", "extend", issue("in_progress", asked=asked("extension", "seconded")), "plea_waits"),
    (7, "office", "extend", issue("in_progress", asked=asked("extension")), "plea_waits_for_head"),
    (7, "office", "extend", issue("in_progress", asked=asked("extension", "seconded"), due_at=NOW - HOUR), None),
    (7, "office", "extend", issue("in_progress", asked=asked("extension", "seconded", "office2")), "own_plea"),
    (8, "handler", "suspend", issue("in_progress"), None),
    (8, "handler", "suspend", issue("rework"), "not_allowed_now"),
    (8, "handler", "suspend", issue("in_progress", asked=asked("suspension")), "plea_waits"),
    (8, "office", "suspend", issue("in_progress", asked=asked("suspension")), None),
    (8, "office", "suspend", issue("in_progress", was_suspended=True), "suspended_before"),
    (8, "handler", "resume", issue("suspended"), "role_may_not"),
    (8, "office", "resume", issue("suspended"), None),
    (9, "handler", "appeal", issue("closed", **LATE), None),
    (9, "handler", "appeal", issue("closed"), "not_overdue"),
    (9, "handler", "appeal", issue("resolved", **LATE), "not_allowed_now"),
    (9, "handler", "appeal", issue("closed", **LATE, asked=asked("appeal", "refused")), "appealed_before"),
    (9, "office", "appeal", issue("closed", **LATE, asked=asked("appeal", "granted")), "appealed_before"),
    (9, "office", "appeal", issue("closed", **LATE, asked=asked("appeal", "seconded", first="office2")),
     "reviewer_twice"),
    (9, "boss", "appeal", issue("closed", **LATE, asked=asked("appeal", "seconded", first="office2")), None),
    (10, "handler", "return", issue("dispatched", is_designated=True), "designated_stays"),
    (10, "handler", "acknowledge", issue("dispatched", is_designated=True), None),
    (11, "grid", "verify", issue("reported"), None),
    (11, "inspector", "verify", issue("resolved"), "not_allowed_now"),
    (11, "inspector", "check", issue("verifying"), "not_allowed_now"),
    (12, "office", "duplicate", issue("reported"), None),
    (12, "inspector", "duplicate", issue("reported"), "role_may_not"),
    (14, "leader", "supervise", issue("in_progress"), None),
    (14, "handler", "supervise", issue("in_progress"), "role_may_not"),
    (14, "office", "supervise", issue("closed"), "not_allowed_now"),
]


@pytest.mark.parametrize(("rule", "who", "verb", "standing", "why"), GUARDED)
def test_who_may_and_why_not(rule, who, verb, standing, why):
    viewer = PEOPLE[who]
    assert rules.why_not(viewer, verb, standing) == why
    assert (verb in rules.allowed(viewer, standing)) is (why is None)
    told = rules.refusals(viewer, standing)
    if standing.state in rules.FROM[verb]:
        assert (verb in told) is (why is not None)
    if why in rules.PERSONAL:
        assert viewer.role not in told[verb].facts["who"] or why != "role_may_not"


@pytest.mark.parametrize(("rule", "verb", "body"), [
    (2, "return", {}), (2, "reject", {"reason": "  "}), (2, "reopen", {}), (2, "reject", {}),
    (5, "check", {"opinion": "好"}), (6, "feedback", {"photos": [1]}), (14, "supervise", {}),
    (14, "supervise", {"level": 4}), (9, "appeal", {"decision": "maybe"})])
def test_what_must_be_written(rule, verb, body):
    with pytest.raises((Invalid, Several)):
        forms.read(forms.VERBS[verb], body)


def test_rule_2_forwarding_needs_no_words():
    assert forms.read(forms.VERBS["dispatch"], {})["unit"] is None
    assert [forms.read(forms.VERBS["extend"], {"decision": said})["decision"] for said in
            ("grant", "Refuse", "同意", True, False)] == ["grant", "refuse", "grant", "grant", "refuse"]


STAGES = {0: {"draft", "rejected", "duplicate"}, 1: {"reported", "verifying"}, 2: {"filed", "returned"},
          3: {"dispatched"}, 4: {"in_progress", "suspended", "rework"}, 5: {"resolved"}, 6: {"closed"}}


def test_rule_1_six_outward_stages_hold_the_thirteen_states():
    states = dictionaries.issue_states()
    shown = {stage: {code for code, state in states.items() if state.stage == stage} for stage in range(7)}
    assert {code for codes in STAGES.values() for code in codes} == set(rules.STATES) == set(states)
    assert {**shown, 2: shown[2] | {"returned"}, 3: shown[3] - {"returned"}} == STAGES


CALENDAR = WorkCalendar()


@pytest.mark.parametrize(("rule", "limit", "start", "more", "due"), [
    (6, "4 work_hour", "2025-09-30T16:00", {}, "2025-10-09T10:00"),
    (6, "2 urgent_hour", "2025-09-30T17:30", {}, "2025-09-30T19:30"),
    (6, "2 work_day", "2026-05-22T15:00", {"factor": 0.5}, "2026-05-25T15:00"),
    (7, "2 work_day", "2025-09-30T16:00", {"extensions": 1}, "2025-10-13T16:00"),
    (7, "2 work_hour", "2026-05-20T09:00", {"extensions": 2}, "2026-05-20T17:00"),
    (8, "4 work_hour", "2026-05-20T09:00", {"pauses": [("2026-05-20T10:00", "2026-05-21T10:00")]},
     "2026-05-21T15:00"),
    (8, "3 urgent_hour", "2026-05-20T09:00", {"pauses": [("2026-05-20T10:00", "2026-05-20T20:00")]},
     "2026-05-20T22:00")])
def test_deadlines(rule, limit, start, more, due):
    pauses = [tuple(parse_moment(moment) for moment in pause) for pause in more.pop("pauses", ())]
    found = deadlines.moments(Limit.parse(limit), parse_moment(start), CALENDAR, pauses=pauses, **more)
    assert found[1] == parse_moment(due) and found[0] <= found[1]


@pytest.mark.parametrize(("rule", "state", "late_by", "status"), [
    (6, "in_progress", 1, "overdue"), (6, "dispatched", 1, "overdue"), (6, "rework", 1, "overdue"),
    (6, "in_progress", 0, "due_soon"), (8, "suspended", 1, "open"), (9, "resolved", 1, "overdue"),
    (9, "closed", 1, "none"), (9, "filed", -10, "open")])
def test_being_late_is_computed(rule, state, late_by, status):
    due = NOW - late_by * HOUR
    assert rules.status(state, due, due - HOUR, NOW) == status


def photo(minutes=5, lon=115.857, lat=28.683):
    return SimpleNamespace(taken_at=NOW + timedelta(minutes=minutes), uploaded_at=NOW, lon=lon, lat=lat)


@pytest.mark.parametrize(("photos", "told"), [
    ([], ["after_photo_missing"]), ([photo()], []), ([photo(-5)], ["after_photo_old"]),
    ([photo(lat=28.6836)], ["after_photo_far"]), ([photo(lat=28.6833)], []),
    ([photo(lon=None)], ["after_photo_unplaced"]), ([photo(-5), photo()], [])])
def test_rule_5_a_checker_is_warned_of_odd_after_photos_and_never_stopped(photos, told):
    assert closing.told(photos, NOW, (115.857, 28.683), 50) == told


@pytest.mark.parametrize(("rule", "metres", "apart", "is_same"), [
    (12, 29, timedelta(hours=23), True), (12, 31, timedelta(hours=1), False), (12, 5, timedelta(hours=25), False),
    (13, 29, timedelta(days=29), True), (13, 29, timedelta(days=31), False), (13, 31, timedelta(days=1), False)])
def test_near_in_place_and_time(rule, metres, apart, is_same):
    usual = customs.Workflow()
    reach, span = ((usual.duplicate_m, timedelta(hours=usual.duplicate_hours)) if rule == 12 else
                   (usual.recurrence_m, timedelta(days=usual.recurrence_days)))
    assert recurrence.is_same(metres, apart, reach, span) is is_same


def test_rule_14_levels_by_rework_and_by_the_clock():
    assert [rules.level_of_rework(times) for times in (1, 2, 3)] == [2, 3, 3]
    late = SimpleNamespace(state="in_progress", due_at=NOW, due_soon_at=NOW - HOUR, resumes_at=None,
                           supervision_level=0)
    rings, at = [], NOW - 2 * HOUR
    while (ring := deadlines.next_ring(late, CALENDAR, after=at)) is not None:
        rings.append((ring.level, ring.why, iso(ring.at)))
        at, late.supervision_level = ring.at, ring.level
    assert rings == [(1, "remind", "2026-05-20T00:00:00Z"), (1, "remind", "2026-05-20T01:00:00Z"),
                     (2, "overdue", "2026-05-21T01:00:00Z"), (3, "overdue", "2026-05-25T01:00:00Z")]
    assert set(SIGNS) == {"supervision", "dispatch_sheet", "rectification"}


def test_rule_15_a_dispatched_issue_names_its_whole_duty():
    unit = SimpleNamespace(id=OURS, code="HW", name="环卫一所", phone="13800001234")
    row = SimpleNamespace(unit_id=OURS, person="王五", measure=None, plan="清运", due_at=NOW)
    told = showing.duty(row, SimpleNamespace(units={OURS: unit}), PEOPLE["office"])
    assert told == {"unit": "HW", "person": "王五", "phone": "13800001234", "measure": "清运", "due_at": iso(NOW),
                    "missing": []}
    bare = SimpleNamespace(unit_id=None, person=None, measure=None, plan=None, due_at=None)
    assert showing.duty(bare, SimpleNamespace(units={}), PEOPLE["office"])["missing"] == [
        "unit", "person", "phone", "measure", "due_at"]
