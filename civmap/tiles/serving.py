"""Tiles for a viewer: from the cache where nothing in them changed, else built anew over the geometry that is known."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.errors import Invalid, NotFound
from civmap.issues import narrowing
from civmap.issues.counting import check_measure
from civmap.issues.rules import STATUSES as KNOWN_STATUSES
from civmap.mirror import bygone, counting, masks, standing
from civmap.mirror.following import Mirror
from civmap.mirror.kinds import SOURCES
from civmap.mirror.masks import Asked
from civmap.people.rules import Viewer
from civmap.tiles.building import Drawn, Spot, draw, told
from civmap.tiles.outlines import Outlines

MOST_BYTES = 48_000_000
MOST_ZOOM = 22
WORTH_PACKING = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """What a tile or a legend is asked by: a kind, its narrowing, and what it is coloured by."""

    kind: str
    filters: Mapping[str, Any]
    on: datetime | None = None
    statuses: tuple[str, ...] = ()
    by: str = "status"

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what tells this question from others."""
        return self.kind, Asked(self.filters, False, self.on).key, tuple(sorted(self.statuses)), self.by


@dataclass(slots=True)
class Tile:
    """The bytes of a tile, and the tag of what they say; packed ones are made when they are first asked for."""

    plain: bytes
    tag: str
    _packed: bytes | None = None

    @property
    def packed(self) -> bytes | None:
        """Return the bytes packed, where that pays."""
        if self._packed is None and len(self.plain) > WORTH_PACKING:
            self._packed = gzip.compress(self.plain, 4, mtime=0)
        return self._packed


@dataclass(frozen=True, slots=True)
class Answered:
    """What a question finds: its table, the rows that are left, and their colours."""

    table: Any
    left: np.ndarray
    colours: counting.Colours
    versions: tuple[int, ...]


class Cache:
    """What was built, by question and tile; the longest unused goes where it would grow too large."""

    def __init__(self) -> None:
        self.lock, self.bytes = RLock(), 0
        self.entries: dict[Any, tuple[int, Any]] = {}

    def get(self, key: Any) -> Any:
        """Return what is kept under a key, or None."""
        with self.lock:
            found = self.entries.pop(key, None)
            if found is None:
                return None
            self.entries[key] = found
            return found[1]

    def put(self, key: Any, value: Any, size: int) -> None:
        """Keep a value of some bytes."""
        with self.lock:
            old = self.entries.pop(key, None)
            self.bytes += size - (old[0] if old else 0)
            self.entries[key] = (size, value)
            while self.bytes > MOST_BYTES:
                gone, _value = self.entries.pop(next(iter(self.entries)))
                self.bytes -= gone

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.entries.clear()
            self.bytes = 0


class Tiles:
    """The tiles of one process over its mirror."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.cache = Cache()
        self.outlines = Outlines()

    def tile(self, session: Session, viewer: Viewer, asked: Question, spot: Spot, now: datetime) -> Tile:
        """Return a tile; raise NotFound for one that cannot be, Invalid as the lists do."""
        check(spot)
        found = answer(self.mirror, session, viewer, asked, now)
        key = (viewer.scope, asked.key, spot)
        kept = self.cache.get(key)
        if kept is not None and kept[0] == found.versions:
            return kept[1]
        drawn = self._drawn(viewer.scope, asked, found, spot)
        moment = (asked.on or now).timestamp()
        plain = told(found.table, found.colours, drawn, spot, asked.by, moment)
        tag = hashlib.blake2b(plain, digest_size=12).hexdigest()
        made = Tile(plain, tag)
        self.cache.put(key, (found.versions, made), len(plain) * 3 // 2 + 500)
        return made

    def _drawn(self, scope: Any, asked: Question, found: Answered, spot: Spot) -> Drawn:
        """Return the geometry of a tile: it stays as long as neither places nor the rows that are left change."""
        key = ("drawn", scope, asked.key[:3], spot)
        versions = (found.table.places.serial, *found.versions[1:2])
        kept = self.cache.get(key)
        if kept is not None and kept[0] == versions and not asked.statuses:
            return kept[1]
        drawn = draw(asked.kind, found.table.places, found.left, spot, self.outlines)
        size = drawn.geometry.tails.end + drawn.rows.nbytes * 5 + drawn.small.nbytes * 4 + 500
        self.cache.put(key, (versions, drawn), size)
        return drawn


def known_layer(kind: str) -> str:
    """Return the name of a layer; raise NotFound where there is none of that name."""
    if kind not in SOURCES:
        raise NotFound("tiles_layer_unknown", field="layer", layer=kind[:40], known=sorted(SOURCES))
    return kind


def check(spot: Spot) -> None:
    """Raise NotFound for a zoom or a tile that there is not."""
    if not 0 <= spot.zoom <= MOST_ZOOM:
        raise NotFound("tiles_zoom_unknown", field="zoom", zoom=spot.zoom, most=MOST_ZOOM)
    most = 2**spot.zoom - 1
    if not (0 <= spot.column <= most and 0 <= spot.row <= most):
        raise NotFound("tiles_outside", field="tile", zoom=spot.zoom, most=most)


def answer(mirror: Mirror, session: Session, viewer: Viewer, asked: Question, now: datetime) -> Answered:
    """Return the rows a question leaves for a viewer, with their colours; raise Invalid."""
    check_measure(asked.kind, asked.by)
    wrong = sorted(set(asked.statuses) - set(KNOWN_STATUSES))
    if wrong:
        raise Invalid("choice_unknown", field="status", value=",".join(wrong)[:60], known=list(KNOWN_STATUSES))
    with mirror.still(session):
        own, _of_issues = narrowing.parted(asked.kind, asked.filters)
        seen = masks.mask(mirror, session, viewer, asked.kind, Asked(own, False, asked.on), now)
        colours = counting.colours(mirror, session, viewer, asked.kind, Asked(asked.filters, False, asked.on),
                                   asked.by, now)
        table = bygone.of(mirror, session, asked.kind, asked.on).table
    left = seen.rows
    if asked.statuses:
        left = left & np.isin(colours.status, [standing.STATUSES.index(name) for name in asked.statuses])
    return Answered(table, left, colours, (table.serial, seen.serial, colours.serial))
