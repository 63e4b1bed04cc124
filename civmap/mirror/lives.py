"""What rates are made of, per issue, as arrays: moments to the microsecond, counts, and by what is grouped.

Read when a rate is first asked for, and kept in step with the ledger like the tables; a process that tells no rates
carries none of it. Moments are exact, for a second decides between on time and late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.issues.models import Issue
from civmap.mirror.following import CHUNK, Mirror, codes_in, seen_line
from civmap.mirror.kinds import SOURCES, ids_of
from civmap.mirror.ragged import grown

NEVER = np.iinfo(np.int64).max
NONE = -1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FETCHED = 50_000
MOMENTS = ("reported_at", "filed_at", "dispatched_at", "resolved_at", "closed_at", "due_at")
LINKS = ("unit_id", "point_id", "recurrence_of_id", "handled_work_s")
COUNTS = ("dispatch_count", "return_count", "wrong_return_count", "rework_count")
WORDS = {"class": "class_code", "state": "state", "division": "substr(division, 1, 9)"}


@dataclass(frozen=True, slots=True)
class Lives:
    """The issues in order of id, as of a ledger line; `words` gives each word its number, '' for none."""

    ids: np.ndarray
    columns: dict[str, np.ndarray]
    words: dict[str, dict[str, int]]
    line: int

    def __getattr__(self, name: str) -> np.ndarray:
        try:
            return self.columns[name]
        except KeyError as problem:
            raise AttributeError(name) from problem

    def is_in(self, name: str, wanted: Sequence[str]) -> np.ndarray:
        """Return which issues have one of some words."""
        known = self.words[name]
        is_wanted = np.zeros(len(known) + 1, bool)
        is_wanted[[known[word] for word in wanted if word in known]] = True
        return is_wanted[self.columns[name]]


def micros(moment: datetime) -> int:
    """Return a moment in microseconds, as the arrays hold it."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def lives(mirror: Mirror, session: Session) -> Lives:
    """Return the arrays, at least as new as this session sees the issues."""
    with mirror.lock:
        log = mirror.follow(session)
        kept: Lives | None = mirror.beside.get("lives")
        changes = None if kept is None else log.since(kept.line)
        line = seen_line(session, log)
        if kept is None or changes is None or any(change.is_wide for change in changes):
            kept = _whole(session, line)
        elif kept.line < log.end:
            kept = _followed(session, kept, codes_in(changes, "issues"), line) or _whole(session, line)
        mirror.beside["lives"] = kept
        return kept


def _whole(session: Session, line: int) -> Lives:
    words: dict[str, dict[str, int]] = {name: {"": 0} for name in WORDS}
    return Lives(*_read(session, words, None), words, line)


def _followed(session: Session, kept: Lives, codes: list[str], line: int) -> Lives | None:
    """Return the arrays with some issues read again; None where a new one would not be the last."""
    ids, columns = kept.ids, kept.columns
    for start in range(0, len(codes), CHUNK):
        some, new = _read(session, kept.words, ids_of(session, SOURCES["issues"], codes[start:start + CHUNK]))
        at = np.searchsorted(ids, some)
        is_new = at == len(ids)
        if (ids[at[~is_new]] != some[~is_new]).any():
            return None
        more = int(is_new.sum())
        at[is_new] = len(ids) + np.arange(more)
        ids = _placed(ids, more, at, some)
        columns = {name: _placed(values, more, at, new[name]) for name, values in columns.items()}
    return Lives(ids, columns, kept.words, line)


def _placed(old: np.ndarray, more: int, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    copy = grown(old, more)
    copy[at] = values
    return copy


def _read(session: Session, words: dict[str, dict[str, int]], ids: Sequence[int] | None) -> Any:
    if ids is not None and not len(ids):
        return np.zeros(0, np.int64), _columns([], words)
    narrowed = "" if ids is None else f" WHERE id IN ({','.join(str(int(one)) for one in ids)})"
    asked = ", ".join(_expressions(session.get_bind().dialect.name == "sqlite"))
    cursor = session.connection().connection.cursor()
    found, numbers = [], []
    try:
        cursor.execute(f"SELECT id, {asked} FROM {Issue.__tablename__}{narrowed} ORDER BY id")
        while rows := cursor.fetchmany(FETCHED):
            first, *others = zip(*rows, strict=True)
            numbers.append(np.fromiter(first, np.int64, len(first)))
            found.append(_columns(others, words))
    finally:
        cursor.close()
    if not numbers:
        return np.zeros(0, np.int64), _columns([], words)
    return np.concatenate(numbers), {name: np.concatenate([piece[name] for piece in found]) for name in found[0]}


def _expressions(lite: bool) -> list[str]:
    """Return the columns in the order in which `_columns` takes them; all names are our own model's."""
    moment = ("unixepoch({0}) * 1000000 + CAST(substr(substr({0}, 21) || '000000', 1, 6) AS INTEGER)" if lite
              else "CAST(extract(epoch FROM {0}) * 1000000 AS bigint)")
    return [*(f"coalesce({moment.format(name)}, {NEVER})" for name in MOMENTS),
            *(f"coalesce({name}, {NONE})" for name in LINKS), *COUNTS, "CAST(is_overdue_waived AS INTEGER)",
            *(f"coalesce({what}, '')" for what in WORDS.values())]


def _columns(read: Sequence[Sequence[Any]], words: dict[str, dict[str, int]]) -> dict[str, np.ndarray]:
    kinds = [*((name, np.int64) for name in MOMENTS), *((name, np.int32) for name in LINKS),
             *((name, np.int16) for name in COUNTS), ("is_overdue_waived", np.bool_)]
    rows = iter(read or [()] * (len(kinds) + len(WORDS)))
    found: dict[str, np.ndarray] = {name: np.array(next(rows), kind) for name, kind in kinds}
    return found | {name: _numbered(next(rows), words[name]) for name in WORDS}


def _numbered(texts: Sequence[str], known: dict[str, int]) -> np.ndarray:
    for text in dict.fromkeys(texts):
        known.setdefault(text, len(known))
    return np.fromiter(map(known.__getitem__, texts), np.int32, len(texts))
