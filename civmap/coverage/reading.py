"""Zones and streets as coverage needs them, read raw in one sweep: a hundred thousand rows as objects take seconds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.segments.models import RoadSegment
from civmap.zones.models import Zone

CHUNK = 400
NOBODY = -1
EVER, NEVER = -(2**40), 2**40
NO_STREET = 0
_STREETS: dict[str, int] = {"": NO_STREET}
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Rows:
    """Zones in order of id: numbers of kind and street, the parent's id, and from when until when they hold."""

    ids: np.ndarray
    kinds: np.ndarray
    parents: np.ndarray
    streets: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    shapes: np.ndarray


@cache
def kinds_that_fit() -> tuple[str, ...]:
    """Return the kinds of zones that must fit together in some way."""
    return tuple(code for code, kind in dictionaries.zone_kinds().items() if kind.forbids_overlap or kind.must_tile)


def zones(session: Session, ids: Collection[int] | None = None) -> Rows:
    """Return all zones of the kinds that must fit together, or those of some ids."""
    lite = session.get_bind().dialect.name == "sqlite"
    moment = "unixepoch({0})" if lite else "CAST(floor(extract(epoch FROM {0})) AS bigint)"
    known = ", ".join(f"'{code}'" for code in kinds_that_fit())
    narrowed = "" if ids is None else f" AND id IN ({', '.join(str(int(one)) for one in ids) or 'NULL'})"
    statement = (f"SELECT id, kind, coalesce(parent_id, {NOBODY}), coalesce(segment_code, ''), "
                 f"coalesce({moment.format('valid_from')}, {EVER}), coalesce({moment.format('valid_to')}, {NEVER}), "
                 f"ST_AsBinary(geom) FROM {Zone.__tablename__} WHERE kind IN ({known}){narrowed} ORDER BY id")
    columns = list(zip(*_fetched(session, statement), strict=True)) or [()] * 7
    kind_numbers = {kind: number for number, kind in enumerate(kinds_that_fit())}
    return Rows(np.array(columns[0], np.int64), np.array([kind_numbers[kind] for kind in columns[1]], np.int8),
                np.array(columns[2], np.int64), np.array([street_number(code) for code in columns[3]], np.int32),
                np.array(columns[4], np.int64), np.array(columns[5], np.int64),
                shapely.from_wkb([bytes(shape) for shape in columns[6]]))


def street_number(code: str) -> int:
    """Return the number that stands for a segment's code in this process: a word per zone would fill the memory."""
    return _STREETS[code] if code in _STREETS else _STREETS.setdefault(code, next(_NUMBERS))


def number_of(kind: str) -> int:
    """Return the number of a kind of zones that must fit together."""
    return kinds_that_fit().index(kind)


def _fetched(session: Session, statement: str) -> list[tuple[Any, ...]]:
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(statement)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def ids_of(session: Session, codes: Sequence[str]) -> list[int]:
    """Return the ids of the zones of some codes."""
    found: list[int] = []
    for start in range(0, len(codes), CHUNK):
        found += session.scalars(select(Zone.id).where(Zone.code.in_(codes[start:start + CHUNK])))
    return found


def words_of(numbers: Collection[int]) -> dict[int, str]:
    """Return the codes of some numbers of streets."""
    wanted = set(numbers)
    return {number: code for code, number in _STREETS.items() if number in wanted}


def streets(session: Session, codes: Sequence[str]) -> tuple[list[str], list[Any]]:
    """Return the codes of the segments of some codes, as far as there are any, and their lines."""
    found: list[Any] = []
    for start in range(0, len(codes), CHUNK):
        found += session.execute(select(RoadSegment.code, RoadSegment.geom).where(
            RoadSegment.code.in_(codes[start:start + CHUNK])))
    return [row.code for row in found], [row.geom for row in found]
