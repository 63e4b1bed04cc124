"""How the zones of a city fit together at a moment: everything checked once, then only around what changed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.coverage import reading
from civmap.coverage.reading import NOBODY, Rows
from civmap.geo import coverage, facing, gaps

FRONTAGE = "frontage"
Family = tuple[int, str]
"""The id of a parent (-1: none) and the kind of the zones that tile it."""


class Pair(NamedTuple):
    """Two zones of a kind, by id, that do not fit together."""

    kind: str
    first: int
    second: int
    fault: coverage.Fault


class Gap(NamedTuple):
    """Ground of a family that no zone covers, and the ids of the zones around it, the longest common edge first."""

    family: Family
    shape: BaseGeometry
    area_m2: float
    is_thin: bool
    beside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of every zone, in order of id; shapes are not, only their boxes (west, south, east, north)."""

    ids: np.ndarray
    kinds: np.ndarray
    parents: np.ndarray
    streets: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    boxes: np.ndarray

    def holds(self, second: float) -> np.ndarray:
        """Tell which zones hold at a moment (seconds)."""
        return (self.begins <= second) & (self.ends > second)

    def meeting(self, box: np.ndarray) -> np.ndarray:
        """Tell which zones' boxes meet a box."""
        return ((self.boxes[:, 0] <= box[2]) & (self.boxes[:, 2] >= box[0])
                & (self.boxes[:, 1] <= box[3]) & (self.boxes[:, 3] >= box[1]))

    def rows_of(self, ids: Iterable[int]) -> np.ndarray:
        """Return the rows of the ids that are known."""
        wanted = np.array(sorted(set(ids)), np.int64)
        if not len(self.ids):
            return np.zeros(0, np.int64)
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return at[self.ids[at] == wanted]

    def with_rows(self, gone: Collection[int], rows: Rows) -> "Facts":
        """Return these without some ids, and with rows read again."""
        new, at = facts_of(rows), self.rows_of(gone)
        if np.array_equal(self.ids[at], new.ids):
            return Facts(self.ids, *(_replaced(getattr(self, name), at, getattr(new, name))
                                     for name in Facts.__slots__[1:]))
        stays = np.ones(len(self.ids), bool)
        stays[at] = False
        order = np.argsort(np.concatenate([self.ids[stays], new.ids]), kind="stable")
        return Facts(*(np.concatenate([getattr(self, name)[stays], getattr(new, name)])[order]
                       for name in Facts.__slots__))


def _replaced(values: np.ndarray, at: np.ndarray, new: np.ndarray) -> np.ndarray:
    if np.array_equal(values[at], new):
        return values
    copy = values.copy(order="K")
    copy[at] = new
    return copy


@dataclass(frozen=True, slots=True)
class State:
    """What does not fit, as of second `at`; good until (not at) second `until` as long as nobody edits anything."""

    at: float
    facts: Facts
    pairs: tuple[Pair, ...]
    gaps: tuple[Gap, ...]
    bare: dict[str, tuple[facing.Bare, ...]]
    parents: dict[int, BaseGeometry] = field(default_factory=dict)

    @property
    def until(self) -> float:
        """Return the second at which the next zone begins or ends to hold."""
        later = [moments[moments > self.at] for moments in (self.facts.begins, self.facts.ends)]
        return float(min((int(one.min()) for one in later if len(one)), default=reading.NEVER))


def facts_of(rows: Rows) -> Facts:
    """Return what is kept of rows."""
    boxes = np.asfortranarray(shapely.bounds(rows.shapes).reshape(-1, 4))  # they are compared edge by edge
    return Facts(rows.ids, rows.kinds, rows.parents, rows.streets, rows.begins, rows.ends, boxes)


def whole(session: Session, second: float) -> State:
    """Check everything."""
    rows = reading.zones(session)
    facts = facts_of(rows)
    holds = facts.holds(second)
    pairs: list[Pair] = []
    for kind in reading.kinds_that_fit():
        if dictionaries.zone_kinds()[kind].forbids_overlap:
            pairs += paired(kind, *_chosen(rows, holds & (rows.kinds == reading.number_of(kind))))
    tiling = holds & np.isin(rows.kinds, [reading.number_of(kind) for kind in tiling_kinds()])
    parents = _parents(rows, facts, tiling, holds)
    found = gaps_of(facts, tiling, rows.shapes[tiling], parents)
    faced = holds & faces_street(rows)
    bare = faced_by(session, rows.streets[faced], rows.shapes[faced])
    return State(second, facts, tuple(pairs), tuple(found), bare, parents)


def faces_street(rows: Rows | Facts) -> np.ndarray:
    """Tell which zones are frontages of a street."""
    return (rows.kinds == reading.number_of(FRONTAGE)) & (rows.streets != reading.NO_STREET)


def _chosen(rows: Rows, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rows.ids[which], rows.shapes[which]


def tiling_kinds() -> list[str]:
    """Return the kinds that tile their parents."""
    return [code for code, kind in dictionaries.zone_kinds().items() if kind.must_tile]


def paired(kind: str, ids: np.ndarray, shapes: np.ndarray) -> list[Pair]:
    """Return the pairs of zones of a kind that do not fit together."""
    return [Pair(kind, int(ids[fault.first]), int(ids[fault.second]), fault)
            for fault in coverage.faults(shapes.tolist())]


def _parents(rows: Rows, facts: Facts, tiling: np.ndarray, holds: np.ndarray) -> dict[int, BaseGeometry]:
    """Return the shapes of the zones that others tile, by id."""
    at = facts.rows_of(np.unique(rows.parents[tiling]).tolist())
    at = at[holds[at]]
    return dict(zip(rows.ids[at].tolist(), rows.shapes[at].tolist(), strict=True))


def gaps_of(facts: Facts, which: np.ndarray, shapes: np.ndarray, parents: dict[int, BaseGeometry]) -> list[Gap]:
    """Return the gaps of the families of some zones, whose shapes are given."""
    ids, at_parent = facts.ids[which], facts.parents[which]
    kinds = [reading.kinds_that_fit()[kind] for kind in facts.kinds[which].tolist()]
    at_parent = np.where(np.isin(at_parent, np.array(sorted(parents), np.int64)), at_parent, NOBODY)
    families = sorted(set(zip(at_parent.tolist(), kinds, strict=True)))
    number = {family: at for at, family in enumerate(families)}
    keys = [number[family] for family in zip(at_parent.tolist(), kinds, strict=True)]
    above = {at: parents[family[0]] for family, at in number.items() if family[0] != NOBODY}
    return [named(families[gap.family], gap, ids) for gap in gaps.gaps(shapes.tolist(), keys, above)]


def named(family: Family, gap: gaps.Gap, ids: np.ndarray) -> Gap:
    """Return a gap with the ids of the zones around it."""
    return Gap(family, gap.shape, gap.area_m2, gap.is_thin, tuple(int(ids[at]) for at in gap.beside))


def faced_by(session: Session, numbers: np.ndarray, shapes: Sequence[BaseGeometry]) -> dict[str, Any]:
    """Return both sides of each street that some frontage zones belong to, by its code."""
    words = reading.words_of(np.unique(numbers).tolist())
    known, lines = reading.streets(session, sorted(words.values()))
    number = {code: at for at, code in enumerate(known)}
    at = [number.get(words[street], -1) for street in numbers.tolist()]
    chosen = [(shape, street) for shape, street in zip(shapes, at, strict=True) if street >= 0]
    found = facing.bare(lines, [shape for shape, _ in chosen], [street for _, street in chosen])
    return {code: tuple(found[2 * street:2 * street + 2]) for code, street in number.items()}
