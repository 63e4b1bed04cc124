"""The points of a round: named by code, by type and filters as the lists have them, or drawn; each is checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.draws import queries as draws
from civmap.draws.models import Draw, Drawn
from civmap.errors import CivmapError, Invalid
from civmap.fields import refuse
from civmap.issues import narrowing
from civmap.people.rules import Viewer
from civmap.points import queries as points
from civmap.points.models import InspectionPoint
from civmap.routes import hours
from civmap.routes.customs import Rounds
from civmap.routes.drafts import DraftStop
from civmap.routes.wishes import MOST_STOPS, Wish
from civmap.store.listing import Here, one_of

FACTS = (InspectionPoint.id, InspectionPoint.code, InspectionPoint.type, InspectionPoint.open_hours,
         InspectionPoint.valid_from, InspectionPoint.valid_to, func.ST_X(InspectionPoint.geom).label("lon"),
         func.ST_Y(InspectionPoint.geom).label("lat"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The points of a wish in the order in which they were named, and the draw behind them."""

    rows: tuple[Any, ...]
    draw: Draw | None = None


def chosen(session: Session, viewer: Viewer, wish: Wish, now: datetime) -> Chosen:
    """Return the points that a wish means; raise Several naming those that cannot be visited, Invalid for none."""
    if not (wish.points or wish.types or wish.filters or wish.draw):
        raise Invalid("route_points_missing", field="points")
    named = by_codes(session, viewer, wish.points, now)
    listed = _listed(session, viewer, wish, now) if wish.types or wish.filters else []
    draw = draws.by_code(session, viewer, wish.draw, field="draw") if wish.draw else None
    drawn = _drawn(session, draw, now) if draw else []
    rows = tuple({row.id: row for row in (*named, *drawn, *listed)}.values())
    if not rows:
        raise Invalid("route_points_none", field="points")
    if len(rows) > MOST_STOPS:
        raise Invalid("route_too_many_points", field="points", count=len(rows), most=MOST_STOPS)
    _check_named(wish, {row.code for row in rows})
    if len(wish.teams) > len(rows):
        raise Invalid("route_teams_more_than_points", field="teams", teams=len(wish.teams), points=len(rows))
    return Chosen(rows, draw)


def by_codes(session: Session, viewer: Viewer, codes: Iterable[str], now: datetime, field: str = "points") -> list[Any]:
    """Return the points of some codes in their order; raise Several: each unknown or retired one is named."""
    wanted = list(codes)
    if not wanted:
        return []
    found = {row.code: row for row in session.execute(select(*FACTS).where(
        one_of(InspectionPoint.code, wanted), points.visible(viewer)))}
    problems: list[CivmapError] = []
    for code in wanted:
        row = found.get(code)
        if row is None:
            problems.append(Invalid("route_point_unknown", field=field, code=code[:64]))
        elif not _holds(row, now):
            problems.append(Invalid("route_point_retired", field=field, code=code))
    refuse(problems[:50])
    return [found[code] for code in wanted]


def _holds(row: Any, now: datetime) -> bool:
    return (row.valid_from is None or row.valid_from <= now) and (row.valid_to is None or row.valid_to > now)


def _listed(session: Session, viewer: Viewer, wish: Wish, now: datetime) -> list[Any]:
    filters = dict(wish.filters)
    if wish.types:
        filters["type"] = list(wish.types)
    bbox = filters.pop("bbox", None)
    if isinstance(bbox, str):
        bbox = bbox.split(",")
    asked = narrowing.selected("points", Here(session, viewer, now, now), filters, bbox=bbox, limit=MOST_STOPS + 1)
    return list(session.execute(asked.with_only_columns(*FACTS)))


def _drawn(session: Session, draw: Draw, now: datetime) -> list[Any]:
    rows = session.execute(select(*FACTS).join(Drawn, Drawn.point_id == InspectionPoint.id).where(
        Drawn.draw_id == draw.id).order_by(Drawn.position))
    return [row for row in rows if _holds(row, now)]


def _check_named(wish: Wish, codes: set[str]) -> None:
    """Refuse must, nice and together lists that speak of points which are not on the round."""
    groups = (("must", wish.must or ()), ("nice", wish.nice), ("together", [one for g in wish.together for one in g]))
    refuse([Invalid("route_point_not_chosen", field=name, code=code)
            for name, named in groups for code in sorted(named) if code not in codes][:20])


def stops(rows: Iterable[Any], wish: Wish, rounds: Rounds, day: date) -> tuple[DraftStop, ...]:
    """Return the stops of a round: minutes, hours of the day, must and together as wished."""
    return tuple(_stop(row, wish, rounds, day) for row in rows)


def _stop(row: Any, wish: Wish, rounds: Rounds, day: date) -> DraftStop:
    opened, is_read = ((), True) if wish.ignores_opening else hours.windows(row.open_hours, day.weekday())
    return DraftStop(row.id, row.code, round(row.lon, 9), round(row.lat, 9), minutes_of(row.type, wish.visit_min,
                                                                                        rounds),
                     opened, wish.is_must(row.code), together=wish.group(row.code), is_unread=not is_read)


def minutes_of(point_type: str, asked: float | Mapping[str, float] | None, rounds: Rounds) -> float:
    """Return the minutes of a visit: as asked for, else as the city has it for the type."""
    if isinstance(asked, Mapping):
        return float(asked.get(point_type, asked.get("default", rounds.visit_min(point_type))))
    return rounds.visit_min(point_type) if asked is None else float(asked)
