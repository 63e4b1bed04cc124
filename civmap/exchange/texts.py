"""The things of a kind as texts that follow every write: all but the counts on them, which differ by viewer.

A thing looks alike to all who see it but for its telephone numbers, so each is kept twice: for whoever belongs to its
duty chain, and with the middle of every number hidden.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.geo.bulk import exported_texts
from civmap.issues import narrowing
from civmap.mirror.following import Change, Mirror, codes_in, seen_line
from civmap.mirror.kinds import NO_ROW, SOURCES, ids_of
from civmap.mirror.ragged import grown
from civmap.mirror.tables import Table
from civmap.people.rules import Viewer, phone_for
from civmap.store.listing import one_of

KINDS = ("points", "segments", "zones")
BLOCK = 64
OUTSIDE, CHAIN = Viewer("", "public"), Viewer("", "admin")
PROBE = "13912345678"
_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Texts:
    """Row i of a kind as the beginning of its Feature, up to its counts; of each block how often it changed.

    What is told of a thing may depend on the day, so texts are of one office day.
    """

    line: int
    day: date
    masked: list[bytes]
    whole: list[bytes]
    units: np.ndarray
    parents: np.ndarray
    versions: np.ndarray

    def in_chain(self, viewer: Viewer) -> np.ndarray:
        """Tell of each row whether the viewer is told its telephone numbers whole."""
        holders = {unit: phone_for(viewer, PROBE, unit if unit != NO_ROW else None) == PROBE
                   for unit in np.unique(self.units).tolist()}
        return np.isin(self.units, [unit for unit, is_told in holders.items() if is_told])


def texts(mirror: Mirror, session: Session, table: Table, day: date) -> Texts:
    """Return the texts of a kind, as new as its table; only what changed is written anew."""
    kind, log = table.source.name, mirror.follow(session)
    kept: Texts | None = mirror.beside.get(("texts", kind))
    changes = log.since(kept.line) if kept is not None else None
    if kept is None or changes is None or kept.day != day or any(map(_moves_all, changes)):
        size = len(table)
        kept = Texts(0, day, [b""] * size, [b""] * size, np.full(size, NO_ROW), np.full(size, NO_ROW),
                     np.zeros(-(-size // BLOCK), np.int64) if kept is None else _blocks(kept.versions, size) + 1)
        kept = _written(session, table, kept, table.ids, seen_line(session, log))
    elif changes:
        ids = ids_of(session, SOURCES[kind], codes_in(changes, kind))
        below = table.ids[:len(kept.parents)][np.isin(kept.parents, ids)] if ids else []
        kept = _written(session, table, kept, np.union1d(ids, below).astype(np.int64), seen_line(session, log))
    mirror.beside["texts", kind] = kept
    return kept


def _moves_all(change: Change) -> bool:
    """Tell whether a change may show in other things than the one it names."""
    return change.kind == "units" or change.is_wide or not change.code


def _blocks(versions: np.ndarray, size: int) -> np.ndarray:
    return grown(versions, -(-size // BLOCK) - len(versions))


def _written(session: Session, table: Table, kept: Texts, ids: np.ndarray, line: int) -> Texts:
    more = len(table) - len(kept.masked)
    masked, whole = kept.masked + [b""] * more, kept.whole + [b""] * more
    units, parents = grown(kept.units, more), grown(kept.parents, more)
    versions = _blocks(kept.versions, len(table))
    units[len(units) - more:] = parents[len(parents) - more:] = NO_ROW
    for row_id, row, told in _told(session, table.source.name, ids.tolist()):
        at = int(np.searchsorted(table.ids, row_id))
        masked[at], whole[at] = told
        units[at] = row.unit_id or NO_ROW
        parents[at] = getattr(row, "parent_id", None) or NO_ROW
    touched = np.unique(np.searchsorted(table.ids, ids) // BLOCK)
    versions[touched] += 1
    return Texts(line, kept.day, masked, whole, units, parents, versions)


def _told(session: Session, kind: str, ids: Sequence[int]) -> list[tuple[int, Any, tuple[bytes, bytes]]]:
    room = narrowing.ROOMS[kind]
    rows = list(session.scalars(select(room.model).where(one_of(room.model.id, ids)))) if ids else []
    known = room.queries.lookup(session, rows)
    shapes = exported_texts([row.geom for row in rows])
    return [(row.id, row, (_begun(row.code, shape, room.queries.properties(row, OUTSIDE, known)),
                           _begun(row.code, shape, room.queries.properties(row, CHAIN, known))))
            for row, shape in zip(rows, shapes, strict=True)]


def _begun(code: str, shape: str, properties: dict[str, Any]) -> bytes:
    text = f'{{"type":"Feature","id":{_json(code)},"geometry":{shape},"properties":{_json(properties)[:-1]}'
    return text.encode()
