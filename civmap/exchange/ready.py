"""Whole layers ready to send: put together from packed blocks that are kept, so that opening a map costs little.

Which rows, which telephone numbers and which counts a block holds is its name; so whoever is given a block would have
been given the very same bytes without it.
"""

from datetime import datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.exchange import packing, texts
from civmap.exchange.gather import Narrowing
from civmap.exchange.packing import Piece
from civmap.exchange.texts import BLOCK, Texts
from civmap.issues import narrowing
from civmap.issues.models import Issue
from civmap.mirror import counting, masks
from civmap.mirror.counting import Colours
from civmap.mirror.following import Mirror
from civmap.mirror.masks import Asked
from civmap.mirror.standing import STATUSES
from civmap.people.rules import Viewer
from civmap.store.prepared import Shelf

MOST_ROWS = 5_000
"""Layers of more things travel as tiles."""
MOST_COLD = 100_000
"""With more issues than this nobody waits here for the mirror to be read for the first time."""
MOST_BLOCKS = 1_000
HEAD, COMMA, TAIL = (packing.piece(text) for text in (b'{"type":"FeatureCollection","features":[', b",",
                                                      b'],"next":null}'))


def layer(mirror: Mirror, session: Session, viewer: Viewer, kind: str, asked: Narrowing,
          now: datetime) -> list[Piece] | None:
    """Return a layer as pieces; None where it is no whole layer of some size, in the present, by status."""
    if not _fits(mirror, session, kind, asked):
        return None
    own, counted = narrowing.parted(kind, asked.filters)
    with mirror.still(session):
        table = mirror.table(session, kind)
        if len(table) > MOST_ROWS:
            return None
        left = masks.mask(mirror, session, viewer, kind, Asked(own), now).rows
        colours = counting.colours(mirror, session, viewer, kind, Asked(counted), "status", now)
        told = texts.texts(mirror, session, table, clock.office_day(now))
        blocks: Shelf[Piece] = mirror.beside.setdefault("blocks", Shelf(MOST_BLOCKS))
    return _pieces(blocks, kind, told, left, told.in_chain(viewer), colours)


def _fits(mirror: Mirror, session: Session, kind: str, asked: Narrowing) -> bool:
    is_plain = not (asked.bbox or asked.q or asked.status or asked.on or asked.limit or asked.after)
    if not is_plain or asked.by != "status" or kind not in texts.KINDS or "code" in asked.filters:
        return False
    return mirror.holds("issues") or (session.scalar(select(func.max(Issue.id))) or 0) <= MOST_COLD


def _pieces(blocks: Shelf[Piece], kind: str, told: Texts, left: np.ndarray, chain: np.ndarray,
            colours: Colours) -> list[Piece]:
    counts = np.column_stack([colours.counts.open, colours.counts.due_soon, colours.counts.overdue, colours.status])
    found = [HEAD]
    for number in range(len(told.versions)):
        part = slice(number * BLOCK, (number + 1) * BLOCK)
        rows = np.flatnonzero(left[part]) + part.start
        if not len(rows):
            continue
        key = (kind, number, int(told.versions[number]), rows.tobytes(), chain[rows].tobytes(), counts[rows].tobytes())
        if len(found) > 1:
            found.append(COMMA)
        found.append(blocks.of(key, lambda rows=rows: packing.piece(_block(told, rows, chain, counts))))
    return [*found, TAIL]


def _block(told: Texts, rows: np.ndarray, chain: np.ndarray, counts: np.ndarray) -> bytes:
    return b",".join([
        (told.whole if is_told else told.masked)[row]
        + f',"open_issues":{opens},"due_soon_issues":{soon},"overdue_issues":{late},"status":"{STATUSES[status]}"}}}}'
        .encode()
        for row, is_told, (opens, soon, late, status) in zip(
            rows.tolist(), chain[rows].tolist(), counts[rows].tolist(), strict=True)])


tag, packed = packing.tag, packing.stream


def plain(pieces: list[Piece]) -> bytes:
    """Return a layer as it is without packing."""
    return packing.unpacked(packing.stream(pieces))
