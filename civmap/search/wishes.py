"""What is looked for, by whom, and what is found: values that the search passes round."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from civmap.addresses.spelling import code, has_han, initials, plain, typed
from civmap.mirror import counting, masks, standing
from civmap.mirror.following import Mirror
from civmap.mirror.masks import Asked, Mask
from civmap.mirror.tables import Table
from civmap.people.rules import Viewer

LONGEST = 60
FIT_OF_CODE, FIT_OF_TEXT, FIT_OF_SOUND = (0, 2, 8, 8), (1, 3, 6, 7), (4, 5, 9, 10)
"""How good a find is, by how well the words fit (whole, begins, word, inside); less is better."""
SOUNDS_ALIKE = 11
Fits = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: `id` is its row's (a road has none), places in degrees."""

    kind: str
    id: int
    code: str
    fit: int
    open_issues: int
    status: str
    spot: tuple[float, float] | None
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed: as a code; its longest word, the others, and how that one sounds, in full and by initials."""

    code: str
    word: str
    others: tuple[str, ...]
    sounds: tuple[str, ...]
    is_han: bool
    is_mixed: bool


def wish_of(q: str) -> Wish | None:
    """Return what a person typed as it is looked for, None where nothing is left of it."""
    bare = plain(q[:LONGEST])
    if not bare:
        return None
    first, *others = sorted(bare.split(" "), key=len, reverse=True)
    is_han = has_han(first)
    is_mixed = is_han and any("a" <= sign <= "z" for sign in first)
    heard = dict.fromkeys((typed(first), initials(first)) if is_mixed else (typed(first),))
    return Wish(code(q[:LONGEST]), first, tuple(others), tuple(heard), is_han, is_mixed)


class Burdens(NamedTuple):
    """What weighs on the rows of a kind: open issues, and statuses as numbers of `standing.STATUSES`."""

    open: np.ndarray
    status: np.ndarray

    def worst(self, rows: np.ndarray) -> str:
        """Return the worst status of some rows."""
        return standing.STATUSES[int(self.status[rows].max(initial=0))]


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks, at which moment, over which mirror."""

    mirror: Mirror
    session: Session
    viewer: Viewer
    now: datetime

    def table(self, kind: str) -> Table:
        """Return the rows of a kind."""
        return self.mirror.table(self.session, kind)

    def seen(self, kind: str) -> Mask:
        """Return which of them the viewer sees now."""
        return masks.mask(self.mirror, self.session, self.viewer, kind, Asked(), self.now)

    def burden(self, kind: str) -> Burdens:
        """Return the open issues on each row, an open issue counting for itself, and each row's status."""
        found = counting.colours(self.mirror, self.session, self.viewer, kind, Asked(), "status", self.now)
        is_open = (found.status > 0).astype(np.int64)
        return Burdens(is_open if kind == "issues" else np.asarray(found.counts.open, np.int64), found.status)
