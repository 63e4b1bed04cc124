"""What is looked at on a point: the check list of its type, with the class a fail is reported as, and how it stood."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from civmap import clock, dictionaries
from civmap.calendar import Limit
from civmap.city import customs
from civmap.dictionaries import CheckItem
from civmap.issues.customs import LIMITS
from civmap.points.models import InspectionPoint

CUSTOM = "rounds"
EDITION, CHECK_IN_M = "2026", 100.0
MOST_WORDS = 120


class Custom(NamedTuple):
    """What visits need of the city's customs for rounds: the edition of its lists, and how near is at the point."""

    edition: str
    check_in_m: float


def custom_of(session: Session) -> Custom:
    """Return what the city keeps for visits under `rounds`, which the planning room owns and checks."""
    value = customs.kept(session, CUSTOM).value or {}
    return Custom(str(value.get("edition") or EDITION), float(value.get("check_in_m") or CHECK_IN_M))


def items_of(type_code: str) -> Sequence[CheckItem]:
    """Return the items of a point type in the order of its list; those that apply to all for an unknown type."""
    kinds = dictionaries.point_types()
    kind = kinds.get(type_code) or kinds["PT99"]
    return [dictionaries.check_items()[code] for code in kind.check_items]


def reach_m(point: InspectionPoint, custom: Custom) -> float:
    """Return how far from a point one still is at it: its own surroundings, else what the city says."""
    return point.surroundings_m or custom.check_in_m


def as_json(session: Session, point: InspectionPoint, lang: str) -> dict[str, Any]:
    """Return the check list of a point in words."""
    custom = custom_of(session)
    kind = dictionaries.point_types().get(point.type)
    return {"point": point.code, "name": point.name, "type": point.type, "type_name": kind.name(lang) if kind else "",
            "edition": custom.edition, "thresholds": thresholds(point.type, lang),
            "reach_m": reach_m(point, custom), "lon": point.geom.x, "lat": point.geom.y,
            "items": of_type(session, point.type, lang)}


def thresholds(type_code: str, lang: str) -> str:
    """Return the thresholds seen for a type; empty where none is known."""
    kind = dictionaries.point_types().get(type_code)
    return kind.thresholds(lang) if kind else ""


def open_issues(known: Iterable[tuple[Any, set[str]]], now: datetime) -> list[dict[str, Any]]:
    """Return the open issues of a point in brief, the overdue first."""
    rows = [{"issue_no": issue.issue_no, "class": issue.class_code, "state": issue.state,
             "description": issue.description[:MOST_WORDS], "due_at": clock.iso(issue.due_at),
             "is_overdue": issue.state != "suspended" and issue.due_at is not None and issue.due_at < now}
            for issue, _ in known]
    return sorted(rows, key=lambda row: (not row["is_overdue"], row["due_at"] or "9", row["issue_no"]))


def offered(known: Iterable[tuple[Any, set[str]]], type_code: str) -> dict[str, list[str]]:
    """Return by item which open issues a fail of it may be, for the items where there are any."""
    known = list(known)
    found = {item.code: [issue.issue_no for issue, items in known
                         if issue.class_code in item.classes and (not items or item.code in items)]
             for item in items_of(type_code)}
    return {code: numbers for code, numbers in found.items() if numbers}


def of_type(session: Session, type_code: str, lang: str) -> list[dict[str, Any]]:
    """Return the items of a type in words, each with the classes, limits and the weight of a fail."""
    own = customs.kept(session, LIMITS).value or {}
    return [{"item": item.code, "name": item.name(lang), "rule": item.rule(lang), "weight": item.weight,
             **_class(item.issue_class, own, lang), "classes": [_class(code, own, lang) for code in item.classes]}
            for item in items_of(type_code)]


def _class(code: str, own: Mapping[str, str], lang: str) -> dict[str, Any]:
    found = dictionaries.issue_classes()[code]
    limit = Limit.parse(own[code]) if code in own else found.limit
    return {"class": code, "class_name": found.name(lang), "limit": str(limit),
            "limit_name": _limit_name(limit, lang)}


def _limit_name(limit: Limit, lang: str) -> str:
    unit = dictionaries.limit_units()[limit.unit]
    return f"{limit.amount:g} {unit.plural_en if lang == 'en' and limit.amount != 1 else unit.name(lang)}"
