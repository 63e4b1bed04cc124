"""One tile of one kind: what is in it, what is too small or too crowded to be itself, and how it is told."""

from dataclasses import dataclass

import numpy as np

from civmap.issues import measures
from civmap.issues.measures import Counts
from civmap.mirror.counting import Colours
from civmap.mirror.places import DEEPEST, Places, lonlat
from civmap.mirror.ragged import Ragged, packed
from civmap.mirror.standing import STATUSES
from civmap.mirror.tables import Table
from civmap.tiles import strokes
from civmap.tiles.wire import AREA, EXTENT, LINE, SPOT, Tags, grouped, layer, varints, zigzag

CELLS_DEEP = 2
"""A cluster gathers one of 4 × 4 cells of a tile: 64 pixels wide, the same whoever looks from where."""
SPOTS_ALONE = 16
"""From this zoom on every spot is drawn as itself."""
SHAPES_ALONE = 17
"""From this zoom on every line and area is drawn as itself."""
SEEN_STEPS = {LINE: 32.0, AREA: 64.0}
"""Grid steps (16 a pixel) that a line or area must measure one way to be drawn as itself."""
SORTS = {"points": ("type", "type"), "segments": ("kind", "road_class"), "zones": ("kind", "kind"),
         "units": ("kind", "kind")}
NOTHING = packed(np.zeros(0, np.uint8), np.zeros(0, np.int32))
SHAPED = {"segments": LINE, "zones": AREA}


@dataclass(frozen=True, slots=True)
class Spot:
    """Which tile."""

    zoom: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The geometry of a tile: rows drawn as themselves, whether this tile owns them, and their commands.

    `small` are rows that the tile owns but cannot draw as themselves.
    """

    rows: np.ndarray
    here: np.ndarray
    geometry: Ragged
    small: np.ndarray
    codes: np.ndarray


def draw(kind: str, places: Places, left: np.ndarray, spot: Spot) -> Drawn:
    """Return what a tile draws of the rows that are left (a truth value per row)."""
    low, high = places.owned(spot.zoom, spot.column, spot.row)
    keep = left[places.order[low:high]]
    owned, codes = places.order[low:high][keep], places.codes[low:high][keep]
    if kind in SHAPED:
        return _shapes(SHAPED[kind], places, left, spot, owned, codes)
    alone = np.ones(len(owned), bool)
    if spot.zoom < SPOTS_ALONE and len(owned):
        cells = _cells(codes, spot.zoom)
        change = np.flatnonzero(np.diff(cells, prepend=-1))
        alone = np.repeat(np.diff(change, append=len(cells)) == 1, np.diff(change, append=len(cells)))
    rows = owned[alone]
    return Drawn(rows, np.ones(len(rows), bool), _dots(places.xy[rows], spot), owned[~alone], codes[~alone])


def _cells(codes: np.ndarray, zoom: int) -> np.ndarray:
    return codes >> max(0, 2 * (DEEPEST - zoom - CELLS_DEEP))


def _dots(xy: np.ndarray, spot: Spot) -> Ragged:
    corner = np.array([spot.column, spot.row], float)
    steps = np.clip(np.floor((xy * 2**spot.zoom - corner) * EXTENT), 0, EXTENT - 1).astype(np.int64)
    numbers = np.column_stack([np.full(len(steps), 9), zigzag(steps[:, 0]), zigzag(steps[:, 1])])
    return grouped(varints(numbers.ravel()), np.full(len(steps), 3))


def _shapes(dimension: int, places: Places, left: np.ndarray, spot: Spot, owned: np.ndarray,
            codes: np.ndarray) -> Drawn:
    assert places.box is not None
    scale, margin = float(2**spot.zoom), strokes.BUFFER / EXTENT
    edges = np.array([spot.column, spot.row, spot.column + 1, spot.row + 1], float)
    least = SEEN_STEPS[dimension] / EXTENT if spot.zoom < SHAPES_ALONE else 0.0
    rows = places.meeting(spot.zoom, spot.column, spot.row, margin, least)
    rows = rows[left[rows]]
    box = places.box[rows] * scale
    cut = ((box[:, 0] < edges[0] - margin) | (box[:, 1] < edges[1] - margin) | (box[:, 2] > edges[2] + margin)
           | (box[:, 3] > edges[3] + margin))
    if not len(rows):
        return Drawn(rows, np.zeros(0, bool), NOTHING, owned, codes)
    clean = strokes.fitted(strokes.of_rows(places, rows, spot.zoom, spot.column, spot.row), len(rows),
                           dimension == AREA, cut, spot.zoom < SHAPES_ALONE)
    geometry = strokes.commands(clean, len(rows), dimension)
    drawn = geometry.lengths > 0
    rows, geometry = rows[drawn], geometry.take(np.flatnonzero(drawn))
    is_small = ~np.isin(owned, rows)
    return Drawn(rows, np.isin(rows, owned), geometry, owned[is_small], codes[is_small])


def told(table: Table, colours: Colours, drawn: Drawn, spot: Spot, by: str, moment: float) -> bytes:
    """Return the bytes of a tile: its things and its clusters with their colours."""
    return (_things(table, colours, drawn, by) + _clusters(table, colours, drawn, spot, by, moment))


def _things(table: Table, colours: Colours, drawn: Drawn, by: str) -> bytes:
    rows, kind = drawn.rows, table.source.name
    if not len(rows):
        return b""
    tags = Tags(len(rows))
    tags.texts("code", table.codes.take(rows))
    if kind == "issues":
        for key, name in (("class", "class_code"), ("state", "state")):
            tags.words(key, table.sorts[name][rows], list(table.words[name]))
    else:
        assert table.titles is not None
        tags.texts("name", table.titles.take(rows))
        key, name = SORTS[kind]
        tags.words(key, table.sorts[name][rows], list(table.words[name]))
        counts = colours.counts
        for key, numbers in (("open_issues", counts.open), ("due_soon_issues", counts.due_soon),
                             ("overdue_issues", counts.overdue)):
            tags.wholes(key, numbers[rows])
    tags.words("status", colours.status[rows], list(STATUSES))
    if colours.values is not None:
        tags.doubles("value", colours.values[rows])
    tags.wholes("here", np.ones(len(rows), np.int64), drawn.here)
    types = np.full(len(rows), SHAPED.get(kind, SPOT))
    return layer(kind, table.ids[rows], types, drawn.geometry, tags)


def _clusters(table: Table, colours: Colours, drawn: Drawn, spot: Spot, by: str, moment: float) -> bytes:
    if not len(drawn.small):
        return b""
    cells = _cells(drawn.codes, spot.zoom)
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    counted = np.diff(first, append=len(cells))
    tags = Tags(len(first))
    tags.wholes("count", counted)
    status = colours.status[drawn.small]
    for number, name in enumerate(STATUSES):
        tags.wholes(name, np.add.reduceat((status == number).astype(np.int64), first))
    tags.words("status", np.maximum.reduceat(status, first), list(STATUSES))
    places = table.places.xy[drawn.small]
    low, high = np.minimum.reduceat(places, first), np.maximum.reduceat(places, first)
    low, high = lonlat(low), lonlat(high)
    for key, edge in (("west", low[:, 0]), ("south", high[:, 1]), ("east", high[:, 0]), ("north", low[:, 1])):
        tags.doubles(key, np.round(edge, 7))
    if colours.values is not None:
        tags.doubles("value", np.asarray(measures.value(by, _summed(colours.counts, drawn.small, first), moment)))
    single = counted == 1
    codes = table.codes.take(drawn.small[first])
    tags.texts("code", codes, single)
    middle = np.add.reduceat(places, first) / counted[:, None]
    return layer(f"{table.source.name}_clusters", None, np.full(len(first), SPOT), _dots(middle, spot), tags)


def _summed(counts: Counts, rows: np.ndarray, first: np.ndarray) -> Counts:
    """Return what weighs on groups of rows: sums, and of visits the newest."""
    def total(amounts: np.ndarray | float) -> np.ndarray:
        return np.add.reduceat(np.broadcast_to(amounts, max(rows.max() + 1, np.size(amounts)))[rows], first)

    newest = np.broadcast_to(counts.last_visit, max(rows.max() + 1, np.size(counts.last_visit)))[rows]
    return Counts(*(np.maximum.reduceat(newest, first) if name == "last_visit" else total(amounts)
                    for name, amounts in zip(Counts._fields, counts, strict=True)))
