"""Metres and minutes of a draft: the matrix of its spots kept per process, the solver's problem, every team's day."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from civmap.routes import noting
from civmap.routes.drafts import Draft, DraftStop
from civmap.routes.problem import Crew, Place, Problem
from civmap.routes.scheduling import Schedule, timings
from civmap.routes.streets import Ground, Matrices, ground_of

MOST_KEPT, MOST_CELLS = 24, 12_000_000
_KEPT: "OrderedDict[tuple[int, str], tuple[Ground, Matrices]]" = OrderedDict()
_LOCK = Lock()


@dataclass(frozen=True)
class Measured:
    """A draft with its nodes: stops first, then each team's start and end; the matrix over all of them."""

    draft: Draft
    ground: Ground
    spots: NDArray[np.float64]
    matrices: Matrices
    minutes: NDArray[np.float64]
    anchors: tuple[tuple[int | None, int | None], ...]

    def over(self, draft: Draft) -> "Measured":
        """Return the same metres for a draft with the same stops and teams in other orders."""
        return replace(self, draft=draft)


def measured(session: Session, draft: Draft, speeds: Mapping[str, float]) -> Measured:
    """Return a draft with the metres and minutes between all of its spots."""
    spots: list[tuple[float, float]] = [(stop.lon, stop.lat) for stop in draft.stops]
    known: dict[tuple[float, float], int] = {}

    def node(spot: Any) -> int | None:
        if spot is None:
            return None
        at = (float(spot[0]), float(spot[1]))
        if at not in known:
            known[at] = len(spots)
            spots.append(at)
        return known[at]

    anchors = tuple((node(team.start), node(team.last)) for team in draft.teams)
    array = np.array(spots, float).reshape(-1, 2)
    ground = ground_of(session)
    matrices = _matrices(ground, array, draft.mode, draft.metric)
    return Measured(draft, ground, array, matrices, matrices.metres / (speeds[draft.mode] * 1000 / 60), anchors)


def _matrices(ground: Ground, spots: NDArray[np.float64], mode: str, metric: str) -> Matrices:
    """Return the matrix of some spots, kept while the city's streets stay the same."""
    digest = hashlib.sha256(f"{mode} {metric} ".encode() + spots.tobytes()).hexdigest()
    key = (id(ground), digest)
    with _LOCK:
        kept = _KEPT.get(key)
        if kept is not None:
            _KEPT.move_to_end(key)
            return kept[1]
    found = ground.matrices(spots, mode, metric)  # type: ignore[arg-type]
    with _LOCK:
        _KEPT[key] = (ground, found)  # holds the ground, so that its id stays its own
        while len(_KEPT) > MOST_KEPT or sum(len(one[1].metres) ** 2 for one in _KEPT.values()) > MOST_CELLS > 0:
            if len(_KEPT) == 1:
                break
            _KEPT.popitem(last=False)
    return found


def problem_of(found: Measured, *, since: float | None = None, is_continued: bool = True) -> Problem:
    """Return the solver's problem of a draft: stops that are past are no places any more, but starts of their teams.

    With `since` (minutes of the day) no team starts earlier. Places keep the draft's numbers; past ones are put aside
    by `open_places`.
    """
    draft = found.draft
    places = tuple(_place(draft, number, stop) for number, stop in enumerate(draft.stops))
    crews = tuple(crew_of(found, number, since if is_continued else None) for number in range(len(draft.teams)))
    return Problem(places, crews, found.matrices.metres, found.minutes, draft.balance, draft.seed)


def _place(draft: Draft, number: int, stop: DraftStop) -> Place:
    team = draft.team_of(number) if stop.is_locked or stop.is_past else None
    return Place(stop.code, stop.visit_min, stop.windows, stop.is_must, stop.together, team,
                 stop.at_min if stop.is_locked else None)


def crew_of(found: Measured, number: int, since: float | None = None) -> Crew:
    """Return a team as a crew: from its start, or from the last stop it has visited when that ended."""
    draft, team = found.draft, found.draft.teams[number]
    start, end = found.anchors[number]
    begins = team.from_min if since is None else max(team.from_min, since)
    past = draft.orders[number][:draft.past(number)]
    if past:
        start = past[-1]
        begins = max(begins, max(_left(draft.stops[place]) for place in past))
    return Crew(begins, team.until_min, start, end, draft.lunch)


def _left(stop: DraftStop) -> float:
    """Return when a visit ended, or will have ended where somebody is there just now."""
    if stop.left_min is not None:
        return stop.left_min
    return (stop.arrived_min or 0.0) + stop.visit_min


@dataclass(frozen=True)
class Day:
    """A team's day: the schedule of what is still to come behind what is past."""

    past: tuple[int, ...]
    schedule: Schedule
    length_m: float
    minutes: float


def days(found: Measured, since: float | None = None) -> list[Day]:
    """Return every team's day."""
    problem = problem_of(found, since=since)
    return [_day(found, problem, number) for number in range(len(found.draft.teams))]


def _day(found: Measured, problem: Problem, number: int) -> Day:
    draft, team = found.draft, found.draft.teams[number]
    order, count = draft.orders[number], draft.past(number)
    past, rest = order[:count], order[count:]
    schedule = timings(problem, problem.crews[number], rest)
    back = schedule.back
    metres = schedule.metres + _past_m(found, number, past)
    ends = schedule.ends
    if past and not rest and problem.crews[number].end is not None:
        leg_m, leg_min = problem.leg(past[-1], problem.crews[number].end)
        metres, ends = metres + leg_m, ends + leg_min
    assert back is None or rest
    return Day(past, schedule, metres, max(ends - team.from_min, 0.0) if order else 0.0)


def _past_m(found: Measured, number: int, past: Sequence[int]) -> float:
    nodes = [node for node in (found.anchors[number][0], *past) if node is not None]
    return float(sum(found.matrices.metres[here, there] for here, there in pairwise(nodes)))


def notes_of(found: Measured) -> list[dict[str, Any]]:
    """Return what the ground has to say of the spots, with codes in place of their numbers."""
    stops, notes = found.draft.stops, []
    for code, facts in found.matrices.notes:
        told = {name: value for name, value in facts.items() if name != "spots"}
        if "spots" in facts:
            told["codes"] = [stops[spot].code for spot in facts["spots"] if spot < len(stops)]
            if not told["codes"]:
                code, told = f"{code}_anchor", {name: value for name, value in told.items() if name != "codes"}
        notes.append(noting.note(code, **told))
    return notes
