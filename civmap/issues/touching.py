"""Lines of the ledger gathered by thing: who could see it before, and on what else its issues are counted."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

import shapely
from sqlalchemy import Column, Table, and_, false, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import replacement_traverse

from civmap.clock import parse_moment
from civmap.issues.models import Issue
from civmap.issues.queries import visible as issue_visible
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.store import wide
from civmap.store.base import Geom, UtcDateTime, holds_at
from civmap.store.ledger import Entry
from civmap.store.prepared import Prepared, Shelf, asked, listed
from civmap.store.spatial import intersects, intersects_column
from civmap.units import queries as units
from civmap.units.models import Unit
from civmap.zones import queries as zones
from civmap.zones.models import Zone
from civmap.zones.rules import BORDERS

ALL = ("points", "segments", "zones", "units", "issues")
ISSUE_FACTS = ("id", "issue_no", "point_id", "segment_id", "unit_id", "division", "class_code", "reported_by",
               "state", "due_at", "supervision_level")
COUNTED = frozenset({"state", "unit_id", "due_at", "due_soon_at", "point_id", "segment_id", "geom", "class_code"})
PLACES = {"point_id": "points", "segment_id": "segments", "unit_id": "units"}
QUIET_VERBS = frozenset({"token", "password", "feed_key", "feed_key_revoked"})
BORDER_FACTS = ("geom", "kind", "code", "division", "valid_from", "valid_to")
MOST_KEPT = 4_000
Facts = Mapping[str, Any]
Touch = tuple[str, str, datetime]
_THINGS: Shelf[Prepared] = Shelf()
_AROUND: Shelf[Prepared] = Shelf()
_KEPT: OrderedDict[tuple[Any, ...], list[Touch]] = OrderedDict()
_LOCK = Lock()


@dataclass(slots=True)
class Story:
    """What happened to one thing, in order."""

    kind: str
    key: str
    lines: list[Any] = field(default_factory=list)

    @property
    def verb(self) -> str:
        """Return what was done last."""
        return str(self.lines[-1].verb)

    @property
    def at(self) -> datetime:
        """Return when it was done last."""
        moment: datetime = self.lines[-1].at
        return moment

    @property
    def who(self) -> str:
        """Return who did it last."""
        return str(self.lines[-1].who)

    @property
    def is_counted(self) -> bool:
        """Tell whether an issue's counts somewhere may have changed: a photo or a remark changes none."""
        return any(line.verb in ("report", "import") or COUNTED & {*(line.before or ()), *(line.after or ())}
                   for line in self.lines)

    def values(self, name: str) -> list[Any]:
        """Return every value that one fact had before or after one of the lines."""
        return [facts[name] for line in self.lines for facts in (line.before, line.after)
                if facts and facts.get(name) is not None]


def stories(lines: Iterable[Any]) -> list[Story]:
    """Gather lines by the thing they speak of; what is none of the five kinds is left out."""
    found: dict[tuple[str, str], Story] = {}
    for line in lines:
        if line.kind in OBJECTS or line.kind == "issue":
            found.setdefault((line.kind, line.key), Story(line.kind, line.key)).lines.append(line)
    return list(found.values())


def moves_everything(viewer: Viewer, line: Any) -> bool:
    """Tell whether a line changes what belongs where, or how far this viewer sees: then everything is asked anew."""
    if line.kind == "city" or line.verb == wide.VERB:
        return True
    if line.kind == "person":
        return line.key == viewer.name and line.verb not in QUIET_VERBS
    if line.kind == "zone":
        kinds = {facts.get("kind") for facts in (line.before, line.after) if facts}
        return bool(kinds & set(BORDERS)) and _differs(line, *BORDER_FACTS)
    if line.kind == "unit" and viewer.unit_ids:
        return line.before is not None and _differs(line, "parent_id", "categories")
    return line.kind == "segment" and viewer.role == "road_chief" and _differs(line, "road")


def _differs(line: Any, *names: str) -> bool:
    if not line.before or not line.after:
        return True
    return any(line.before.get(name) != line.after.get(name) for name in names)


def as_of(condition: Any, model: Any, facts: Facts) -> Any:
    """Return a condition with the columns of a table replaced by facts: the same policy, asked of the past."""

    def replace(element: Any, **_more: Any) -> Any:
        if isinstance(element, Column) and isinstance(element.table, Table) and element.table.name == \
                model.__tablename__ and element.key in facts:
            return literal(_plain(element, facts[element.key]), element.type)
        return None

    return replacement_traverse(condition, {}, replace)


def _plain(column: Any, value: Any) -> Any:
    return parse_moment(value) if isinstance(column.type, UtcDateTime) and isinstance(value, str) else value


def _held(session: Session, model: Any, condition: Any, versions: list[Facts]) -> bool:
    return bool(versions) and bool(session.scalar(select(or_(false(), *(
        as_of(condition, model, _lean(model, one)) for one in versions)))))


def _lean(model: Any, facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if not isinstance(_type(model, name), Geom)}


def _type(model: Any, name: str) -> Any:
    column = model.__table__.columns.get(name)
    return None if column is None else column.type


@dataclass(frozen=True, slots=True)
class Room:
    """A kind of objects: its layer, what is kept, and who sees it."""

    layer: str
    model: Any
    visible: Callable[[Any], Any]

    def was_visible(self, session: Session, viewer: Viewer, story: Story, now: datetime) -> bool:
        """Tell whether a viewer saw a thing, and it held, before one of the lines."""
        befores = [line.before for line in story.lines if line.before]
        condition = self.visible(viewer)
        if self.model is Unit:  # the directory does not depend on a unit's facts
            return bool(befores) and session.scalar(
                select(Unit.id).where(Unit.code == story.key, condition)) is not None
        return _held(session, self.model, and_(condition, holds_at(self.model, now)), befores)


OBJECTS = {
    "point": Room("points", InspectionPoint, points.visible),
    "segment": Room("segments", RoadSegment, segments.visible),
    "zone": Room("zones", Zone, zones.visible), "unit": Room("units", Unit, units.visible),
}


_POLICIES: "Shelf[Policy]" = Shelf()


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether a viewer saw an issue as it was: asked with its facts; `names` are those that matter."""

    prepared: Prepared
    names: frozenset[str]
    is_timed: bool

    def saw(self, session: Session, facts: Facts, at: datetime) -> bool:
        """Tell whether the viewer saw an issue with these facts at a moment."""
        its = {name: _plain(Issue.__table__.c[name], facts[name]) for name in self.names}
        return bool(self.prepared.rows(session, now=at, **its)[0].seen)


def _policy(viewer: Viewer) -> Policy:
    names = set()

    def replace(element: Any, **_more: Any) -> Any:
        if isinstance(element, Column) and element.table is Issue.__table__:
            names.add(element.key)
            return asked(element.key, element)
        return None

    condition = replacement_traverse(issue_visible(viewer, asked("now", Entry.at)), {}, replace)
    return Policy(Prepared(select(or_(false(), condition).label("seen"))), frozenset(names),
                  viewer.role == "discipline")


def issue_was_visible(session: Session, viewer: Viewer, story: Story, row: Facts) -> bool:
    """Tell whether a viewer who does not see an issue now saw it before one of the lines, when that was written."""
    policy, facts = _POLICIES.of(viewer.scope, lambda: _policy(viewer)), dict(row)
    for line in reversed(story.lines):
        if line.verb == "report" or (line.verb == "import" and not line.before):
            return False
        facts.update((name, value) for name, value in (line.before or {}).items() if name in ISSUE_FACTS)
        differs = policy.is_timed or any(facts[name] != row[name] for name in policy.names)
        if differs and policy.saw(session, facts, line.at):
            return True
    return False


@dataclass(slots=True)
class Touched:
    """What issues and holders are counted on: ids by layer, spots and issues inside zones, each with its moment."""

    ids: dict[str, dict[int, datetime]] = field(default_factory=lambda: {layer: {} for layer in PLACES.values()})
    issues: dict[int, datetime] = field(default_factory=dict)
    spots: list[tuple[Any, datetime]] = field(default_factory=list)

    def by_row(self, row: Any, at: datetime) -> None:
        """Take in where an issue is counted now."""
        for name, layer in PLACES.items():
            if getattr(row, name) is not None:
                self.ids[layer][getattr(row, name)] = at
        self.issues[row.id] = at

    def by_issue(self, story: Story, row: Any) -> None:
        """Take in where an issue is counted now, and where it was before each line."""
        self.by_row(row, story.at)
        for name, layer in PLACES.items():
            self.ids[layer].update((value, story.at) for value in story.values(name))
        befores = {line.before["geom"] for line in story.lines if line.before and line.before.get("geom")}
        self.spots += [(shapely.from_wkt(text), story.at) for text in befores]

    def by_object(self, story: Story) -> None:
        """Take in the holders of a thing before and after, and the zones that a moved point leaves or enters."""
        if any(_differs(line, "unit_id", "adopting_unit_id", "valid_to") for line in story.lines):
            held = story.values("unit_id") + story.values("adopting_unit_id")
            self.ids["units"].update((value, story.at) for value in held)
        if story.kind == "point" and any(_differs(line, "geom", "valid_to") for line in story.lines):
            self.spots += [(shapely.from_wkt(text), story.at) for text in {*story.values("geom")}]


def _things(viewer: Viewer, room: Room) -> Prepared:
    model = room.model
    return Prepared(select(model.id, model.code).where(
        listed("ids", model.id), room.visible(viewer), holds_at(model, asked("now", Entry.at))))


def _zones_around(viewer: Viewer) -> Prepared:
    return Prepared(select(Zone.code, Issue.id).select_from(Issue).join(
        Zone, intersects_column(Zone.geom, Issue.geom)).where(
            listed("ids", Issue.id), zones.visible(viewer), holds_at(Zone, asked("now", Entry.at))))


def things(session: Session, viewer: Viewer, touched: Touched, now: datetime) -> Iterator[Touch]:
    """Yield the points, segments, units and zones that were touched and that the viewer sees: layer, code, moment."""
    for room in OBJECTS.values():
        ids = touched.ids.get(room.layer)
        if ids:
            rows = _THINGS.of((room.layer, viewer.scope), lambda room=room: _things(viewer, room)).rows(
                session, ids=list(ids), now=now)
            yield from ((room.layer, code, ids[row_id]) for row_id, code in rows)
    if touched.issues:
        rows = _AROUND.of(viewer.scope, lambda: _zones_around(viewer)).rows(session, ids=list(touched.issues), now=now)
        yield from (("zones", code, touched.issues[issue_id]) for code, issue_id in rows)
    inside = (zones.visible(viewer), holds_at(Zone, now)) if touched.spots else ()
    for spot, at in touched.spots:
        codes = session.scalars(select(Zone.code).where(intersects(Zone.geom, spot), *inside))
        yield from (("zones", code, at) for code in codes)


def counted_on(session: Session, viewer: Viewer, story: Story, row: Any, now: datetime) -> list[Touch]:
    """Return what an issue is or was counted on; the same lines are worked out once for all who see equally far."""
    key = (story.lines[0].hash, story.lines[-1].hash, viewer.scope)
    with _LOCK:
        kept = _KEPT.get(key)
    if kept is None:
        touched = Touched()
        touched.by_issue(story, row)
        kept = list(things(session, viewer, touched, now))
        with _LOCK:
            _KEPT[key] = kept
            while len(_KEPT) > MOST_KEPT:
                _KEPT.popitem(last=False)
    return kept
