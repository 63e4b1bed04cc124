"""Counting what rates are made of over the arrays: the present of a million issues in a moment.

`issues.tallying` says the same in SQL, for earlier days and frames of the map; a test holds the two together.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from civmap import fields
from civmap.issues import rules
from civmap.issues.rates import Tally
from civmap.issues.tallying import Asked
from civmap.mirror import masks
from civmap.mirror.following import Mirror
from civmap.mirror.lives import NEVER, NONE, Lives, lives, micros
from civmap.store.listing import Here

Counted = dict[Any, Tally]
Amounts = Mapping[str, tuple[np.ndarray, np.ndarray | int]]


def over(mirror: Mirror) -> Callable[[Here, Asked], Counted | None]:
    """Return what counts over a mirror; it answers None for what the arrays do not tell: the past, and frames."""
    return lambda here, asked: counted(mirror, here, asked) if here.is_present and asked.bbox is None else None


def counted(mirror: Mirror, here: Here, asked: Asked) -> Counted:
    """Return the tallies by unit id, division, point type or class; None is the key of what has none."""
    with mirror.lock:
        found = lives(mirror, here.session)
        amounts, rows = amounts_of(found, here, asked), _passing(mirror, found, here, asked)
        keys, places = _grouped(mirror, found, here, asked.by, np.flatnonzero(rows))
        return _sums(amounts, rows, keys, places)


def _passing(mirror: Mirror, found: Lives, here: Here, asked: Asked) -> np.ndarray:
    rows = ~found.is_in("state", ("draft",))
    rows &= _within(found.dispatched_at, asked) | _within(found.reported_at, asked)
    if here.viewer.sees_all and not asked.filters:
        return rows
    seen = masks.mask(mirror, here.session, here.viewer, "issues", masks.Asked(asked.filters), here.now).rows
    known = mirror.table(here.session, "issues").ids
    return rows & (seen if np.array_equal(known, found.ids) else np.isin(found.ids, known[seen]))


def _within(moments: np.ndarray, asked: Asked) -> np.ndarray:
    rows = moments != NEVER
    if asked.first:
        rows &= moments >= micros(fields.moment(asked.first))
    if asked.last:
        ends = fields.last_moment(asked.last)
        rows &= moments < micros(ends) if ends != fields.moment(asked.last) else moments <= micros(ends)
    return rows


def amounts_of(found: Lives, here: Here, asked: Asked) -> Amounts:
    """Return by name which issues count, and how much each adds; as `tallying` says it."""
    now, sent = micros(here.at), found.dispatched_at != NEVER
    end = min(micros(fields.last_moment(asked.last)), now) if asked.last else now
    handed = sent & ~found.is_in("state", ("rejected", "duplicate", "draft"))
    is_sent, is_reported = _within(found.dispatched_at, asked), _within(found.reported_at, asked)
    given, closed = handed & is_sent, handed & found.is_in("state", ("closed",))
    suspended = handed & found.is_in("state", ("suspended",))
    runs, reworks = given & ~suspended, found.rework_count
    ended = np.where(found.resolved_at != NEVER, found.resolved_at, found.closed_at)
    due = runs & (found.due_at != NEVER) & ((found.due_at <= end) | closed)
    overdue = found.is_in("state", tuple(rules.RUNNING)) & (found.due_at < now)
    late = due & ((closed & (ended != NEVER) & (ended > found.due_at)) | overdue) & ~found.is_overdue_waived
    fed_back = runs & ((found.resolved_at <= now) | (reworks > 0))
    handled = given & (found.handled_work_s != NONE) & (found.resolved_at <= now)
    first = np.where(found.filed_at != NEVER, found.filed_at, found.dispatched_at)
    was_sent = is_sent & (found.dispatched_at <= now)
    return {
        "handed_over": (given, 1), "suspended": (given & suspended, 1), "closed": (given & closed, 1),
        "fed_back": (runs & found.is_in("state", ("resolved", "closed")), 1), "due": (due, 1),
        "on_time": (due & closed & (ended <= found.due_at), 1), "late": (late, 1), "with_feedback": (fed_back, 1),
        "reworked": (fed_back & (reworks > 0), 1), "rework_times": (given, reworks),
        "wrong_returns": (given, found.wrong_return_count), "recurred": (given & closed & _came_back(found, now), 1),
        "handled": (handled, 1), "handled_s": (handled, found.handled_work_s), "reported": (is_reported, 1),
        "filed": (is_reported & (first <= now), 1),
        "dispatches": (was_sent, np.where(found.dispatch_count > 0, found.dispatch_count, found.return_count + 1)),
        "returns": (was_sent, found.return_count)}


def _came_back(found: Lives, now: int) -> np.ndarray:
    again = (found.recurrence_of_id != NONE) & (found.reported_at <= now)
    again &= ~found.is_in("state", ("rejected", "duplicate"))
    return np.isin(found.ids, found.recurrence_of_id[again])


def _grouped(mirror: Mirror, found: Lives, here: Here, by: str | None,
             rows: np.ndarray) -> tuple[list[Any], np.ndarray]:
    """Return the keys of the groups, and for each of some rows the place of its key."""
    if by is None:
        return [""], np.zeros(len(rows), np.int64)
    if by == "unit":
        values, places = np.unique(found.unit_id[rows], return_inverse=True)
        return [None if value == NONE else value for value in values.tolist()], places
    words, numbers = _types(mirror, found, here) if by == "type" else (list(found.words[by]), found.columns[by])
    values, places = np.unique(numbers[rows], return_inverse=True)
    return [words[value] or None for value in values.tolist()], places


def _types(mirror: Mirror, found: Lives, here: Here) -> tuple[list[str], np.ndarray]:
    """Return the type of each issue's point, '' where it has none."""
    points = mirror.table(here.session, "points")
    known = points.words["type"]
    words = ["", *sorted(known, key=known.__getitem__)]
    at = np.minimum(np.searchsorted(points.ids, found.point_id), max(len(points.ids) - 1, 0))
    if not len(points.ids):
        return words, np.zeros(len(found.ids), np.int64)
    return words, np.where(points.ids[at] == found.point_id, points.sorts["type"][at] + 1, 0)


def _sums(amounts: Amounts, rows: np.ndarray, keys: list[Any], places: np.ndarray) -> Counted:
    columns = {}
    for name, (condition, amount) in amounts.items():
        counts = condition[rows]
        weights = None if isinstance(amount, int) else amount[rows][counts]
        columns[name] = np.bincount(places[counts], weights, minlength=len(keys)).round().astype(np.int64).tolist()
    if not len(places):
        return {"": Tally()} if keys == [""] else {}
    return {key: Tally(**{name: column[place] for name, column in columns.items()}) for place, key in enumerate(keys)}
