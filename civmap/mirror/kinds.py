"""What is mirrored of each kind, and how it is read: raw columns in one sweep, or those of some rows."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.issues.models import Issue
from civmap.mirror import places, ragged
from civmap.mirror.places import Places
from civmap.mirror.ragged import Ragged
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.prepared import Prepared, Shelf, listed
from civmap.units.models import Unit
from civmap.zones.models import Zone

CHUNK = 50_000
NO_ROW = -1
NO_MOMENT = 2**31 - 1
"""The second that stands for "never" where moments are kept as 32-bit seconds."""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind: its table, its name in the ledger, and its columns.

    `sorts` hold one of a few words, `links` the id of another row, `moments` seconds.
    """

    name: str
    one: str
    model: Any
    code: str
    place: str
    is_spot: bool
    title: str | None = "name"
    sorts: tuple[str, ...] = ()
    links: tuple[str, ...] = ("unit_id",)
    moments: tuple[str, ...] = ("valid_from", "valid_to")


SOURCES = {source.name: source for source in (
    Source("points", "point", InspectionPoint, "code", "geom", True, sorts=("type",)),
    Source("segments", "segment", RoadSegment, "code", "geom", False, sorts=("road_class",)),
    Source("zones", "zone", Zone, "code", "geom", False, sorts=("kind",)),
    Source("units", "unit", Unit, "code", "seat", True, sorts=("kind",), links=()),
    Source("issues", "issue", Issue, "issue_no", "geom", True, title=None, sorts=("class_code", "state"),
           links=("point_id", "segment_id", "unit_id"),
           moments=("reported_at", "dispatched_at", "due_soon_at", "due_at", "suspended_at", "checked_at", "ended_at")),
)}
NOWHERE = struct.pack("<bidd", 1, 1, nan, nan)
_IDS: Shelf[Prepared] = Shelf()
Words = dict[str, dict[str, int]]
"""The words of each sorting column with their numbers; they only grow, so every version of a table may share them."""
OF_LEDGER = {source.one: source for source in SOURCES.values()}


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows as they were read, in order of id; `sorts` are numbers of words."""

    ids: np.ndarray
    codes: Ragged
    titles: Ragged | None
    sorts: dict[str, np.ndarray]
    numbers: dict[str, np.ndarray]
    places: Places


def read(session: Session, source: Source, words: Words, ids: Sequence[int] | None = None) -> Rows:
    """Return all rows of a kind, or those of some ids."""
    pieces = [rows_of(source, words, chunk) for chunk in _chunks(session, source, ids)]
    return pieces[0] if len(pieces) == 1 else _joined(pieces or [rows_of(source, words, [])])


def ids_of(session: Session, source: Source, codes: Sequence[str]) -> list[int]:
    """Return the ids of the rows of some codes, in order."""
    if not codes:
        return []
    asked = _IDS.of(source.name, lambda: Prepared(select(source.model.id).where(
        listed("codes", getattr(source.model, source.code)))))
    return sorted([row.id for row in asked.rows(session, codes=list(codes))])


def _chunks(session: Session, source: Source, ids: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    lite = session.get_bind().dialect.name == "sqlite"
    narrowed = "" if ids is None else f" WHERE id IN ({','.join(str(int(one)) for one in ids) or 'NULL'})"
    columns, tables = ", ".join(_expressions(source, lite)), source.model.__tablename__
    statement = f"SELECT {columns} FROM {tables}{narrowed} ORDER BY id"
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(statement)
        while chunk := cursor.fetchmany(CHUNK):
            yield chunk
    finally:
        cursor.close()


def _expressions(source: Source, lite: bool) -> list[str]:
    """Return the columns in the order in which `rows_of` takes them; names are our own models', never a stranger's."""
    moment = "unixepoch({0})" if lite else "CAST(floor(extract(epoch FROM {0})) AS bigint)"
    return ["id", source.code, *([source.title] if source.title else []), *source.sorts,
            *(f"coalesce({name}, {NO_ROW})" for name in source.links),
            *(f"coalesce({moment.format(name)}, {NO_MOMENT})" for name in source.moments),
            f"ST_AsBinary({source.place})"]


def rows_of(source: Source, words: Words, rows: Sequence[tuple[Any, ...]]) -> Rows:
    """Return rows of raw columns (ids, codes, titles, words, links, seconds, WKB) as arrays."""
    columns = iter(list(zip(*rows, strict=True)) or [()] * len(_expressions(source, True)))
    ids = np.array(next(columns), np.int64)
    codes = ragged.of_texts(next(columns))
    titles = ragged.of_texts(next(columns)) if source.title else None
    sorts = {name: _numbered(next(columns), words.setdefault(name, {})) for name in source.sorts}
    numbers = {name: _whole(next(columns)) for name in source.links}
    numbers |= {name: _whole(next(columns)) for name in source.moments}
    where = places.of_spots(_degrees(next(columns))) if source.is_spot else places.of_shapes(next(columns))
    return Rows(ids, codes, titles, sorts, numbers, where)


def _degrees(spots: Sequence[bytes | None]) -> np.ndarray:
    """Return (n, 2) lon/lat of points in well-known binary (a byte order, a type, two numbers); NaN where is none."""
    flat = np.frombuffer(b"".join([NOWHERE if spot is None else spot for spot in spots]), np.uint8)
    return flat.reshape(len(spots), len(NOWHERE))[:, 5:].copy().view("<f8")


def _numbered(texts: Sequence[str | None], words: dict[str, int]) -> np.ndarray:
    for word in dict.fromkeys(texts):
        words.setdefault(word or "", len(words))
    known = {word: words[word or ""] for word in dict.fromkeys(texts)}
    return np.fromiter(map(known.__getitem__, texts), np.int16, len(texts))


def _whole(values: Sequence[int]) -> np.ndarray:
    found = np.fromiter(values, np.int64, len(values))
    return np.clip(found, -NO_MOMENT, NO_MOMENT).astype(np.int32)


def _joined(pieces: list[Rows]) -> Rows:
    first = pieces[0]
    return Rows(
        np.concatenate([piece.ids for piece in pieces]), ragged.joined([piece.codes for piece in pieces]),
        None if first.titles is None else ragged.joined([piece.titles for piece in pieces if piece.titles is not None]),
        {name: np.concatenate([piece.sorts[name] for piece in pieces]) for name in first.sorts},
        {name: np.concatenate([piece.numbers[name] for piece in pieces]) for name in first.numbers},
        places.joined([piece.places for piece in pieces]))
