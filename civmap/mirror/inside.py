"""Which spots (issues, points) lie inside which zones, as pairs of rows; kept in step with every write.

The first answer goes through one tree over all zones; later ones ask the database about what changed, by the same
predicate as the lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.mirror import bygone
from civmap.mirror.following import CHUNK, Mirror, codes_in, seen_line
from civmap.mirror.kinds import SOURCES, Source, ids_of
from civmap.mirror.tables import Table
from civmap.store.prepared import Prepared, Shelf, listed
from civmap.store.spatial import intersects, intersects_column
from civmap.zones.models import Zone

MOST_ZONES = 100
SWEEP = 50_000
_serials = count(1)
_AROUND: Shelf[Prepared] = Shelf()


@dataclass(frozen=True, slots=True)
class Pairs:
    """Row `spots[i]` of a kind lies inside row `zones[i]`, as of ledger line `line`."""

    spots: np.ndarray
    zones: np.ndarray
    line: int
    serial: int


def pairs(mirror: Mirror, session: Session, kind: str, on: datetime | None = None) -> Pairs:
    """Return the pairs of issues or points with zones, as new as the mirror's tables; `on`: with the zones of then."""
    with mirror.lock:
        found = _present(mirror, session, kind)
        then = bygone.of(mirror, session, "zones", on)
        if not then.shapes:
            return found
        kept: dict[Any, tuple[Any, Pairs]] = mirror.beside.setdefault("inside then", {})
        parts, key = (found.serial, then.table.serial), (kind, on)
        serials, known = kept.pop(key, (None, None))
        if known is None or serials != parts:
            known = _then(session, mirror.table(session, kind), then, found)
        kept[key] = parts, known
        while len(kept) > bygone.MOST_KEPT:
            kept.pop(next(iter(kept)))
        return known


def _then(session: Session, spots: Table, then: bygone.Bygone, now: Pairs) -> Pairs:
    """Return the pairs with those of the zones that stood otherwise found anew."""
    zones = then.table
    ids = np.array([one for one, _shape in then.shapes], np.int64)
    tree = shapely.STRtree([shape for _one, shape in then.shapes])
    found = _looked_up(spots, tree, ids) or _asked(session, spots.source, tree, ids)
    new = _pairs(found, spots, zones, now.line)
    stays = ~np.isin(now.zones, zones.rows_of(np.sort(ids)))
    return Pairs(np.concatenate([now.spots[stays], new.spots]), np.concatenate([now.zones[stays], new.zones]),
                 now.line, next(_serials))


def _present(mirror: Mirror, session: Session, kind: str) -> Pairs:
    with mirror.lock:
        spots, zones, log = mirror.table(session, kind), mirror.table(session, "zones"), mirror.follow(session)
        kept: Pairs | None = mirror.beside.get(("inside", kind))
        changes = log.since(kept.line) if kept is not None else None
        if kept is not None and changes == []:
            return kept
        found = None
        if kept is not None and changes is not None:
            moved = [codes_in(changes, kind), codes_in(changes, "zones")]
            if len(moved[1]) <= MOST_ZONES and not any(not change.code for change in changes):
                found = _followed(session, kept, (spots, zones), moved, seen_line(session, log))
        found = found or _swept(session, SOURCES[kind], spots, zones, seen_line(session, log))
        mirror.beside["inside", kind] = found
        return found


def _swept(session: Session, source: Source, spots: Table, zones: Table, line: int) -> Pairs:
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(f"SELECT id, ST_AsBinary(geom) FROM {Zone.__tablename__} ORDER BY id")
        rows = cursor.fetchall()
    finally:
        cursor.close()
    tree = shapely.STRtree(shapely.from_wkb([bytes(shape) for _, shape in rows]))
    zone_ids = np.array([zone_id for zone_id, _ in rows], np.int64)
    return _pairs(_looked_up(spots, tree, zone_ids) or _asked(session, source, tree, zone_ids), spots, zones, line)


def _asked(session: Session, source: Source, tree: shapely.STRtree,
           zone_ids: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the pairs of ids of spots as the database has them."""
    found = []
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(f"SELECT id, ST_X({source.place}), ST_Y({source.place}) FROM {source.model.__tablename__} "
                       f"WHERE {source.place} IS NOT NULL ORDER BY id")
        while chunk := cursor.fetchmany(SWEEP):
            values = np.array(chunk, float)
            spot, zone = tree.query(shapely.points(values[:, 1:]), predicate="intersects")
            found.append((values[spot, 0].astype(np.int64), zone_ids[zone]))
    finally:
        cursor.close()
    return found


def _looked_up(spots: Table, tree: shapely.STRtree, zone_ids: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the pairs of ids of spots as they are mirrored, neighbour after neighbour; nothing where one has moved."""
    found, order, degrees = [], spots.places.order, spots.places.degrees
    for start in range(0, len(order) if degrees is not None else 0, SWEEP):
        rows = order[start:start + SWEEP]
        spot, zone = tree.query(shapely.points(degrees[rows]), predicate="intersects")
        found.append((spots.ids[rows[spot]], zone_ids[zone]))
    return found


def _pairs(found: Sequence[tuple[np.ndarray, np.ndarray]], spots: Table, zones: Table, line: int) -> Pairs:
    """Return pairs of ids as pairs of rows; what one of the tables does not hold (yet) is left out."""
    nothing = np.zeros(0, np.int64)
    spot_ids = np.concatenate([nothing, *(pair[0] for pair in found)])
    zone_ids = np.concatenate([nothing, *(pair[1] for pair in found)])
    is_known = np.isin(spot_ids, spots.ids) & np.isin(zone_ids, zones.ids)
    return Pairs(spots.rows_of(spot_ids[is_known]).astype(np.int32), zones.rows_of(zone_ids[is_known]).astype(np.int32),
                 line, next(_serials))


def _followed(session: Session, kept: Pairs, tables: tuple[Table, Table], moved: list[list[str]],
              line: int) -> Pairs | None:
    """Return the pairs with those of moved spots and zones asked for again."""
    spots, zones = tables
    model = spots.source.model
    where = getattr(model, spots.source.place)
    spot_ids = [one for start in range(0, len(moved[0]), CHUNK)
                for one in ids_of(session, spots.source, moved[0][start:start + CHUNK])]
    zone_ids = ids_of(session, zones.source, moved[1])
    rows: list[Any] = []
    around = _AROUND.of(spots.source.name, lambda: Prepared(select(model.id, Zone.id.label("zone")).join(
        Zone, intersects_column(Zone.geom, where)).where(listed("ids", model.id))))
    for start in range(0, len(spot_ids), CHUNK):
        rows += around.rows(session, ids=spot_ids[start:start + CHUNK])
    again = set(spot_ids)
    for zone_id, shape in session.execute(select(Zone.id, Zone.geom).where(Zone.id.in_(zone_ids))):
        inside = session.scalars(select(model.id).where(intersects(where, shape)))
        rows += [(spot_id, zone_id) for spot_id in inside if spot_id not in again]
    stays = ~np.isin(kept.spots, spots.rows_of(np.array(sorted(again), np.int64)))
    stays &= ~np.isin(kept.zones, zones.rows_of(np.array(zone_ids, np.int64)))
    fresh = np.array(rows, np.int64).reshape(-1, 2)
    new = _pairs([(fresh[:, 0], fresh[:, 1])], spots, zones, line)
    return Pairs(np.concatenate([kept.spots[stays], new.spots]), np.concatenate([kept.zones[stays], new.zones]),
                 line, next(_serials))
