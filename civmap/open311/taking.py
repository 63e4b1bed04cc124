"""Requests that come in: each becomes a report like any other, and keeps how it came and who asked."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.addresses.asking import gazetteer
from civmap.addresses.wording import SURE
from civmap.errors import Invalid, NotFound
from civmap.fields import masked_phone
from civmap.issues import actions, photos, queries
from civmap.issues.models import Issue
from civmap.issues.photos import Developed
from civmap.open311 import services
from civmap.open311.models import ServiceRequest
from civmap.open311.requests import checked_place
from civmap.people.rules import Viewer

REQUESTER = ("first_name", "last_name", "email", "phone", "device_id", "account_id")
MOST_WORDS = 2_000
MOST_ATTRIBUTES = 30
REPORTED = ("point", "accuracy_m", "captured_at")
"""Attributes that a report itself has a place for."""


def take(session: Session, viewer: Viewer, said: Mapping[str, str], shots: list[Developed], folder: Path,
         now: datetime, lang: str) -> tuple[Issue, ServiceRequest]:
    """Make an issue of a request, with its pictures; raise Forbidden, Invalid, Several or NotFound.

    A place is `lat` with `long`, an `address_id` (the code of an inspection point), both, or an `address_string`.
    """
    found = services.known(_must(said, "service_code"))
    attributes = attributes_of(said)
    words = (said.get("description") or "").strip() or found.name(lang)
    point = said.get("address_id") or attributes.get("point")
    report: dict[str, Any] = {"class": found.code, "description": words[:MOST_WORDS],
                              **{name: attributes[name] for name in REPORTED if attributes.get(name)}}
    if (place := checked_place(said)) is not None:
        report["lon"], report["lat"] = place
    elif not point:
        report |= _by_address(session, viewer, (said.get("address_string") or "").strip()[:200])
    if point:
        report["point"] = point
    if said.get("address_string"):
        report["address"] = said["address_string"].strip()[:200]
    issue = actions.report(session, viewer, report, now, lang)
    for shot in shots:
        photos.add(session, viewer, issue.issue_no, shot, {"kind": "before"}, folder, now)
    row = ServiceRequest(
        issue_id=issue.id, token=secrets.token_hex(16), service_code=found.code,
        address=report.get("address"), address_id=point, requester=_requester(said),
        media_url=(said.get("media_url") or "")[:2_000] or None, attributes=attributes, requested_at=now,
        requested_by=viewer.name)
    session.add(row)
    session.flush()
    return issue, row


def _by_address(session: Session, viewer: Viewer, written: str) -> dict[str, Any]:
    """Return the spot that an address surely means, and how far off it may be; raise Invalid for an unsure one."""
    if not written:
        raise Invalid("open311_no_place", field="lat")
    found = gazetteer(session, viewer).find(written, limit=3)
    if not found or found[0].score < SURE:
        raise Invalid("open311_address_unsure", field="address_string", address=written[:60],
                      known=[place.name for place in found] or ["—"])
    return {"lon": found[0].lon, "lat": found[0].lat, "accuracy_m": max(1.0, round(found[0].reach_m, 1))}


def by_token(session: Session, viewer: Viewer, token: str, now: datetime) -> tuple[str, str]:
    """Return number and token of the request that a token stands for; raise NotFound for others' and unknown ones."""
    row = session.scalar(select(ServiceRequest).join(Issue, Issue.id == ServiceRequest.issue_id).where(
        ServiceRequest.token == token[:64], queries.visible(viewer, now)))
    if row is None:
        raise NotFound("open311_token_unknown", field="token")
    return session.scalars(select(Issue.issue_no).where(Issue.id == row.issue_id)).one(), row.token


def attributes_of(said: Mapping[str, str]) -> dict[str, str]:
    """Return what `attribute[CODE]=…` members say, by code."""
    found = {name[10:-1]: text.strip()[:500] for name, text in said.items()
             if name.startswith("attribute[") and name.endswith("]") and text.strip()}
    if len(found) > MOST_ATTRIBUTES:
        raise Invalid("open311_attributes", field="attribute", most=MOST_ATTRIBUTES)
    return found


def mark_of(said: Mapping[str, str]) -> str | None:
    """Return the number that the sender knows the request by, so that a repeated one is known again."""
    attributes = attributes_of(said)
    return attributes.get("external_id") or attributes.get("fixmystreet_id") or None


def _requester(said: Mapping[str, str]) -> dict[str, Any]:
    told = {name: said[name].strip()[:200] for name in REQUESTER if said.get(name, "").strip()}
    return {**told, "phone": masked_phone(told["phone"])} if "phone" in told else told


def _must(said: Mapping[str, str], name: str) -> str:
    if not said.get(name, "").strip():
        raise Invalid("field_missing", field=name)
    return said[name]
