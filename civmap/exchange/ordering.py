"""One page of a list in any order: only its own rows are built, however long the list is.

Of all rows that pass the filters only the sorting value is read; the page is then told like any other list.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.draws import ranking
from civmap.errors import Invalid
from civmap.exchange.gather import Narrowing, Part, here_of, told
from civmap.geo.bulk import areas_m2, lengths_m
from civmap.issues import filters, measures, narrowing
from civmap.issues.counting import Counter
from civmap.issues.models import Issue
from civmap.issues.rules import STATUSES
from civmap.mirror.following import Mirror
from civmap.mirror.weights import weigh
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store import asof
from civmap.store.listing import Here
from civmap.units.models import Unit
from civmap.units.queries import names
from civmap.zones.models import Zone

WEIGHED = ("status", "open_issues")
RANK = {status: rank for rank, status in enumerate(STATUSES)}
Making = Callable[[Here, Sequence[Any], str], list[Any]]


class Sort(NamedTuple):
    """What a list can be sorted by: the column that is read, and how its values become what is compared."""

    column: Any
    make: Making | None = None


class Page(NamedTuple):
    """Some things in order, how many there are in all, and (where asked for) how many of each status."""

    parts: list[Part]
    total: int
    statuses: dict[str, int] | None


def _named(table: Callable[[], Mapping[str, Any]]) -> Making:
    def make(here: Here, values: Sequence[Any], lang: str) -> list[Any]:
        said = {code: entry.name(lang) for code, entry in table().items()}
        return [said.get(value, value) for value in values]
    return make


def _unit_names(here: Here, values: Sequence[Any], lang: str) -> list[Any]:
    known = names(here.session, values)
    return [known[value].name if value in known else None for value in values]


def _lengths(here: Here, values: Sequence[Any], lang: str) -> list[Any]:
    return lengths_m(values)


def _areas(here: Here, values: Sequence[Any], lang: str) -> list[Any]:
    return areas_m2(values)


SORTS: Mapping[str, Mapping[str, Sort]] = {
    "points": {"code": Sort(InspectionPoint.code), "name": Sort(InspectionPoint.name),
               "type": Sort(InspectionPoint.type), "street": Sort(InspectionPoint.street),
               "type_name": Sort(InspectionPoint.type, _named(dictionaries.point_types)),
               "unit_name": Sort(InspectionPoint.unit_id, _unit_names),
               "risk": Sort(InspectionPoint.id, ranking.risks_of),
               "unseen_days": Sort(InspectionPoint.id, ranking.unseen)},
    "segments": {"code": Sort(RoadSegment.code), "name": Sort(RoadSegment.name), "road": Sort(RoadSegment.road),
                 "class": Sort(RoadSegment.road_class), "length_m": Sort(RoadSegment.geom, _lengths),
                 "class_name": Sort(RoadSegment.road_class, _named(dictionaries.road_classes)),
                 "unit_name": Sort(RoadSegment.unit_id, _unit_names)},
    "zones": {"code": Sort(Zone.code), "name": Sort(Zone.name), "kind": Sort(Zone.kind), "holder": Sort(Zone.holder),
              "kind_name": Sort(Zone.kind, _named(dictionaries.zone_kinds)), "area_m2": Sort(Zone.geom, _areas),
              "pledge_expires_on": Sort(Zone.pledge_expires_on), "unit_name": Sort(Zone.unit_id, _unit_names)},
    "units": {"code": Sort(Unit.code), "name": Sort(Unit.name), "kind": Sort(Unit.kind),
              "kind_name": Sort(Unit.kind, _named(dictionaries.unit_kinds)), "unit_name": Sort(Unit.name)},
    "issues": {"code": Sort(Issue.issue_no), "issue_no": Sort(Issue.issue_no), "class": Sort(Issue.class_code),
               "name": Sort(Issue.class_code, _named(dictionaries.issue_classes)), "state": Sort(Issue.state),
               "class_name": Sort(Issue.class_code, _named(dictionaries.issue_classes)),
               "state_name": Sort(Issue.state, _named(dictionaries.issue_states)),
               "unit_name": Sort(Issue.unit_id, _unit_names), "reported_at": Sort(Issue.reported_at),
               "due_at": Sort(Issue.due_at)},
}


def page(session: Session, viewer: Viewer, kind: str, asked: Narrowing, now: datetime, lang: str, *, sort: str,
         is_down: bool = False, offset: int = 0, limit: int = 50, with_statuses: bool = False,
         mirror: Mirror | None = None) -> Page:
    """Return a page of a kind's things in the order of a property, those without it last; raise Invalid.

    `status` goes from the worst to the best. With a mirror at hand, what weighs on things now is taken from its arrays.
    """
    if sort not in SORTS[kind] and sort not in WEIGHED:
        raise Invalid("choice_unknown", field="sort", value=sort[:40], known=[*SORTS[kind], *WEIGHED])
    here = here_of(session, viewer, kind, asked, now)
    found, weights = _light(here, kind, asked, sort, with_statuses, mirror)
    values = _values(here, kind, found, weights, sort, lang)
    statuses = None
    if weights is not None:
        keep = [place for place, weight in enumerate(weights) if not asked.status or weight[0] in asked.status]
        found, values = [found[place] for place in keep], [values[place] for place in keep]
        statuses = dict.fromkeys(reversed(STATUSES), 0)
        for place in keep:
            statuses[weights[place][0]] += 1
    ids = [found[place].id for place in _order(values, is_down)[offset:offset + limit]]
    return Page(told(here, kind, ids, asked, lang), len(found), statuses)


def _light(here: Here, kind: str, asked: Narrowing, sort: str, with_statuses: bool,
           mirror: Mirror | None) -> tuple[list[Any], list[tuple[str, int]] | None]:
    """Return id and sorting value of all rows that pass, and where it matters the status and count of each."""
    room = narrowing.ROOMS[kind]
    wanted = {**asked.filters, **({"q": asked.q} if asked.q else {})}
    statement = narrowing.selected(kind, here, wanted, bbox=asked.bbox, after=asked.after)
    needs = with_statuses or bool(asked.status) or sort in WEIGHED
    columns = [] if sort in WEIGHED else [SORTS[kind][sort].column.label("value")]
    has_arrays = mirror is not None and here.is_present and kind != "issues" and mirror.holds("issues")
    if needs and not has_arrays:
        columns.append(_status(here).label("status") if kind == "issues" else room.geom.label("geom"))
    found = list(here.session.execute(_ordered(here, kind, statement, columns)))
    if not needs:
        return found, None
    if kind == "issues":
        return found, [(row.status, int(row.status != "none")) for row in found]
    if not found:
        return found, []
    if mirror is not None and has_arrays:
        return found, weigh(mirror, here, kind, asked.filters, [row.id for row in found])
    counts = Counter(here, kind, narrowing.parted(kind, asked.filters)[1]).of(found)
    return found, list(zip(measures.status(counts).tolist(), counts.open.tolist(), strict=True))


def _ordered(here: Here, kind: str, statement: Any, columns: Sequence[Any]) -> Any:
    """Return the statement of id and other columns of the rows that pass, newest first among issues."""
    model = narrowing.ROOMS[kind].model
    if asof.is_past(here.session, model, here.at):
        return asof.stood(model, statement, here.at, model.id, *columns)
    newest_first = Issue.id.desc() if kind == "issues" else model.id
    return select(model.id, *columns).where(statement.whereclause).order_by(newest_first)


def _status(here: Here) -> Any:
    stands = filters.stands(here)
    return case((stands.overdue, "overdue"), (stands.due_soon, "due_soon"), (stands.open, "open"), else_="none")


def _values(here: Here, kind: str, found: Sequence[Any], weights: Sequence[tuple[str, int]] | None, sort: str,
            lang: str) -> list[Any]:
    if sort in WEIGHED:
        return [(RANK[status], -count) if sort == "status" else count for status, count in weights or ()]
    make = SORTS[kind][sort].make
    values = [row.value for row in found]
    return make(here, values, lang) if make else values


def _order(values: Sequence[Any], is_down: bool) -> list[int]:
    """Return the places of the values in order.

    Names go by their GB 18030 bytes, which order common Chinese characters by their sound (pinyin).
    """
    def rank(place: int) -> Any:
        value = values[place]
        return value.encode("gb18030", "replace") if isinstance(value, str) else value

    has = [place for place, value in enumerate(values) if value not in (None, "")]
    lacks = [place for place, value in enumerate(values) if value in (None, "")]
    return sorted(has, key=rank, reverse=is_down) + lacks
