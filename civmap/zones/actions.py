"""Create, edit and retire zones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.queries import frame_of
from civmap.errors import Invalid
from civmap.fields import as_feature
from civmap.geo.echo import same_shape, without_echo
from civmap.people.rules import Viewer
from civmap.store.editing import change, check_version, derive, end_validity, keep_new, locked_row, one_at_a_time
from civmap.store.spatial import in_box
from civmap.units.queries import resolve
from civmap.zones import queries, rules
from civmap.zones.carrying import CORNERS, DRAWING_KEY
from civmap.zones.fitting import Fit, Want, fit, holding
from civmap.zones.models import Zone
from civmap.zones.places import middle, must_hold, place

KIND = "zone"


@dataclass
class _Draft:
    """A zone on its way, for `places.place`."""

    row: Zone | None
    code: str | None
    kind: str
    geom: Any
    values: dict[str, Any]


def create(session: Session, viewer: Viewer, feature: Any, now: datetime) -> Zone:
    """Make a zone of a GeoJSON Feature ((Multi)Polygon, EPSG:4326); it holds from now on unless the feature says else.

    Raise Forbidden outside the viewer's territory, Invalid or Several, Conflict `code_taken` or `zone_overlap`.
    """
    viewer.must("create", KIND)
    columns = rules.read(feature, frame_of(session), is_new=True)
    if columns.get("valid_from") is None:
        columns["valid_from"] = now
    return _create(session, viewer, columns, now, allow_overlap=False)


def replace(session: Session, viewer: Viewer, code: str, feature: Any, version: int | None, now: datetime) -> Zone:
    """Change a zone to what a feature says; properties that are absent stay, `valid_to` null revives a retired one.

    Raise NotFound where it is missing or hidden, Missing without a version, Stale for an old one, and as `create`.
    """
    viewer.must("edit", KIND)
    zone = _own_row(session, viewer, code)
    check_version(zone, version, lambda: queries.as_feature(session, viewer, zone))
    _change(session, viewer, zone, feature, now, allow_overlap=False)
    return zone


def retire(session: Session, viewer: Viewer, code: str, version: int | None, now: datetime) -> Zone:
    """End a zone's validity now. Raise as `replace` does."""
    viewer.must("retire", KIND)
    zone = _own_row(session, viewer, code)
    check_version(zone, version, lambda: queries.as_feature(session, viewer, zone))
    end_validity(session, viewer.actor, KIND, zone, now)
    return zone


def save(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime, *,
         allow_overlap: bool = True) -> str:
    """Take one row of a table: create the zone of its code or change it; return created, updated or unchanged.

    Imported old zones may overlap (they are listed in coverage) unless `allow_overlap` is false.
    """
    feature = as_feature(values)
    code = str(feature["properties"].get("code") or "").strip()
    zone = session.scalar(select(Zone).where(Zone.code == code, queries.visible(viewer))) if code else None
    if zone is None:
        viewer.must("create", KIND)
        columns = rules.read(feature, frame_of(session), is_new=True)
        _create(session, viewer, columns, now, allow_overlap=allow_overlap)
        return "created"
    viewer.must("edit", KIND)
    must_hold(viewer, zone)
    is_changed = _change(session, viewer, zone, feature, now, allow_overlap=allow_overlap)
    return "updated" if is_changed else "unchanged"


def locate(session: Session, now: datetime, within: Any = None) -> int:
    """Write the division code of every zone that is no border itself, after borders came or moved; return how many.

    `within` is the box in which they moved, None for everywhere.
    """
    rows = [row for row in session.execute(in_box(select(Zone.id, Zone.kind, Zone.code, Zone.geom), Zone.geom, within))
            if rules.division_of_border(row.kind, row.code) is None]
    found = queries.divisions_at(session, [middle(row.geom) for row in rows], now)
    return derive(session, Zone, "division", {row.id: code for row, code in zip(rows, found, strict=True)})


def _own_row(session: Session, viewer: Viewer, code: str) -> Zone:
    one_at_a_time(session, DRAWING_KEY)
    zone = locked_row(session, Zone, KIND, code, queries.visible(viewer))
    must_hold(viewer, zone)
    return zone


def _create(session: Session, viewer: Viewer, columns: dict[str, Any], now: datetime, *,
            allow_overlap: bool) -> Zone:
    columns = resolved(session, columns, None)
    one_at_a_time(session, DRAWING_KEY)
    if not columns.get("code"):
        prefix = rules.PREFIXES.get(columns["kind"], rules.OTHER_PREFIX)
        columns["code"] = rules.next_code(columns["kind"], queries.last_code(session, prefix))
    zone = Zone(**{name: value for name, value in columns.items() if value is not None})
    _place(session, viewer, zone.kind, zone.code, columns, now)
    found = Fit([columns["geom"]], [])
    if not allow_overlap:
        found = fit(session, zone.kind, (zone.valid_from, zone.valid_to), [Want(columns["geom"])])
    zone.geom, zone.division, zone.parent_id = found.shapes[0], columns["division"], columns.get("parent_id")
    keep_new(session, viewer.actor, KIND, zone, now)
    _follow(session, viewer, found, now)
    return zone


def _follow(session: Session, viewer: Viewer, found: Fit, now: datetime) -> None:
    """Give the neighbours the corners that they now share; each is a change of its own."""
    for stood, shape in holding(found.followers, now):
        row = session.get_one(Zone, stood.id)
        change(session, viewer.actor, KIND, row, {"geom": shape}, now, verb=CORNERS)


def _change(session: Session, viewer: Viewer, zone: Zone, feature: Any, now: datetime, *,
            allow_overlap: bool) -> bool:
    feature = without_echo(feature, zone.geom)
    read = rules.read(feature, frame_of(session), is_new=False, known_phone=zone.holder_phone)
    columns = resolved(session, read, zone.id)
    if "geom" in columns and same_shape(zone.geom, columns["geom"]):
        del columns["geom"]
    before = {name: getattr(zone, name) for name in ("geom", "kind", "code", "valid_from", "valid_to")}
    after = {**before, **columns}
    if after["valid_from"] and after["valid_to"] and after["valid_to"] <= after["valid_from"]:
        raise Invalid("span_reversed", field="valid_to", first="valid_from", last="valid_to")
    if any(after[name] != before[name] for name in ("geom", "kind", "code")):
        _place(session, viewer, after["kind"], after["code"], after, now, is_old=True)
        columns["division"] = after["division"]
    span = rules.checked_span(after["valid_from"], after["valid_to"], now)
    is_checked = not allow_overlap and rules.forbids_overlap(after["kind"]) and rules.may_newly_overlap(before, after)
    found = Fit([], [])
    if is_checked and span is not None:
        was_held = rules.checked_span(before["valid_from"], before["valid_to"], now) == span
        own = zone.geom if was_held and after["kind"] == zone.kind else None
        found = fit(session, after["kind"], span, [Want(after["geom"], own)], exclude=[zone.id])
        if found.shapes[0] != zone.geom:
            columns["geom"] = found.shapes[0]
    is_changed = change(session, viewer.actor, KIND, zone, columns, now)
    _follow(session, viewer, found, now)
    return is_changed


def _place(session: Session, viewer: Viewer, kind: str, code: str, columns: dict[str, Any], now: datetime, *,
           is_old: bool = False) -> None:
    """Write the division of a new or moved zone into the columns, and which zone a new one tiles.

    Raise Forbidden outside the viewer's territory.
    """
    draft = _Draft(None, code, kind, columns["geom"],
                   {"parent_id": columns.get("parent_id")} if is_old or columns.get("parent_id") else {})
    place(session, viewer, [draft], now)
    columns.update(draft.values if not is_old else {"division": draft.values["division"]})


def resolved(session: Session, columns: dict[str, Any], zone_id: int | None) -> dict[str, Any]:
    """Return columns with units and parent by id instead of by name; raise Invalid."""
    columns = dict(columns)
    for name in ("unit", "adopting_unit"):
        if name in columns:
            written = columns.pop(name)
            columns[f"{name}_id"] = None if written is None else resolve(session, written, name).id
    if "parent" in columns:
        written = columns.pop("parent")
        columns["parent_id"] = None if written is None else _parent_id(session, written, zone_id)
    return columns


def _parent_id(session: Session, written: str, zone_id: int | None) -> int:
    """Return the id of the zone that a code or exact name means; raise Invalid for none, several, or a circle."""
    found = list(session.scalars(select(Zone.id).where(Zone.code == written))) or list(
        session.scalars(select(Zone.id).where(Zone.name == written, Zone.kind.in_(rules.BORDERS))))
    if len(found) != 1:
        raise Invalid("unknown_parent_zone", field="parent", value=written, count=len(found))
    above: int | None = found[0]
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == zone_id:
            raise Invalid("zone_cycle", field="parent", value=written)
        seen.add(above)
        above = session.scalar(select(Zone.parent_id).where(Zone.id == above))
    return found[0]
