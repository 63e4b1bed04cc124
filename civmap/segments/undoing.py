"""Taking back the newest split or join of some segments, as the ledger kept how they were."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.clock import parse_moment
from civmap.errors import Conflict
from civmap.people.rules import Viewer
from civmap.segments import queries
from civmap.segments.actions import KIND, facts
from civmap.segments.models import RoadSegment
from civmap.segments.parting import DivisionAt
from civmap.store.editing import change, end_validity, locked_row
from civmap.store.ledger import Entry

PARTED = ("split", "join")
ALSO = ("create", "retire")
RESTORED = ("name", "from_name", "to_name", "chainage_m")


def undo(session: Session, viewer: Viewer, codes: Sequence[str], now: datetime,
         division_at: DivisionAt) -> list[RoadSegment]:
    """Put the segments of one split or join back as they were before it; return those that hold again.

    Raise Conflict `nothing_to_undo` where one of them was changed since, or where they were not changed together.
    """
    viewer.must("edit", KIND)
    rows = {code: locked_row(session, RoadSegment, KIND, code, queries.visible(viewer)) for code in sorted(set(codes))}
    lines = {code: _newest(session, code) for code in rows}
    moments = {line.at for line in lines.values()}
    verbs = {line.verb for line in lines.values()}
    if len(moments) != 1 or not verbs & set(PARTED) or not verbs <= {*PARTED, *ALSO}:
        raise Conflict("nothing_to_undo", field="segments", segments=sorted(rows))
    held = []
    for code, row in rows.items():
        line = lines[code]
        if line.verb == "create":
            end_validity(session, viewer.actor, KIND, row, now, facts)
            continue
        values = _before(line)
        if "geom" in values:
            middle = values["geom"].interpolate(0.5, normalized=True)
            values["division"] = division_at(middle.x, middle.y)
        change(session, viewer.actor, KIND, row, values, now, verb="undo", facts=facts)
        held.append(row)
    return held


def _newest(session: Session, code: str) -> Entry:
    found = session.scalar(select(Entry).where(Entry.kind == KIND, Entry.key == code)
                           .order_by(Entry.id.desc()).limit(1))
    if found is None:
        raise Conflict("nothing_to_undo", field="segments", segments=[code])
    return found


def _before(line: Entry) -> dict[str, Any]:
    before = line.before or {}
    if line.verb == "retire":
        until = before.get("valid_to")
        return {"valid_to": parse_moment(until) if until else None}
    return {**{name: before.get(name) for name in RESTORED}, "geom": shapely.from_wkt(before["geom"])}
