"""The visits that a point has seen, as its page and the map tell them: the trend of its scores, the last check list."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.inspections import queries, scores
from civmap.inspections.models import Visit
from civmap.inspections.visiting import is_rated
from civmap.people.models import Person
from civmap.people.rules import Viewer

MOST = 12
KEPT = ("visit", "arrived_at", "left_at", "route", "who", "score_rate", "passed", "failed", "not_applicable")


def history(session: Session, viewer: Viewer, point_id: int, lang: str, now: datetime) -> dict[str, Any] | None:
    """Return the last visits of a point that a viewer knows of, the oldest first, and the last one whole; or None."""
    rows = list(session.scalars(select(Visit).where(Visit.point_id == point_id, is_rated(), queries.visible(viewer))
                                .order_by(Visit.arrived_at.desc(), Visit.id.desc()).limit(MOST)))
    if not rows:
        return None
    told = queries.told(session, viewer, rows, lang, now)
    names = _full_names(session, (row.who for row in rows))
    trend = [{**{name: one[name] for name in KEPT}, "who_name": names.get(one["who"], one["who"]),
              "rate": scores.point_rate(row.weight_passed, row.weight_all).as_json()}
             for row, one in zip(rows, told, strict=True)]
    return {"trend": trend[::-1], "last": {**trend[0], "remark": told[0]["remark"], "warnings": told[0]["warnings"],
                                           "findings": [_finding(one, lang) for one in told[0]["findings"]]}}


def _finding(one: dict[str, Any], lang: str) -> dict[str, Any]:
    states = dictionaries.issue_states()
    state = states[one["issue_state"]].name(lang) if one["issue_state"] in states else None
    return {**{name: one[name] for name in ("item", "name", "result", "remark", "issue_no")}, "issue_state_name": state}


def _full_names(session: Session, logins: Iterable[str]) -> dict[str, str]:
    rows = session.execute(select(Person.name, Person.full_name).where(Person.name.in_(set(logins))))
    return {name: full for name, full in rows if full}
