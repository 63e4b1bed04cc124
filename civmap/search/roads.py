"""Streets by name: those of the city's network, and roads that only segments know of.

The network's names stand on the ground of every map and hide nothing; a road of segments alone is found by those who
see one of its segments.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.addresses.spelling import has_han, plain, sounds
from civmap.city.models import StreetEdge
from civmap.mirror.following import Mirror
from civmap.mirror.places import lonlat
from civmap.search import blocks
from civmap.search.blocks import Block
from civmap.search.index import Kept
from civmap.search.wishes import FIT_OF_SOUND, FIT_OF_TEXT, SOUNDS_ALIKE, Eyes, Hit, Wish
from civmap.segments.models import RoadSegment

Box = tuple[float, float, float, float]


class Roads:
    """All road names with the box of the network's part and the ids of the segments."""

    def __init__(self, boxes: dict[str, Box], segments: dict[str, list[int]]) -> None:
        self.names = sorted({*boxes, *segments})
        self.boxes, self.segments = boxes, segments
        bare = [plain(name) for name in self.names]
        self.texts: Block = blocks.of_rows([(name,) for name in bare])
        self.sounds: Block = blocks.of_rows([sounds(name) for name in bare])


def known(mirror: Mirror, session: Session, words: Kept) -> Roads:
    """Return the roads, read again where the network or the words of a segment changed."""
    edges = session.execute(select(func.count(), func.max(StreetEdge.id))).one()
    key = (*edges, words.version)
    kept: tuple[Any, Roads] | None = mirror.beside.get("roads")
    if kept is None or kept[0] != key:
        kept = mirror.beside["roads"] = (key, Roads(_boxes(session), _segments(session)))
    return kept[1]


def _boxes(session: Session) -> dict[str, Box]:
    lite = session.get_bind().dialect.name == "sqlite"
    edges = ("MbrMinX", "MbrMinY", "MbrMaxX", "MbrMaxY") if lite else ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute("SELECT name, " + ", ".join(
            f"{'MIN' if at < 2 else 'MAX'}({edge}(geom))" for at, edge in enumerate(edges))
            + f" FROM {StreetEdge.__tablename__} WHERE name IS NOT NULL AND name <> '' GROUP BY name")
        return {name: tuple(map(float, box)) for name, *box in cursor.fetchall()}
    finally:
        cursor.close()


def _segments(session: Session) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, road in session.execute(select(RoadSegment.id, RoadSegment.road).where(RoadSegment.road != "")):
        found[road].append(number)
    return dict(found)


def found(eyes: Eyes, words: Kept, wish: Wish, limit: int) -> list[Hit]:
    """Return the roads that fit, with the open issues on those of their segments that the viewer sees."""
    roads = known(eyes.mirror, eyes.session, words)
    table, seen, weighs = eyes.table("segments"), eyes.seen("segments").rows, eyes.burden("segments")
    hits = []
    for row, fit in sorted(_fitting(roads, wish).items(), key=lambda item: item[1])[:5 * limit]:
        name = roads.names[row]
        if not _holds_all(name, wish):
            continue
        mine = table.rows_of(np.array(roads.segments.get(name, []), np.int64))
        mine = mine[seen[mine]]
        box = _around(roads.boxes.get(name), table, mine)
        if box is not None:
            spot = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            hits.append(Hit("streets", 0, name, fit, int(weighs.open[mine].sum()), weighs.worst(mine),
                            spot, box))
    return hits


def _fitting(roads: Roads, wish: Wish) -> dict[int, int]:
    """Return the rows of the roads that fit, and how well."""
    tries = [(roads.texts, wish.word, FIT_OF_TEXT)]
    if len(wish.word) > 1:
        by_sound = not wish.is_han or wish.is_mixed
        tries += [(roads.sounds, sound, FIT_OF_SOUND) if by_sound
                  else (roads.sounds, "\t" + sound, (SOUNDS_ALIKE,) * 4) for sound in wish.sounds]
    fits: dict[int, int] = {}
    for block, word, scale in tries:
        rows, how = blocks.find(block, word)
        for row, at in zip(rows.tolist(), how.tolist(), strict=True):
            fits[row] = min(fits.get(row, SOUNDS_ALIKE), scale[at])
    return fits


def _holds_all(name: str, wish: Wish) -> bool:
    bare = plain(name)
    if wish.is_mixed and not all(sign in bare for sign in wish.word if has_han(sign)):
        return False
    told = " ".join([bare, *sounds(bare)])
    return all(other in told for other in wish.others)


def _around(box: Box | None, table: Any, rows: np.ndarray) -> Box | None:
    if box is not None or not len(rows):
        return box
    edges = table.places.box[rows]
    corners = np.array([edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)])
    (west, north), (east, south) = lonlat(corners).tolist()
    return west, south, east, north
