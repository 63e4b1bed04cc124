"""The demo's draws, rounds and visits as rows, and their ledger lines; ways along the district's own streets."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from civmap.clock import OFFICE_ZONE, iso
from civmap.demo import findings
from civmap.demo.orders import ordered, shares
from civmap.demo.plan import stream
from civmap.demo.plan_demo import Demo
from civmap.demo.plan_rounds import AT_NIGHT, FINISHED, PLANNED, UNDER_WAY, RoundPlan, rounds
from civmap.draws import queries as draws
from civmap.draws.models import Draw, Drawn
from civmap.draws.rules import Wish
from civmap.geo.measure import distance_m
from civmap.inspections.models import Finding, Visit
from civmap.people.models import Person
from civmap.people.rules import OFFICE
from civmap.points.models import InspectionPoint
from civmap.routes import books, keeping, measuring
from civmap.routes.books import Book
from civmap.routes.customs import EDITION, SPEEDS, Rounds
from civmap.routes.drafts import RETURN, Draft, DraftStop, DraftTeam, snapshot
from civmap.routes.models import Member, Plan, Route, Stop, Team
from civmap.store.ledger import Line, row_facts

MAKER, VIA = "dispatcher", "page"
NIGHT_MIN, DAY_FROM, DAY_UNTIL = 4.0, 510.0, 1080.0
LUNCH = (720.0, 840.0)
SIGNS = "ABCDEFGHJKLMNPQRTUVWXYZ"
OFFICE_UNIT = "U001"


@dataclass
class Writer:
    """Writes the rounds of one plan; `lines` are for the ledger, in the order of time at the end."""

    session: Session
    plan: Demo
    issues: Mapping[str, int]
    lines: list[Line] = field(default_factory=list)
    written: dict[int, Route] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = stream(self.plan.seed, "rounds", self.plan.day)
        self.people = {row.name: row.id for row in self.session.execute(select(Person.name, Person.id))}
        self.troubles = findings.by_point(self.plan.issues)
        self.points = {row.code: row for row in self.session.scalars(select(InspectionPoint))}
        seat = next(unit for unit in self.plan.units if unit.code == OFFICE_UNIT)
        self.office = (*self.plan.town.frame.to_spot(*seat.spot), seat.name)

    def write(self) -> list[Line]:
        """Write every round with its draw and its visits; return the lines of the ledger."""
        for one in rounds(self.rng, self.plan, self.plan.times.calendar):
            self._round(one)
        self.session.flush()
        return sorted(self.lines, key=lambda line: line.at)

    def _round(self, one: RoundPlan) -> None:
        made_at = self._at(one, -2 if one.state == PLANNED else -1, 16, 30)
        draw = self._draw(one, made_at - timedelta(minutes=50)) if one.quota else None
        codes = one.points or (self._drawn(draw) if draw else self._again(one))
        route = Route(
            code=self._code("LX", made_at, one, 5), name=one.name, day=one.day, state="planned",
            draw_id=draw.id if draw else None, is_covert=one.is_covert, metric="road", made_at=made_at, made_by=MAKER,
            before_id=self.written[one.again].id if one.again else None,
            options={"points": list(codes), "teams": len(one.teams), "mode": one.mode, "metric": "road",
                     "balance": "balanced", "lunch": list(LUNCH), "ignore_opening": True})
        self.session.add(route)
        self.session.flush()
        self.written[one.number] = route
        book, draft = self._planned(one, route, codes)
        self.session.add(Plan(route_id=route.id, number=1, verb="create", at=made_at, who=MAKER, total_m=route.total_m,
                              orders={**snapshot(draft), "before": None}))
        self._line(made_at, MAKER, "create", "route", route.code, after=keeping.facts(book))
        if one.state != PLANNED:
            self._visits(one, book)
        if one.is_published and draw is not None:
            self._publish(one, draw, route)

    def _at(self, one: RoundPlan, days: int, hour: int, minute: int) -> datetime:
        day = datetime.combine(one.day + timedelta(days=days), time(hour, minute), OFFICE_ZONE)
        return day.astimezone(self.plan.times.start.tzinfo)

    def _code(self, prefix: str, at: datetime, one: RoundPlan, signs: int) -> str:
        tail = "".join(self.rng.choice(SIGNS) for _sign in range(signs)) if one.is_covert else "01"
        return f"{prefix}{at.astimezone(OFFICE_ZONE):%Y%m%d}-{tail}"

    def _line(self, at: datetime, who: str, verb: str, kind: str, key: str, **facts: Any) -> None:
        self.lines.append(Line(at, who, VIA, verb, kind, key, **facts))

    def _draw(self, one: RoundPlan, at: datetime) -> Draw:
        wish, seed = Wish(dict(one.quota)), str(self.rng.randint(100_000, 999_999))
        sample = draws.sampled(self.session, OFFICE, wish, seed, at, at)
        draw = Draw(code=self._code("CJ", at, one, 4), name=one.name, seed=seed, is_covert=one.is_covert,
                    rule=draws.rule_of(wish, seed, at, sample), made_at=at, made_by=MAKER,
                    shortfall=[{"type": lack.type, "wanted": lack.wanted, "got": lack.got}
                               for lack in sample.shortfall])
        self.session.add(draw)
        self.session.flush()
        codes = [pick.code for pick in sample.picks]
        self.session.execute(insert(Drawn), [
            {"draw_id": draw.id, "point_id": self.points[pick.code].id, "position": place, "why": pick.why}
            for place, pick in enumerate(sample.picks, 1)])
        self._line(at, MAKER, "create", "draw", draw.code, after={**row_facts(draw), "points": codes})
        return draw

    def _drawn(self, draw: Draw) -> tuple[str, ...]:
        return tuple(draws.codes_of(self.session, OFFICE, draw))

    def _again(self, one: RoundPlan) -> tuple[str, ...]:
        return tuple(self.written[one.again or 0].options["points"])

    def _publish(self, one: RoundPlan, draw: Draw, route: Route) -> None:
        at = self._at(one, 1, 9, 5)
        draw.published_at, draw.published_by, route.published_at = at, MAKER, at
        told = {"published_at": iso(at), "is_covert": True, "published_by": MAKER}
        for kind, code in (("draw", draw.code), ("route", route.code)):
            self._line(at, MAKER, "publish", kind, code, before={"published_at": None, "is_covert": True}, after=told)

    def _planned(self, one: RoundPlan, route: Route, codes: Sequence[str]) -> tuple[Book, Draft]:
        """Write teams and stops, in short orders along the streets."""
        teams = [Team(route_id=route.id, position=number, name=name, ends=RETURN, from_min=0.0 if one.is_by_night
                      else DAY_FROM, until_min=DAY_UNTIL) for number, (name, _people) in enumerate(one.teams, 1)]
        self.session.add_all(teams)
        self.session.flush()
        self.session.add_all(Member(team_id=team.id, route_id=route.id, person_id=self.people[login])
                             for team, (_name, logins) in zip(teams, one.teams, strict=True) for login in logins)
        self.session.flush()
        book = Book(route, teams, [], books.people(self.session, [route.id]).get(route.id, {}),
                    books.points(self.session, [self.points[code].id for code in codes]))
        found = measuring.measured(self.session, self._draft(one, codes), SPEEDS)
        found = found.over(ordered(found, shares(found, one)))
        keeping.fill(book, found)
        self.session.add_all(book.stops)
        self.session.flush()
        return book, found.draft

    def _draft(self, one: RoundPlan, codes: Sequence[str]) -> Draft:
        custom, night = Rounds(), len(one.teams) * AT_NIGHT if one.is_by_night else 0
        stops = tuple(DraftStop(
            point.id, code, point.geom.x, point.geom.y,
            NIGHT_MIN if place < night else custom.visit_min(point.type),
            ((DAY_FROM, DAY_UNTIL),) if night and place >= night else ())
            for place, code in enumerate(codes) for point in [self.points[code]])
        teams = tuple(DraftTeam(name, tuple(self.people[login] for login in logins), self.office, None, RETURN,
                                0.0 if one.is_by_night else DAY_FROM, DAY_UNTIL) for name, logins in one.teams)
        return Draft(stops, teams, ((),) * len(teams), {}, one.mode, "road", "balanced", LUNCH)

    def _visits(self, one: RoundPlan, book: Book) -> None:
        """Write what the teams did: most stops visited, some passed by, some not reached."""
        ends = []
        for team, (_name, logins) in zip(book.teams, one.teams, strict=True):
            stops = book.of_team(team)
            if one.is_by_night:
                stops = stops[:AT_NIGHT]
            elif team is book.teams[-1]:
                stops = stops[:len(stops) - one.unmet]
            skipped = set(self.rng.sample(range(1, len(stops)), one.skipped)) if team is book.teams[0] else set()
            planned = [(stop.arrive_at, stop.visit_min) for stop in stops if stop.arrive_at]
            times = findings.real_times(self.rng, planned, one.is_by_night)
            for place, (stop, (came, left)) in enumerate(zip(stops, times, strict=True)):
                self._visit(one, book, stop, logins[0], came, left, place in skipped)
            ends.append(times[-1][1])
        book.route.state = one.state
        first = min(line.at for line in self.lines if line.kind == "visit" and line.after
                    and line.after["route_id"] == book.route.id)
        self._line(first - timedelta(seconds=1), one.teams[0][1][0], "start", "route", book.route.code,
                   before={"state": "planned"}, after={"state": UNDER_WAY})
        if one.state == FINISHED:
            done_at = max(max(ends) + timedelta(minutes=20), self._at(one, 0, 17, 30))
            book.route.finished_at = done_at
            self._line(done_at, MAKER, "finish", "route", book.route.code, before={"state": UNDER_WAY},
                       after={"state": FINISHED})
        self.session.flush()

    def _visit(self, one: RoundPlan, book: Book, stop: Stop, who: str, came: datetime, left: datetime,
               is_skipped: bool) -> None:
        rng, code = self.rng, book.code(stop)
        point = self.points[code]
        troubles = findings.open_at(self.troubles.get(code, ()), came)
        found = [] if is_skipped else findings.findings(rng, point.type, one.quality, troubles)
        spot = _beside(rng, point.geom.x, point.geom.y)
        visit = Visit(
            key=f"demo-{book.route.code}-{code}", point_id=point.id, route_id=book.route.id, stop_id=stop.id, who=who,
            outcome="skipped" if is_skipped else "visited", arrived_at=came, left_at=left, saved_at=left, lon=spot[0],
            lat=spot[1], accuracy_m=float(rng.randint(6, 22)), edition=EDITION, warnings=[],
            remark=rng.choice(findings.SKIPS) if is_skipped else "",
            distance_m=round(distance_m(spot, (point.geom.x, point.geom.y)), 1), is_covert=False,
            **(findings.counts(found) if found else {}))
        self.session.add(visit)
        self.session.flush()
        rows = [{"visit_id": visit.id, "item": each.item, "result": each.result, "weight": each.weight,
                 "remark": each.remark, "issue_id": self.issues.get(each.issue_no)} for each in found]
        if rows:
            self.session.execute(insert(Finding), rows)
        told = {row["item"]: [row["result"], row["remark"], row["issue_id"]] for row in rows}
        self._line(left, who, "visit", "visit", str(visit.id), after={**row_facts(visit), "point": code,
                                                                      "findings": told})


def _beside(rng: random.Random, lon: float, lat: float) -> tuple[float, float]:
    """Return a spot some metres beside another."""
    angle, metres = rng.uniform(0, 2 * math.pi), rng.uniform(2, 24)
    return (round(lon + metres * math.cos(angle) / (111_320 * math.cos(math.radians(lat))), 7),
            round(lat + metres * math.sin(angle) / 110_540, 7))
