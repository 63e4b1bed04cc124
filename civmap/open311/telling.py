"""Issues told as GeoReport v2 tells service requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries, texts
from civmap.issues import rules
from civmap.issues.happenings import without_phones
from civmap.issues.models import Issue, Photo
from civmap.open311.models import ServiceRequest
from civmap.points.models import InspectionPoint
from civmap.store.ledger import Entry
from civmap.units.models import Unit


@dataclass(frozen=True, slots=True)
class Told:
    """What requests are told with, asked once for all of them."""

    units: Mapping[int, str]
    points: Mapping[int, tuple[str, str]]
    changed: Mapping[str, datetime]
    pictures: Mapping[int, int]
    came: Mapping[int, ServiceRequest]


def told(session: Session, rows: Sequence[Issue], lang: str, base: str) -> list[dict[str, Any]]:
    """Return issues as GeoReport tells requests; telephone numbers inside words are hidden."""
    beside = _beside(session, rows)
    return [_told(row, beside, lang, base) for row in rows]


def _beside(session: Session, rows: Sequence[Issue]) -> Told:
    ids, numbers = [row.id for row in rows], [row.issue_no for row in rows]
    units = {row.unit_id for row in rows if row.unit_id}
    points = {row.point_id for row in rows if row.point_id}
    pictured = select(Photo.issue_id, func.min(Photo.id)).where(Photo.issue_id.in_(ids)).group_by(Photo.issue_id)
    return Told(
        {number: name for number, name in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units)))},
        {number: (code, name) for number, code, name in session.execute(
            select(InspectionPoint.id, InspectionPoint.code, InspectionPoint.name).where(
                InspectionPoint.id.in_(points)))},
        {number: at for number, at in session.execute(select(Entry.key, func.max(Entry.at, type_=Entry.at.type)).where(
            Entry.kind == "issue", Entry.key.in_(numbers)).group_by(Entry.key))},
        {number: photo for number, photo in session.execute(pictured)},
        {row.issue_id: row for row in session.scalars(select(ServiceRequest).where(ServiceRequest.issue_id.in_(ids)))})


def _told(row: Issue, beside: Told, lang: str, base: str) -> dict[str, Any]:
    found = dictionaries.issue_classes()[row.class_code]
    point = beside.points.get(row.point_id or 0)
    came = beside.came.get(row.id)
    picture = beside.pictures.get(row.id)
    state = dictionaries.issue_states()[row.state].name(lang)
    notes = f"{state}：{row.measure}" if row.measure and lang == "zh" else f"{state}: {row.measure}" if row.measure \
        else state
    return {
        "service_request_id": row.issue_no, "status": "closed" if row.state in rules.ENDED else "open",
        "status_notes": without_phones(notes), "service_name": found.name(lang), "service_code": found.code,
        "description": without_phones(row.description), "agency_responsible": beside.units.get(row.unit_id or 0, ""),
        "service_notice": texts.say(lang, "open311.notice.due", due=clock.iso(row.due_at)) if row.due_at else "",
        "requested_datetime": clock.iso(row.reported_at),
        "updated_datetime": clock.iso(beside.changed.get(row.issue_no) or row.reported_at),
        "expected_datetime": clock.iso(row.due_at),
        "address": row.address or (came.address if came else None) or (point[1] if point else None),
        "address_id": point[0] if point else (came.address_id if came else None), "zipcode": None,
        "lat": round(row.geom.y, 7), "long": round(row.geom.x, 7),
        "media_url": f"{base}/open311/v2/media/{picture}" if picture else None,
    }
