"""Naming chiefs for many segments at once: a whole road, or a selection, level by level."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.reach import must_reach
from civmap.errors import Invalid
from civmap.people.rules import Viewer
from civmap.segments import actions, queries
from civmap.segments.models import RoadSegment
from civmap.segments.rules import LEVELS, read_chiefs
from civmap.store.base import holds_at
from civmap.store.editing import change

MOST = 2000


def chosen(session: Session, viewer: Viewer, codes: Sequence[str], road: str | None,
           now: datetime) -> list[RoadSegment]:
    """Return the segments of a selection or of a whole road for writing; raise Invalid where there is none."""
    asked = select(RoadSegment).where(holds_at(RoadSegment, now), queries.visible(viewer)).order_by(RoadSegment.code)
    asked = asked.where(RoadSegment.road == road) if road else asked.where(RoadSegment.code.in_(codes))
    rows = list(session.scalars(asked.limit(MOST + 1).with_for_update(of=RoadSegment.__table__)))
    if not rows or len(rows) > MOST:
        raise Invalid("chiefs_selection", field="segments", count=len(rows), most=MOST)
    return rows


def assign(session: Session, viewer: Viewer, rows: Sequence[RoadSegment], wanted: Sequence[Mapping[str, Any]],
           now: datetime, *, side: str | None = None) -> int:
    """Set chiefs by level on segments; a level without a name loses its chief, others stay. Return how many changed.

    `side` narrows to segments of one side. Raise Forbidden, and Invalid as for one segment.
    """
    viewer.must("edit", actions.KIND)
    gone = {entry.get("level") for entry in wanted if not str(entry.get("name") or "").strip()}
    named = read_chiefs({"chiefs": [dict(entry) for entry in wanted if entry.get("level") not in gone]}, {}) or []
    if not wanted or not gone <= set(LEVELS):
        raise Invalid("chiefs_unreadable", field="chiefs")
    levels = gone | {chief["level"] for chief in named}
    count = 0
    for row in rows:
        must_reach(viewer, row.division)
        if side and row.side != side:
            continue
        kept = actions.by_level(row)
        new = sorted([*(chief for level, chief in kept.items() if level not in levels), *named],
                     key=lambda chief: chief["level"])
        if new != list(kept.values()):
            count += change(session, viewer.actor, actions.KIND, row, {}, now, facts=actions.facts,
                            beside=lambda row=row, new=new: actions.set_chiefs(row, new))
    return count
