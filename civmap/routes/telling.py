"""A round in the shape that interface, command line, files and pages read (the JSON of a round)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries, texts
from civmap.city.covert import draws_seen, rounds_seen
from civmap.draws.models import Draw
from civmap.inspections import scores
from civmap.issues.counting import Counter
from civmap.people.rules import Viewer, phone_for
from civmap.routes import noting
from civmap.routes.books import DONE, SKIPPED, Book
from civmap.routes.models import Route, Stop, Team
from civmap.routes.progress import is_interrupted, shown
from civmap.store.listing import FEW_VALUES, Here
from civmap.units.queries import names

METRES, MINUTES = 1, 1
WITHOUT_PLACES = frozenset({"hours", "visit_min", "metric", "mode", "balance", "lunch", "seconds", "ignore_opening"})


def as_json(session: Session, viewer: Viewer, book: Book, hidden: frozenset[int], lang: str) -> dict[str, Any]:
    """Return a round, leaving out the stops whose points are hidden."""
    route, now, dealt = book.route, clock.now(), book.dealt()
    facts = _Facts(session, viewer, book, now, lang)
    stops = [stop for stop in book.stops if stop.point_id not in hidden]
    reasons = {one["code"]: one["reason"] for one in route.unreached}
    served = _served(book, [stop for stop in stops if stop.team_id is not None], facts)
    return {
        **head(session, viewer, route, lang),
        "mode": route.options.get("mode"), "balance": route.options.get("balance"),
        "notes": noting.told(lang, _notes(route, now), hidden={book.code(stop) for stop in book.stops
                                                        if stop.point_id in hidden}),
        "progress": shown(route, now), "options": options_of(route, bool(hidden)),
        "teams": [_team(book, team, dealt[team.id], hidden, lang) for team in book.teams],
        "stops": served,
        "unreached": [_unreached(facts.of(stop), reasons, lang) for stop in stops if stop.team_id is None]}


def _notes(route: Route, now: datetime) -> list[dict[str, Any]]:
    """Return the notes of a round; one whose planning broke off says so."""
    is_broken = route.progress is not None and is_interrupted(route.progress, now)
    return [*([noting.note("interrupted")] if is_broken else []), *route.notes]


def options_of(route: Route, is_cut: bool) -> dict[str, Any]:
    """Return how a round was asked for; to somebody who does not see all its points nothing that speaks of places."""
    return {name: value for name, value in route.options.items() if not is_cut or name in WITHOUT_PLACES}


def head(session: Session, viewer: Viewer, route: Route, lang: str) -> dict[str, Any]:
    """Return what names a round; the draw behind it and the round before only to who may know of them."""
    draw = session.scalar(select(Draw.code).where(
        Draw.id == route.draw_id, draws_seen(viewer, Draw))) if route.draw_id else None
    before = session.scalar(select(Route.code).where(
        Route.id == route.before_id, rounds_seen(viewer, Route))) if route.before_id else None
    return {"route": route.code, "name": route.name, "day": route.day.isoformat(), "state": route.state,
            "state_name": texts.say(lang, f"route.state.{route.state}"), "is_covert": route.is_covert,
            "published_at": clock.iso(route.published_at), "draw": draw, "before": before, "remark": route.remark,
            "metric": route.metric, "total_m": round(route.total_m, METRES), "version": route.version,
            "made_by": route.made_by, "made_at": clock.iso(route.made_at), "finished_at": clock.iso(route.finished_at)}


def summary(route: Route, facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Return a round as a line of a list."""
    return {"route": route.code, "name": route.name, "day": route.day.isoformat(), "state": route.state,
            "state_name": texts.say(lang, f"route.state.{route.state}"), "is_covert": route.is_covert,
            "published_at": clock.iso(route.published_at), "metric": route.metric, "mode": route.options.get("mode"),
            "total_m": round(route.total_m, METRES), "version": route.version, "made_by": route.made_by,
            "made_at": clock.iso(route.made_at), "progress": shown(route, clock.now()),
            "teams": [{"team": team.position, "name": team_name(team, lang), "is_absent": team.is_absent,
                       "people": _people(facts["people"].get(team.id, []))} for team in facts["teams"]],
            "stops": facts["stops"], "done": facts["done"], "unreached": facts["unreached"]}


def verb_name(lang: str, verb: str) -> str:
    """Return the name of what was done to a round."""
    return next((texts.say(lang, key) for key in (f"route.verb.{verb}", f"ledger.verb.{verb}") if texts.has(lang, key)),
                verb)


def team_name(team: Team, lang: str) -> str:
    """Return a team's name, or its number in words."""
    return team.name or texts.say(lang, "route.team", number=team.position)


def score_rate(visit: Any) -> float | None:
    """Return the score rate of a visit in percent, one decimal, half up; None where nothing applied."""
    return None if visit is None else scores.point_rate(visit.weight_passed, visit.weight_all).value


class _Facts:
    """What the stops of a round need to know, asked once for all of them."""

    def __init__(self, session: Session, viewer: Viewer, book: Book, now: datetime, lang: str) -> None:
        self.viewer, self.book, self.lang = viewer, book, lang
        rows = list(book.points.values())
        self.units = names(session, (row.unit_id for row in rows))
        self.places = {row.id: place for place, row in enumerate(rows)}
        counter = Counter(Here(session, viewer, now, now), "points", {},
                          ids=[row.id for row in rows] if len(rows) <= 4 * FEW_VALUES else None)
        counts = counter.of([SimpleNamespace(id=row.id) for row in rows])
        self.open, self.overdue = counts.open.tolist(), counts.overdue.tolist()

    def of(self, stop: Stop) -> dict[str, Any]:
        """Return what is told of a stop whoever serves it."""
        row = self.book.points[stop.point_id]
        unit = self.units.get(row.unit_id) if row.unit_id else None
        kind, place = dictionaries.point_types().get(row.type), self.places[row.id]
        return {
            "code": row.code, "name": row.name, "type": row.type,
            "type_name": kind.name(self.lang) if kind else row.type,
            "lon": round(stop.lon, 7), "lat": round(stop.lat, 7), "address": row.address, "street": row.street,
            "unit": unit.code if unit else None, "unit_name": unit.name if unit else None,
            "phone": phone_for(self.viewer, unit.phone, row.unit_id) if unit else None, "open_hours": row.open_hours,
            "open_issues": self.open[place], "overdue_issues": self.overdue[place],
            "visit_min": stop.visit_min, "is_must": stop.is_must, "is_locked": stop.is_locked,
            "together": stop.together}


def _served(book: Book, stops: list[Stop], facts: _Facts) -> list[dict[str, Any]]:
    """Return the served stops in order, with what their visits found; sums run from each team's start."""
    teams = {team.id: team for team in book.teams}
    sums: dict[int, float] = {}
    late = {code for note in book.route.notes if note["code"] == noting.LATE for code in note["codes"]}
    found = []
    for stop in book.stops:
        if stop.team_id is None:
            continue
        row_code = book.code(stop)
        sums[stop.team_id] = sums.get(stop.team_id, 0.0) + (stop.leg_m or 0.0)
        visit = book.visits.get(stop.point_id)
        told = {
            **facts.of(stop), "team": teams[stop.team_id].position, "position": stop.position,
            "arrive_at": clock.iso(stop.arrive_at), "leave_at": clock.iso(stop.leave_at),
            "wait_min": _one(stop.wait_min), "leg_m": _one(stop.leg_m), "leg_min": _one(stop.leg_min),
            "sum_m": _one(sums[stop.team_id]), "is_air": stop.is_air, "is_late": row_code in late,
            "state": book.state(stop), "visit": visit.id if visit else None,
            "visited_at": clock.iso(visit.arrived_at) if visit else None,
            "left_at": clock.iso(visit.left_at) if visit else None, "visited_by": visit.who if visit else None,
            "score_rate": score_rate(visit), "failed": visit.failed if visit else None,
            "skip_reason": visit.remark if visit and visit.outcome == "skipped" else None}
        found.append((stop, told))
    wanted = {id(stop) for stop in stops}
    return [told for stop, told in found if id(stop) in wanted]


def _one(value: float | None) -> float | None:
    return None if value is None else round(value, METRES)


def _unreached(told: dict[str, Any], reasons: Mapping[str, str], lang: str) -> dict[str, Any]:
    reason = reasons.get(told["code"], "taken_out")
    return {**told, "team": None, "position": None, "reason": reason,
            "message": texts.say(lang, f"route.reason.{reason}")}


def _people(rows: list[Any]) -> list[dict[str, Any]]:
    return [{"name": row.name, "full_name": row.full_name or row.name} for row in rows]


def _team(book: Book, team: Team, stops: list[Stop], hidden: frozenset[int], lang: str) -> dict[str, Any]:
    shown = [stop for stop in stops if stop.point_id not in hidden]
    states = [book.state(stop) for stop in shown]
    starts = moment(book.route, team.from_min) if stops else None
    return {
        "team": team.position, "name": team_name(team, lang), "people": _people(book.people.get(team.id, [])),
        "start": None if hidden else _spot(team.start_lon, team.start_lat, team.start_name),
        "end": None if hidden else _spot(team.end_lon, team.end_lat, team.end_name), "ends": team.ends,
        "from_min": team.from_min, "until_min": team.until_min, "is_absent": team.is_absent,
        "stops": [book.code(stop) for stop in shown],
        "length_m": round(team.length_m, METRES), "minutes": round(team.minutes, MINUTES),
        "starts_at": clock.iso(starts),
        "ends_at": clock.iso(starts + timedelta(minutes=team.minutes)) if starts else None,
        "last_leg_m": _one(team.last_leg_m), "done": states.count(DONE), "skipped": states.count(SKIPPED)}


def _spot(lon: float | None, lat: float | None, name: str) -> dict[str, Any] | None:
    return None if lon is None or lat is None else {"lon": round(lon, 7), "lat": round(lat, 7), "name": name}


def moment(route: Route, minute: float) -> datetime:
    """Return a moment of a round's day, to the whole second, in UTC."""
    midnight = datetime(route.day.year, route.day.month, route.day.day, tzinfo=clock.OFFICE_ZONE)
    return (midnight + timedelta(seconds=round(minute * 60))).astimezone(clock.parse_moment("2026-01-01").tzinfo)


def minute(route: Route, at: datetime) -> float:
    """Return a moment as minutes of a round's day in office time."""
    midnight = datetime(route.day.year, route.day.month, route.day.day, tzinfo=clock.OFFICE_ZONE)
    return (at - midnight).total_seconds() / 60
