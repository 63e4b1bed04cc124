"""The 1,200 issues of the sixty days before the day, numbered in the order of their reports."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from civmap import dictionaries
from civmap.calendar import WorkCalendar
from civmap.clock import OFFICE_ZONE
from civmap.demo.plan import Town
from civmap.demo.plan_answers import Answers
from civmap.demo.plan_history import Life, Step
from civmap.demo.plan_lives import Author, Cast, Order, weighted
from civmap.demo.plan_places import Site
from civmap.demo.plan_times import DAYS, Times
from civmap.demo.plan_units import UnitPlan

CLOSED = 984
BEFORE_DISPATCH = {"reported": 14, "verifying": 4, "filed": 9, "rejected": 6}
OPEN = {"dispatched": 38, "returned": 3, "in_progress": 72, "resolved": 30, "rework": 16, "suspended": 20}
DUPLICATES = 4
OPEN_POINTS, LATE, NEARLY_LATE_POINTS, NEARLY_LATE = 40, 3, 5, 9
AT_POINTS = 78  # open issues that are linked to a point
LATE_STATES = ("in_progress", "in_progress", "rework")
When = Callable[[random.Random, str], Order]  # from the class's own limit to the order
SHARES = {"point": 0.45, "shop": 0.25, "street": 0.30}


@dataclass
class IssuePlan:
    """An issue with its life; `claims` name units by their code."""

    class_code: str
    description: str
    spot: tuple[float, float]
    address: str
    point: str
    segment: str
    division: str
    claims: list[dict[str, Any]]
    is_ambiguous: bool
    on_site: bool
    life: Life
    measure: str
    where: str
    issue_no: str = ""
    duplicate_of: "IssuePlan | None" = None

    @property
    def reported_at(self) -> datetime:
        """Return when it was reported."""
        return self.life.steps[0].at


@dataclass(frozen=True)
class Stage:
    """What the issues play on."""

    town: Town
    answers: Answers
    units: Mapping[str, UnitPlan]
    sites: Mapping[str, Sequence[Site]]
    troubles: Sequence[Mapping[str, str]]
    sayings: Mapping[str, Sequence[str]]
    logins: Mapping[str, Mapping[str, str]]  # which unit, grid, segment and subdistrict the demo logins have


@dataclass
class Writer:
    """Write issue after issue."""

    rng: random.Random
    stage: Stage
    times: Times
    calendar: WorkCalendar
    author: Author = field(init=False)

    def __post_init__(self) -> None:
        self.author = Author(self.rng, self.times, self.stage.sayings)
        self._by_where: dict[str, list[Mapping[str, str]]] = {}
        for trouble in self.stage.troubles:
            self._by_where.setdefault(trouble["where"], []).append(trouble)
        self._lasting = {
            code for code, class_ in dictionaries.issue_classes().items()
            if class_.limit.unit == "work_day" and class_.limit.amount >= 2
        }  # fmt: skip
        self._weights = {kind: [site.weight for site in sites] for kind, sites in self.stage.sites.items()}

    def any_site(self, kinds: Sequence[str]) -> Site:
        """Return a site of one of the kinds, the busier the likelier."""
        kind = self.rng.choices(kinds, [SHARES[kind] for kind in kinds])[0]
        return self.rng.choices(self.stage.sites[kind], self._weights[kind])[0]

    def new(self, site: Site, is_lasting: bool = False) -> IssuePlan:
        """Return a trouble at a site, answered for but without a life yet; a lasting one where days are allowed."""
        choices = self._by_where[site.where]
        if is_lasting:
            choices = [t for t in choices if t["class"] in self._lasting] or choices
        trouble = self.rng.choices(choices, [float(t["weight"]) for t in choices])[0]
        spot = site.spot(self.rng)
        grid = self.stage.town.where.at(*spot, "grid")
        if grid is None:
            return self.new(site, is_lasting)
        answer = self.stage.answers.answer(spot, trouble["class"], site.point)
        segment = self.stage.answers.segment_near(spot)
        claims = [{"unit": c.unit.code, "unit_name": c.unit.name, "basis": c.basis, "distance_m": c.distance_m,
                   "facts": c.facts} for c in answer.claims]  # fmt: skip
        facts = {"unit_id": claims[0]["unit"], "basis": claims[0]["basis"], "return_count": 0, "rework_count": 0,
                 "is_designated": False, "due_at": None}  # fmt: skip
        return IssuePlan(
            trouble["class"], trouble["text"].format(place=site.label), spot, self.stage.town.addresses.address(*spot),
            site.point, segment.code if segment else "", grid.code, claims, answer.is_ambiguous, False,
            Life(self.calendar, facts), trouble["measure"], site.where,
        )  # fmt: skip

    def cast(self, issue: IssuePlan) -> Cast:
        """Return who deals with an issue: the demo's logins where it is theirs, else the unit's liaison."""
        unit = self.stage.units[issue.claims[0]["unit"]]
        logins = self.stage.logins
        own = [name for name in ("grid", "clerk") if issue.division.startswith(logins[name]["territory"])]
        own += ["chief"] if issue.segment and issue.segment == logins["chief"]["segment"] else []
        reporter = self.rng.choice(own) if own and self.rng.random() < 0.35 else "inspector"
        if self.rng.random() < 0.12:
            reporter = "dispatcher"
        handler = next((n for n in ("handler", "shop") if logins[n]["unit"] == unit.code), unit.code.lower())
        checker = "inspector" if self.rng.random() < 0.75 else "dispatcher"
        return Cast(reporter, "dispatcher", handler, checker, unit.liaison, issue.measure)

    def said(self, issue: IssuePlan) -> dict[str, Any]:
        """Return what a report says."""
        lon, lat = self.stage.town.frame.to_spot(*issue.spot)
        return {"class": issue.class_code, "description": issue.description, "lon": lon, "lat": lat}

    def handed_over(self, state: str, site: Site, when: When, is_lasting: bool = False) -> IssuePlan | None:
        """Return an issue that was handed over, or None where its life would reach into the day."""
        issue = self.new(site, is_lasting)
        order = when(self.rng, str(dictionaries.issue_classes()[issue.class_code].limit))
        cast = self.cast(issue)
        if order.on_site:
            issue.on_site, cast = True, replace(cast, reporter="inspector")
        return issue if self.author.hand_over(issue.life, state, cast, order, self.said(issue)) else None


def issues(rng: random.Random, stage: Stage, times: Times, calendar: WorkCalendar) -> list[IssuePlan]:
    """Return all issues in the order of their reports, numbered, none of which changes its status during the day."""
    writer = Writer(rng, stage, times, calendar)
    found = [*(_held(writer, slot) for slot in _slots(writer)), *_waiting(writer)]

    def long_ago(chance: random.Random, limit: str) -> Order:
        return Order(times.any_time(chance, DAYS - 1, 0.6), limit, chance.random() < 0.1)

    while len(found) < CLOSED + sum(OPEN.values()) + sum(BEFORE_DISPATCH.values()):
        issue = writer.handed_over("closed", writer.any_site(list(SHARES)), long_ago)
        found += [issue] if issue else []
    found += _duplicates(writer, found)
    found.sort(key=lambda issue: (issue.reported_at, issue.spot))
    _number(found)
    return found


@dataclass(frozen=True)
class Slot:
    """An issue that a unit holds on the day: its state, the status it has all day, and its place."""

    state: str
    status: str
    site: Site


def _slots(writer: Writer) -> list[Slot]:
    """Return which issues are held where: forty points have some, three of these are late, some are due soon."""
    rng, sites = writer.rng, writer.stage.sites["point"]
    chosen = weighted(rng, sites, [site.weight for site in sites], OPEN_POINTS)
    late, soon, rest = chosen[:LATE], chosen[LATE : LATE + NEARLY_LATE_POINTS], chosen[LATE + NEARLY_LATE_POINTS :]
    elsewhere = ["shop", "street"]
    slots = [Slot(state, "overdue", site) for state, site in zip(LATE_STATES, late, strict=True)]
    soon += [writer.any_site(elsewhere) for _ in range(NEARLY_LATE - NEARLY_LATE_POINTS)]
    slots += [Slot("in_progress", "due_soon", site) for site in soon]
    states = [state for state, count in OPEN.items() for _ in range(count)]
    for slot in slots:
        states.remove(slot.state)
    rng.shuffle(states)
    more = [rng.choice(rest) for _ in range(AT_POINTS - OPEN_POINTS)]
    places = [*rest, *more, *(writer.any_site(elsewhere) for _ in range(len(states) - len(rest) - len(more)))]
    return slots + [Slot(state, "open", site) for state, site in zip(states, places, strict=True)]


def _held(writer: Writer, slot: Slot) -> IssuePlan:
    """Return an issue that has the slot's status from the beginning to the end of the day."""
    times = writer.times

    def when(rng: random.Random, limit: str) -> Order:
        if slot.state == "suspended":
            return Order(times.worked_ago(rng.uniform(30, 200)), limit)
        since = {"overdue": times.late_since, "due_soon": times.nearly_late_since, "open": times.open_since}
        return Order(*since[slot.status](rng, limit))

    while True:
        issue = writer.handed_over(slot.state, slot.site, when, is_lasting=True)
        if issue and issue.life.statuses_during(times.start, times.end) == {slot.status}:
            return issue


def _waiting(writer: Writer) -> list[IssuePlan]:
    """Return the issues that were not handed over; none of the open ones is linked to a point."""
    found = []
    for state, count in BEFORE_DISPATCH.items():
        for _ in range(count):
            issue = writer.new(writer.any_site(["shop", "street"]))
            writer.author.not_handed_over(issue.life, state, writer.cast(issue), writer.said(issue))
            found.append(issue)
    return found


def _duplicates(writer: Writer, found: Sequence[IssuePlan]) -> list[IssuePlan]:
    since = writer.times.start - timedelta(days=25)
    parents = [i for i in found if i.life.facts["state"] == "closed" and i.reported_at > since]
    twins = []
    for parent in writer.rng.sample(parents, DUPLICATES):
        life = Life(writer.calendar, {**parent.life.facts, **EMPTY})
        twin = replace(parent, life=life, duplicate_of=parent, on_site=False)
        twin.spot = (round(parent.spot[0] + 3.1, 3), round(parent.spot[1] - 1.7, 3))
        writer.author.duplicate(life, writer.cast(twin), parent.reported_at, writer.said(twin))
        twins.append(twin)
    return twins


EMPTY: dict[str, Any] = dict.fromkeys(
    ("dispatched_at", "filed_at", "acknowledged_at", "started_at", "resolved_at", "closed_at", "due_at", "time_limit",
     "measure", "handled_by", "person", "suspended_at", "checked_at", "ended_at")
) | {"rework_count": 0, "return_count": 0}  # fmt: skip


def _number(found: Sequence[IssuePlan]) -> None:
    """Number the issues per office day in the order of their reports, and name the originals of the duplicates."""
    serial: dict[str, int] = {}
    for issue in found:
        day = f"{issue.reported_at.astimezone(OFFICE_ZONE):%Y%m%d}"
        serial[day] = serial.get(day, 0) + 1
        issue.issue_no = f"WT{day}-{serial[day]:04d}"
    for issue in found:
        if issue.duplicate_of is not None:
            last: Step = issue.life.steps[-1]
            issue.life.steps[-1] = replace(last, said={"of": issue.duplicate_of.issue_no})
