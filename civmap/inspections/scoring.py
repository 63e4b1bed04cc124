"""Adding up what visits found: per point, type, street, subdistrict, unit, check item and round, in one statement each.

Of a round the newest visit of a point counts; over a period a point's rate is that of all its visits together. Points
with the same mark are added up by the database, so a hundred thousand visits come back as a few hundred rows and the
means stay exact. Only visits that the viewer sees are counted, hidden ones never for those who must not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, case, func, select, true

from civmap import dictionaries, fields
from civmap.errors import Invalid
from civmap.inspections import scores
from civmap.inspections.models import Finding, Visit
from civmap.inspections.queries import visible
from civmap.inspections.scores import Mark, Tally
from civmap.inspections.visiting import is_rated
from civmap.issues.filters import check_span
from civmap.issues.tallying import SUBDISTRICT_DIGITS
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.store import listing
from civmap.store.listing import Here
from civmap.units.queries import names as unit_names
from civmap.zones.models import Zone

BY = ("point", "type", "street", "division", "unit", "item")
"""What scores are grouped by; rounds are grouped by their own room (`routes.results`)."""
FILTERS = ("type", "division", "street", "unit", "is_mandatory")
COUNTS = ("passed", "failed", "not_applicable", "weight_passed", "weight_all")
COLUMNS = ("id", "point_id", "route_id", *COUNTS)
_KEYS: Mapping[str, Any] = {
    "point": InspectionPoint.code, "type": InspectionPoint.type, "street": InspectionPoint.street,
    "division": func.substr(InspectionPoint.division, 1, SUBDISTRICT_DIGITS), "unit": InspectionPoint.unit_id,
    "round": Visit.route_id,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: grouped by what, in which period (days or moments as written), at which points, which rounds."""

    by: str | None = None
    first: str | None = None
    last: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    routes: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The scores of one group; an empty code stands for what has none."""

    code: str
    name: str
    tally: Tally
    type: str = ""


def check(asked: Asked) -> None:
    """Refuse a group or a period that is none; raise Invalid."""
    if asked.by is not None and asked.by not in (*BY, "round"):
        raise Invalid("choice_unknown", field="by", value=asked.by[:40], known=[*BY, "round"])
    check_span({"from": asked.first, "to": asked.last})


def total(here: Here, asked: Asked) -> Tally:
    """Return what all visits found together; raise Invalid."""
    check(asked)
    return _tallies(here, asked, None).get("", Tally())


def lines(here: Here, asked: Asked, lang: str) -> list[Line]:
    """Return the scores of each group, the weakest first, what has no rate last; raise Invalid."""
    check(asked)
    if asked.by == "item":
        found = _items(here, asked, lang)
        return sorted(found, key=lambda line: (-line.tally.failed, _weakness(line.tally.observed), line.code))
    found = _named(here, asked, tallies(here, asked), lang)
    return sorted(found, key=lambda line: (*_weakness(line.tally.mean), line.code))


def tallies(here: Here, asked: Asked) -> dict[Any, Tally]:
    """Return the tally of each group by its key: code, type, street, division, unit id, or round id; raise Invalid."""
    check(asked)
    return _tallies(here, asked, _KEYS[asked.by or "type"])


def _weakness(rate: scores.Score) -> tuple[bool, int]:
    return rate.tenths is None, rate.tenths or 0


def counted(here: Here, asked: Asked) -> Select[Any]:
    """Return the statement of the visits that count; of rounds only the newest visit to each point."""
    narrowed = listing.conditions(points.FILTERS, here, asked.filters)
    statement = select(*(getattr(Visit, name) for name in COLUMNS)).where(
        is_rated(), visible(here.viewer), Visit.arrived_at <= here.at, _within(asked))
    if narrowed:
        statement = statement.where(Visit.point_id.in_(select(InspectionPoint.id).where(*narrowed)))
    if asked.routes is not None:
        statement = statement.where(listing.one_of(Visit.route_id, asked.routes))
    if asked.routes is None and asked.by != "round":
        return statement
    turn = func.row_number().over(partition_by=(Visit.route_id, Visit.point_id),
                                  order_by=(Visit.arrived_at.desc(), Visit.id.desc())).label("turn")
    every = statement.where(Visit.route_id.is_not(None)).add_columns(turn).subquery()
    return select(*(every.c[name] for name in COLUMNS)).where(every.c.turn == 1)


def _within(asked: Asked) -> Any:
    begins = Visit.arrived_at >= fields.moment(asked.first) if asked.first else true()
    if not asked.last:
        return begins
    ends = fields.last_moment(asked.last)
    return and_(begins, Visit.arrived_at < ends if ends != fields.moment(asked.last) else Visit.arrived_at <= ends)


def _tallies(here: Here, asked: Asked, key: Any) -> dict[Any, Tally]:
    """Add up each point's visits, then the points of a group that have the same mark."""
    every = counted(here, asked).subquery()
    keyed = every.c.route_id if asked.by == "round" else key
    one = select(every.c.point_id, *([keyed.label("key")] if keyed is not None else []), func.count().label("visits"),
                 *(func.sum(every.c[name]).label(name) for name in COUNTS))
    if keyed is not None and asked.by != "round":
        one = one.join(InspectionPoint, InspectionPoint.id == every.c.point_id)
    each = one.group_by(every.c.point_id, *([keyed] if keyed is not None else [])).subquery()
    groups = [each.c.key] if keyed is not None else []
    rows = here.session.execute(select(
        *groups, each.c.weight_passed, each.c.weight_all, func.count(), func.sum(each.c.visits),
        func.sum(each.c.passed), func.sum(each.c.failed), func.sum(each.c.not_applicable),
    ).group_by(*groups, each.c.weight_passed, each.c.weight_all))
    found: dict[Any, list[Tally]] = {}
    for row in rows:
        name, (passed, applicable, *amounts) = (row[0], row[1:]) if groups else ("", row)
        marks: dict[Mark, int] = {scores.mark(passed, applicable): int(amounts[0])}
        found.setdefault(name, []).append(Tally(*(int(amount or 0) for amount in amounts), marks))
    return {name: scores.joined(some) for name, some in found.items()}


def _items(here: Here, asked: Asked, lang: str) -> list[Line]:
    """Return how often each check item passed, failed and did not apply."""
    every = counted(here, asked).subquery()
    results = [func.sum(case((Finding.result == result, 1), else_=0)) for result in scores.RESULTS]
    rows = here.session.execute(select(
        Finding.item, func.count(func.distinct(every.c.point_id)), func.count(), *results,
    ).join(every, every.c.id == Finding.visit_id).group_by(Finding.item))
    known = dictionaries.check_items()
    return [Line(item, known[item].name(lang) if item in known else item, Tally(*(int(one or 0) for one in amounts)))
            for item, *amounts in rows]


def _named(here: Here, asked: Asked, found: Mapping[Any, Tally], lang: str) -> list[Line]:
    if asked.by == "point":
        rows = here.session.execute(select(InspectionPoint.code, InspectionPoint.name, InspectionPoint.type).where(
            listing.one_of(InspectionPoint.code, list(found))))
        return [Line(row.code, row.name, found[row.code], row.type) for row in rows]
    if asked.by == "unit":
        units = unit_names(here.session, (key for key in found if key))
        return [Line(units[key].code if key in units else "", units[key].name if key in units else "", one)
                for key, one in found.items()]
    names: Mapping[str, str] = {}
    if asked.by == "type":
        names = {code: kind.name(lang) for code, kind in dictionaries.point_types().items()}
    elif asked.by == "division":
        names = {code: name for code, name in here.session.execute(select(Zone.code, Zone.name).where(
            Zone.kind == "subdistrict"))}
    return [Line(key or "", names.get(key or "", key or ""), one) for key, one in found.items()]
