"""Planning a round anew: after a sick call, with other aims, or because its planning was interrupted.

What was visited stays with the team that did it; locked stops stay with their team and time, unless that team fell
out. The solver works without any lock: what happened meanwhile is found out when its plan is written.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from civmap.errors import Invalid, Stale
from civmap.routes import changing, keeping, planning
from civmap.routes.books import Book
from civmap.routes.changing import Opened
from civmap.routes.drafts import Draft
from civmap.routes.measuring import Measured
from civmap.routes.wishes import BALANCES, MOST_SECONDS

VERB, FIRST = "replan", "plan"
MOST_SHOWN, FRESH_MIN = 8, 5.0
_SHOWN: OrderedDict[tuple[str, str, int, str], "Ready"] = OrderedDict()
_LOCK = Lock()


@dataclass(frozen=True)
class Ready:
    """A round ready to be planned anew: its version, what is measured, how long, and from which minute on."""

    version: int
    found: Measured
    seconds: float
    since: float | None
    notes: Sequence[Mapping[str, Any]] = ()

    def solved(self, tell: planning.Tell | None = None, is_halted: planning.Halt | None = None) -> "Ready":
        """Return the same with the best orders found; needs no database."""
        found, notes = planning.planned(self.found, self.seconds, tell, is_halted, since=self.since)
        return replace(self, found=found, notes=notes)


def ready(here: Opened, sent: Mapping[str, Any]) -> Ready:
    """Return a round with what was asked for applied: absent teams, aim, seconds. Raise Invalid."""
    draft = here.draft
    if sent.get("absent") is not None:
        absent = {draft.team_numbered(number, "absent") for number in sent["absent"]}
        if len(absent) == len(draft.teams):
            raise Invalid("route_all_absent", field="absent")
        draft = with_absent(draft, absent)
    balance = sent.get("balance")
    if balance is not None:
        if balance not in BALANCES:
            raise Invalid("choice_unknown", field="balance", value=str(balance)[:40], known=list(BALANCES))
        draft = replace(draft, balance=balance)
    seconds = sent.get("seconds")
    if seconds is not None and not 0.1 <= seconds <= MOST_SECONDS:
        raise Invalid("number_out_of_range", field="seconds", value=str(seconds)[:20], low="0.1",
                      high=f"{MOST_SECONDS:g}")
    since = here.since if sent.get("keep_started", True) else None
    return Ready(here.route.version, here.measured(draft), planning.seconds_of(seconds, len(draft.stops)), since)


def with_absent(draft: Draft, absent: set[int]) -> Draft:
    """Return the draft in which exactly these teams are absent: what they have not visited is free for the others."""
    teams = tuple(replace(team, is_absent=number in absent) for number, team in enumerate(draft.teams))
    orders, unreached = [], dict(draft.unreached)
    for number, order in enumerate(draft.orders):
        count = draft.past(number) if number in absent else len(order)
        orders.append(order[:count])
        unreached.update(dict.fromkeys(order[count:], "no_time"))
    return replace(draft, teams=teams, orders=tuple(orders), unreached=unreached)


def _key(session: Session, code: str, done: Ready, sent: Mapping[str, Any]) -> tuple[str, str, int, str]:
    url = session.get_bind().engine.url.render_as_string()
    return url, code, done.version, json.dumps({**sent, "wait": True}, sort_keys=True)


def remembered(session: Session, code: str, done: Ready, sent: Mapping[str, Any]) -> Ready:
    """Keep a plan that was only shown: whoever then asks for the same gets what was looked at."""
    with _LOCK:
        _SHOWN[_key(session, code, done, sent)] = done
        while len(_SHOWN) > MOST_SHOWN:
            _SHOWN.popitem(last=False)
    return done


def shown_before(session: Session, code: str, ready_: Ready, sent: Mapping[str, Any]) -> Ready | None:
    """Return the plan that was shown for the same question about the same version, None where there was none."""
    with _LOCK:
        found = _SHOWN.pop(_key(session, code, ready_, sent), None)
    return found if found and abs((found.since or 0) - (ready_.since or 0)) <= FRESH_MIN else None


def taken(ready_: Ready, best: Sequence[Sequence[int]]) -> Ready:
    """Return a round with orders that an interrupted planning had found."""
    problem, numbers = planning.open_problem(ready_.found, ready_.since)
    known = {node for order in best for node in order}
    if len(best) != len(problem.crews) or known - set(range(len(numbers))):
        return ready_
    left = tuple((node, "no_time") for node in range(len(numbers)) if node not in known)
    found = planning.ordered(ready_.found, planning.Solution(tuple(tuple(one) for one in best), left), numbers)
    return replace(ready_, found=found)


def keep(here: Opened, done: Ready, *, is_shown: bool = False) -> Book:
    """Write a new plan; raise Stale where the round was changed while the solver worked."""
    if here.route.version != done.version:
        raise Stale("stale_edit", current=None, version=here.route.version)
    draft = reconciled(here.draft, done.found.draft)
    route = here.route
    route.options = {**route.options, "balance": draft.balance}
    route.progress = None
    if route.state == "planning":
        route.state = "planned"
    verb = VERB if keeping.newest_plan(here.session, route) else FIRST
    return changing.keep(here, draft, verb, is_shown=is_shown, notes=done.notes)


def reconciled(now: Draft, new: Draft) -> Draft:
    """Return a new plan in which what was visited while it was made stands where it was visited."""
    states = {stop.point_id: stop for stop in now.stops}
    stops = tuple(replace(stop, state=states[stop.point_id].state, arrived_min=states[stop.point_id].arrived_min,
                          left_min=states[stop.point_id].left_min) for stop in new.stops)
    places = {stop.point_id: place for place, stop in enumerate(stops)}
    past = [[places[now.stops[place].point_id] for place in order[:now.past(team)]]
            for team, order in enumerate(now.orders)]
    settled = {place for order in past for place in order}
    orders = tuple((*past[team], *(place for place in order if place not in settled))
                   for team, order in enumerate(new.orders))
    return replace(new, stops=stops, orders=orders,
                   unreached={place: why for place, why in new.unreached.items() if place not in settled})
