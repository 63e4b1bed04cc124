"""Checking again only what an edit can have changed: the zones that meet it, the gaps around it, its streets."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.coverage import reading, state
from civmap.coverage.reading import NOBODY, Rows
from civmap.coverage.state import Facts, Family, Gap, Pair, State
from civmap.geo import gaps

MARGIN = 1e-7
"""Degrees, a centimetre: what only touches belongs to it."""
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class _Edit:
    """Zones that changed: the rows before and after, all facts after, and those that hold now."""

    ids: frozenset[int]
    old: Facts
    new: Rows
    facts: Facts
    holds: np.ndarray


def followed(session: Session, known: State, ids: Collection[int], streets: Collection[str], second: float) -> State:
    """Return the state after zones of some ids and segments of some codes changed, as of a second."""
    turned = _turned(known.facts, known.at, second)
    ids = frozenset(ids) | frozenset(known.facts.ids[turned].tolist())
    new = reading.zones(session, ids)
    at = known.facts.rows_of(ids)
    old = Facts(*(getattr(known.facts, name)[at] for name in Facts.__slots__))
    facts = known.facts.with_rows(ids, new)
    edit = _Edit(ids, old, new, facts, facts.holds(second))
    parents = _parents(session, known, edit)
    return State(second, facts, _pairs(session, known, edit), _gaps(session, known, edit, parents),
                 _bare(session, known, edit, streets), parents)


def _turned(facts: Facts, before: float, second: float) -> np.ndarray:
    return (((facts.begins > before) & (facts.begins <= second)) | ((facts.ends > before) & (facts.ends <= second)))


def _near(edit: _Edit, boxes: Iterable[np.ndarray], which: np.ndarray) -> np.ndarray:
    """Return the rows among some zones that hold and meet one of the boxes."""
    found = np.zeros(len(edit.facts.ids), bool)
    for box in boxes:
        found |= edit.facts.meeting(box + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN]))
    return np.flatnonzero(found & which & edit.holds)


def _shapes(session: Session, edit: _Edit, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    read = reading.zones(session, edit.facts.ids[rows].tolist())
    return read.ids, read.shapes


def _pairs(session: Session, known: State, edit: _Edit) -> tuple[Pair, ...]:
    found = [pair for pair in known.pairs if not edit.ids & {pair.first, pair.second}]
    for number in np.unique(edit.new.kinds).tolist():
        kind = reading.kinds_that_fit()[number]
        if not dictionaries.zone_kinds()[kind].forbids_overlap:
            continue
        boxes = shapely.bounds(edit.new.shapes[edit.new.kinds == number]).reshape(-1, 4)
        ids, shapes = _shapes(session, edit, _near(edit, boxes, edit.facts.kinds == number))
        found += [pair for pair in state.paired(kind, ids, shapes) if edit.ids & {pair.first, pair.second}]
    return tuple(sorted(found, key=lambda pair: pair[:3]))


def _parents(session: Session, known: State, edit: _Edit) -> dict[int, BaseGeometry]:
    """Return the shapes of the zones that others tile, after the edit; one that nobody tiles any more does no harm."""
    at = edit.facts.rows_of({*known.parents, *edit.new.parents.tolist()} - {NOBODY})
    wanted = set(edit.facts.ids[at[edit.holds[at]]].tolist())
    found = {one: shape for one, shape in known.parents.items() if one in wanted and one not in edit.ids}
    missing = wanted - found.keys()
    if not missing:
        return found
    again = reading.zones(session, missing)
    return found | dict(zip(again.ids.tolist(), again.shapes.tolist(), strict=True))


def _gaps(session: Session, known: State, edit: _Edit, parents: dict[int, BaseGeometry]) -> tuple[Gap, ...]:
    frames = _frames(known, edit, parents)
    found = [gap for gap in known.gaps if gap.family not in frames]
    for family, frame in frames.items():
        mine = [gap for gap in known.gaps if gap.family == family]
        is_member = _members(edit.facts, family, parents)
        if not (is_member & edit.holds).any():
            continue
        if family[0] in parents and not _was_tiled(known, family):
            frame = np.array(parents[family[0]].bounds)
        frame = _grown(frame, mine)
        found += [gap for gap in mine if not _meet(np.array(gap.shape.bounds), frame)]
        ids, shapes = _shapes(session, edit, _near(edit, [frame], is_member))
        if len(ids):
            found += [state.named(family, gap, ids) for gap in gaps.near(
                0, shapes.tolist(), parents.get(family[0]), tuple(frame.tolist()))]
    return tuple(sorted(found, key=lambda gap: (gap.family, -gap.area_m2)))


def _was_tiled(known: State, family: Family) -> bool:
    mine = _members(known.facts, family, known.parents)
    return bool((mine & known.facts.holds(known.at)).any())


def _members(facts: Facts, family: Family, parents: Collection[int]) -> np.ndarray:
    mine = facts.kinds == reading.number_of(family[1])
    if family[0] != NOBODY:
        return mine & (facts.parents == family[0])
    return mine & ~np.isin(facts.parents, np.array(sorted(parents), np.int64))


def _frames(known: State, edit: _Edit, parents: dict[int, BaseGeometry]) -> dict[Family, np.ndarray]:
    """Return for each family that the edit touches the box in which its gaps may be others now."""
    found: dict[Family, np.ndarray] = {}
    for family, box in (*_moved(known, edit, parents), *_moved_above(known, edit, parents)):
        if not np.isnan(box).any():
            found[family] = _both(found[family], box) if family in found else box
    return found


def _moved(known: State, edit: _Edit, parents: dict[int, BaseGeometry]) -> Iterator[tuple[Family, np.ndarray]]:
    """Yield the families of changed zones, before and after, with the boxes of these zones."""
    for facts, above in ((edit.old, known.parents), (state.facts_of(edit.new), parents)):
        for number, parent, box in zip(facts.kinds.tolist(), facts.parents.tolist(), facts.boxes, strict=True):
            kind = reading.kinds_that_fit()[number]
            if kind in state.tiling_kinds():
                yield (parent if parent in above else NOBODY, kind), box


def _moved_above(known: State, edit: _Edit, parents: dict[int, BaseGeometry]) -> Iterator[tuple[Family, np.ndarray]]:
    """Yield the families whose parent changed, came or went, with the box of the ground by which it did."""
    for parent in sorted(edit.ids & (known.parents.keys() | parents.keys())):
        before, after = known.parents.get(parent), parents.get(parent)
        shapes = [shape for shape in (before, after) if shape is not None]
        moved = shapes[0] if len(shapes) == 1 else shapely.symmetric_difference(*shapes)
        for number in np.unique(edit.facts.kinds[edit.facts.parents == parent]).tolist():
            kind = reading.kinds_that_fit()[number]
            yield (parent, kind), shapely.bounds(moved)
            if len(shapes) == 1:
                yield (NOBODY, kind), shapely.bounds(moved)


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.concatenate([np.minimum(one[:2], other[:2]), np.maximum(one[2:], other[2:])])


def _meet(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one[:2] <= other[2:]).all() and (other[:2] <= one[2:]).all())


def _grown(frame: np.ndarray, known: list[Gap]) -> np.ndarray:
    """Return a frame so large that every gap lies in it or outside, none across its edge."""
    frame = frame + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN])
    for _ in range(ROUNDS):
        wider = frame
        for gap in known:
            box = np.array(gap.shape.bounds)
            if _meet(box, wider):
                wider = _both(wider, box + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN]))
        if np.array_equal(wider, frame):
            break
        frame = wider
    return frame


def _bare(session: Session, known: State, edit: _Edit, streets: Collection[str]) -> dict[str, Any]:
    numbers = {number for facts in (edit.old, edit.new) for number in facts.streets[state.faces_street(facts)].tolist()}
    words = reading.words_of(numbers)
    codes = {*words.values(), *streets}
    if not codes:
        return known.bare
    numbers |= {reading.street_number(code) for code in streets}
    found = {code: sides for code, sides in known.bare.items() if code not in codes}
    faced = edit.holds & state.faces_street(edit.facts) & np.isin(edit.facts.streets, sorted(numbers))
    rows = reading.zones(session, edit.facts.ids[faced].tolist())
    return found | state.faced_by(session, rows.streets, rows.shapes.tolist())
