"""Time passes while nobody looks: everything that was due in between has happened in order, each at its own moment."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from civmap.clock import parse_moment, to_office
from civmap.issues import actions, waking
from civmap.issues.models import Issue, Notice
from civmap.store import ledger
from civmap.store.database import reading, writing
from tests.support.command import Civmap
from tests.support.town import viewers

GARBAGE = {"class": "exposed_garbage", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830,
           "on_site": True, "unit": "HW-C"}


def _city(engine, now):
    """Hand three issues over at the same moment: one runs, one hangs on the books, one is fed back in time."""
    with writing(engine) as session:
        cast = viewers(session)

        def hand_over(limit):
            return actions.report(session, cast["inspector"], GARBAGE | {"limit": limit}, now)

        def do(issue, who, verb, **body):
            actions.perform(session, cast[who], issue.issue_no, verb, body, issue.version, now)

        runs, hangs, old = hand_over("2 work_day"), hand_over("2 work_day"), hand_over("1 work_hour")
        do(hangs, "handler", "acknowledge")
        do(hangs, "dispatcher", "suspend", reason="待备件", until="2026-05-23T10:00+08:00")
        old.rouse_at = None
        return runs.issue_no, hangs.issue_no


def _lines(session, no):
    return [(to_office(line.at).strftime("%m-%d %H:%M"), line.verb, line.after["said"].get("level"))
            for line in ledger.history(session, "issue", no) if line.who == "clock"]


def test_days_go_by_and_everything_happens_in_its_order(engine, now):
    runs, hangs = _city(engine, now)
    assert waking.wake_up(engine, parse_moment("2026-05-21T14:59+08:00")) == 0
    later = parse_moment("2026-06-10T09:00+08:00")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: waking.wake_up(engine, later), range(2)))
    assert sum(done) == 9
    with reading(engine) as session:
        assert _lines(session, runs) == [
            ("05-21 15:00", "supervise", 1), ("05-22 09:00", "supervise", 1), ("05-25 09:00", "supervise", 2),
            ("05-27 09:00", "supervise", 3)]
        assert _lines(session, hangs) == [
            ("05-23 10:00", "resume", None), ("05-26 12:00", "supervise", 1), ("05-26 18:00", "supervise", 1),
            ("05-27 18:00", "supervise", 2), ("05-29 18:00", "supervise", 3)]
        rung = session.scalars(select(ledger.Entry.at).where(ledger.Entry.who == "clock").order_by(ledger.Entry.id))
        assert (moments := rung.all()) == sorted(moments)
        found = session.scalars(select(Notice).order_by(Notice.id)).all()
        assert [notice.serial for notice in found] == list(range(1, 9))
        assert [notice.issued_at for notice in found] == sorted(notice.issued_at for notice in found)
        issues = session.scalars(select(Issue).where(Issue.issue_no.in_((runs, hangs)))).all()
        assert [(issue.supervision_level, issue.rouse_at) for issue in issues] == [(3, None), (3, None)]
        assert ledger.verify_all(session)[1] is None
    assert waking.wake_up(engine, later) == 0


def test_a_request_and_a_command_find_the_city_as_it_stands(engine, settings, signed_in, now, monkeypatch):
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", "2026-05-20T09:00:00+08:00")
    runs, hangs = _city(engine, now)
    office = signed_in("dispatcher")
    assert office.get(f"/api/v1/issues/{hangs}").json["state"] == "suspended"
    monkeypatch.setenv("CIVMAP_NOW", "2026-05-23T10:00:00+08:00")
    assert office.get(f"/api/v1/issues/{hangs}").json["state"] == "in_progress"
    assert Civmap(settings.home, settings.database_url, now="2026-05-25T09:00:00+08:00").json(
        "assign", "--at", "115.857,28.683")["unit"]
    with reading(engine) as session:
        assert [line[2] for line in _lines(session, runs)] == [1, 1, 2]
