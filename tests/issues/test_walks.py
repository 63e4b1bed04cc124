"""Random walks through the workflow as many people on one database: only legal paths, a ledger that tells all."""

import random
from datetime import timedelta

import pytest

from civmap.errors import CivmapError, Invalid, NotFound
from civmap.issues import actions, rules, showing, standing, waking
from civmap.issues.models import Issue, Notice, Photo, Plea, Suspension
from civmap.store import ledger

CLASSES = ("exposed_garbage", "manhole", "tactile_paving", "outside_shop", "pothole")
FIRST = "WT20260520-0001"
UNITS = ("HW-C", "HW-B", "CG", "YY", "SZ")
WHO = ("admin", "dispatcher", "inspector", "handler", "head", "doctor", "clerk", "grid", "leader", "shop")
WALKS, STEPS = 12, 26
ENDS = ("reject", "duplicate", "verify", "supervise", "return")


def body_of(verb, issue, rng, now, photo):
    """Return something sensible to say with a verb."""
    decides = {"decision": rng.choice(("grant", "refuse")), "reason": "经研究"}
    asks = {"reason": "需要时间"}
    return {
        "verify": {"exists": rng.random() < 0.8}, "reject": asks, "return": asks, "reopen": asks,
        "dispatch": {"unit": rng.choice(UNITS), "designated": rng.random() < 0.3},
        "start": {"plan": "马上办"}, "feedback": {"measure": "已办", "photos": [photo] if photo else []},
        "check": {"pass": rng.random() < 0.6, "opinion": "看过"},
        "suspend": rng.choice((decides, asks | {"until": (now + timedelta(days=rng.randint(1, 30))).isoformat()})),
        "extend": rng.choice((decides, asks)), "appeal": rng.choice((decides, asks)),
        "supervise": {"level": rng.randint(1, 3)}, "duplicate": {"of": FIRST},
    }.get(verb, {})


class Walker:
    """One issue on its way, and what the ledger must say of it."""

    def __init__(self, session, cast, rng, now):
        self.session, self.cast, self.rng, self.now = session, cast, rng, now
        lon, lat = 115.857 + rng.uniform(-0.004, 0.004), 28.683 + rng.uniform(-0.003, 0.003)
        self.issue = actions.report(session, cast["inspector"], {
            "class": rng.choice(CLASSES), "description": "随机", "lon": lon, "lat": lat,
            "fixed_on_spot": rng.random() < 0.15, "unit": "HW-C"}, now)
        self.done, self.refused = [], 0

    def photo(self, kind="after"):
        """Take a picture (its row alone: the files are tested elsewhere)."""
        row = Photo(issue_id=self.issue.id, kind=kind, round=self.issue.rework_count, sha256="0" * 64, file="x",
                    media_type="image/jpeg", width=1, height=1, uploaded_at=self.now, uploaded_by="handler")
        self.session.add(row)
        self.session.flush()
        return row.id

    def step(self):
        """Let somebody try something: what is allowed must work, what is not must change nothing."""
        rng, issue = self.rng, self.issue
        self.now += timedelta(minutes=rng.choice((1, 7, 40, 200, 1500)))
        waking.wake(self.session, self.now)
        viewer, verb = self.cast[rng.choice(WHO)], rng.choice(list(rules.FROM))
        stands = standing.of(self.session, issue, self.now)
        if rng.random() < 0.8:
            pairs = [(who, one) for who in map(self.cast.get, WHO) for one in rules.allowed(who, stands)
                     if one not in ENDS or rng.random() < 0.05]
            viewer, verb = rng.choice(pairs or [(viewer, verb)])
        may = rules.allowed(viewer, stands)
        if verb == "feedback" and verb in may and issue.fixed_on_spot:
            self.photo("before")
        photo = self.photo() if verb == "feedback" and verb in may else None
        before, version = self.facts(), issue.version
        body = body_of(verb, issue, rng, self.now, photo)
        try:
            with self.session.begin_nested():
                actions.perform(self.session, viewer, issue.issue_no, verb, body, version, self.now)
        except CivmapError as refusal:
            self.session.refresh(issue)
            assert verb not in may or refusal.code in (
                "duplicate_of_itself", "plea_not_asked", "plea_waits", "suspension_end_past") or isinstance(
                refusal, NotFound), (verb, viewer.role, stands, refusal)
            assert self.facts() == before and issue.version == version
            self.refused += 1
            return
        assert verb in may and issue.state in LEADS_TO[before["state"]] | {before["state"]}
        assert issue.version == version + 1
        self.done.append(verb)

    def facts(self):
        """Return what the row says."""
        return {name: ledger.plain(getattr(self.issue, name)) for name in actions.LEDGERED}


LEADS_TO = {  # the table of states of domain.md §4
    "reported": {"verifying", "filed", "rejected", "duplicate"}, "verifying": {"filed", "rejected", "duplicate"},
    "filed": {"dispatched"}, "dispatched": {"in_progress", "returned"}, "returned": {"dispatched", "rejected"},
    "in_progress": {"resolved", "suspended", "returned", "closed"}, "suspended": {"in_progress"},
    "resolved": {"closed", "rework"}, "rework": {"resolved"}, "closed": {"in_progress"}, "rejected": set(),
    "duplicate": set(),
}


def replayed(session, issue):
    """Return the facts that the ledger's lines of an issue add up to, and how often each verb was done."""
    facts, counts = dict.fromkeys(actions.LEDGERED), {}
    for line in ledger.history(session, "issue", issue.issue_no):
        counts[line.verb] = counts.get(line.verb, 0) + 1
        for name, value in (line.before or {}).items():
            assert facts[name] == value, (line.verb, name)
        facts.update({name: value for name, value in line.after.items() if name in facts})
    return facts, counts


@pytest.mark.parametrize("seed", [20260520])
def test_random_walks_keep_to_the_paths_and_the_ledger_replays(session, cast, now, seed):
    rng = random.Random(seed)
    walkers, seen = [], set()
    for number in range(WALKS):
        walker = Walker(session, cast, rng, now + timedelta(hours=number))
        walkers.append(walker)
        for _ in range(STEPS):
            walker.step()
            seen.add(walker.issue.state)
    for walker in walkers:
        session.refresh(walker.issue)
        issue, (facts, counts) = walker.issue, replayed(session, walker.issue)
        assert facts == walker.facts()
        assert issue.dispatch_count == counts.get("dispatch", 0)
        assert issue.return_count == counts.get("return", 0) >= issue.wrong_return_count
        pleas = session.query(Plea).filter_by(issue_id=issue.id).all()
        assert issue.extension_count == sum(one.kind == "extension" and one.state == "granted" for one in pleas) <= 2
        assert session.query(Suspension).filter_by(issue_id=issue.id).count() <= 1
        assert showing.as_json(session, issue, cast["admin"], "zh", walker.now)["allowed"] is not None
    assert set(rules.STATES) - seen <= {"draft", "duplicate"}, "the walks did not reach every state"
    assert {verb for walker in walkers for verb in walker.done} | {"duplicate"} == set(rules.FROM)
    serials = [row.serial for row in session.query(Notice).filter_by(kind="supervision").order_by(Notice.id)]
    assert serials == list(range(1, len(serials) + 1))
    assert ledger.verify_all(session)[1] is None
    assert sum(walker.refused for walker in walkers) > WALKS


def test_a_feedback_needs_a_photo_of_its_own_round(session, cast, now):
    rng = random.Random(1)
    walker = Walker(session, cast, rng, now)
    assert isinstance(walker.issue, Issue)
    with pytest.raises(Invalid):
        actions.report(session, cast["inspector"], {"class": "manhole", "description": "x", "lon": 115.857,
                                                    "lat": 28.683, "criterion": "smelly"}, now)
