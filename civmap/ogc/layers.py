"""The collections of /ogc: what each tells of a feature, what of it can be asked for, and what can be written.

A property that is counted (open issues on a thing), measured (areas, lengths) or masked (telephones) is told and not
asked for; `open_issues` and `status` of an issue follow from its own row, so these are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import case, literal, or_

from civmap import dictionaries
from civmap.issues import filters as standing
from civmap.issues.models import Issue
from civmap.points import rules as point_rules
from civmap.points.models import InspectionPoint
from civmap.segments import rules as segment_rules
from civmap.segments.models import RoadSegment
from civmap.store.listing import Here
from civmap.units import rules as unit_rules
from civmap.units.models import Unit
from civmap.zones import rules as zone_rules
from civmap.zones.models import Zone

TEXT, NUMBER, WHOLE, FLAG, DAY, MOMENT, LIST, SHAPE = (
    "text", "number", "whole", "flag", "day", "moment", "list", "shape")


@dataclass(frozen=True, slots=True)
class Through:
    """A column of another table that a thing points to by a key of its own."""

    key: Any
    there: Any
    column: Any


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its sort, what it stands for in the database (None: told only), and whether it can be written.

    `held` is a column, a `Through`, or a function of who asks and about which moment.
    """

    name: str
    sort: str
    held: Any = None
    is_written: bool = False
    is_required: bool = False

    @property
    def is_asked(self) -> bool:
        """Tell whether features can be asked for by this property."""
        return self.held is not None


@dataclass(frozen=True, slots=True)
class Layer:
    """One collection: its kind of thing, its name in the policy, its geometry and its properties."""

    kind: str
    one: str
    model: Any
    geom: Any
    shape: str
    properties: Mapping[str, Property]
    begins: Any
    ends: Any
    is_replaced: bool = True

    @property
    def asked(self) -> dict[str, Property]:
        """Return the properties by which features can be asked for."""
        return {name: found for name, found in self.properties.items() if found.is_asked}


def _own(model: Any, sort: str, *names: str) -> list[Property]:
    return [Property(name, sort, getattr(model, name)) for name in names]


def _unit(model: Any, name: str = "unit", key: str = "unit_id") -> list[Property]:
    column = getattr(model, key)
    return [Property(name, TEXT, Through(column, Unit.id, Unit.code)),
            Property(f"{name}_name", TEXT, Through(column, Unit.id, Unit.name))]


def _valid(model: Any) -> list[Property]:
    return _own(model, MOMENT, "valid_from", "valid_to")


BURDEN = [*(Property(name, WHOLE) for name in ("open_issues", "due_soon_issues", "overdue_issues")),
          Property("status", TEXT)]


def _mandatory(_here: Here) -> Any:
    codes = [kind.code for kind in dictionaries.point_types().values() if kind.is_mandatory]
    return InspectionPoint.type.in_(codes)


def _status(here: Here) -> Any:
    found = standing.stands(here)
    return case((found.overdue, literal("overdue")), (found.due_soon, literal("due_soon")),
                (found.open, literal("open")), else_=literal("none"))


def _one_if(name: str) -> Callable[[Here], Any]:
    return lambda here: case((getattr(standing.stands(here), name), 1), else_=0)


def _then(column: Any) -> Callable[[Here], Any]:
    """Return what a moment of an issue was: of an earlier time only what had happened by then is known."""
    return lambda here: column if here.is_present else case((column <= here.at, column))


def _given(column: Any) -> Callable[[Here], Any]:
    """Return what an issue was given when it was handed over, known from then on."""
    return lambda here: column if here.is_present else case(
        (or_(Issue.dispatched_at.is_(None), Issue.dispatched_at <= here.at), column))


def _layer(kind: str, one: str, geom: Any, shape: str, told: Iterable[Property], fields: Iterable[Any],
           extra: Iterable[str] = ()) -> Layer:
    written = {field.name: field.is_required for field in fields} | dict.fromkeys(extra, False)
    properties = {found.name: replace(found, is_written=found.name in written,
                                      is_required=written.get(found.name, False)) for found in told}
    model = geom.class_
    return Layer(kind, one, model, geom, shape, properties, model.valid_from, model.valid_to)


_P, _S, _Z, _U = InspectionPoint, RoadSegment, Zone, Unit
POINTS = _layer("points", "point", _P.geom, "Point", [
    *_own(_P, TEXT, "code", "name", "type"), Property("is_mandatory", FLAG, _mandatory),
    *_own(_P, FLAG, "is_declared"), *_unit(_P), Property("unit_phone", TEXT),
    *_own(_P, TEXT, "address", "street", "division", "open_hours"), *_own(_P, NUMBER, "surroundings_m"),
    *_own(_P, TEXT, "note"), *_valid(_P), Property("outline", SHAPE), *BURDEN], point_rules.FIELDS, ("outline",))
SEGMENTS = _layer("segments", "segment", _S.geom, "LineString", [
    *_own(_S, TEXT, "code", "name", "road"), Property("class", TEXT, _S.road_class),
    Property("kind", TEXT, _S.road_class), Property("length_m", NUMBER), *_own(_S, NUMBER, "width_m"),
    *_own(_S, TEXT, "side"), *_unit(_S), Property("unit_phone", TEXT), *_own(_S, TEXT, "from_name", "to_name"),
    *_own(_S, NUMBER, "chainage_m"), *_own(_S, TEXT, "division"), Property("chiefs", LIST), *_valid(_S), *BURDEN],
    segment_rules.FIELDS, ("chiefs",))
ZONES = _layer("zones", "zone", _Z.geom, "MultiPolygon", [
    *_own(_Z, TEXT, "code", "name", "kind"), Property("area_m2", NUMBER), *_unit(_Z), Property("unit_phone", TEXT),
    Property("parent", TEXT), Property("parent_name", TEXT), *_unit(_Z, "adopting_unit", "adopting_unit_id"),
    *_own(_Z, TEXT, "division"), *_own(_Z, FLAG, "is_partial"), *_own(_Z, TEXT, "holder"),
    Property("holder_phone", TEXT), *_own(_Z, TEXT, "door_no"), Property("segment", TEXT, _Z.segment_code),
    *_own(_Z, TEXT, "side", "depth_rule"), *_own(_Z, NUMBER, "depth_m"), *_own(_Z, TEXT, "pledge_no"),
    *_own(_Z, DAY, "pledge_signed_on", "pledge_expires_on"), Property("pledge_state", TEXT),
    *_own(_Z, TEXT, "plate_no"), *_own(_Z, WHOLE, "households"), *_valid(_Z), *BURDEN], zone_rules.FIELDS)
UNITS = _layer("units", "unit", _U.seat, "Point", [
    *_own(_U, TEXT, "code", "name", "kind"), Property("categories", LIST), Property("parent", TEXT),
    Property("parent_name", TEXT), *_own(_U, TEXT, "territory"), *_own(_U, WHOLE, "capacity"),
    Property("phone", TEXT), *_own(_U, TEXT, "head_person", "liaison", "address", "holder", "door_no"),
    *_own(_U, NUMBER, "door_width_m"), *_valid(_U), *BURDEN], unit_rules.FIELDS)
REPORTED = {"class": True, "description": True, "address": False, "point": False, "unit": False, "person": False}
"""What a new issue takes beside its place; a title is found by the class, the rest follows from its life."""


def _issues() -> Layer:
    told = [
        *_own(Issue, TEXT, "issue_no"), Property("code", TEXT, Issue.issue_no), Property("name", TEXT),
        Property("class", TEXT, Issue.class_code), Property("class_name", TEXT),
        Property("type", TEXT, Issue.class_code), *_own(Issue, TEXT, "description"),
        Property("state", TEXT, standing.state_then), Property("status", TEXT, _status),
        Property("open_issues", WHOLE, _one_if("open")), Property("due_soon_issues", WHOLE, _one_if("due_soon")),
        Property("overdue_issues", WHOLE, _one_if("overdue")), Property("lon", NUMBER), Property("lat", NUMBER),
        *_unit(Issue), Property("unit_phone", TEXT), *_own(Issue, TEXT, "person"),
        Property("point", TEXT, Through(Issue.point_id, _P.id, _P.code)),
        Property("point_name", TEXT, Through(Issue.point_id, _P.id, _P.name)),
        Property("segment", TEXT, Through(Issue.segment_id, _S.id, _S.code)),
        Property("segment_name", TEXT, Through(Issue.segment_id, _S.id, _S.name)),
        *_own(Issue, MOMENT, "reported_at"),
        *(Property(name, MOMENT, _given(getattr(Issue, name))) for name in ("dispatched_at", "due_at")),
        Property("closed_at", MOMENT, _then(Issue.closed_at)),
        Property("address", TEXT), Property("flags", LIST)]
    properties = {found.name: replace(found, is_written=found.name in REPORTED,
                                      is_required=REPORTED.get(found.name, False)) for found in told}
    return Layer("issues", "issue", Issue, Issue.geom, "Point", properties, Issue.reported_at, Issue.ended_at,
                 is_replaced=False)


ISSUES = _issues()
LAYERS: Mapping[str, Layer] = {layer.kind: layer for layer in (POINTS, SEGMENTS, ZONES, UNITS, ISSUES)}
