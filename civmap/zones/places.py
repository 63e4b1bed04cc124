"""Where a zone lies, who may put it there, and what a new one is called."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.city.reach import must_reach
from civmap.errors import Forbidden
from civmap.geo.bounded import sticks_out
from civmap.people.rules import TERRITORIAL, Viewer
from civmap.zones import lineage, queries, rules
from civmap.zones.models import Zone


class Draft(Protocol):
    """A zone on its way: what is known of it so far."""

    row: Zone | None
    code: str | None
    kind: str
    geom: BaseGeometry
    values: dict[str, Any]


def must_hold(viewer: Viewer, zone: Zone) -> None:
    """Refuse a zone that is visible but not the viewer's to change: beyond the territory, or the territory's border."""
    must_reach(viewer, zone.division)
    _not_a_border(viewer, zone.kind, zone.code)


def _not_a_border(viewer: Viewer, kind: str, code: str | None) -> None:
    if viewer.role in TERRITORIAL and (kind == "subdistrict" or code == viewer.territory):
        raise Forbidden("border_not_yours", field="kind", code=code)


def middle(area: BaseGeometry) -> tuple[float, float]:
    """Return a (lon, lat) spot inside an area."""
    spot = area.representative_point()
    return spot.x, spot.y


def place(session: Session, viewer: Viewer, drafts: Sequence[Draft], now: datetime) -> None:
    """Write the division of new and moved zones into their values; raise Forbidden outside the viewer's territory."""
    moved = [draft for draft in drafts if draft.row is None or draft.geom is not draft.row.geom
             or draft.kind != draft.row.kind]
    found = queries.borders_at(session, [middle(draft.geom) for draft in moved], now)
    for draft, borders in zip(moved, found, strict=True):
        own = rules.division_of_border(draft.kind, str(draft.code))
        draft.values["division"] = own or queries.smallest_division(borders)
        is_loose = draft.row is None and not {"parent_id", "parent_code"} & set(draft.values)
        if is_loose and rules.tiled_kinds(draft.kind):
            above = lineage.above_at(borders, draft.kind, draft.geom)
            draft.values["parent_id"] = above.id if above is not None else None
    if not viewer.territory or not moved:
        return
    is_within = reach_of(session, viewer, now)
    for draft in moved:
        _not_a_border(viewer, draft.kind, draft.code)
        must_reach(viewer, draft.values["division"])
        if not is_within(draft.geom):
            raise Forbidden("outside_territory", field="geometry", territory=viewer.territory,
                            division=viewer.territory)


def reach_of(session: Session, viewer: Viewer, now: datetime) -> Callable[[BaseGeometry], bool]:
    """Return what tells whether an area lies within the viewer's territory, as far as its border has been drawn."""
    border = queries.border_of(session, viewer.territory, now) if viewer.territory else None
    if border is None:
        return lambda area: True
    shapely.prepare(border.geom)
    return lambda area: border.geom.covers(area) or not sticks_out(area, border.geom)


def name_new(session: Session, drafts: Iterable[Draft]) -> None:
    """Give every new zone its code: the one that is wished, else the next of its division or of its kind."""
    next_ones: dict[str, int] = {}
    for draft in drafts:
        if draft.code is None and draft.row is None:
            draft.code = draft.values.pop("code", None) or _next(session, draft, next_ones)


def _next(session: Session, draft: Draft, given: dict[str, int]) -> str:
    prefix, digits = draft.values.pop("code_prefix", None), 3
    if not prefix:
        prefix, digits = rules.PREFIXES.get(draft.kind, rules.OTHER_PREFIX), 6
    if prefix not in given:
        last = queries.last_code(session, prefix, digits)
        given[prefix] = int(last[len(prefix):]) if last else 0
    given[prefix] += 1
    return f"{prefix}{given[prefix]:0{digits}d}"


def parent_prefix(session: Session, parent_id: int | None, kind: str) -> str | None:
    """Return the division code that new zones of a kind are numbered in below a parent, or None."""
    if parent_id is None or kind not in rules.BORDERS:
        return None
    code = session.scalar(select(Zone.code).where(Zone.id == parent_id))
    wanted = rules.CODE_LENGTHS[kind] - 3
    return code if code and code.isascii() and code.isdigit() and len(code) == wanted else None


def taken_codes(session: Session, codes: Sequence[str]) -> int:
    """Return how many of some codes are taken."""
    return session.scalar(select(func.count()).select_from(Zone).where(Zone.code.in_(codes))) or 0
