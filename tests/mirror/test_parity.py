"""The mirror says what the lists say: the same things, counts and measures, for everybody, after any write."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from civmap.errors import Invalid
from civmap.exchange import gather, ordering
from civmap.exchange.gather import Narrowing
from civmap.issues import measures
from civmap.issues.models import Issue
from civmap.mirror.following import Mirror
from civmap.mirror.standing import STATUSES
from civmap.store import ledger
from civmap.store.database import reading, writing
from civmap.store.ledger import Actor, Entry
from civmap.tiles.serving import Question, answer
from civmap.zones.models import Zone
from tests.support import crowd, town

KINDS = tuple(measures.OF_KIND)
ROLES = ("dispatcher", "clerk", "handler", "chief", "shop", "discipline", "industry", "grid", "leader", "inspector")
FILTERS = {
    "points": ({}, {"type": "PT07"}, {"street": "河东路"}, {"issue_class": "E0115"}, {"grid": "360199006"}),
    "segments": ({}, {"chief": "钱一"}, {"class": "branch"}, {"division": "360199006"}),
    "zones": ({}, {"kind": "frontage"}, {"unit": "HW-C"}, {"issue_state": "suspended"}, {"retired": "any"},
              {"within": "115.82,28.66;115.88,28.66;115.88,28.70;115.82,28.70"}),
    "units": ({}, {"kind": "bureau"}, {"q": "环卫"}),
    "issues": ({}, {"state": "open"}, {"class": "C0101", "source": "page"}, {"grid": "360199006"}, {"type": "PT10"}),
}


@pytest.fixture
def crowded(session, now):
    crowd.build(session, now, zones=80, points=24, issues=240)
    ledger.record(session, Actor("test"), "survey", "city", "360199", at=now)
    session.flush()
    return session


def by_the_lists(session, viewer, asked, now):
    found = gather.collect(session, viewer, asked.kind, Narrowing(
        filters=asked.filters, status=asked.statuses, on=asked.on, by=asked.by), now, "zh").features
    key = "issue_no" if asked.kind == "issues" else "code"
    return {feature["properties"][key]: _weight(feature["properties"], asked) for feature in found}


def _weight(told, asked):
    if asked.kind == "issues":
        return told["status"]
    counts = tuple(told[f"{name}_issues"] for name in ("open", "due_soon", "overdue"))
    return (*counts, told["status"], told.get("value") if asked.by != "status" else None)


def by_the_mirror(mirror, session, viewer, asked, now):
    found = answer(mirror, session, viewer, asked, now)
    told, colours = {}, found.colours
    for row in found.left.nonzero()[0]:
        status = STATUSES[colours.status[row]]
        value = None if colours.values is None or colours.values[row] != colours.values[row] else colours.values[row]
        counts = () if asked.kind == "issues" else tuple(int(part[row]) for part in colours.counts[:3])
        told[found.table.codes.row(row).tobytes().decode()] = (
            status if asked.kind == "issues" else (*counts, status, value))
    return told


def or_refusal(say):
    try:
        return say()
    except Invalid as refused:
        return {"refused": refused.code}


def agree(mirror, session, viewer, asked, now):
    mine = or_refusal(lambda: by_the_mirror(mirror, session, viewer, asked, now))
    theirs = or_refusal(lambda: by_the_lists(session, viewer, asked, now))
    assert mine == theirs, (viewer.role, asked)
    return theirs


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_sees_on_the_map_what_the_lists_show(crowded, cast, now, kind):
    mirror, shown = Mirror(), {}
    for number, role in enumerate(ROLES):
        for filters in FILTERS[kind] if number < 2 else FILTERS[kind][::number]:
            shown[role, str(filters)] = len(agree(mirror, crowded, cast[role], Question(kind, filters), now))
    assert shown["dispatcher", "{}"] > 0
    assert len(set(shown.values())) > 2


def test_sorted_pages_weigh_alike_with_and_without_the_arrays(crowded, cast, now):
    mirror, totals = Mirror(), []
    mirror.table(crowded, "issues")
    for role, filters, status in (("dispatcher", {}, ()), ("clerk", {"issue_class": "E0115"}, ("open", "overdue"))):
        for kind, sort in (("zones", "status"), ("zones", "area_m2"), ("points", "open_issues"), ("units", "name")):
            asked = Narrowing(filters=filters, status=status)
            mine, theirs = (ordering.page(crowded, cast[role], kind, asked, now, "zh", sort=sort, with_statuses=True,
                                          limit=500, mirror=arrays) for arrays in (mirror, None))
            assert mine == theirs, (role, kind, sort)
            totals.append(mine.total)
    assert sum(totals) > 100


@pytest.mark.parametrize("kind", KINDS[:4])
def test_measures_and_earlier_days_agree_with_the_lists(crowded, cast, now, kind):
    mirror = Mirror()
    for by in measures.OF_KIND[kind]:
        for role, on in (("dispatcher", None), ("clerk", None), ("dispatcher", now - timedelta(days=9))):
            agree(mirror, crowded, cast[role], Question(kind, {}, on, by=by), now)
    agree(mirror, crowded, cast["leader"], Question(kind, {}, statuses=("overdue", "due_soon")), now)
    agree(mirror, crowded, cast["clerk"], Question("issues", {}, now - timedelta(days=9), ("open",)), now)


def test_the_clock_alone_turns_statuses(crowded, cast, now):
    mirror, seen = Mirror(), set()
    for hours in (0, 1, 30, 300, 299):
        moment = now + timedelta(hours=hours)
        for role in ("dispatcher", "discipline"):
            for kind in ("issues", "zones", "segments"):
                found = agree(mirror, crowded, cast[role], Question(kind, {}), moment)
                seen.add((role, kind, tuple(sorted(map(str, found.values())))))
    assert len(seen) > 12


def change(session, model, one, condition, now, verb="edit", **values):
    """Change a row as an action does: the row, then its line."""
    row = session.scalars(select(model).where(condition)).one()
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    key = row.issue_no if model is Issue else row.code
    ledger.record(session, Actor("test"), verb, one, key, at=now, after={"kind": getattr(row, "kind", None)})
    session.flush()


def test_each_write_is_seen_at_once_by_everybody(crowded, cast, now):
    mirror = Mirror()
    questions = [Question("issues", {"state": "open"}), Question("zones", {"kind": "frontage"}, by="open_per_point"),
                 Question("points", {}), Question("segments", {"division": "360199006"}),
                 Question("issues", {"grid": "360199006"})]

    def all_agree():
        return [agree(mirror, crowded, cast[role], asked, now)
                for asked in questions for role in ("dispatcher", "clerk", "chief")]

    zone = crowded.scalars(select(Zone).where(Zone.code == "Z0004")).one()
    found = [all_agree()]
    change(crowded, Issue, "issue", Issue.issue_no == "CW000004", now, "check", state="closed", ended_at=now)
    found.append(all_agree())
    change(crowded, Issue, "issue", Issue.issue_no == "CW000007", now, geom=zone.geom.representative_point())
    found.append(all_agree())
    change(crowded, Zone, "zone", Zone.code == "Z0008", now, geom=zone.geom.buffer(0.01))
    found.append(all_agree())
    change(crowded, Zone, "zone", Zone.code == "Z0006", now, "retire", valid_to=now)
    found.append(all_agree())
    crowded.add(Issue(issue_no="CW900001", class_code="C0101", geom=zone.geom.representative_point(), state="reported",
                      reported_at=now, division="360199006", unit_id=zone.unit_id))
    crowded.flush()
    ledger.record(crowded, Actor("test"), "report", "issue", "CW900001", at=now)
    crowded.flush()
    found.append(all_agree())
    assert all(before != after for before, after in pairwise(found))
    assert mirror.log is not None
    assert len(mirror.log.changes) == 5


def test_moved_borders_reach_those_who_see_by_territory(crowded, cast, now):
    mirror = Mirror()
    before = agree(mirror, crowded, cast["clerk"], Question("issues", {}), now)
    for issue in crowded.scalars(select(Issue).limit(40)):
        issue.division = "360199007"  # what the borders derive leaves no line of its own
    change(crowded, Zone, "zone", Zone.code == "360199006", now, name="河东街道(新)")
    assert agree(mirror, crowded, cast["clerk"], Question("issues", {}), now) != before


def test_a_city_that_came_anew_is_read_anew(crowded, cast, now):
    mirror = Mirror()
    agree(mirror, crowded, cast["dispatcher"], Question("zones", {}), now)
    crowded.add(Zone(code="A0", name="先到", kind="frontage", geom=crowded.scalars(select(Zone.geom)).first()))
    crowded.flush()
    ledger.record(crowded, Actor("cli"), "survey", "city", "360199", at=now)
    crowded.flush()
    assert "A0" in agree(mirror, crowded, cast["dispatcher"], Question("zones", {}), now)


def test_a_question_out_of_an_older_transaction_hides_nothing_from_the_next_one(engine, now):
    mirror, still_open = Mirror(), Question("issues", {"state": "open"})
    with writing(engine) as session:
        crowd.build(session, now, zones=10, points=5, issues=20)
        ledger.record(session, Actor("test"), "survey", "city", "360199", at=now)
        leader = town.viewers(session)["leader"]
    with reading(engine) as older, reading(engine) as newer:
        older.scalar(select(Issue.id).limit(1))
        answer(mirror, older, leader, Question("issues", {}), now)
        with writing(engine) as session:
            change(session, Issue, "issue", Issue.issue_no == "CW000007", now, "check", state="closed", ended_at=now)
        answer(mirror, newer, leader, Question("issues", {}), now)
        answer(mirror, older, leader, still_open, now)
        assert "CW000007" not in agree(mirror, newer, leader, still_open, now)


def test_a_ledger_of_another_life_is_noticed_even_when_it_is_longer(crowded, cast, now):
    mirror, asked = Mirror(), Question("zones", {})
    agree(mirror, crowded, cast["leader"], asked, now)
    crowded.add(Zone(code="A0", name="别处", kind="frontage", geom=crowded.scalars(select(Zone.geom)).first()))
    crowded.execute(update(Entry).where(Entry.id == ledger.last_id(crowded)).values(hash="f" * 64))
    crowded.flush()
    change(crowded, Zone, "zone", Zone.code == "Z0005", now, name="别名")
    assert "A0" in agree(mirror, crowded, cast["leader"], asked, now)
