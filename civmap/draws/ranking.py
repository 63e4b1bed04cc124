"""Points by what speaks for going there: risk, open issues, or how long nobody was there; each with its reasons."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries, texts
from civmap.city import customs
from civmap.city.covert import visits_seen
from civmap.draws import risk
from civmap.draws.visits import days_of, unseen_days, weighed
from civmap.errors import Invalid
from civmap.inspections.models import Visit
from civmap.issues import measures, narrowing
from civmap.issues.measures import Counts
from civmap.issues.rules import STATUSES
from civmap.points.models import InspectionPoint
from civmap.store.listing import Here, one_of

BY = ("risk", "open", "not_seen")
CUSTOM, PART = "rounds", "risk"


class Weighed(NamedTuple):
    """Some points and what speaks for each: counts, days since the last visit, share that failed at the last check."""

    rows: Sequence[Any]
    counts: Counts
    days: list[int | None]
    facts: risk.Facts
    risks: np.ndarray


def weights_of(session: Session) -> dict[str, float]:
    """Return how much each part of the risk counts in this city."""
    kept = customs.kept(session, CUSTOM).value or {}
    return risk.checked(kept.get(PART) or {})


def check_by(by: str, field: str = "by") -> None:
    """Refuse an order that there is not; raise Invalid."""
    if by not in BY:
        raise Invalid("choice_unknown", field=field, value=by[:40], known=list(BY))


def weigh(here: Here, rows: Sequence[Any], counted: Mapping[str, Any] | None = None) -> Weighed:
    """Return what speaks for going to some points; each row has at least `id` and `type`."""
    ids = [row.id for row in rows]
    counts = weighed(here, ids, counted)
    days = days_of(counts, here) if ids else []
    failed = _failed(here, ids)
    kinds = dictionaries.point_types()
    facts = risk.Facts(counts.overdue, counts.open, np.array([np.nan if day is None else day for day in days]),
                       np.array([failed.get(one, np.nan) for one in ids]),
                       np.array([bool(row.type in kinds and kinds[row.type].is_mandatory) for row in rows]))
    return Weighed(rows, counts, days, facts, risk.risks(facts, weights_of(here.session)))


def _typed(here: Here, ids: Sequence[int]) -> list[Any]:
    found = {row.id: row for row in here.session.execute(
        select(InspectionPoint.id, InspectionPoint.code, InspectionPoint.type).where(one_of(InspectionPoint.id, ids)))}
    return [found[one] for one in ids]


def risks_of(here: Here, ids: Sequence[int], _lang: str = "zh") -> list[Any]:
    """Return the risk of points by their ids, for lists in that order."""
    return weigh(here, _typed(here, ids)).risks.tolist() if ids else []


def unseen(here: Here, ids: Sequence[int], _lang: str = "zh") -> list[Any]:
    """Return the days since the last visit to points by their ids; where nobody ever was, longer than any."""
    return [np.inf if days is None else days for days in unseen_days(here, ids)]


def beside(here: Here, parts: Sequence[Any], lang: str) -> None:
    """Put risk, its reasons and the days since the last visit beside the properties of points on their way out."""
    if not parts:
        return
    found = weigh(here, _typed(here, [part.row_id for part in parts]))
    added = risk.points(found.facts, weights_of(here.session))
    for place, part in enumerate(parts):
        part.properties.update(risk=float(found.risks[place]), unseen_days=found.days[place],
                               reasons=_reasons(found, place, added, lang))


def _failed(here: Here, ids: Sequence[int]) -> dict[int, float]:
    """Return by point what share of the weight failed at its last visit with a check list."""
    found = here.session.execute(select(Visit.point_id, Visit.weight_passed, Visit.weight_all).where(
        one_of(Visit.point_id, ids), Visit.outcome == "visited", Visit.weight_all > 0, Visit.arrived_at <= here.at,
        visits_seen(here.viewer, Visit)).order_by(Visit.arrived_at, Visit.id)) if ids else []
    return {point_id: 1.0 - passed / whole for point_id, passed, whole in found}


def ordered(found: Weighed, by: str) -> list[int]:
    """Return the places of points in an order, the most pressing first."""
    unseen = np.array([np.inf if day is None else float(day) for day in found.days])
    keys = {"risk": (found.risks, found.counts.overdue, found.counts.open),
            "open": (found.counts.open, found.counts.overdue, found.risks),
            "not_seen": (unseen, found.risks)}[by]
    return risk.order([np.atleast_1d(np.asarray(key, float)) for key in keys], [row.code for row in found.rows])


def ranked(here: Here, by: str, filters: Mapping[str, Any], *, bbox: Sequence[float] | None = None,
           status: Sequence[str] = (), limit: int = 50, lang: str = "zh") -> dict[str, Any]:
    """Return the points a viewer sees, narrowed as lists are, in an order and with reasons; raise Invalid."""
    check_by(by)
    if not set(status) <= set(STATUSES):
        raise Invalid("choice_unknown", field="status", value=",".join(status)[:60], known=list(STATUSES))
    own, counted = narrowing.parted("points", filters)
    statement = narrowing.selected("points", here, own, bbox=bbox)
    point = InspectionPoint
    rows = here.session.execute(statement.with_only_columns(
        point.id, point.code, point.name, point.type, point.geom, point.street)).all()
    found = weigh(here, rows, counted)
    weights = weights_of(here.session)
    parts = risk.points(found.facts, weights)
    chosen = ordered(found, by)
    if status:
        how = np.atleast_1d(measures.status(found.counts)).tolist()
        chosen = [place for place in chosen if how[place] in status]
    return {"by": by, "total": len(chosen), "weights": weights,
            "points": [_told(found, place, parts, lang) for place in chosen[:limit]]}


def _told(found: Weighed, place: int, parts: Mapping[str, np.ndarray], lang: str) -> dict[str, Any]:
    row, kind = found.rows[place], dictionaries.point_types().get(found.rows[place].type)
    open_issues, late = (int(np.atleast_1d(column)[place]) for column in (found.counts.open, found.counts.overdue))
    return {"code": row.code, "name": row.name, "type": row.type, "type_name": kind.name(lang) if kind else row.type,
            "street": row.street, "lon": round(row.geom.x, 7), "lat": round(row.geom.y, 7),
            "risk": float(found.risks[place]), "open_issues": open_issues, "overdue_issues": late,
            "unseen_days": found.days[place],
            "reasons": _reasons(found, place, parts, lang)}


def _reasons(found: Weighed, place: int, parts: Mapping[str, np.ndarray], lang: str) -> list[dict[str, Any]]:
    open_issues, late = (int(np.atleast_1d(column)[place]) for column in (found.counts.open, found.counts.overdue))
    values = {"overdue": late, "open": open_issues, "unseen": found.days[place],
              "failed": _percent(found.facts.failed[place]), "mandatory": bool(found.facts.mandatory[place])}
    return [{"part": part, "value": values[part], "points": round(float(parts[part][place]), 1),
             "message": said(part, values[part], lang)} for part in risk.PARTS if parts[part][place] > 0]


def _percent(share: float) -> float | None:
    return None if np.isnan(share) else round(float(share) * 100, 1)


def said(part: str, value: Any, lang: str) -> str:
    """Return one reason in words."""
    if part == "unseen" and value is None:
        return texts.say(lang, "draws.reason.never")
    return texts.say(lang, f"draws.reason.{part}", n=value)
