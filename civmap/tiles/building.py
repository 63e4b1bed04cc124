"""One tile of one kind: what is in it, what is too small or too crowded to be itself, and how it is told."""

from dataclasses import dataclass

import numpy as np

from civmap.mirror.counting import Colours
from civmap.mirror.places import DEEPEST, Places
from civmap.mirror.ragged import joined, packed
from civmap.mirror.standing import STATUSES
from civmap.mirror.tables import Table
from civmap.tiles import clusters, strokes
from civmap.tiles.outlines import Outlines
from civmap.tiles.strokes import Commands
from civmap.tiles.wire import AREA, EXTENT, LINE, SPOT, Tags, features, layer

CELLS_DEEP = 2
"""A cluster gathers one of 4 × 4 cells of a tile: 64 pixels wide, the same whoever looks from where."""
SPOTS_ALONE = 16
"""From this zoom on every spot is drawn as itself."""
SHAPES_ALONE = 16
"""From this zoom on every line and area is drawn as itself."""
SEEN_STEPS = {LINE: 32.0, AREA: 64.0}
"""Grid steps (16 a pixel) that a line or area must measure one way to be drawn as itself."""
HANGING = 0.5
"""Tiles by which an outline may hang over the edge without being cut."""
OUTWARD = np.array([1.0, 1.0, -1.0, -1.0])
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
    geometry: Commands
    small: np.ndarray
    codes: np.ndarray


def draw(kind: str, places: Places, left: np.ndarray, spot: Spot, outlines: Outlines) -> Drawn:
    """Return what a tile draws of the rows that are left (a truth value per row)."""
    low, high = places.owned(spot.zoom, spot.column, spot.row)
    keep = left[places.order[low:high]]
    owned, codes = places.order[low:high][keep], places.codes[low:high][keep]
    if kind in SHAPED:
        return _shapes(SHAPED[kind], places, left, spot, owned, codes, outlines)
    alone = np.ones(len(owned), bool)
    if spot.zoom < SPOTS_ALONE and len(owned):
        cells = _cells(codes, spot.zoom)
        change = np.flatnonzero(np.diff(cells, prepend=-1))
        alone = np.repeat(np.diff(change, append=len(cells)) == 1, np.diff(change, append=len(cells)))
    rows = owned[alone]
    return Drawn(rows, np.ones(len(rows), bool), _dots(places.xy[rows], spot), owned[~alone], codes[~alone])


def _cells(codes: np.ndarray, zoom: int) -> np.ndarray:
    return codes >> max(0, 2 * (DEEPEST - zoom - CELLS_DEEP))


def _dots(xy: np.ndarray, spot: Spot) -> Commands:
    corner = np.array([spot.column, spot.row], float)
    steps = np.clip(np.floor((xy * 2**spot.zoom - corner) * EXTENT), 0, EXTENT - 1).astype(np.int64)
    return Commands(steps, packed(np.zeros(0, np.uint8), np.zeros(len(steps), np.int32)))


def _shapes(dimension: int, places: Places, left: np.ndarray, spot: Spot, owned: np.ndarray,
            codes: np.ndarray, outlines: Outlines) -> Drawn:
    assert places.box is not None
    margin, generalise = strokes.BUFFER / EXTENT, spot.zoom < SHAPES_ALONE
    least = SEEN_STEPS[dimension] / EXTENT if generalise else 0.0
    rows = places.meeting(spot.zoom, spot.column, spot.row, margin, least)
    rows = rows[left[rows]]
    if not len(rows):
        return Drawn(rows, np.zeros(0, bool), Commands(np.zeros((0, 2), np.int64), NOTHING), owned, codes)
    edges = np.array([spot.column - HANGING, spot.row - HANGING, -spot.column - 1 - HANGING, -spot.row - 1 - HANGING])
    # What hangs over by less than this is left whole: its outline is the same in every tile.
    cut = (places.box[rows] * OUTWARD * 2.0**spot.zoom < edges).any(axis=1)
    tile = (spot.zoom, spot.column, spot.row)
    geometry = outlines.of(places, dimension, rows[~cut], tile, generalise)
    if cut.any():
        large = rows[cut]
        clean = strokes.fitted(strokes.of_rows(places, large, *tile), len(large), dimension == AREA,
                               np.ones(len(large), bool), generalise)
        told = strokes.commands(clean, len(large), dimension)
        rows = np.concatenate([rows[~cut], large])
        geometry = Commands(np.concatenate([geometry.start, told.start]), joined([geometry.tails, told.tails]))
        order = np.argsort(rows)
        rows, geometry = rows[order], geometry.take(order)
    drawn = geometry.tails.lengths > 0
    if not drawn.all():
        rows, geometry = rows[drawn], geometry.take(np.flatnonzero(drawn))
    is_drawn = np.zeros(len(places.xy), bool)
    is_drawn[rows] = True
    is_small = ~is_drawn[owned]
    is_drawn[rows] = False
    is_drawn[owned] = True
    return Drawn(rows, is_drawn[rows], geometry, owned[is_small], codes[is_small])


def told(table: Table, colours: Colours, drawn: Drawn, spot: Spot, by: str, moment: float) -> bytes:
    """Return the bytes of a tile: its things and its clusters with their colours."""
    things = _things(table, colours, drawn)
    if not len(drawn.small):
        return things
    return things + clusters.told(table, colours, drawn.small, _cells(drawn.codes, spot.zoom),
                                  (spot.zoom, spot.column, spot.row), by, moment)


def _things(table: Table, colours: Colours, drawn: Drawn) -> bytes:
    rows, kind = drawn.rows, table.source.name
    if not len(rows):
        return b""
    tags = Tags(len(rows))
    tags.texts("code", table.codes.view(rows))
    if kind == "issues":
        for key, name in (("class", "class_code"), ("state", "state")):
            tags.words(key, table.sorts[name][rows], list(table.words[name]))
    else:
        assert table.titles is not None
        tags.texts("name", table.titles.view(rows))
        key, name = SORTS[kind]
        tags.words(key, table.sorts[name][rows], list(table.words[name]))
        counts = colours.counts
        for key, numbers in (("open_issues", counts.open), ("due_soon_issues", counts.due_soon),
                             ("overdue_issues", counts.overdue)):
            tags.wholes(key, numbers[rows])
    tags.words("status", colours.status[rows], list(STATUSES))
    if colours.values is not None:
        tags.doubles("value", colours.values[rows])
    tags.mark("here", drawn.here)
    shapes = features(table.ids[rows], SHAPED.get(kind, SPOT), drawn.geometry.start, drawn.geometry.tails, tags)
    return layer(kind, shapes, tags.keys, b"".join(tags.values))
