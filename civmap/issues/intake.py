"""Take issues over from the office's own tables: facts as they stand there, whatever their state."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment import queries as assignment
from civmap.assignment import rules as cascade
from civmap.assignment.customs import cascade_of
from civmap.city.queries import frame_of
from civmap.errors import Invalid
from civmap.fields import Field, check_order, code, coded, moment, number, one_of, read_fields, refuse, text
from civmap.geo.validity import check_spot
from civmap.issues import actions, forms, rules, showing, steps
from civmap.issues.models import Issue
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.store import ledger
from civmap.units.models import Unit
from civmap.units.queries import resolve

SEVERITIES = ("minor", "general", "serious", "grave")
FIELDS = (
    Field("issue_no", "issue_no", code),
    Field("class", "class_code", coded(dictionaries.issue_class), is_required=True),
    Field("description", "description", forms.long_text(), is_required=True),
    Field("lon", "lon", number(-180, 180)),
    Field("lat", "lat", number(-180, 180)),
    Field("point", "point", text(64)),
    Field("unit", "unit", text(200)),
    Field("state", "state", coded(dictionaries.issue_state)),
    Field("reported_at", "reported_at", moment),
    Field("dispatched_at", "dispatched_at", moment),
    Field("due_at", "due_at", moment),
    Field("closed_at", "closed_at", moment),
    Field("key", "key", code),
    Field("address", "address", text(200)),
    Field("severity", "severity", one_of(*SEVERITIES)),
    Field("person", "person", text(60)),
    Field("assisting", "assisting", lambda value: _units(value)),
)
DISPATCHED = frozenset({"dispatched", "returned", "in_progress", "suspended", "resolved", "rework", "closed"})


def save(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime) -> str:
    """Take one row of a table: make the issue of its number or change it; return created, updated or unchanged.

    A row without a number is the same issue again when its key, or class, words, place and report moment, agree.
    """
    viewer.must("import", "issue")
    said = read(values)
    point = points.by_code(session, viewer, said["point"], field="point") if said["point"] else None
    spot = _spot(session, said, point)
    columns = _columns(session, said, point, now)
    issue = _known(session, said, columns, spot)
    if issue is None:
        _create(session, viewer, said, columns, spot, now)
        return "created"
    return "updated" if _change(session, viewer, issue, said, columns, spot, now) else "unchanged"


def read(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked values of a row; raise Invalid or Several, naming the fields."""
    found, problems = read_fields(values, FIELDS, is_new=True)
    if found.get("closed_at") != found.get("reported_at"):  # put right on the spot
        problems += check_order(found, "reported_at", "closed_at")
    problems += check_order(found, "dispatched_at", "due_at")
    refuse(problems)
    return {field.column: found.get(field.column) for field in FIELDS}


def _units(value: Any) -> list[str]:
    """Return the units that assist, as they are written."""
    return [text(200)(part) for part in (value if isinstance(value, list) else [value])]


def _spot(session: Session, said: Mapping[str, Any], point: InspectionPoint | None) -> tuple[float, float]:
    if said["lon"] is not None and said["lat"] is not None:
        return check_spot(said["lon"], said["lat"], frame_of(session))
    if point is None:
        raise Invalid("spot_missing", field="lon")
    return point.geom.x, point.geom.y


def _state(said: Mapping[str, Any]) -> str:
    if said["state"]:
        return str(said["state"])
    if said["closed_at"]:
        return "closed"
    return "dispatched" if said["dispatched_at"] else "reported"


def _columns(session: Session, said: Mapping[str, Any], point: InspectionPoint | None,
             now: datetime) -> dict[str, Any]:
    state = _state(said)
    reported_at = said["reported_at"] or said["dispatched_at"] or now
    begun = said["dispatched_at"] or (reported_at if state in DISPATCHED else None)
    columns = {
        "class_code": said["class_code"], "description": said["description"], "state": state,
        "reported_at": reported_at, "dispatched_at": begun, "due_at": said["due_at"],
        "closed_at": (said["closed_at"] or now) if state == "closed" else None,
        "point_id": point.id if point else None,
        **{name: said[name] for name in ("address", "severity", "person") if said[name]},
    }
    if begun and said["due_at"]:
        columns["due_soon_at"] = begun + (said["due_at"] - begun) * rules.DUE_SOON_SHARE
        columns["due_soon_at"] -= timedelta(microseconds=columns["due_soon_at"].microsecond)
    if said["unit"]:
        columns["unit_id"] = resolve(session, said["unit"]).id
    return columns


def _known(session: Session, said: Mapping[str, Any], columns: Mapping[str, Any],
           spot: tuple[float, float]) -> Issue | None:
    if said["issue_no"] or said["key"]:
        known = session.scalar(select(Issue).where(Issue.issue_no == (said["issue_no"] or said["key"])))
        if known is not None or said["issue_no"]:
            return known
    if said["reported_at"] is None or (said["key"] or "").count("-") > 1:  # the second of two alike in a table
        return None
    alike = select(Issue).where(Issue.class_code == columns["class_code"], Issue.reported_at == said["reported_at"],
                                Issue.description == columns["description"])
    here = Point(spot)
    return next((issue for issue in session.scalars(alike) if issue.geom.equals_exact(here, 1e-8)), None)


def _create(session: Session, viewer: Viewer, said: Mapping[str, Any], columns: Mapping[str, Any],
            spot: tuple[float, float], now: datetime) -> None:
    asked, table = assignment.asked_of(columns["class_code"]), cascade_of(session)
    around = assignment.gather(session, spot, now, said["point"], asked=asked, reach=table.reach)
    answer = cascade.choose(around, asked, table)
    issue = Issue(issue_no=said["issue_no"] or said["key"] or actions.next_number(session, columns["reported_at"]),
                  source="import",
                  geom=Point(spot), division=around.division or None,
                  segment_id=actions.segment_id(session, around, table.reach),
                  basis=answer.basis, claims=showing.stored_claims(answer), is_ambiguous=answer.is_ambiguous,
                  reported_by=viewer.name, **{"unit_id": answer.unit.id if answer.unit else None} | dict(columns))
    if "unit_id" in columns and (answer.unit is None or answer.unit.id != columns["unit_id"]):
        issue.basis = "explicit"
        unit = session.get_one(Unit, columns["unit_id"])
        issue.claims = [steps.chosen_claim(unit, "explicit"), *issue.claims]
    _keep_moments(issue, now)
    session.add(issue)
    session.flush()
    steps.set_assisting(session, issue, said["assisting"] or [], now)
    ledger.record(session, viewer.actor, "import", "issue", issue.issue_no, at=now,
                  after={name: value for name, value in ledger.row_facts(issue).items() if name != "claims"})


def _change(session: Session, viewer: Viewer, issue: Issue, said: Mapping[str, Any], columns: Mapping[str, Any],
            spot: tuple[float, float], now: datetime) -> bool:
    wanted = {name: value for name, value in columns.items() if name not in _unsaid(said, issue)}
    if said["lon"] is not None and not issue.geom.equals_exact(Point(spot), 1e-8):
        wanted["geom"] = Point(spot)
    differing = {name: value for name, value in wanted.items() if not _is_same(getattr(issue, name), value)}
    if not {"dispatched_at", "due_at"} & differing.keys():
        differing.pop("due_soon_at", None)  # it follows from both, in working time where the office gave the order
    more = steps.set_assisting(session, issue, said["assisting"] or [], now)
    if not differing:
        return more
    before = {name: ledger.plain(getattr(issue, name)) for name in differing}
    for name, value in differing.items():
        setattr(issue, name, value)
    _keep_moments(issue, now)
    session.flush()
    ledger.record(session, viewer.actor, "import", "issue", issue.issue_no, at=now, before=before,
                  after={name: ledger.plain(value) for name, value in differing.items()})
    return True


def _is_same(kept: Any, said: Any) -> bool:
    """Tell whether a table says what is kept: tables write moments to the second."""
    if isinstance(kept, datetime) and isinstance(said, datetime):
        return abs(kept - said) < timedelta(seconds=1)
    return bool(kept == said)


def _keep_moments(issue: Issue, now: datetime) -> None:
    """Write when an issue ended, was checked and hangs, as far as a table tells: struck off is checked on that day."""
    if issue.state == "closed":
        issue.ended_at, issue.checked_at = issue.closed_at, issue.checked_at or issue.closed_at
    known = {"ended_at": issue.ended_at, "suspended_at": issue.suspended_at}
    for name, since in rules.moments_of(issue.state, known, now).items():
        setattr(issue, name, since)


def _unsaid(said: Mapping[str, Any], issue: Issue) -> set[str]:
    """Return the columns of a known issue that a row says nothing about: they stay as they are."""
    columns = {"reported_at", "dispatched_at", "due_at", "closed_at"}
    unsaid = {name for name in columns if said[name] is None and getattr(issue, name) is not None}
    if said["point"] is None:
        unsaid.add("point_id")
    if said["state"] is None and said["closed_at"] is None:
        unsaid.add("state")
    elif said["state"] not in (None, "closed"):
        unsaid.discard("closed_at")
    return unsaid
