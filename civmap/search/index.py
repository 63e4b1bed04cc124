"""The words of the whole city in memory, following every write by way of the mirror and its ledger.

No writer can forget it: a search first asks the ledger for its newest line, and reads the rows that changed. A column
in the database would have to be kept by every writer and every import, on two engines with different text indexes, of
which neither finds two Chinese characters inside a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.orm import Session

from civmap.mirror.following import Mirror, codes_in
from civmap.mirror.kinds import SOURCES, ids_of
from civmap.search import blocks, words
from civmap.search.blocks import Block, aside
from civmap.search.spelling import plain, sounds
from civmap.search.words import Row

MOST_BESIDE = 2_000
CHUNK = 400
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
    """The words of one kind as of a ledger line: the bulk of them, and what changed since."""

    line: int
    bulk: Pages
    beside: Pages
    changed: dict[int, Row] = field(default_factory=dict)
    outdated: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def pages(mirror: Mirror, session: Session, kind: str) -> Kept:
    """Return the words of a kind, at least as new as this session sees them."""
    with mirror.lock:
        log = mirror.follow(session)
        shelf: dict[str, Kept] = mirror.beside.setdefault("words", {})
        kept = shelf.get(kind)
        changes = log.since(kept.line) if kept is not None else None
        if kept is None or changes is None:
            kept = _read_all(session, kind, log.end)
        elif changes:
            kept = _followed(session, kind, kept, _ids(session, kind, changes), log.end)
        kept.line = max(kept.line, log.end)
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
    changed = dict(kept.changed)
    for start in range(0, len(ids), CHUNK):
        changed.update((row[0], row) for row in words.read(session, kind, ids[start:start + CHUNK]))
    rows = [changed[number] for number in sorted(changed)]
    return Kept(line, kept.bulk, _pages(kind, rows), changed, np.array(sorted(changed), np.int64))


def _pages(kind: str, rows: Iterable[Row]) -> Pages:
    ids, codes, texts, heard = [], [], [], []
    for number, code, names, places in rows:
        called, placed = _bare(names), _bare(places)
        ids.append(number)
        codes.append((_bare([code]) or [""])[0:1])
        texts.append([*called, *map(aside, placed)])
        heard.append(() if kind in SILENT else [
            *(sound for name in called for sound in sounds(name)),
            *(aside(sound) for place in placed for sound in sounds(place))])
    return Pages(np.array(ids, np.int64), blocks.of_rows(codes), blocks.of_rows(texts), blocks.of_rows(heard))


def _bare(said: list[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(plain, said))))
