"""A kind's rows as immutable arrays, one version after the other."""

from dataclasses import dataclass
from itertools import count

import numpy as np
from sqlalchemy.orm import Session

from civmap.mirror import kinds
from civmap.mirror.kinds import NO_MOMENT, Rows, Source, Words
from civmap.mirror.places import Places
from civmap.mirror.ragged import Ragged, grown

_serials = count(1)


@dataclass(frozen=True, slots=True)
class Table:
    """One version of a kind's rows, in order of id; a row keeps its number as long as the process lives."""

    source: Source
    ids: np.ndarray
    codes: Ragged
    titles: Ragged | None
    sorts: dict[str, np.ndarray]
    words: Words
    numbers: dict[str, np.ndarray]
    places: Places
    serial: int

    def __len__(self) -> int:
        return len(self.ids)

    def rows_of(self, ids: np.ndarray) -> np.ndarray:
        """Return the rows of some ids; ids that are not there are left out."""
        if not len(self.ids):
            return np.zeros(0, np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return at[self.ids[at] == ids]

    def with_rows(self, new: Rows) -> "Table | None":
        """Return the next version with some rows changed or appended; None where a new row would not be the last."""
        at = np.searchsorted(self.ids, new.ids)
        is_known = at < len(self.ids)
        is_known[is_known] = self.ids[at[is_known]] == new.ids[is_known]
        if (at[~is_known] != len(self.ids)).any():
            return None
        rows = at.copy()
        rows[~is_known] = len(self.ids) + np.arange(int((~is_known).sum()))
        more = int((~is_known).sum())

        def placed(old: np.ndarray, values: np.ndarray) -> np.ndarray:
            if not more and np.array_equal(old[rows], values):
                return old
            copy = grown(old, more)
            copy[rows] = values
            return copy

        return Table(
            self.source, placed(self.ids, new.ids), self.codes.with_rows(rows, new.codes) if more else self.codes,
            None if self.titles is None or new.titles is None else self.titles.with_rows(rows, new.titles),
            {name: placed(self.sorts[name], values) for name, values in new.sorts.items()}, self.words,
            {name: placed(self.numbers[name], values) for name, values in new.numbers.items()},
            self.places.with_rows(rows, new.places), next(_serials))

    def next_turn(self, now: float) -> float:
        """Return the second after a moment at which the next row begins or ends to hold; infinity without one."""
        found = np.inf
        for name in ("valid_from", "valid_to"):
            later = self.numbers[name][self.numbers[name] > now]
            if len(later):
                found = min(found, float(later.min()))
        return np.inf if found >= NO_MOMENT else found


def load(session: Session, source: Source) -> Table:
    """Read a whole kind."""
    words: Words = {}
    rows = kinds.read(session, source, words)
    return Table(source, rows.ids, rows.codes, rows.titles, rows.sorts, words, rows.numbers, rows.places,
                 next(_serials))
