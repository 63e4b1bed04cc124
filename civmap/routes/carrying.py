"""What a round leaves unfinished, and in which order it is carried over into the next one.

Pure. Carried are the stops that were planned and not reached, those skipped with a reason, and the points that no team
could serve; a stop that was visited is done. Must-see points come first, then in the order in which they were planned.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DONE = frozenset({"done"})
PLANNED, SKIPPED, UNREACHED = "planned", "skipped", "unreached"
WHYS = (SKIPPED, UNREACHED, PLANNED)


@dataclass(frozen=True, slots=True)
class Left:
    """A point of a round that was not visited: why (planned, skipped, unreached), and the reason that was given."""

    code: str
    why: str
    is_must: bool = True
    reason: str = ""
    team: int | None = None
    position: int = 0


def left(told: Mapping[str, Any]) -> list[Left]:
    """Return what a round (as `routes.queries.told`) leaves unfinished, in the order in which it is carried over."""
    unreached = {str(one["code"]): str(one.get("reason") or "") for one in told.get("unreached", ())}
    found = [_of_stop(stop, unreached) for stop in told.get("stops", ()) if stop.get("state") not in DONE]
    known = {str(stop["code"]) for stop in told.get("stops", ())}
    found += [Left(code, UNREACHED, bool(one.get("is_must", True)), str(one.get("reason") or ""))
              for one in told.get("unreached", ()) if (code := str(one["code"])) not in known]
    return in_order(found)


def _of_stop(stop: Mapping[str, Any], unreached: Mapping[str, str]) -> Left:
    code, is_must = str(stop["code"]), bool(stop.get("is_must", True))
    team, position = stop.get("team"), int(stop.get("position") or 0)
    if stop.get("state") == SKIPPED:
        return Left(code, SKIPPED, is_must, str(stop.get("skip_reason") or stop.get("remark") or ""), team, position)
    if code in unreached or team is None:
        return Left(code, UNREACHED, is_must, unreached.get(code, ""), team, position)
    return Left(code, PLANNED, is_must, "", team, position)


def in_order(some: Iterable[Left]) -> list[Left]:
    """Return each point once, must-see points first, then by team and position; what no team had comes last."""
    once = {one.code: one for one in reversed(list(some))}
    return sorted(once.values(), key=lambda one: (not one.is_must, one.team is None, one.team or 0, one.position,
                                                  one.code))


def wishes(some: Iterable[Left]) -> dict[str, list[str]]:
    """Return what the next round is asked for: its points in order, and which of them may be left out."""
    ordered = in_order(some)
    return {"points": [one.code for one in ordered], "nice": [one.code for one in ordered if not one.is_must]}
