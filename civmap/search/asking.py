"""What somebody looks for, best first: by code, name, address or sound, of what they may see and nothing else.

Order: how well the words fit (a code or a name in full, its beginning, a word in it, inside; then the same by sound),
then how many open issues weigh on the thing, then the shorter name.
"""

from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from civmap.addresses.spelling import has_han
from civmap.mirror.following import Mirror
from civmap.mirror.places import lonlat
from civmap.mirror.tables import Table
from civmap.people.rules import Viewer
from civmap.search import blocks, index, roads
from civmap.search.index import Kept, Pages
from civmap.search.wishes import (
    FIT_OF_CODE,
    FIT_OF_SOUND,
    FIT_OF_TEXT,
    SOUNDS_ALIKE,
    Eyes,
    Fits,
    Hit,
    Wish,
    wish_of,
)

KINDS = ("streets", "points", "units", "segments", "zones", "issues")
FEW_SEEN = 30_000
"""Where a viewer sees fewer rows than this, only those are looked at: hits hidden from them cost nothing then."""


def search(mirror: Mirror, session: Session, viewer: Viewer, q: str, limit: int, now: datetime) -> list[Hit]:
    """Return what a viewer may see of what fits the words, best first; no kind crowds out the others."""
    wish = wish_of(q)
    if wish is None:
        return []
    eyes = Eyes(mirror, session, viewer, now)
    words = {kind: index.pages(mirror, session, kind) for kind in KINDS[1:]}
    with mirror.lock:
        found = [hit for kind in KINDS[1:] for hit in _of_kind(eyes, kind, words[kind], wish, limit)]
        found += roads.found(eyes, words["segments"], wish, limit)
    found.sort(key=lambda hit: (hit.fit, -hit.open_issues, KINDS.index(hit.kind), len(hit.code), hit.code))
    share = max(3, -(-limit // 3))
    held: dict[str, int] = {}
    first, rest = [], []
    for hit in found:
        held[hit.kind] = held.get(hit.kind, 0) + 1
        (first if held[hit.kind] <= share else rest).append(hit)
    kept = sorted([*first, *rest][:limit], key=found.index) if len(found) <= 500 else [*first, *rest][:limit]
    return kept


def _of_kind(eyes: Eyes, kind: str, kept: Kept, wish: Wish, limit: int) -> list[Hit]:
    table, seen = eyes.table(kind), eyes.seen(kind).rows
    parts = [(kept.bulk, kept.outdated), (kept.beside, None)]
    ids, fits = [], []
    for page, outdated in parts:
        only = _few(page, table, seen)
        rows, how = _fitting(page, wish, kind, only)
        found = page.ids[rows]
        stays = np.ones(len(found), bool) if outdated is None else ~np.isin(found, outdated)
        ids.append(found[stays])
        fits.append(how[stays])
    return _best(eyes, kind, table, seen, np.concatenate(ids), np.concatenate(fits), limit)


def _few(page: Pages, table: Table, seen: np.ndarray) -> np.ndarray | None:
    if seen.all() or not len(page.ids):
        return None
    ids = table.ids[seen]
    return None if len(ids) > FEW_SEEN else _rows_of(page.ids, ids)[0]


def _rows_of(held: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the ids that are held (in order), and which of the ids those are."""
    if not len(held):
        return np.zeros(0, np.int64), np.zeros(len(ids), bool)
    at = np.minimum(np.searchsorted(held, ids), len(held) - 1)
    known = held[at] == ids
    return at[known], known


def _best(eyes: Eyes, kind: str, table: Table, seen: np.ndarray, ids: np.ndarray, fits: np.ndarray,
          limit: int) -> list[Hit]:
    rows, known = _rows_of(table.ids, ids)
    ids, fits, rows = (part[seen[rows]] for part in (ids[known], fits[known], rows))
    if not len(ids):
        return []
    weighs = eyes.burden(kind)
    burden = weighs.open[rows]
    lengths = table.titles.lengths[rows] if table.titles is not None else np.zeros(len(rows))
    order = np.lexsort((-ids if kind == "issues" else ids, lengths, -burden, fits))[:limit]
    return [Hit(kind, int(ids[at]), bytes(table.codes.row(int(rows[at]))).decode(), int(fits[at]), int(burden[at]),
                weighs.worst(rows[at:at + 1]), *place(table, int(rows[at]))) for at in order]


def place(table: Table, row: int) -> tuple[tuple[float, float] | None, tuple[float, float, float, float] | None]:
    """Return where a row lies (lon, lat) and its box (W, S, E, N) in degrees; None where it lies nowhere."""
    xy = table.places.xy[row]
    if not np.isfinite(xy).all():
        return None, None
    lon, lat = lonlat(xy[None])[0].tolist()
    if table.places.box is None:
        return (lon, lat), None
    west, north, east, south = table.places.box[row]
    (west, north), (east, south) = lonlat(np.array([[west, north], [east, south]])).tolist()
    return (lon, lat), (west, south, east, north)


def _fitting(page: Pages, wish: Wish, kind: str, only: np.ndarray | None) -> Fits:
    """Return the rows of a page that fit, and how well."""
    found: list[Fits] = []
    if not wish.is_han:
        found.append(_told(blocks.find(page.codes, wish.code, only), FIT_OF_CODE))
    if wish.is_han or kind not in index.SILENT:
        found.append(_told(blocks.find(page.texts, wish.word, only), FIT_OF_TEXT))
    if kind not in index.SILENT and (not wish.is_han or wish.is_mixed) and len(wish.word) > 1:
        found += [_told(blocks.find(page.sounds, sound, only), FIT_OF_SOUND) for sound in wish.sounds]
    elif kind not in index.SILENT and wish.is_han and len(wish.word) > 1:
        rows, _ = blocks.find(page.sounds, "\t" + wish.sounds[0], only)
        found.append((rows, np.full(len(rows), SOUNDS_ALIKE)))
    rows = np.concatenate([rows for rows, _ in found])
    fits = np.concatenate([fits for _, fits in found])
    order = np.lexsort((fits, rows))
    rows, fits = rows[order], fits[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    rows, fits = rows[first], fits[first]
    for other in wish.others:
        holds = [_holds(page, row, other) for row in rows.tolist()]
        rows, fits = rows[holds], fits[holds]
    if wish.is_mixed:
        signs = [sign.encode() for sign in wish.word if has_han(sign)]
        holds = [all(sign in page.texts.row(row) for sign in signs) for row in rows.tolist()]
        rows, fits = rows[holds], fits[holds]
    return rows, fits


def _told(found: Fits, scale: tuple[int, ...]) -> Fits:
    rows, how = found
    return rows, np.array(scale, np.int64)[how]


def _holds(page: Pages, row: int, word: str) -> bool:
    needle = word.encode()
    return any(needle in block.row(row) for block in (page.texts, page.codes, page.sounds))


