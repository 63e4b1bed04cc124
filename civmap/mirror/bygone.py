"""The arrays as of a day in the past: the present ones, with the rows put back that stood otherwise then."""

from dataclasses import dataclass, replace
from datetime import datetime
from math import floor
from typing import Any

import shapely
from sqlalchemy.orm import Session

from civmap.mirror import kinds
from civmap.mirror.following import Mirror
from civmap.mirror.kinds import NO_MOMENT, NO_ROW, Source
from civmap.mirror.tables import Table
from civmap.store import asof

MOST_KEPT = 6


@dataclass(frozen=True, slots=True)
class Bygone:
    """A kind's table as of a moment, and id and shape of its rows that stood otherwise then."""

    table: Table
    shapes: tuple[tuple[int, Any], ...]


def of(mirror: Mirror, session: Session, kind: str, on: datetime | None) -> Bygone:
    """Return a kind's rows as they stood at a moment (None: as they stand); the same object while nothing differs."""
    with mirror.lock:
        base = mirror.table(session, kind)
        if on is None or not asof.is_past(session, base.source.model, on):
            return Bygone(base, ())
        kept: dict[Any, tuple[int, Bygone]] = mirror.beside.setdefault("bygone", {})
        serial, found = kept.pop((kind, on), (0, None))
        if found is None or serial != base.serial:
            found = _put_back(session, base, on)
        kept[kind, on] = (base.serial, found)
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
        return found


def _put_back(session: Session, base: Table, on: datetime) -> Bygone:
    source = base.source
    names = ["id", source.code, *([source.title] if source.title else []), *source.sorts, *source.links,
             *source.moments, source.place]
    columns = source.model.__table__.c
    known = set(base.ids.tolist())
    rows = [row for row in session.execute(asof.spans(source.model, on, *(columns[name] for name in names))
                                           .order_by("id")) if row.id in known]
    if not rows:
        return Bygone(base, ())
    new = kinds.rows_of(source, base.words, [_raw(source, row) for row in rows])
    # Later versions of the present append behind its arrays: what branches off must not write there.
    places = base.places
    if places.shapes is not None:
        places = replace(places, shapes=replace(places.shapes, coords=places.shapes.coords.branch(),
                                                rings=places.shapes.rings.branch()), memo={})
    titles = None if base.titles is None else base.titles.branch()
    table = replace(base, codes=base.codes.branch(), titles=titles, places=places).with_rows(new)
    assert table is not None
    return Bygone(table, tuple((row.id, getattr(row, source.place)) for row in rows))


def _raw(source: Source, row: Any) -> tuple[Any, ...]:
    """Return a row as the database gives it to `kinds.read`."""
    links = (NO_ROW if getattr(row, name) is None else getattr(row, name) for name in source.links)
    moments = (getattr(row, name) for name in source.moments)
    return (row.id, getattr(row, source.code), *([getattr(row, source.title)] if source.title else []),
            *(getattr(row, name) for name in source.sorts), *links,
            *(NO_MOMENT if one is None else floor(one.timestamp()) for one in moments),
            shapely.to_wkb(getattr(row, source.place)))
