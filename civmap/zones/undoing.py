"""Taking back the newest operation on some zones, as the ledger kept how they were; once more does it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.clock import parse_moment
from civmap.errors import Conflict, Forbidden
from civmap.people.rules import Viewer
from civmap.store.editing import one_at_a_time
from civmap.store.ledger import Entry
from civmap.zones.carrying import CORNERS, DRAWING_KEY, carry_out
from civmap.zones.models import Zone
from civmap.zones.places import must_hold
from civmap.zones.plans import CHUNK, KIND, Plan, Wish, planned

VERB, PLEDGES = "undo", "pledge_"
RESTORED = ("name", "unit_id", "parent_id", "holder", "door_no", "households", "level", "plate_no", "segment_code",
            "side", "depth_rule", "depth_m")


def undo(session: Session, viewer: Viewer, codes: Sequence[str], now: datetime) -> tuple[Plan, list[str]]:
    """Put the zones of one operation back as they were before it, in the open transaction.

    Return what changes, and the codes that were written: asked with those, it does the operation again.

    New ones end, ended ones hold again, the others get their shape and facts back. Raise Conflict `zones_changed_since`
    where one of them was changed since or they were not changed together, and as `planned` does.
    """
    viewer.must("edit", KIND)
    one_at_a_time(session, DRAWING_KEY)
    wanted = sorted(set(codes))
    lines = _newest(session, wanted)
    is_one = len({line.at for line in lines.values()}) == 1 and all(map(_is_of_ground, lines.values()))
    if len(lines) < len(wanted) or not is_one:
        raise Conflict("zones_changed_since", field="zones", zones=wanted[:20])
    wanted = _own(session, viewer, wanted, lines)
    plan = planned(session, viewer, [_as_before(code, lines[code]) for code in wanted], now, follows=False)
    told = carry_out(session, viewer, plan, now, VERB)
    after = _newest(session, told)
    return plan, [code for code in told if code in after and after[code].id > (lines[code].id if code in lines else 0)]


def _newest(session: Session, codes: Sequence[str]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for start in range(0, len(codes), CHUNK):
        part = codes[start:start + CHUNK]
        newest = select(func.max(Entry.id)).where(Entry.kind == KIND, Entry.key.in_(part)).group_by(Entry.key)
        found.update({entry.key: entry for entry in session.scalars(select(Entry).where(Entry.id.in_(newest)))})
    return found


def _is_of_ground(line: Entry) -> bool:
    """Tell whether a line says how a zone came to stand so: a plate that was printed or a pledge says nothing of it."""
    return "geom" in (line.before or line.after or {}) and not line.verb.startswith(PLEDGES)


def _own(session: Session, viewer: Viewer, codes: Sequence[str], lines: Mapping[str, Entry]) -> list[str]:
    """Return the codes without neighbours that are not the viewer's to change: the corners that they gained stay."""
    corners = [code for code in codes if lines[code].verb == CORNERS] if viewer.territory else []
    beyond = set()
    for start in range(0, len(corners), CHUNK):
        for zone in session.scalars(select(Zone).where(Zone.code.in_(corners[start:start + CHUNK]))):
            try:
                must_hold(viewer, zone)
            except Forbidden:
                beyond.add(zone.code)
    return [code for code in codes if code not in beyond]


def _as_before(code: str, line: Entry) -> Wish:
    """Return the wish that takes a ledger line back: what was not there, or had ended, ends."""
    before: Mapping[str, Any] = line.before or {}
    if not before or _had_ended(before, line.at):
        return Wish(code, None, {})
    values = {name: before.get(name) for name in RESTORED}
    values["snow_geom"] = shapely.from_wkt(before["snow_geom"]) if before.get("snow_geom") else None
    return Wish(code, shapely.from_wkt(before["geom"]), {**values, "valid_to": _moment(before.get("valid_to"))})


def _had_ended(before: Mapping[str, Any], at: datetime) -> bool:
    until = _moment(before.get("valid_to"))
    return until is not None and until <= at


def _moment(text: str | None) -> datetime | None:
    return parse_moment(text) if text else None
