"""Follow the borders: when subdistricts, communities or grids come or move, everything learns where it now lies."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.issues.models import Issue
from civmap.points import actions as points
from civmap.segments import actions as segments
from civmap.store.editing import derive
from civmap.store.spatial import in_box
from civmap.zones import actions as zones
from civmap.zones.queries import divisions_at
from civmap.zones.rules import BORDERS


def follow(session: Session, kind: str, now: datetime, within: Any = None) -> int:
    """Write the division code of every zone, point, segment and issue after a zone of a kind changed.

    `within` is the (west, south, east, north) box in which borders moved, None for everywhere. Return how many changed;
    a kind that is no border changes nothing.
    """
    if kind not in BORDERS:
        return 0
    session.flush()

    def codes_at(spots: list[tuple[float, float]]) -> list[str | None]:
        return divisions_at(session, spots, now)

    moved = zones.locate(session, now, within) + points.locate(session, codes_at, within)
    moved += segments.locate(session, codes_at, within)
    rows = session.execute(in_box(select(Issue.id, Issue.geom), Issue.geom, within)).all()
    found = codes_at([(row.geom.x, row.geom.y) for row in rows])
    return moved + derive(session, Issue, "division", {row.id: code for row, code in zip(rows, found, strict=True)})
