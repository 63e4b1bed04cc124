"""The life of one issue, step by step as the office writes it down: facts, and a ledger line for every step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from civmap.calendar import Limit, WorkCalendar
from civmap.issues import deadlines, rules
from civmap.issues.actions import LEDGERED

MOMENTS = ("ended_at", "suspended_at")


@dataclass(frozen=True)
class Step:
    """One step: when, by whom, what was changed and what was said; `unit_id` holds the unit's code."""

    at: datetime
    who: str
    verb: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    said: Mapping[str, Any]


@dataclass
class Life:
    """An issue's facts as they change; every step is kept."""

    calendar: WorkCalendar
    facts: dict[str, Any]
    steps: list[Step] = field(default_factory=list)
    due_soon_at: datetime | None = None

    @property
    def last_at(self) -> datetime:
        """Return when the latest step was."""
        return self.steps[-1].at

    def report(self, at: datetime, who: str, said: Mapping[str, Any]) -> None:
        """Write the report of the issue."""
        self.facts["state"] = "reported"
        after = {name: self.facts[name] for name in LEDGERED if self.facts.get(name) is not None}
        self.steps.append(Step(at, who, "report", None, after, said))

    def step(self, at: datetime, who: str, verb: str, said: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Write one verb with the facts it changes; the new state follows from the verb unless given."""
        changes.setdefault("state", rules.TO.get(verb, self.facts["state"]))
        changed = {name: value for name, value in changes.items() if self.facts.get(name) != value}
        before = {name: self.facts.get(name) for name in sorted(changed) if name in LEDGERED}
        self.facts |= changed
        self.facts |= rules.moments_of(self.facts["state"], {name: self.facts.get(name) for name in MOMENTS}, at)
        after = {name: self.facts[name] for name in before}
        self.steps.append(Step(at, who, verb, before, after, dict(said or {})))

    def photo(self, at: datetime, who: str, kind: str) -> None:
        """Write that a picture was added; which one is filled in when it is drawn."""
        self.steps.append(Step(at, who, "photo", None, {}, {"kind": kind, "round": self.facts["rework_count"]}))

    def dispatch(self, at: datetime, who: str, limit: str, person: str) -> None:
        """Hand the issue to its unit; the deadline follows from the limit in working time."""
        self.due_soon_at, due = deadlines.moments(Limit.parse(limit), at, self.calendar)
        said = {"person": person, "limit": limit, "unit": self.facts["unit_id"]}
        self.step(at, who, "dispatch", said, dispatched_at=at, time_limit=limit, due_at=due, person=person,
                  due_soon_at=self.due_soon_at, dispatch_count=1)

    def feedback(self, at: datetime, who: str, measure: str) -> None:
        """Write the unit's feedback."""
        spent = deadlines.handled_seconds(self.facts["dispatched_at"], at, self.calendar)
        self.step(at, who, "feedback", {"measure": measure}, resolved_at=at, measure=measure, handled_by=who,
                  handled_work_s=spent)

    def check(self, at: datetime, who: str, opinion: str, passed: bool) -> None:
        """Write the check after the feedback: struck off, or sent back."""
        said = {"passed": passed, "opinion": opinion}
        self.facts["checked_at"] = at
        if passed:
            self.step(at, who, "check", said, state="closed", closed_at=at)
        else:
            self.step(at, who, "check", said, state="rework", rework_count=self.facts["rework_count"] + 1)

    def statuses_during(self, start: datetime, end: datetime) -> set[str]:
        """Return the statuses the issue has from one moment to another while nobody touches it."""
        moments = [start, end]
        moments += [m for m in (self.due_soon_at, self.facts["due_at"]) if m and start < m < end]
        return {rules.status(self.facts["state"], self.facts["due_at"], self.due_soon_at, m) for m in moments}
