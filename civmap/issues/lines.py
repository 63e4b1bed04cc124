"""What papers say of issues: plain facts in one language, ready to be kept with a notice as it was issued.

A line is JSON all through: words as they are printed, moments as ISO text, photos by the name of their kept file (the
masked form where there is one), so that a paper can be printed again years later exactly as it went out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import dictionaries, texts
from civmap.calendar import Limit
from civmap.clock import iso, to_office
from civmap.issues import queries, rules
from civmap.issues.models import Issue, Photo
from civmap.people.models import Person
from civmap.points.models import InspectionPoint
from civmap.store.listing import one_of
from civmap.units.models import Unit

Line = dict[str, Any]
COLUMNS = (
    Issue.id, Issue.issue_no, Issue.class_code, Issue.description, Issue.address, Issue.point_id, Issue.segment_id,
    Issue.unit_id, Issue.person, Issue.state, Issue.reported_at, Issue.reported_by, Issue.filed_at,
    Issue.dispatched_at, Issue.due_soon_at, Issue.due_at, Issue.time_limit, Issue.limit_factor, Issue.acknowledged_at,
    Issue.resolved_at, Issue.suspended_at, Issue.checked_at, Issue.closed_at, Issue.ended_at, Issue.measure,
    Issue.plan, Issue.rework_count, Issue.supervision_level, Issue.is_designated, Issue.is_overdue_waived,
    Issue.fixed_on_spot, Issue.duplicate_of_id, Issue.recurrence_of_id, Issue.resumes_at, Issue.criterion,
    func.ST_X(Issue.geom).label("lon"), func.ST_Y(Issue.geom).label("lat"))
SPOT_DECIMALS = 4
BEFORE = ("before", "close", "wide", "reference")


def of(session: Session, ids: Sequence[int], now: datetime) -> dict[str, list[Line]]:
    """Return the lines of some issues per language, in the order of their ids: what a notice keeps of them."""
    rows = session.execute(select(*COLUMNS).where(one_of(Issue.id, ids)).order_by(Issue.id)).all() if ids else []
    return {lang: list(lines(session, rows, lang, now, now)) for lang in texts.LANGUAGES}


def lines(session: Session, rows: Sequence[Any], lang: str, now: datetime, at: datetime) -> Iterator[Line]:
    """Yield a line for each row of `COLUMNS`, as the issue stands now or stood at an earlier moment."""
    named = queries.names(session, rows)
    types = _by_id(session, InspectionPoint.type, InspectionPoint.id, {row.point_id for row in rows})
    others = _by_id(session, Issue.issue_no, Issue.id, {other for row in rows for other in (
        row.duplicate_of_id, row.recurrence_of_id)})
    teams, photos = _teams(session, rows), _photos(session, [row.id for row in rows], at)
    for row in rows:
        then = rules.then(row, at, now)
        yield {**_what(row, named, types, lang), **_who(row, named, teams),
               **_when(row, then, at, lang), "remark": _remark(row, then, others, lang), **photos[row.id]}


def _by_id(session: Session, value: Any, key: Any, ids: set[int | None]) -> dict[int, Any]:
    wanted = sorted(one for one in ids if one is not None)
    return {row[0]: row[1] for row in session.execute(select(key, value).where(one_of(key, wanted)))} if wanted else {}


def _teams(session: Session, rows: Sequence[Any]) -> dict[str, str]:
    """Return who found the issues, by login: the unit of the person, else the person."""
    names = sorted({row.reported_by for row in rows if row.reported_by})
    if not names:
        return {}
    asked = select(Person.name, Person.full_name, Unit.name).outerjoin(Unit, Unit.id == Person.unit_id)
    return {name: unit or full_name or name
            for name, full_name, unit in session.execute(asked.where(Person.name.in_(names)))}


def _photos(session: Session, ids: Sequence[int], at: datetime) -> dict[int, dict[str, list[dict[str, Any]]]]:
    found: dict[int, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: {"before": [], "after": []})
    if not ids:
        return found
    asked = select(Photo.id, Photo.issue_id, Photo.kind, Photo.file, Photo.masked_file, Photo.taken_at).where(
        one_of(Photo.issue_id, ids), Photo.uploaded_at <= at).order_by(Photo.id)
    for photo in session.execute(asked):
        side = "after" if photo.kind == "after" else "before"
        found[photo.issue_id][side].append({"id": photo.id, "file": photo.masked_file or photo.file,
                                            "kind": photo.kind, "taken_at": iso(photo.taken_at)})
    for kept in found.values():
        kept["before"].sort(key=lambda photo: (BEFORE.index(photo["kind"]), photo["id"]))
        kept["after"].reverse()
    return found


def _what(row: Any, named: queries.Names, types: dict[int, str], lang: str) -> Line:
    found = dictionaries.issue_classes()[row.class_code]
    point, segment = named.points.get(row.point_id or 0), named.segments.get(row.segment_id or 0)
    kind = dictionaries.point_types().get(types.get(row.point_id or 0, ""))
    return {"issue_no": row.issue_no, "class": found.code, "class_name": found.name(lang), "group": found.group(lang),
            "standard": found.closing(lang) or "", "criterion": row.criterion, "description": row.description,
            "point": point.code if point else None, "point_name": point.name if point else None,
            "point_type": kind.name(lang) if kind else None,
            "place": row.address or (segment.name if segment else None) or (point.name if point else None),
            "spot": f"{row.lon:.{SPOT_DECIMALS}f}, {row.lat:.{SPOT_DECIMALS}f}"}


def _who(row: Any, named: queries.Names, teams: dict[str, str]) -> Line:
    unit = named.units.get(row.unit_id or 0)
    return {"unit": unit.code if unit else None, "unit_name": unit.name if unit else None, "person": row.person,
            "team": teams.get(row.reported_by or "", row.reported_by)}


def _when(row: Any, then: rules.Then, at: datetime, lang: str) -> Line:
    was_fed_back = row.resolved_at is not None and row.resolved_at <= at
    is_late = _is_late(row, then)
    return {"reported_at": iso(row.reported_at), "dispatched_at": iso(then.dispatched_at), "due_at": iso(then.due_at),
            "limit": limit_words(row.time_limit, row.limit_factor, lang) if then.dispatched_at else None,
            "resolved_at": iso(row.resolved_at) if was_fed_back else None, "closed_at": iso(then.closed_at),
            "measure": row.measure if was_fed_back else None, "plan": row.plan, "state": then.state,
            "state_name": dictionaries.issue_states()[then.state].name(lang), "status": then.status,
            "is_overdue": is_late, "check": _check(row, then, lang), "rework_count": row.rework_count,
            "mark": mark(then, is_late, row, at, lang)}


def _is_late(row: Any, then: rules.Then) -> bool:
    """Tell whether an issue counts as overdue: open past its limit, or fed back after it and closed so."""
    if row.is_overdue_waived:
        return False
    if then.state == "closed":
        return bool(row.due_at and row.resolved_at and row.resolved_at > row.due_at)
    return then.status == "overdue"


def mark(then: rules.Then, is_late: bool, row: Any, at: datetime, lang: str) -> str:
    """Return in words how an issue stands against its limit."""
    if is_late and row.due_at:
        late = (row.resolved_at if then.state == "closed" else at) - row.due_at
        return texts.say(lang, "documents.mark.overdue", late=span_words(late.total_seconds(), lang))
    return texts.say(lang, f"documents.mark.{then.status if then.state != 'suspended' else 'suspended'}")


def span_words(seconds: float, lang: str) -> str:
    """Return a span in whole days and hours; less than an hour in minutes."""
    days, hours = int(seconds // 86_400), int(seconds % 86_400 // 3600)
    if not days and not hours:
        return texts.say(lang, "documents.span.minutes", minutes=max(int(seconds // 60), 1))
    key = "days_hours" if days and hours else "days" if days else "hours"
    return texts.say(lang, f"documents.span.{key}", days=days, hours=hours)


def _check(row: Any, then: rules.Then, lang: str) -> str | None:
    if then.state == "closed":
        return texts.say(lang, "documents.check.passed")
    return texts.say(lang, "documents.check.failed", count=row.rework_count) if row.rework_count else None


def limit_words(written: str | None, factor: float | None, lang: str) -> str | None:
    """Return a limit as it is said: 2 工作日."""
    if not written:
        return None
    limit = Limit.parse(written)
    told = f"{limit.amount:g} {dictionaries.limit_units()[limit.unit].name(lang)}"
    return told if factor in (None, 1, 1.0) else texts.say(lang, "documents.limit.campaign", limit=told,
                                                           factor=f"{factor:g}")


def _remark(row: Any, then: rules.Then, others: dict[int, str], lang: str) -> str:
    told = []
    for name, other in (("duplicate", row.duplicate_of_id), ("recurrence", row.recurrence_of_id)):
        if other is not None:
            told.append(texts.say(lang, f"documents.remark.{name}", no=others.get(other, "")))
    if then.state == "suspended" and row.resumes_at:
        told.append(texts.say(lang, "documents.remark.suspended", day=to_office(row.resumes_at).strftime("%Y-%m-%d")))
    if row.supervision_level:
        told.append(texts.say(lang, "documents.remark.supervised", level=row.supervision_level))
    told += [texts.say(lang, f"documents.remark.{name}") for name, is_so in (
        ("designated", row.is_designated), ("fixed_on_spot", row.fixed_on_spot),
        ("waived", row.is_overdue_waived)) if is_so]
    return texts.say(lang, "documents.and").join(told)
