"""What would change, zone by zone, and the one door through which several zones are written at once.

`planned` turns wishes into a plan that fits (nothing is written), `carry_out` writes a plan in the open transaction:
all of it or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.errors import NotFound
from civmap.geo.bulk import areas_m2, exported
from civmap.geo.contest import array_of
from civmap.people.rules import Viewer
from civmap.zones import fitting, lineage, places, queries, rules
from civmap.zones.fitting import Rule, Want
from civmap.zones.models import Zone

KIND = "zone"
CHUNK = 500


@dataclass(frozen=True)
class Wish:
    """One zone as somebody wants it: code None makes a new one, geom None retires it; values are its columns."""

    code: str | None
    geom: BaseGeometry | None
    values: Mapping[str, Any]


class Change(NamedTuple):
    """One zone that would change: `before` None is new, `after` None retires; `version` is the one it was seen at."""

    code: str
    name: str
    kind: str
    before: BaseGeometry | None
    after: BaseGeometry | None
    before_m2: float
    after_m2: float
    version: int | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Every zone that would change, wished ones first, then the neighbours that gain corners."""

    changes: tuple[Change, ...]

    def moved(self) -> dict[str, tuple[float, ...]]:
        """Return the box in which zones of each kind changed."""
        shapes: dict[str, list[BaseGeometry]] = {}
        for change in self.changes:
            if change.values or change.after is None:
                found = shapes.setdefault(change.kind, [])
                found += [shape for shape in (change.before, change.after) if shape is not None]
        return {kind: tuple(shapely.total_bounds(array_of(found)).tolist()) for kind, found in shapes.items() if found}


def planned(session: Session, viewer: Viewer, wishes: Sequence[Wish], now: datetime, *,
            rule: Rule = "refuse", follows: bool = True) -> Plan:
    """Return what carrying out the wishes would change; nothing is written.

    What tiles a changed zone follows it, unless `follows` is false: then the wishes name everything that changes.

    Raise Forbidden where the viewer may not, NotFound for a code, Invalid for a shape, and Conflict `zone_overlap`
    (overlaps, suggestion) where ground of others is taken and the rule is `refuse`; `trim` leaves it to them.
    """
    drawing = _Drawing(session, viewer, now, rule)
    drawing.follows = follows
    drawing.take(wishes)
    return drawing.plan()


class _Drawing:
    """Wishes on their way to a plan: what is fitted already, and the neighbours that gained corners so far."""

    def __init__(self, session: Session, viewer: Viewer, now: datetime, rule: Rule) -> None:
        self.session, self.viewer, self.now, self.rule = session, viewer, now, rule
        self.follows = True
        self.rows: dict[str, Zone] = {}
        self.drafts: list[_Draft] = []
        self.retired: list[Zone] = []
        self.followers: dict[int, tuple[fitting.Stood, BaseGeometry]] = {}

    def take(self, wishes: Sequence[Wish]) -> None:
        """Fit wishes in among what stands and what was fitted before, and then what tiles them."""
        found = _rows(self.session, self.viewer, wishes)
        self.rows.update(found)
        retired = [found[wish.code] for wish in wishes if wish.geom is None and wish.code]
        drafts = [_Draft(wish, found.get(wish.code or "")) for wish in wishes if wish.geom is not None]
        places.name_new(self.session, drafts)
        for draft in drafts:
            if draft.row is not None and (draft.row.kind != draft.kind or _has_ended(draft.row, self.now)):
                draft.before = None
            self.followers.pop(draft.row.id if draft.row is not None else 0, None)
        for kind in dict.fromkeys(draft.kind for draft in drafts):
            _fit(self.session, kind, [draft for draft in drafts if draft.kind == kind], self.rows, self.now,
                 self.rule, self.followers)
        self.drafts += drafts
        self.retired += retired
        if self.follows:
            self._below(drafts, retired)

    def _below(self, drafts: Sequence["_Draft"], retired: Sequence[Zone]) -> None:
        """Let the zones that tile the changed ones follow them."""
        kinds = {draft.kind for draft in drafts if draft.row is not None and lineage.kinds_below(draft.kind)}
        if not kinds:
            return
        above = [lineage.Above(str(draft.code), draft.row.id if draft.row is not None else None, draft.before,
                               draft.geom) for draft in drafts if draft.kind in kinds]
        above += [lineage.Above(row.code, row.id, row.geom, None) for row in retired if row.kind in kinds]
        ids = [each.id for each in above if each.id is not None]
        rows = lineage.rows_below(self.session, ids, self.now)
        sewn = [(row, self.followers[row.id][1] if row.id in self.followers else row.geom) for row in rows
                if row.code not in self.rows]
        wanted = lineage.followed(above, sewn)
        known = {each.code: each.id for each in above}
        self.take([Wish(each.code, each.geom, {**each.values, **_parent(self.session, each, known)})
                   for each in wanted])

    def plan(self) -> Plan:
        """Return the plan of all that was taken, after asking whose ground it is and what it tiles."""
        places.place(self.session, self.viewer, self.drafts, self.now)
        _stay_within(self.session, self.drafts, self.followers)
        return Plan(tuple([*_changes(self.drafts, self.retired), *_corners(self.followers.values())]))


def _parent(session: Session, each: lineage.Follows, known: Mapping[str, int | None]) -> dict[str, Any]:
    parent_id = known[each.parent]
    values = {"parent_id": parent_id} if parent_id is not None else {"parent_code": each.parent}
    if each.code is None:
        values["code_prefix"] = places.parent_prefix(session, parent_id, str(each.values["kind"]))
    return values


def _stay_within(session: Session, drafts: Sequence["_Draft"],
                 followers: Mapping[int, tuple[fitting.Stood, BaseGeometry]]) -> None:
    """Refuse zones that reach beyond the zone they tile, where that one does not change with them."""
    changed = {draft.row.id for draft in drafts if draft.row is not None}
    asked = [(draft, draft.values.get("parent_id", draft.row.parent_id if draft.row is not None else None))
             for draft in drafts if rules.tiles(draft.kind)]
    wanted = {parent_id for _, parent_id in asked if parent_id is not None and parent_id not in changed}
    parents = {row.id: row for row in session.scalars(select(Zone).where(Zone.id.in_(sorted(wanted))))}
    for draft, parent_id in asked:
        parent = parents.get(parent_id) if parent_id is not None else None
        if parent is not None and parent.kind in rules.tiled_kinds(draft.kind):
            ground = followers[parent.id][1] if parent.id in followers else parent.geom
            lineage.must_stay_within(draft.geom, draft.before, parent, ground)


class _Draft:
    """A wish on its way: the row it changes, the shape as it will be kept, and the columns it sets."""

    def __init__(self, wish: Wish, row: Zone | None) -> None:
        self.row, self.code, self.values = row, wish.code, dict(wish.values)
        self.geom: Any = wish.geom
        self.before: Any = row.geom if row is not None else None
        self.kind = str(self.values.get("kind") or (row.kind if row is not None else ""))

    def span(self, now: datetime) -> tuple[datetime | None, datetime | None] | None:
        """Return when the zone holds from now on, or None where all of that is past."""
        first = self.values.get("valid_from", self.row.valid_from if self.row is not None else now)
        return rules.checked_span(first, self.values.get("valid_to", self.row and self.row.valid_to), now)


def _has_ended(row: Zone, now: datetime) -> bool:
    return row.valid_to is not None and row.valid_to <= now


def _rows(session: Session, viewer: Viewer, wishes: Sequence[Wish]) -> dict[str, Zone]:
    """Return the rows that wishes name, by code; raise NotFound or Forbidden."""
    wanted = [wish.code for wish in wishes if wish.code is not None]
    found: dict[str, Zone] = {}
    for start in range(0, len(wanted), CHUNK):
        asked = select(Zone).where(Zone.code.in_(wanted[start:start + CHUNK]), queries.visible(viewer))
        found.update({row.code: row for row in session.scalars(asked.execution_options(populate_existing=True))})
    for wish in wishes:
        verb = "create" if wish.code is None else "retire" if wish.geom is None else "edit"
        viewer.must(verb, KIND)
        if wish.code is not None:
            if wish.code not in found:
                raise NotFound("zone_not_found", field="code", code=wish.code)
            places.must_hold(viewer, found[wish.code])
    return found


def _fit(session: Session, kind: str, drafts: Sequence[_Draft], rows: Mapping[str, Zone], now: datetime, rule: Rule,
         followers: dict[int, tuple[fitting.Stood, BaseGeometry]]) -> None:
    """Fit the drafts of one kind; zones of other kinds that gained corners for an earlier kind gain on from there."""
    spans = [draft.span(now) for draft in drafts]
    held = [(draft, span) for draft, span in zip(drafts, spans, strict=True) if span is not None]
    if not held or not rules.forbids_overlap(kind):
        return
    firsts, lasts = [span[0] for _, span in held], [span[1] for _, span in held]
    span = (None if None in firsts else min(firsts), None if None in lasts else max(lasts))
    wants = [Want(draft.geom, draft.before, draft.code) for draft, _ in held]
    shapes = [shape for want in wants for shape in (want.geom, want.before) if shape is not None]
    around = fitting.stood_around(session, kind, span, shapes, {row.id for row in rows.values()})
    around = [zone._replace(geom=followers[zone.id][1]) if zone.id in followers else zone for zone in around]
    found = fitting.fitted(kind, wants, around, rule)
    for (draft, _), shape in zip(held, found.shapes, strict=True):
        draft.geom = shape
    for zone, shape in fitting.holding(found.followers, now):
        first = followers[zone.id][0] if zone.id in followers else zone
        followers[zone.id] = (first, shape)


def _changes(drafts: Sequence[_Draft], retired: Sequence[Zone]) -> list[Change]:
    after = areas_m2([draft.geom for draft in drafts])
    befores = [draft.row.geom for draft in drafts if draft.row is not None]
    before = iter(areas_m2(befores))
    found = []
    for draft, size in zip(drafts, after, strict=True):
        row, name = draft.row, draft.values.get("name")
        found.append(Change(str(draft.code), (row.name if row is not None and name is None else name) or "", draft.kind,
                            row.geom if row is not None else None, draft.geom,
                            next(before) if row is not None else 0.0, size,
                            row.version if row is not None else None, draft.values))
    found += [Change(row.code, row.name, row.kind, row.geom, None, size, 0.0, row.version, {})
              for row, size in zip(retired, areas_m2([row.geom for row in retired]), strict=True)]
    return found


def _corners(followers: Any) -> list[Change]:
    pairs = list(followers)
    before, after = areas_m2([zone.geom for zone, _ in pairs]), areas_m2([shape for _, shape in pairs])
    return [Change(zone.code, zone.name, zone.kind, zone.geom, shape, first, last, zone.version, {})
            for (zone, shape), first, last in zip(pairs, before, after, strict=True)]


def stale_ones(session: Session, versions: Mapping[str, int]) -> list[str]:
    """Return the codes of zones that are not at the version at which they were seen; what is gone is not told."""
    codes, found = sorted(versions), []
    for start in range(0, len(codes), CHUNK):
        asked = select(Zone.code, Zone.version).where(Zone.code.in_(codes[start:start + CHUNK]))
        found += [code for code, version in session.execute(asked) if version != versions[code]]
    return found


def as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as its preview shows it: `geometry` is the shape afterwards (before, where a zone ends)."""
    shapes = [change.after if change.after is not None else change.before for change in plan.changes]
    return {"changes": [
        {"zone": change.code, "name": change.name, "kind": change.kind, "before_m2": round(change.before_m2, 2),
         "after_m2": round(change.after_m2, 2), "version": change.version, "is_new": change.before is None,
         "is_retired": change.after is None, "geometry": geometry,
         **{name: change.values[name] for name in ("holder",) if change.values.get(name)}}
        for change, geometry in zip(plan.changes, exported([shape for shape in shapes if shape is not None]),
                                    strict=True)]}
