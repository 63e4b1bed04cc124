"""Balanced nearest assignment: many reports to units with limited room, with the least metres in all.

Pure. Prices on the room of units (Lagrange multipliers: the dearest bound that they prove) say which pairs of report
and unit can matter; a minimum-cost flow (OR-Tools) over these alone gives the plan. The prices also bound from below
what any plan over all pairs costs, so each plan tells how far from the best it can be at most; where that is more
than wanted, more pairs are let in. A report that weighs several takes that much room: the flow may split it between
units, and it then goes whole to one that has room for it, which may cost metres but never exceeds the room.
"""

from dataclasses import dataclass, replace
from math import lcm

import numpy as np

from civmap.assignment.pairs import NEAREST, Demand, Pairs

GAP = 0.004
TURNS, TRIES, MOVES = 6, 4, 300
PAIRS_A_REPORT, FEW_PAIRS = 3.0, 60_000
CELL = 0.7
"""How wide a cell of reports is that are priced together, in shares of the metres to the nearest unit."""
CENTIMETRES, UNSERVED_M = 100, 1_000_000.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Which unit takes each report, -1 for none; its metres; what any plan costs at least, unserved ones counted.

    `price` is what room is worth at each unit, in metres.
    """

    unit: np.ndarray
    metres: np.ndarray
    bound_m: float
    price: np.ndarray

    @property
    def total_m(self) -> float:
        """Return the metres of all that are served."""
        return float(self.metres[self.unit >= 0].sum())

    @property
    def cost_m(self) -> float:
        """Return the metres in all, with the fine for each report that is not served."""
        return self.total_m + UNSERVED_M * float((self.unit < 0).sum())

    @property
    def gap(self) -> float:
        """Return by which share of the least possible the plan may be longer."""
        return max(self.cost_m - self.bound_m, 0.0) / max(self.bound_m, 1.0)


def plan(demand: Demand, gap: float = GAP) -> Plan:
    """Return the plan with the least metres, proven to within a share of it wherever room and reach allow."""
    if not len(demand.spots) or not len(demand.room):
        return Plan(np.full(len(demand.spots), -1), np.full(len(demand.spots), np.inf), 0.0,
                    np.zeros(len(demand.room)))
    pairs, price = Pairs.nearest(demand), np.zeros(len(demand.room))
    share = np.inf if pairs.unit.size <= FEW_PAIRS else PAIRS_A_REPORT
    if not _has_room(demand, pairs) and share < np.inf:
        price = _prices(_by_cells(demand, pairs))
        pairs.widen(demand, price)
    best = _solved(demand, pairs, price, share)
    for turn in range(TRIES):
        if best.gap <= gap:
            break
        pairs.widen(demand, best.price, NEAREST << turn)
        share *= 2
        found = _solved(demand, pairs, best.price, share)
        bound = max(best.bound_m, found.bound_m)
        best = replace(found if found.cost_m <= best.cost_m else best, bound_m=bound, price=found.price)
    return best


def _has_room(demand: Demand, pairs: Pairs) -> bool:
    """Tell whether every report can go to its nearest unit."""
    served = pairs.unit[:, 0] >= 0
    load = np.bincount(pairs.unit[served, 0], weights=demand.weight[served], minlength=len(demand.room))
    return bool((load <= demand.room).all())


def _by_cells(demand: Demand, pairs: Pairs) -> Demand:
    """Return reports that lie close together as one that may be split: enough to tell what room is worth."""
    nearest = pairs.metres[:, 0]
    known = np.isfinite(nearest)
    size = max(CELL * float(np.median(nearest[known])), 1.0) if known.any() else 1.0
    keys = np.column_stack([np.floor(demand.spots / size).astype(np.int64), demand.group])[known]
    _, cell, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    cell = cell.ravel()
    middle = np.column_stack([np.bincount(cell, axis) for axis in demand.spots[known].T]) / count[:, None]
    group = np.zeros(len(count), np.int64)
    group[cell] = demand.group[known]
    amount = np.bincount(cell, demand.weight[known]).astype(np.int64)
    return replace(demand, spots=middle, group=group, weight=np.ones(len(count), np.int64), amount=amount)


def _prices(cells: Demand) -> np.ndarray:
    """Return what room is worth at each unit, by the best plan for cells of reports."""
    pairs, price = Pairs.nearest(cells), np.zeros(len(cells.room))
    for turn in range(TURNS):
        row, column = np.nonzero(pairs.unit >= 0)
        unit, metres = pairs.unit[row, column], pairs.metres[row, column]
        used = _flow(cells, row, unit, metres) > 0
        price = _proven(cells, pairs, row[used], unit[used], metres[used])
        if not pairs.widen(cells, price, NEAREST << turn):
            break
    return price


def _proven(demand: Demand, pairs: Pairs, row: np.ndarray, unit: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Return the prices that a plan itself tells: what it costs to free a place at each unit, by moves over pairs.

    The plan comes as pairs in use. At the best plan over the pairs the prices prove it (complementary slackness); at
    any other they still bound it.
    """
    price, source, target, more = np.zeros(len(demand.room)), *_moves(demand, pairs, row, unit, metres)
    if not len(source):
        return price
    price[source] = UNSERVED_M
    load = np.bincount(unit, weights=demand.amount[row], minlength=len(demand.room))
    price[load < demand.room] = 0.0
    begins = np.flatnonzero(np.r_[True, np.diff(source) != 0])
    for _ in range(MOVES):
        least = np.maximum(np.minimum.reduceat(more + price[target], begins), 0.0)
        if not (least < price[source[begins]] - 1e-6).any():
            break
        price[source[begins]] = np.minimum(price[source[begins]], least)
    return price


def _moves(demand: Demand, pairs: Pairs, row: np.ndarray, unit: np.ndarray,
           metres: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return from which unit to which a report can be moved, and for how many metres more at least, by source."""
    number, column = np.nonzero((pairs.unit[row] >= 0) & (pairs.unit[row] != unit[:, None]))
    source, target = unit[number], pairs.unit[row[number], column]
    more = (pairs.metres[row[number], column] - metres[number]) / demand.weight[row[number]]
    order = np.lexsort((more, source * len(demand.room) + target))
    source, target, more = source[order], target[order], more[order]
    first = np.flatnonzero(np.r_[True, (np.diff(source) != 0) | (np.diff(target) != 0)])
    return (source[first], target[first], more[first]) if len(source) else (source, target, more)


def _reduced(demand: Demand, pairs: Pairs, price: np.ndarray) -> tuple[np.ndarray, float]:
    """Return how much dearer than the cheapest each pair is at these prices, and the bound that they prove."""
    asked = pairs.metres + price[pairs.listed] * demand.weight[:, None]
    least = np.minimum(asked.min(axis=1), np.minimum(pairs.beyond(price), UNSERVED_M))
    return asked - least[:, None], float(least.sum() - (price * demand.room).sum())


def _chosen(reduced: np.ndarray, share: float) -> np.ndarray:
    """Return the pairs that the flow may use: the cheapest of each report, and the next best of all."""
    there, wanted = np.isfinite(reduced), int(share * len(reduced))
    if wanted >= there.sum():
        return there
    chosen = there & (reduced <= np.partition(reduced[there], wanted - 1)[wanted - 1])
    chosen[np.arange(len(reduced)), reduced.argmin(axis=1)] |= there.any(axis=1)
    return chosen


def _solved(demand: Demand, pairs: Pairs, price: np.ndarray, share: float) -> Plan:
    """Return the plan over the pairs that matter at some prices, with the better bound of these and of its own."""
    reduced, bound = _reduced(demand, pairs, price)
    chosen = _chosen(reduced, min(share, pairs.unit.shape[1]))
    row, column = np.nonzero(chosen)
    taken, away = pairs.unit[row, column], pairs.metres[row, column]
    flow = _flow(demand, row, taken, away)
    used, whole = flow > 0, flow == demand.weight[row]
    own = _proven(demand, pairs, row[used], taken[used], away[used])
    own_bound = _reduced(demand, pairs, own)[1]
    unit, metres = np.full(len(chosen), -1), np.full(len(chosen), np.inf)
    unit[row[whole]], metres[row[whole]] = taken[whole], away[whole]
    if (demand.weight > 1).any():
        _place_the_rest(demand, pairs, unit, metres)
    return Plan(unit, metres, max(bound, own_bound), own if own_bound > bound else price)


def _flow(demand: Demand, row: np.ndarray, unit: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Return how much of each pair (report, unit) a minimum-cost flow uses."""
    from ortools.graph.python import min_cost_flow

    amount, room, reports = demand.amount, demand.room, len(demand.spots)
    sink, each = reports + len(room), lcm(*np.unique(demand.weight).tolist()) // demand.weight
    every, all_units = np.arange(reports), np.arange(len(room))
    solver = min_cost_flow.SimpleMinCostFlow()
    used = solver.add_arcs_with_capacity_and_unit_cost(
        row, reports + unit, amount[row], np.rint(metres * CENTIMETRES).astype(np.int64) * each[row])
    solver.add_arcs_with_capacity_and_unit_cost(every, np.full(reports, sink), amount,
                                                int(UNSERVED_M * CENTIMETRES) * each)
    solver.add_arcs_with_capacity_and_unit_cost(reports + all_units, np.full(len(room), sink), room,
                                                np.zeros(len(room), np.int64))
    solver.set_nodes_supplies(every, amount)
    solver.set_node_supply(sink, -int(amount.sum()))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"minimum-cost flow ended with {status}")
    return solver.flows(used)


def _place_the_rest(demand: Demand, pairs: Pairs, unit: np.ndarray, metres: np.ndarray) -> None:
    """Give reports that the flow split to the nearest unit with room for the whole of them, heavy ones first."""
    taken = unit >= 0
    left = demand.room - np.bincount(unit[taken], weights=demand.weight[taken], minlength=len(demand.room))
    rest = np.flatnonzero(~taken)
    for report in rest[np.argsort(-demand.weight[rest], kind="stable")].tolist():
        for column in np.argsort(pairs.metres[report], kind="stable").tolist():
            one = pairs.unit[report, column]
            if one >= 0 and left[one] >= demand.weight[report]:
                unit[report], metres[report] = one, pairs.metres[report, column]
                left[one] -= demand.weight[report]
                break
