"""Service requests: the issues that a viewer sees, asked for in the words of GeoReport v2."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shapely import Point
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer

from civmap import clock
from civmap.errors import BadInput, Invalid
from civmap.geo.measure import Plane
from civmap.issues import queries, rules
from civmap.issues.models import Issue
from civmap.open311 import services
from civmap.open311.telling import told
from civmap.people.rules import Viewer
from civmap.store.spatial import intersects

MOST_DAYS = 90
MOST = 1_000
MOST_IDS = 200
MOST_RADIUS_M = 20_000
STATUSES: Mapping[str, tuple[str, ...]] = {"open": rules.OPEN, "closed": rules.ENDED}
PARAMETERS = ("jurisdiction_id", "service_request_id", "service_code", "start_date", "end_date", "status", "page",
              "page_size", "q", "lat", "long", "radius", "api_key", "extensions")


def asked(session: Session, viewer: Viewer, said: Mapping[str, str], now: datetime, lang: str,
          base: str) -> list[dict[str, Any]]:
    """Return the requests that a query asks for, newest first; raise BadInput for what cannot be understood.

    Without ids or dates those of the last 90 days, at most 1,000 (`page`, `page_size`).
    """
    for name in said:
        if name not in PARAMETERS:
            raise BadInput("open311_parameter", field=name, name=name[:40], known=list(PARAMETERS))
    wanted = select(Issue).where(queries.visible(viewer, now), *_conditions(said, now)).options(defer(Issue.claims))
    size, page = _whole(said, "page_size", MOST, MOST), _whole(said, "page", 1, 1_000_000)
    rows = session.scalars(wanted.order_by(Issue.id.desc()).limit(size).offset((page - 1) * size)).all()
    return told(session, rows, lang, base)


def one(session: Session, viewer: Viewer, number: str, now: datetime, lang: str, base: str) -> list[dict[str, Any]]:
    """Return the request of a number, in a list as GeoReport has it; raise NotFound."""
    return told(session, [queries.by_no(session, viewer, number, now)], lang, base)


def _conditions(said: Mapping[str, str], now: datetime) -> list[Any]:
    found: list[Any] = []
    if said.get("service_request_id"):
        return [Issue.issue_no.in_(_several(said["service_request_id"]))]
    if said.get("service_code"):
        found.append(Issue.class_code.in_([services.known(code).code for code in _several(said["service_code"])]))
    if said.get("status"):
        states = [state for name in _several(said["status"]) for state in _states(name)]
        found.append(Issue.state.in_(states))
    if said.get("q"):
        found.append(or_(*(column.icontains(said["q"][:200], autoescape=True)
                           for column in (Issue.description, Issue.issue_no, Issue.address))))
    start, end = span(said, now)
    found += [Issue.reported_at >= start, Issue.reported_at <= end]
    if said.get("lat") or said.get("long") or said.get("radius"):
        spot = (_number(said, "long", -180, 180), _number(said, "lat", -90, 90))
        radius = _number(said, "radius", 0, MOST_RADIUS_M) if said.get("radius") else 500.0
        found.append(intersects(Issue.geom, Plane(*spot).to_degrees(Point(0, 0).buffer(radius))))
    return found


def span(said: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """Return from when until when; raise BadInput for moments that are none or more than 90 days apart."""
    start, end = (_moment(said, name) for name in ("start_date", "end_date"))
    days = timedelta(days=MOST_DAYS)
    if start and end and not timedelta(0) <= end - start <= days:
        raise BadInput("open311_span", field="end_date", most=MOST_DAYS)
    try:
        return (start, end or start + days) if start else ((end or now) - days, end or now)
    except OverflowError as problem:
        name = "start_date" if start else "end_date"
        raise BadInput("open311_moment", field=name, value=said[name][:40]) from problem


def _moment(said: Mapping[str, str], name: str) -> datetime | None:
    try:
        return clock.parse_moment(said[name].replace(" ", "+")) if said.get(name) else None
    except (ValueError, OverflowError) as problem:
        raise BadInput("open311_moment", field=name, value=said[name][:40]) from problem


def _states(name: str) -> tuple[str, ...]:
    if name not in STATUSES:
        raise BadInput("open311_status", field="status", value=name[:40], known=list(STATUSES))
    return STATUSES[name]


def _several(written: str) -> list[str]:
    parts = [part.strip() for part in written.split(",") if part.strip()]
    if not 1 <= len(parts) <= MOST_IDS:
        raise BadInput("open311_too_many", field="service_request_id", most=MOST_IDS)
    return parts


def _number(said: Mapping[str, str], name: str, least: float, most: float) -> float:
    try:
        value = float(said.get(name, ""))
    except ValueError as problem:
        raise BadInput("open311_number", field=name, value=said.get(name, "")[:40]) from problem
    if not least <= value <= most:
        raise BadInput("open311_number", field=name, value=said[name][:40])
    return value


def _whole(said: Mapping[str, str], name: str, usual: int, most: int) -> int:
    written = said.get(name)
    if not written:
        return usual
    if not (written.isascii() and written.isdigit() and len(written) < 10 and int(written) >= 1):
        raise BadInput("open311_number", field=name, value=written[:40])
    return min(int(written), most)


def checked_place(said: Mapping[str, str]) -> tuple[float, float] | None:
    """Return (lon, lat) where a request names both; raise Invalid where it names one of them or no numbers."""
    if not said.get("lat") and not said.get("long"):
        return None
    for name in ("lat", "long"):
        if not said.get(name):
            raise Invalid("open311_half_place", field=name)
    return _number(said, "long", -180, 180), _number(said, "lat", -90, 90)
