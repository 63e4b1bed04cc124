"""The arterials of the city, metre by metre: how many metres belong to exactly one segment, to none, to several."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Any

import numpy as np
import shapely
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city.models import StreetEdge
from civmap.city.queries import frame_of
from civmap.geo.measure import NearPlane
from civmap.people.rules import Viewer
from civmap.segments import metres
from civmap.segments.models import RoadSegment
from civmap.segments.queries import visible
from civmap.store.base import holds_at

ARTERIAL = ("arterial_primary", "arterial_secondary")
MOST_KEPT = 4
QUICK_EDGES = 6000
_KEPT: OrderedDict[Any, dict[str, Any]] = OrderedDict()
_LOCK = Lock()


def figure(session: Session, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return the figure of the arterials: totals, a row per road, and the places that are nobody's or several's.

    It is kept until a segment or the network changes. Without a street network there is nothing to measure: total 0.
    """
    key = _key(session, viewer, now)
    with _LOCK:
        if key in _KEPT:
            return _KEPT[key]
    found = _measured(session, viewer, now)
    with _LOCK:
        _KEPT[key] = found
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


def at_hand(session: Session, viewer: Viewer, now: datetime) -> dict[str, Any] | None:
    """Return the figure for a page that must not wait: None where a large city has not asked for it since a change."""
    with _LOCK:
        found = _KEPT.get(_key(session, viewer, now))
    if found is not None:
        return found
    edges = session.scalar(select(func.count()).select_from(StreetEdge)) or 0
    return figure(session, viewer, now) if edges <= QUICK_EDGES else None


def _key(session: Session, viewer: Viewer, now: datetime) -> tuple[Any, ...]:
    return session.get_bind().engine.url.render_as_string(), viewer.scope, _state(session), now.date()


def _state(session: Session) -> tuple[Any, ...]:
    segment = session.execute(select(func.count(), func.sum(RoadSegment.version), func.max(RoadSegment.id))).one()
    edge = session.execute(select(func.count(), func.max(StreetEdge.id)).select_from(StreetEdge)).one()
    return (*segment, *edge)


def _measured(session: Session, viewer: Viewer, now: datetime) -> dict[str, Any]:
    table = dictionaries.osm_roads()
    kinds = [code for code, kind in table.items()
             if kind.road_class in ARTERIAL and kind.is_segment and not kind.is_link]
    edges = session.execute(select(func.coalesce(StreetEdge.name, ""), StreetEdge.geom, StreetEdge.is_oneway)
                            .where(StreetEdge.highway.in_(kinds)).order_by(StreetEdge.name, StreetEdge.id)).all()
    if not edges:
        return {**_totals([]), "roads": [], "places": []}
    names = sorted({name for name, *_ in edges})
    number = {name: place for place, name in enumerate(names)}
    asked = select(RoadSegment.id, RoadSegment.code, RoadSegment.road, RoadSegment.side, RoadSegment.geom).where(
        holds_at(RoadSegment, now), or_(RoadSegment.road_class.in_(ARTERIAL), RoadSegment.road.in_(names[:900])))
    rows = session.execute(asked.where(visible(viewer))).all()
    seen = {row.id for row in rows}
    unseen = set(session.scalars(asked.with_only_columns(RoadSegment.id))) - seen
    others = [row for row in session.execute(asked) if row.id in unseen] if unseen else []
    west, south, east, north = frame_of(session)
    plane = NearPlane((west + east) / 2, (south + north) / 2)
    lines = plane.to_metres(np.array([geom for _, geom, _ in edges], dtype=object))
    samples = metres.sampled(lines, np.array([number[name] for name, *_ in edges]),
                             np.array([is_oneway for *_, is_oneway in edges], bool))

    def held(some: Any) -> Any:
        lines = plane.to_metres(np.array([row.geom for row in some], dtype=object))
        return metres.holders(samples, lines, np.array([number.get(row.road, -1) for row in some], int),
                              [row.side for row in some])

    count, at, which = held(rows)
    stretches = metres.runs(samples, count, held(others)[0] > 0 if others else None)
    return _told(samples, stretches, names, plane, (at, [rows[one].code for one in which]))


def _told(samples: metres.Samples, stretches: list[metres.Run], names: list[str], plane: NearPlane,
          holding: tuple[Any, list[str]]) -> dict[str, Any]:
    by_road = np.zeros((len(names), len(metres.STATES)))
    places = []
    for run in stretches:
        size = float(samples.metres[run.low:run.high].sum())
        by_road[run.road, run.state] += size
        if run.state in (metres.NONE, metres.SEVERAL):
            places.append(_place(samples, run, names[run.road], size, plane, holding))
    roads = [{"road": name, **_totals(by_road[place])} for place, name in enumerate(names)]
    roads.sort(key=lambda row: (-(row["none_m"] + row["several_m"]), row["road"]))
    places.sort(key=lambda row: -row["length_m"])
    return {**_totals(by_road.sum(axis=0)), "roads": roads, "places": places}


def _totals(row: Any) -> dict[str, Any]:
    none, one, several, hidden = (round(float(part)) for part in row) if len(row) else (0, 0, 0, 0)
    total = none + one + several
    return {"total_m": total, "one_m": one, "none_m": none, "several_m": several, "hidden_m": hidden,
            "percent": round(100 * one / total, 1) if total else None}


def _place(samples: metres.Samples, run: metres.Run, road: str, size: float, plane: NearPlane,
           holding: tuple[Any, list[str]]) -> dict[str, Any]:
    at, codes = holding
    spots = samples.spot[run.low:run.high] / plane.scale + (plane.lon, plane.lat)
    middle = spots[len(spots) // 2]
    ends = spots if len(spots) > 1 else np.vstack([spots, spots])
    here = (at >= run.low) & (at < run.high)
    line = shapely.simplify(shapely.LineString(ends), 1e-6)
    return {"road": road, "state": metres.STATES[run.state], "length_m": round(size, 1),
            "place": [round(float(part), 7) for part in middle],
            "segments": sorted({codes[one] for one in np.flatnonzero(here)}),
            "geometry": {"type": "LineString", "coordinates": [
                [round(float(lon), 7), round(float(lat), 7)] for lon, lat in shapely.get_coordinates(line)]}}
