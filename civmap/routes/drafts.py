"""A round as a plain value, apart from the database: stops, teams and orders, and what a hand may change of them.

Pure: every change returns another draft or raises a refusal. Stops are spoken of by their place in `stops`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from civmap.errors import Invalid, NotAllowed

Spot = tuple[float, float, str]
OPEN, RETURN, FIXED = "open", "return", "fixed"
ENDS = (OPEN, RETURN, FIXED)


@dataclass(frozen=True, slots=True)
class DraftStop:
    """A point to visit. `state` is planned, here, done or skipped; `left_min` when a visit that was made ended.

    `at_min` is when a locked visit begins; windows are minutes of the round's day, () always.
    """

    point_id: int
    code: str
    lon: float
    lat: float
    visit_min: float
    windows: tuple[tuple[float, float], ...] = ()
    is_must: bool = True
    is_locked: bool = False
    together: str | None = None
    at_min: float | None = None
    state: str = "planned"
    arrived_min: float | None = None
    left_min: float | None = None
    is_unread: bool = False

    @property
    def is_past(self) -> bool:
        """Tell whether somebody is there, was there or has passed it by: it stays with its team."""
        return self.state != "planned"


@dataclass(frozen=True, slots=True)
class DraftTeam:
    """A team: where it starts and ends, and when."""

    name: str = ""
    people: tuple[int, ...] = ()
    start: Spot | None = None
    end: Spot | None = None
    ends: str = OPEN
    from_min: float = 480.0
    until_min: float | None = None
    is_absent: bool = False

    @property
    def last(self) -> Spot | None:
        """Return where the team ends: its end, its start again, or nowhere in particular."""
        return {OPEN: None, RETURN: self.start, FIXED: self.end}[self.ends]


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole round; `unreached` gives the reason of each stop that is in no order."""

    stops: tuple[DraftStop, ...]
    teams: tuple[DraftTeam, ...]
    orders: tuple[tuple[int, ...], ...]
    unreached: dict[int, str] = field(default_factory=dict)
    mode: str = "walk"
    metric: str = "road"
    balance: str = "shortest"
    lunch: tuple[float, float] | None = None
    seed: int = 1

    def place_of(self, code: str, name: str = "stop") -> int:
        """Return the place of a point in this round; raise Invalid where it is not in it."""
        for place, stop in enumerate(self.stops):
            if stop.code == code:
                return place
        raise Invalid("route_stop_unknown", field=name, code=code[:64])

    def team_of(self, place: int) -> int | None:
        """Return which team serves a stop, None where nobody does."""
        return next((team for team, order in enumerate(self.orders) if place in order), None)

    def team_numbered(self, number: Any, name: str = "team") -> int:
        """Return the place of a team by its number from 1; raise Invalid where there is none or it is absent."""
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(self.teams):
            raise Invalid("route_team_unknown", field=name, value=str(number)[:20], count=len(self.teams))
        return number - 1

    def past(self, team: int) -> int:
        """Return behind how many stops of a team nothing can be put any more: those visited or passed by so far."""
        flags = [self.stops[place].is_past for place in self.orders[team]]
        return len(flags) - flags[::-1].index(True) if True in flags else 0


def arranged(draft: Draft) -> Draft:
    """Return the draft with what is past in front of each order, as it was done: what was passed over is still open."""
    def turn(place: int) -> tuple[bool, float]:
        stop = draft.stops[place]
        return not stop.is_past, (stop.arrived_min or 0.0) if stop.is_past else 0.0

    return replace(draft, orders=tuple(tuple(sorted(order, key=turn)) for order in draft.orders))


def moved(draft: Draft, code: str, team: int, position: int | None, found: Any = None) -> Draft:
    """Return the draft with a stop at a position (from 1, as it is afterwards) of a team.

    Without a position `found(draft, place, team)` tells the cheapest place. Raise NotAllowed for a stop that was
    visited, a locked one that would change its team, or a position among what is done.
    """
    place = draft.place_of(code)
    stop, standing = draft.stops[place], draft.team_of(place)
    if stop.is_past:
        raise NotAllowed("route_stop_done", field="stop", code=code, allowed=[])
    if stop.is_locked and standing is not None and standing != team:
        raise NotAllowed("route_stop_locked", field="stop", code=code, allowed=["lock"])
    check_present(draft, team)
    without = taken_out(draft, [place], "")
    if position is None:
        at = found(without, place, team)
    else:
        at = min(max(position - 1, 0), len(without.orders[team]))
        if at < without.past(team):
            raise NotAllowed("route_position_done", field="position", least=without.past(team) + 1, allowed=[])
    return put(without, place, team, at)


def check_present(draft: Draft, team: int) -> None:
    """Refuse a team that is absent; raise NotAllowed."""
    if draft.teams[team].is_absent:
        raise NotAllowed("route_team_absent", field="team", team=team + 1, allowed=[])


def put(draft: Draft, place: int, team: int, at: int) -> Draft:
    """Return the draft with a stop put into a team's order."""
    order = draft.orders[team]
    orders = list(draft.orders)
    orders[team] = (*order[:at], place, *order[at:])
    return replace(draft, orders=tuple(orders),
                   unreached={one: why for one, why in draft.unreached.items() if one != place})


def taken_out(draft: Draft, places: Iterable[int], reason: str) -> Draft:
    """Return the draft with some stops in no order, for a reason."""
    gone = set(places)
    orders = tuple(tuple(place for place in order if place not in gone) for order in draft.orders)
    return replace(draft, orders=orders, unreached={**draft.unreached, **{place: reason for place in sorted(gone)}})


def removed(draft: Draft, codes: Sequence[str]) -> Draft:
    """Return the draft without some stops at all; raise NotAllowed for one that was visited or passed by."""
    gone = [draft.place_of(code, "stops") for code in codes]
    for place in gone:
        if draft.stops[place].is_past:
            raise NotAllowed("route_stop_done", field="stops", code=draft.stops[place].code, allowed=[])
    kept = [place for place in range(len(draft.stops)) if place not in set(gone)]
    new = {old: place for place, old in enumerate(kept)}
    return replace(draft, stops=tuple(draft.stops[place] for place in kept),
                   orders=tuple(tuple(new[place] for place in order if place in new) for order in draft.orders),
                   unreached={new[place]: why for place, why in draft.unreached.items() if place in new})


def locked(draft: Draft, codes: Sequence[str], is_locked: bool) -> Draft:
    """Return the draft with some stops locked or free; raise Invalid for one that nobody serves."""
    stops = list(draft.stops)
    for code in codes:
        place = draft.place_of(code, "stops")
        if is_locked and draft.team_of(place) is None:
            raise Invalid("route_stop_unserved", field="stops", code=code)
        stops[place] = replace(stops[place], is_locked=is_locked)
    return replace(draft, stops=tuple(stops))


def added(draft: Draft, some: Sequence[DraftStop]) -> tuple[Draft, list[int]]:
    """Return the draft with further stops in no order yet, and their places; raise Invalid for one it has."""
    known = {stop.code for stop in draft.stops}
    for stop in some:
        if stop.code in known:
            raise Invalid("route_stop_known", field="points", code=stop.code)
        known.add(stop.code)
    places = list(range(len(draft.stops), len(draft.stops) + len(some)))
    return replace(draft, stops=(*draft.stops, *some),
                   unreached={**draft.unreached, **dict.fromkeys(places, "no_time")}), places


def snapshot(draft: Draft) -> dict[str, Any]:
    """Return the draft as a plan keeps it: orders by point, and what a hand may have changed of stops and teams."""
    def told(place: int) -> dict[str, Any]:
        stop = draft.stops[place]
        return {"point": stop.point_id, "code": stop.code, "visit_min": stop.visit_min, "is_must": stop.is_must,
                "is_locked": stop.is_locked, "together": stop.together}

    return {"teams": [{"stops": [told(place) for place in order], "start": team.start, "end": team.end,
                       "ends": team.ends, "from_min": team.from_min, "until_min": team.until_min,
                       "is_absent": team.is_absent} for team, order in zip(draft.teams, draft.orders, strict=True)],
            "unreached": [{**told(place), "reason": why} for place, why in sorted(draft.unreached.items())]}
