"""The divisions of very many spots: the borders are read once, their order of preference decides by arrays."""

from datetime import date, datetime

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.geo.validity import Frame
from civmap.store.base import holds_at
from civmap.store.listing import moment_of
from civmap.store.spatial import in_frame
from civmap.zones.models import Zone
from civmap.zones.rules import BORDERS, division_of_border


class Divider:
    """The borders of a frame at a moment."""

    def __init__(self, session: Session, frame: Frame, on: datetime | date | None = None) -> None:
        rows = session.execute(select(Zone.kind, Zone.code, Zone.division, Zone.geom).where(
            Zone.kind.in_(BORDERS), holds_at(Zone, moment_of(on)), in_frame(Zone.geom, *frame))).all()
        told = [(division_of_border(row.kind, row.code) or row.division or "", row.geom) for row in rows]
        told = sorted(((code, shape) for code, shape in told if code), key=lambda one: (-len(one[0]), one[0]))
        self._codes = [code for code, _shape in told]
        self._shapes = [shape for _code, shape in told]
        shapely.prepare(self._shapes)

    def codes(self, spots: np.ndarray) -> np.ndarray:
        """Return the code that `queries.divisions_at` gives for each of (n, 2) lon/lat, None for a spot in none."""
        found = np.full(len(spots), None, object)
        order = np.argsort(spots[:, 0], kind="stable")
        x, y = spots[order].T
        is_open = np.ones(len(spots), np.bool_)
        for code, shape in zip(self._codes, self._shapes, strict=True):
            west, south, east, north = shape.bounds
            first, last = np.searchsorted(x, west, "left"), np.searchsorted(x, east, "right")
            near = first + np.flatnonzero(is_open[first:last] & (south <= y[first:last]) & (y[first:last] <= north))
            if len(near):
                inside = near[shapely.intersects_xy(shape, x[near], y[near])]
                found[order[inside]], is_open[inside] = code, False
        return found
