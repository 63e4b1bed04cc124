"""A plan for many filed issues at once: the nearest unit of the trade that has room, with the least metres in all.

Only issues whose answer is the nearest unit of a duty category take part: where a zone, a segment, an owner or a
person decides, nearness has no say. A plan is a value; carrying it out dispatches each issue by its own verb.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.assignment.customs import cascade_of
from civmap.assignment.weights import weights_of
from civmap.dictionaries import saying
from civmap.errors import CivmapError, Invalid, Stale
from civmap.geo.measure import GEOD
from civmap.issues import actions, queries
from civmap.issues.models import Issue
from civmap.people.rules import Viewer
from civmap.store.base import holds_at
from civmap.store.listing import Here, one_of
from civmap.units.models import Unit

MOST = 20_000
LOADING = ("dispatched", "in_progress", "suspended", "resolved", "rework")
"""The states in which an issue takes room at its unit."""


@dataclass(frozen=True, slots=True)
class Move:
    """An issue and the unit it would go to; `before` is the unit that answers for it now."""

    issue_no: str
    version: int
    unit: Unit
    before: Unit | None
    metres: float
    spot: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Load:
    """A unit's load before and after, by weight; no capacity is no limit."""

    unit: Unit
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan: moves, who is not served and why, loads, metres in all, and what the present answers add up to."""

    moves: Sequence[Move]
    unserved: Sequence[tuple[str, str]]
    loads: Sequence[Load]
    nearest_m: float
    gap: float

    @property
    def total_m(self) -> float:
        """Return the metres of all moves."""
        return sum(move.metres for move in self.moves)

    @property
    def hash(self) -> str:
        """Return what tells this plan from any other: issues with their versions, and their units."""
        rows = [[move.issue_no, move.version, move.unit.code] for move in self.moves]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def make(session: Session, viewer: Viewer, now: datetime, *, numbers: Sequence[str] | None = None,
         filters: Mapping[str, Any] | None = None) -> Planned:
    """Return a plan for filed issues, by number or by the filters of the lists; nothing is written."""
    viewer.must("dispatch", "issue")
    rows = _filed(session, viewer, now, numbers, filters or {})
    known = {row.issue_no for row in rows}
    missing = [(number, "not_filed") for number in dict.fromkeys(numbers or ()) if number not in known]
    taking = [row for row in rows if category_of(row) is not None]
    others = [(row.issue_no, "decided_otherwise") for row in rows if category_of(row) is None]
    return _planned(session, taking, [*missing, *others], now)


def _filed(session: Session, viewer: Viewer, now: datetime, numbers: Sequence[str] | None,
           filters: Mapping[str, Any]) -> list[Issue]:
    here = Here(session, viewer, now, now)
    asked = queries.selected(here, filters).where(Issue.state == "filed")
    if numbers is not None:
        asked = asked.where(Issue.issue_no.in_(numbers))
    rows = list(session.scalars(asked.order_by(None).order_by(Issue.issue_no).limit(MOST + 1)))
    if len(rows) > MOST:
        raise Invalid("plan_too_large", field="issues", most=MOST)
    return rows


def category_of(row: Issue) -> str | None:
    """Return the duty category whose nearest unit answers for an issue; None where something else decides."""
    if row.basis != "nearest" or not row.claims:
        return None
    return (row.claims[0].get("facts") or {}).get("category")


def _planned(session: Session, rows: Sequence[Issue], unserved: list[tuple[str, str]], now: datetime) -> Planned:
    from civmap.assignment import balanced
    from civmap.assignment.pairs import Demand, in_space

    units = list(session.scalars(select(Unit).where(holds_at(Unit, now), Unit.seat.is_not(None)).order_by(Unit.code)))
    categories = sorted({str(category_of(row)) for row in rows})
    members = [np.array([number for number, unit in enumerate(units) if name in (unit.categories or ())], int)
               for name in categories]
    weights = weights_of(session).value
    weight = np.array([weights.get(row.class_code, 1) for row in rows], np.int64)
    load = _loads(session, units, weights)
    room = np.array([max(unit.capacity - taken, 0) if unit.capacity is not None else int(weight.sum())
                     for unit, taken in zip(units, load, strict=True)], np.int64)
    at = np.array([(row.geom.x, row.geom.y) for row in rows], float).reshape(-1, 2)
    seats = np.array([(unit.seat.x, unit.seat.y) for unit in units if unit.seat], float).reshape(-1, 2)
    group = np.array([categories.index(str(category_of(row))) for row in rows], np.int64)
    reach = cascade_of(session).reach.nearest_m
    demand = Demand(in_space(*at.T), group, weight, in_space(*seats.T), members, room, reach, weight)
    found = balanced.plan(demand)
    moves = _moves(session, rows, units, found.unit, at, seats)
    unserved = [*unserved, *((row.issue_no, reason) for row, reason in _left(rows, found.unit, demand))]
    after = load + np.bincount(found.unit[found.unit >= 0], weight[found.unit >= 0], len(units)).astype(int)
    asked = {number for own in members for number in own.tolist()}
    return Planned(moves, sorted(unserved), [Load(units[number], int(load[number]), int(after[number]))
                                             for number in sorted(asked)], _present(rows), found.gap)


def _moves(session: Session, rows: Sequence[Issue], units: Sequence[Unit], chosen: np.ndarray, at: np.ndarray,
           seats: np.ndarray) -> list[Move]:
    before = {unit.id: unit for unit in session.scalars(select(Unit).where(
        Unit.id.in_({row.unit_id for row in rows if row.unit_id})))} if rows else {}
    found = []
    for number in np.flatnonzero(chosen >= 0).tolist():
        row, unit, spot = rows[number], units[chosen[number]], at[number]
        metres = float(GEOD.inv(*spot, *seats[chosen[number]])[2])
        found.append(Move(row.issue_no, row.version, unit, before.get(row.unit_id or 0), metres, tuple(spot.tolist())))
    return found


def _left(rows: Sequence[Issue], chosen: np.ndarray, demand: Any) -> list[tuple[Issue, str]]:
    """Return who is not served: no unit of the trade within reach, or none with room for it."""
    found = []
    for number in np.flatnonzero(chosen < 0).tolist():
        own = demand.members[demand.group[number]]
        away = np.linalg.norm(demand.seats[own] - demand.spots[number], axis=1)
        found.append((rows[number], "no_room" if (away <= demand.reach_m).any() else "no_unit_near"))
    return found


def _loads(session: Session, units: Sequence[Unit], weights: Mapping[str, int]) -> np.ndarray:
    """Return what each unit has in hand, by weight."""
    rows = session.execute(select(Issue.unit_id, Issue.class_code, func.count()).where(
        Issue.state.in_(LOADING), Issue.unit_id.is_not(None)).group_by(Issue.unit_id, Issue.class_code))
    load: dict[int, int] = {}
    for unit_id, class_code, count in rows:
        load[unit_id] = load.get(unit_id, 0) + count * weights.get(class_code, 1)
    return np.array([load.get(unit.id, 0) for unit in units], int)


def _present(rows: Sequence[Issue]) -> float:
    """Return the metres in all if each went to the unit that answers for it now, whatever its room."""
    return float(sum(row.claims[0].get("distance_m") or 0.0 for row in rows))


def carry_out(session: Session, viewer: Viewer, plan: Planned, wanted: str, now: datetime,
              lang: str) -> list[dict[str, Any]]:
    """Dispatch each issue of a plan to its unit; tell per issue what came of it. Raise Stale for another plan."""
    if plan.hash != wanted:
        raise Stale("plan_changed", field="hash", current=plan.hash)
    # All rows first, then the ledger: whoever changes one of them now is waited for, and waits for nobody.
    session.execute(select(Issue.id).where(one_of(Issue.issue_no, [move.issue_no for move in plan.moves]))
                    .order_by(Issue.id).with_for_update())
    told = []
    for move in plan.moves:
        try:
            with session.begin_nested():
                row = actions.perform(session, viewer, move.issue_no, "dispatch", {"unit": move.unit.code},
                                      move.version, now, lang)
            told.append({"issue_no": move.issue_no, "unit": move.unit.code, "done": True, "state": row.state})
        except CivmapError as problem:
            told.append({"issue_no": move.issue_no, "unit": move.unit.code, "done": False, "code": problem.code,
                         "message": saying.refusal(lang, problem)[0]})
    return told


def as_json(plan: Planned) -> dict[str, Any]:
    """Return a plan as programs read it."""
    return {
        "hash": plan.hash, "total_m": round(plan.total_m, 1), "nearest_m": round(plan.nearest_m, 1),
        "moves": [{"issue_no": move.issue_no, "unit": move.unit.code, "unit_name": move.unit.name,
                   "distance_m": round(move.metres, 2), "before": move.before.code if move.before else None,
                   "lon": move.spot[0], "lat": move.spot[1]} for move in plan.moves],
        "unserved": [{"issue_no": number, "reason": reason} for number, reason in plan.unserved],
        "units": [{"unit": one.unit.code, "name": one.unit.name, "capacity": one.unit.capacity, "before": one.before,
                   "load": one.after, "lon": one.unit.seat.x, "lat": one.unit.seat.y} for one in plan.loads],
    }
