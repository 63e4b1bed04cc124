"""The words of the whole city in memory, following every write by way of the mirror and its ledger.

No writer can forget it: a search first asks the ledger for its newest line, and reads the rows that changed. A column
in the database would have to be kept by every writer and every import, on two engines with different text indexes, of
which neither finds two Chinese characters inside a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count, islice
from threading import RLock

import numpy as np
from sqlalchemy.orm import Session

from civmap.addresses.spelling import code, plain, plain_lines, sounds
from civmap.mirror.following import Mirror, codes_in, seen_line
from civmap.mirror.kinds import SOURCES, ids_of
from civmap.search import blocks, words
from civmap.search.blocks import Block, aside
from civmap.search.words import Row

MOST_BESIDE = 2_000
CHUNK = 400
READING = RLock()
_versions = count(1)
PIECE = 20_000
SILENT = frozenset({"issues"})
"""Kinds whose words are not kept by sound: a million addresses would cost more memory than they are worth."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Some rows: their ids in order, and their codes, words and sounds as blocks."""

    ids: np.ndarray
    codes: Block
    texts: Block
    sounds: Block


@dataclass(slots=True)
class Kept:
    """The words of one kind as of a ledger line: the bulk of them, and what changed since; `version` tells it apart."""

    line: int
    bulk: Pages
    beside: Pages
    changed: dict[int, Row] = field(default_factory=dict)
    outdated: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    version: int = field(default_factory=lambda: next(_versions))


def pages(mirror: Mirror, session: Session, kind: str) -> Kept:
    """Return the words of a kind, at least as new as this session sees them.

    Reading a whole kind takes seconds in a large city: only searches wait for it, the mirror stays free.
    """
    with READING:
        with mirror.lock:
            log = mirror.follow(session)
            shelf: dict[str, Kept] = mirror.beside.setdefault("words", {})
            kept = shelf.get(kind)
            changes = log.since(kept.line) if kept is not None else None
            end = seen_line(session, log)
        if kept is None or changes is None:
            kept = _read_all(session, kind, end)
        elif changes:
            kept = _followed(session, kind, kept, _ids(session, kind, changes), end)
        shelf[kind] = kept
        return kept


def _ids(session: Session, kind: str, changes: Iterable) -> list[int]:
    codes, found = codes_in(changes, kind), []
    for start in range(0, len(codes), CHUNK):
        found += ids_of(session, SOURCES[kind], codes[start:start + CHUNK])
    if kind == "zones":
        roads = codes_in(changes, "segments")
        for start in range(0, len(roads), CHUNK):
            found += words.zones_on(session, roads[start:start + CHUNK])
    return found


def _read_all(session: Session, kind: str, line: int) -> Kept:
    return Kept(line, _pages(kind, words.read(session, kind)), _pages(kind, ()))


def _followed(session: Session, kind: str, kept: Kept, ids: list[int], line: int) -> Kept:
    if len(kept.changed) + len(ids) > MOST_BESIDE:
        return _read_all(session, kind, line)
    if not ids:
        return replace(kept, line=line)
    changed = dict(kept.changed)
    for start in range(0, len(ids), CHUNK):
        changed.update((row[0], row) for row in words.read(session, kind, ids[start:start + CHUNK]))
    rows = [changed[number] for number in sorted(changed)]
    return Kept(line, kept.bulk, _pages(kind, rows), changed, np.array(sorted(changed), np.int64))


def _pages(kind: str, rows: Iterable[Row]) -> Pages:
    pieces, rest, page = [], iter(rows), _silent if kind in SILENT else _spoken
    while chunk := list(islice(rest, PIECE)):
        pieces.append(page(chunk))
    return Pages(np.concatenate([np.zeros(0, np.int64), *(piece.ids for piece in pieces)]),
                 blocks.joined([piece.codes for piece in pieces]), blocks.joined([piece.texts for piece in pieces]),
                 blocks.joined([piece.sounds for piece in pieces]))


def _silent(rows: list[Row]) -> Pages:
    """Return rows that have but a code and one place, all at once: there may be a million."""
    places = plain_lines([" ".join(row[3]) for row in rows])
    codes = "\n".join(code(row[1]) for row in rows)
    return Pages(np.array([row[0] for row in rows], np.int64), blocks.of_lines(codes),
                 blocks.of_lines(places, aside("")), blocks.of_rows(() for _ in rows))


def _spoken(rows: list[Row]) -> Pages:
    both = [(_bare(row[2]), _bare(row[3])) for row in rows]
    return Pages(np.array([row[0] for row in rows], np.int64), blocks.of_rows((code(row[1]),) for row in rows),
                 blocks.of_rows([*names, *map(aside, places)] for names, places in both),
                 blocks.of_rows(_heard(names, places) for names, places in both))


def _heard(names: list[str], places: list[str]) -> list[str]:
    return [*(sound for name in names for sound in sounds(name)),
            *(aside(sound) for place in places for sound in sounds(place))]


def _bare(said: list[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(plain, said))))
