"""Tables of many thousand rows: what is plainly good goes in at once, all else row by row as in any other table.

Whatever could be refused, repaired or asked about is left to `checking` and the `Keeper`, in the order of the file:
so problems, codes and results are the same whichever way a row takes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from civmap.exchange import checking
from civmap.exchange.bulk_points import Points
from civmap.exchange.checking import Desk, Found, Problem
from civmap.exchange.intake import REFUSED, Keeper
from civmap.exchange.seen import Seen
from civmap.exchange.sheets import Portion, Row, Table

FROM_ROWS = 5_000
"""Smaller tables go row by row: they take seconds."""
AT_ONCE, ROWS_AT_ONCE = 25_000, 500
KINDS = {"points": Points}
OnRow = Callable[[Found, list[Any], str, list[Problem]], None]
OnPortion = Callable[[Portion, np.ndarray], None]
Tell = Callable[[int, int], None]


@dataclass(slots=True)
class Taken:
    """What became of the rows of a table; `runs` are the first and last ids of what was made at once."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    runs: list[tuple[int, int]] = field(default_factory=list)

    def count(self, did: str) -> None:
        """Count one row."""
        setattr(self, did, getattr(self, did) + 1)


def takes(keeper: Keeper, count: int) -> bool:
    """Tell whether a table is large enough, of a kind that can be taken at once, and in plain columns."""
    kind = KINDS.get(keeper.kind)
    return kind is not None and count >= FROM_ROWS and kind.fits(keeper)


def take(keeper: Keeper, table: Table, on_row: OnRow, on_portion: OnPortion = lambda portion, did: None,
         tell: Tell = lambda done, total: None) -> Taken:
    """Keep all good rows of a table in the running transaction.

    `on_row` hears of each row that went by itself, with its cells; `on_portion` what became of the plain ones.
    """
    desk, taken, start = keeper.desk, Taken(), 0
    desk.seen = seen = Seen()  # type: ignore[assignment]
    typed = np.fromiter(desk.decisions.typed, np.int64, len(desk.decisions.typed))
    with KINDS[keeper.kind](keeper, table.count) as writer:
        for portion in table.portions(AT_ONCE):
            did = writer.rows(portion, start, seen, ~np.isin(portion.numbers, typed))
            taken.unchanged += int((did == 1).sum())
            taken.created += int((did == 2).sum())
            on_portion(portion, did)
            left = np.flatnonzero(did == 0)
            if len(left):
                writer.wait()
                _prepare(desk, portion, start, left)
            for found, what, problems in _by_itself(keeper, portion, start, left):
                taken.count(what)
                on_row(found, cells_of(portion, found.row), what, problems)
            start += len(portion.numbers)
            tell(start, table.count)
    taken.runs = _joined(writer.runs)
    keeper.changed += taken.created
    return taken


def cells_of(portion: Portion, number: int) -> list[Any]:
    """Return the cells of the row of a number."""
    place = int(np.searchsorted(portion.numbers, number))
    return [column[place] for column in portion.columns]


def _prepare(desk: Desk, portion: Portion, start: int, places: np.ndarray) -> None:
    """Let coordinates be settled for all rows that go by themselves together, where they are not yet."""
    prepare = getattr(desk.placer, "prepare", None)
    if prepare is not None:
        prepare((places + start).tolist(), *(portion.columns[desk.columns[name]][places].tolist()
                                             for name in ("lon", "lat")))


def _joined(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return runs of ids with those as one that follow each other."""
    found: list[tuple[int, int]] = []
    for first, last in runs:
        if found and found[-1][1] == first - 1:
            first = found.pop()[0]
        found.append((first, last))
    return found


def _by_itself(keeper: Keeper, portion: Portion, start: int,
               places: np.ndarray) -> Iterator[tuple[Found, str, list[Problem]]]:
    """Read and keep some rows of a portion one by one."""
    for begin in range(0, len(places), ROWS_AT_ONCE):
        good: list[Found] = []
        for place in places[begin:begin + ROWS_AT_ONCE].tolist():
            row = Row(int(portion.numbers[place]), [column[place] for column in portion.columns])
            for found in checking.of_row(keeper.desk, start + place, row):
                if found.is_good:
                    good.append(found)
                else:
                    yield found, REFUSED, []
        yield from keeper.portion(good)

