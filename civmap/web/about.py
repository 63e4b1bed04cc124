"""What panel and page tell about one thing beside its facts: rates, people, what is inside it and what lies near."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from sqlalchemy import func, select

from civmap import dictionaries, texts
from civmap.clock import iso
from civmap.geo.measure import Plane, frame_around
from civmap.inspections import visiting
from civmap.inspections.history import history
from civmap.issues import figures, measures, rules, showing
from civmap.issues.models import Issue
from civmap.people.rules import phone_for
from civmap.segments.models import RoadSegment
from civmap.segments.queries import nearest_within
from civmap.store.base import holds_at
from civmap.store.listing import Here
from civmap.store.spatial import in_frame, intersects
from civmap.units.models import Unit
from civmap.web import doing, trail
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS
from civmap.zones.models import Zone
from civmap.zones.queries import visible as zone_visible

Rows = list[dict[str, Any]]
BORDERS = ("subdistrict", "community", "grid")
NEAR_M, MOST_NEAR, MOST_CHILDREN = 300.0, 6, 60
STREET_M = 60.0
PLACES = ("points", "segments", "zones")


def about(desk: Desk, kind: str, row: Any) -> dict[str, Any]:
    """Return what is known around a point, segment, zone or unit, as far as this viewer sees it."""
    counts = figures.counts_on(desk.session, desk.viewer, kind, row, desk.now)
    counts = visiting.of_one(Here(desk.session, desk.viewer, desk.now, desk.now), kind, row, counts)
    return {**_figures(desk, counts), "people": people(desk, kind, row), "around": _around(desk, kind, row),
            "near": _near(desk, kind, row), "inside": _inside(desk, row) if kind == "zones" else None,
            "children": _children(desk, kind, row), "fixed": _fixed(desk, kind, row),
            "visits": history(desk.session, desk.viewer, row.id, desk.lang, desk.now) if kind == "points" else None,
            "history": trail.entries(desk, KINDS[kind].one, row.code)[-6:]}


def about_issue(desk: Desk, issue: Issue) -> dict[str, Any]:
    """Return what is known around an issue: people, photos before and after, the steps so far."""
    lines = doing.in_words(desk, trail.named(desk, showing.timeline(desk.session, issue)))
    return {"people": of_issue(desk, issue), "around": _around(desk, "issues", issue), "history": lines,
            "pairs": figures.pairs([showing.photo_json(photo) for photo in issue.photos])}


def standing(desk: Desk) -> dict[str, Any]:
    """Return how all that the viewer sees stands now: the large numbers of a wall screen."""
    counts = figures.counts_of_all(desk.session, desk.viewer, desk.now)
    return {"open": counts.open, "due_soon": counts.due_soon, "overdue": counts.overdue,
            **_figures(desk, counts), "at": iso(desk.now)}


def _figures(desk: Desk, counts: measures.Counts) -> dict[str, Any]:
    now = measures.seconds(desk.now)
    has_visit = np.isfinite(counts.last_visit)
    return {
        "rate": {"closed": counts.closed, "handed_over": counts.handed_over, "suspended": counts.suspended,
                 "value": measures.rectification_rate(counts, now),
                 "of_all": measures.rectification_rate_of_all(counts, now)},
        "last_visit": iso(desk.now.fromtimestamp(counts.last_visit, desk.now.tzinfo)) if has_visit else None,
        "days_since_visit": measures.last_visit(counts, now),
    }


def people(desk: Desk, kind: str, row: Any) -> Rows:
    """Return who is responsible, in words: the unit with head and liaison, the holder, the chiefs of four levels."""
    unit_id = row.id if kind == "units" else row.unit_id
    unit = desk.session.get(Unit, unit_id) if unit_id else None
    found = list(_of_unit(desk, unit, with_unit=kind != "units")) if unit else []
    if kind == "zones" and row.holder:
        found.append(_person(desk, "holder", row.holder, phone_for(desk.viewer, row.holder_phone, row.unit_id)))
    if kind == "zones" and row.adopting_unit_id and (adopting := desk.session.get(Unit, row.adopting_unit_id)):
        found.append(_person(desk, "adopting", adopting.name, phone_for(desk.viewer, adopting.phone, adopting.id),
                             href=f"/units/{adopting.code}"))
    segment = row if kind == "segments" else _segment_at(desk, row) if kind == "points" else None
    return found + (list(_chiefs(desk, segment, kind)) if segment else [])


def of_issue(desk: Desk, issue: Issue) -> Rows:
    """Return who is responsible for an issue: its unit, the named person, the chiefs of its road."""
    unit = desk.session.get(Unit, issue.unit_id) if issue.unit_id else None
    segment = desk.session.get(RoadSegment, issue.segment_id) if issue.segment_id else None
    named = [_person(desk, "person", issue.person, None)] if issue.person else []
    return ((list(_of_unit(desk, unit, with_unit=False)) if unit else []) + named
            + (list(_chiefs(desk, segment, "issues")) if segment else []))


def _of_unit(desk: Desk, unit: Unit, with_unit: bool) -> Iterator[dict[str, Any]]:
    phone = phone_for(desk.viewer, unit.phone, unit.id)
    if with_unit:
        yield _person(desk, "unit", unit.name, phone, href=f"/units/{unit.code}")
    if unit.head_person:
        yield _person(desk, "head", unit.head_person, None)
    if unit.liaison:
        yield _person(desk, "liaison", unit.liaison, None if with_unit else phone)


def _chiefs(desk: Desk, segment: RoadSegment, kind: str) -> Iterator[dict[str, Any]]:
    for chief in segment.chiefs:
        phone = phone_for(desk.viewer, chief.phone, segment.unit_id)
        yield _person(desk, f"chief{chief.level}", chief.name, phone, title=chief.title,
                      href=None if kind == "segments" else f"/segments/{segment.code}")


def _person(desk: Desk, role: str, name: str, phone: str | None, **more: Any) -> dict[str, Any]:
    return {"role": role, "label": texts.say(desk.lang, f"about.{role}"), "name": name, "phone": phone, **more}


def _segment_at(desk: Desk, point: Any) -> RoadSegment | None:
    """Return the segment that a point stands at: of its own street if one is near, else the nearest one."""
    near = nearest_within(desk.session, (point.geom.x, point.geom.y), STREET_M, desk.now)
    return next((one.segment for one in near if one.segment.road and one.segment.road == point.street),
                near[0].segment if near else None)


def _place(kind: str, row: Any) -> Any:
    return row.seat if kind == "units" else row.geom


def _around(desk: Desk, kind: str, row: Any) -> Rows:
    """Return the subdistrict, community and grid that a thing lies in, the largest first."""
    place = _place(kind, row)
    if place is None:
        return []
    spot = place if place.geom_type == "Point" else place.representative_point()
    found = desk.session.scalars(select(Zone).where(
        intersects(Zone.geom, spot), Zone.kind.in_(BORDERS), zone_visible(desk.viewer), holds_at(Zone, desk.now)))
    rows = [zone for zone in found if kind != "zones" or (zone.id != row.id and _ranks_above(zone.kind, row.kind))]
    names = dictionaries.zone_kinds()
    return [{"kind": "zones", "code": zone.code, "name": zone.name or zone.code,
             "label": names[zone.kind].name(desk.lang)}
            for zone in sorted(rows, key=lambda zone: (BORDERS.index(zone.kind), zone.code))]


def _ranks_above(kind: str, other: str) -> bool:
    return other not in BORDERS or BORDERS.index(kind) < BORDERS.index(other)


def _near(desk: Desk, kind: str, row: Any) -> Rows:
    """Return the nearest things of the same kind with their distance on the ground."""
    place = _place(kind, row)
    if place is None or kind == "units":
        return []
    room, spot = KINDS[kind], (place.centroid.x, place.centroid.y)
    model = room.model
    west, south, east, north = place.bounds
    box = (*frame_around((west, south), NEAR_M)[:2], *frame_around((east, north), NEAR_M)[2:])
    asked = select(model.code, model.name, model.geom).where(
        in_frame(model.geom, *box), model.id != row.id, room.queries.visible(desk.viewer), holds_at(model, desk.now))
    if kind == "zones":
        asked = asked.where(model.kind == row.kind)
    found = desk.session.execute(asked.limit(400)).all()
    if not found:
        return []
    flat = Plane(*spot).to_metres(np.array([place, *(one.geom for one in found)]))
    metres = shapely.distance(flat[0], flat[1:])
    nearest = sorted(zip(metres.tolist(), found, strict=True), key=lambda pair: (pair[0], pair[1].code))[:MOST_NEAR]
    return [{"kind": kind, "code": one.code, "name": one.name or one.code, "distance_m": round(away)}
            for away, one in nearest if away <= NEAR_M]


def _inside(desk: Desk, zone: Zone) -> dict[str, int]:
    """Return how many points, road segments and frontage zones lie in or touch a zone."""
    found = {}
    for kind in PLACES:
        model = KINDS[kind].model
        asked = select(func.count()).select_from(model).where(
            intersects(model.geom, zone.geom), KINDS[kind].queries.visible(desk.viewer), holds_at(model, desk.now))
        if kind == "zones":
            asked = asked.where(Zone.kind == "frontage", Zone.id != zone.id)
        found[kind] = desk.session.scalar(asked) or 0
    return found


def _children(desk: Desk, kind: str, row: Any) -> Rows:
    """Return the zones or units directly below one, the worst first, each with its open issues."""
    if kind not in ("zones", "units"):
        return []
    model, room = KINDS[kind].model, KINDS[kind]
    below = list(desk.session.scalars(select(model).where(
        model.parent_id == row.id, room.queries.visible(desk.viewer), holds_at(model, desk.now))
        .order_by(model.code).limit(MOST_CHILDREN)))
    if not below:
        return []
    if kind == "zones":
        counted = figures.inside_children(desk.session, desk.viewer, row, desk.now)
    else:
        counted = figures.on_units(desk.session, desk.viewer, [one.id for one in below], desk.now)
    rows = [{"kind": kind, "code": one.code, "name": one.name or one.code,
             **counted.get(one.id, rules.Burden()).as_properties()} for one in below]
    return sorted(rows, key=lambda one: (-one["overdue_issues"], -one["open_issues"], one["code"]))


def _fixed(desk: Desk, kind: str, row: Any) -> dict[str, Any] | None:
    """Return the last work done here: the issue's number and its photos before and after."""
    issue = figures.newest_fixed(desk.session, desk.viewer, kind, row, desk.now)
    if issue is None:
        return None
    pairs = figures.pairs([showing.photo_json(photo) for photo in issue.photos])
    found = dictionaries.issue_classes()[issue.class_code]
    return {"issue_no": issue.issue_no, "class_name": found.name(desk.lang), "pair": pairs[0]} if pairs else None


def spot_of(feature: dict[str, Any]) -> tuple[float, float] | None:
    """Return a spot on a feature to ask who answers there, None where it has no place."""
    if feature["geometry"] is None:
        return None
    place = shapely.geometry.shape(feature["geometry"]).representative_point()
    return round(place.x, 7), round(place.y, 7)
