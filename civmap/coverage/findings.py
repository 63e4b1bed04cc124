"""What is not covered as one list for the eye: each finding with its place and shape, and what repairs it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from civmap.clock import office_day
from civmap.coverage import keeping, queries, rules
from civmap.coverage.queries import Placed, Row
from civmap.coverage.state import State
from civmap.geo.bulk import exported
from civmap.geo.facing import stretch
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.zones.models import Zone

MOST = 200
"""So many findings of a group are told at once, the gravest first; the count tells of the others."""


def told(session: Session, viewer: Viewer, now: datetime, kind: str | None = None,
         road: str | None = None) -> dict[str, Any]:
    """Return {groups: [{group, total, errors, rows}], streets: [{road, whole_m, bare_m}]}; raise as `found` does.

    With a road only what lies along it is told: its uncovered frontage.
    """
    state = queries.checked(session, now, kind)
    streets = queries.uncovered(session, viewer, now, state, kind)
    groups = dict(_groups(session, viewer, now, state, kind)) if road is None else {}
    groups["uncovered_frontage"] = _fronts([placed for placed in streets if road in (None, placed[0]["road"])])
    return {"groups": [groups[group] for group in rules.GROUPS if group in groups],
            "streets": _streets(session, viewer, now, state, kind)}


def counted(session: Session, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return how many findings there are: {misfits, errors, unanswered, uncovered_m}."""
    return keeping.remembered(session, now, ("figure", viewer.scope, office_day(now)),
                              lambda state: _counted(session, viewer, now, state))


def _counted(session: Session, viewer: Viewer, now: datetime, state: State) -> dict[str, Any]:
    misfits = queries.misfits(session, viewer, now, state, None)
    rows = [row for placed in misfits.values() for row, _shape in placed]
    open_ends = sum(session.scalar(asked) or 0 for asked in (
        queries.points_without_unit(viewer, now, func.count()),
        queries.segments_without_chief(viewer, now, func.count()),
        queries.zones_without_holder(viewer, now, None, func.count()),
        queries.expired_pledges(viewer, now, None, func.count())))
    bare = sum(row["length_m"] for row, _shape in queries.uncovered(session, viewer, now, state, None))
    return {"misfits": len(rows), "errors": sum(row["severity"] == "error" for row in rows),
            "unanswered": open_ends, "uncovered_m": round(bare)}


def _groups(session: Session, viewer: Viewer, now: datetime, state: State,
            kind: str | None) -> Iterator[tuple[str, Row]]:
    for group, placed in queries.misfits(session, viewer, now, state, kind).items():
        worst = sorted(placed, key=lambda one: (one[0]["severity"] != "error", -one[0]["area_m2"]))
        shapes = exported([shape for _row, shape in worst[:MOST]])
        yield group, _group(group, placed, [
            {**row, "geometry": shape} for (row, _shape), shape in zip(worst, shapes, strict=False)])
    for group, asked in _unanswered(viewer, now, kind):
        rows = session.execute(asked).all()
        yield group, {"group": group, "total": len(rows), "errors": 0,
                      "rows": [_row(group, row) for row in sorted(rows, key=lambda row: row.code)[:MOST]]}


def _group(group: str, placed: list[Placed], rows: list[Row]) -> Row:
    return {"group": group, "total": len(placed), "rows": rows,
            "errors": sum(row["severity"] == "error" for row, _shape in placed)}


def _unanswered(viewer: Viewer, now: datetime, kind: str | None) -> Iterator[tuple[str, Any]]:
    spot, line, area = ((model.code, model.name, model.geom) for model in (InspectionPoint, RoadSegment, Zone))
    if kind is None:
        yield "points_without_unit", queries.points_without_unit(viewer, now, *spot)
        yield "segments_without_chief", queries.segments_without_chief(viewer, now, *line)
    yield "zones_without_holder", queries.zones_without_holder(viewer, now, kind, *area)
    yield "expired_pledges", queries.expired_pledges(viewer, now, kind, *area)


def _row(group: str, row: Any) -> Row:
    spot = row.geom.representative_point()
    return {"code": row.code, "name": row.name, "place": [round(spot.x, 7), round(spot.y, 7)],
            "bbox": [round(edge, 7) for edge in row.geom.bounds], "geometry": exported([row.geom])[0],
            "severity": rules.severity(group), "repair": rules.of_row(group, row.code)}


def _fronts(placed: list[Placed]) -> Row:
    rows = []
    for row, line in sorted(placed, key=lambda one: -one[0]["length_m"])[:MOST]:
        parts = [part for span in row["spans"] if not (part := stretch(line, *span)).is_empty] or [line]
        longest = max(parts, key=lambda part: part.length)
        spot = longest.interpolate(0.5, normalized=True)
        rows.append({**row, "place": [round(spot.x, 7), round(spot.y, 7)], "bbox": [round(e, 7) for e in line.bounds],
                     "geometry": {"type": "MultiLineString",
                                  "coordinates": [part["coordinates"] for part in exported(parts)]}})
    return _group("uncovered_frontage", placed, rows)


def _streets(session: Session, viewer: Viewer, now: datetime, state: State, kind: str | None) -> list[Row]:
    """Return per road how many metres of its sides want a frontage zone, and how many have none."""
    whole: dict[str, float] = {}
    bare: dict[str, float] = {}
    if kind in (None, "frontage"):
        for code, street in queries.streets_seen(session, viewer, now, state.bare).items():
            for side in state.bare[code]:
                if street.side in ("both", side.side):
                    whole[street.road] = whole.get(street.road, 0.0) + side.whole_m
                    bare[street.road] = bare.get(street.road, 0.0) + side.length_m
    rows = [{"road": road, "whole_m": round(metres), "bare_m": round(bare[road])} for road, metres in whole.items()]
    return sorted(rows, key=lambda row: -row["bare_m"])
