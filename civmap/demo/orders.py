"""Short orders for the demo's rounds by a simple rule: a share of the points per team, each where it costs least."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from civmap.demo.plan_rounds import AT_NIGHT, RoundPlan
from civmap.routes.drafts import Draft
from civmap.routes.measuring import Measured


def shares(found: Measured, one: RoundPlan) -> list[list[int]]:
    """Return which team has which stops: neighbours by their bearing from the middle, as many each; the last left out.

    By night each team has its stops of the night ahead of those of the day.
    """
    count, teams = len(found.draft.stops), len(found.draft.teams)
    night = teams * AT_NIGHT if one.is_by_night else 0
    served = count - one.unserved
    parted: list[list[int]] = [[] for _team in range(teams)]
    for part in (range(night), range(night, served)):
        if len(part):
            spots = found.spots[part.start:part.stop] - found.spots[:served].mean(axis=0)
            order = np.argsort(np.arctan2(spots[:, 1], spots[:, 0]), kind="stable") + part.start
            for share, some in zip(parted, np.array_split(order, teams), strict=True):
                share.extend(int(place) for place in some)
    return parted


def ordered(found: Measured, parted: Sequence[Sequence[int]]) -> Draft:
    """Return the draft with each team's stops in a short order; those nobody has are not served."""
    draft = found.draft
    orders = []
    for share, (start, end) in zip(parted, found.anchors, strict=True):
        night = [place for place in share if not draft.stops[place].windows]
        parts = [night, [place for place in share if place not in night]]
        order: list[int] = []
        for part in parts:
            order += _short(found.matrices.metres, order[-1] if order else start, part, end)
        orders.append(tuple(order))
    held = {place for order in orders for place in order}
    unreached = {place: "no_time" for place in range(len(draft.stops)) if place not in held}
    return replace(draft, orders=tuple(orders), unreached=unreached)


def _short(metres: Any, start: int | None, places: Sequence[int], end: int | None) -> list[int]:
    """Return places in a short order: each put in where it costs least, then parts turned round where it helps."""
    def length(order: Sequence[int]) -> float:
        nodes = [node for node in (start, *order, end) if node is not None]
        return float(sum(metres[here, there] for here, there in pairwise(nodes)))

    order: list[int] = []
    for place in places:
        order = min(([*order[:at], place, *order[at:]] for at in range(len(order) + 1)), key=length)
    is_better = True
    while is_better:
        is_better = False
        for low in range(len(order) - 1):
            for high in range(low + 2, len(order) + 1):
                turned = [*order[:low], *order[low:high][::-1], *order[high:]]
                if length(turned) < length(order) - 1e-6:
                    order, is_better = turned, True
    return order
