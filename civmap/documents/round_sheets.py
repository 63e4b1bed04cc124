"""The route sheet (检查路线单) as PDF: per team a page with its map, the table of its stops, and a card per stop."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries, texts
from civmap.city.queries import the_city
from civmap.documents.pdf import Tell
from civmap.documents.round_cards import Leg, codes_of, height_of, write_card
from civmap.documents.round_pages import BOTTOM, EDGE, HIGH, ROOM, RULE, WIDE, Imprint, Sheet, write_table, write_title
from civmap.exchange.round_rows import Round, Told
from civmap.exchange.signs import clean
from civmap.geo.measure import Plane
from civmap.issues import rules
from civmap.issues.models import Issue
from civmap.issues.queries import visible
from civmap.paper import ground
from civmap.paper.charts import Charts, Way, draw_way, mark
from civmap.paper.frames import Box
from civmap.paper.furniture import INK
from civmap.paper.lettering import Lettering
from civmap.paper.quill import Quill
from civmap.paper.scales import UNITS, Window, fit, scale_bar
from civmap.paper.wayside import streets_along
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.store.listing import one_of

AROUND_M = 300.0
"""How much ground is read around what a round reaches."""
LEAST_MAP = 90.0
NAMES_ON_MAP = 40


def write(session: Session, viewer: Viewer, round_: Round, target: Path, now: datetime, tell: Tell,
          approval: str = "") -> int:
    """Write the sheet of a round; return how many stops it holds. `tell` hears 0 to 100."""
    tell(3)
    lettering = Lettering()
    issues = _issues(session, viewer, round_, now)
    material = _Material(session, round_, now)
    imprint = _imprint(session, viewer, round_, now, approval)
    tell(20)
    sheet = Sheet(Quill(lettering, WIDE, HIGH), round_, imprint, codes_of(round_))
    lists: dict[str, list[str]] = {}
    done = 0
    for team in round_.teams:
        stops = round_.of_team(team["team"])
        sheet.begin(round_.names[team["team"]])
        write_title(sheet, team)
        _overview(sheet, material, team, stops)
        write_table(sheet, team, stops)
        for stop in stops:
            sheet.need(height_of(stop["type"], round_.lang), round_.names[team["team"]])
            write_card(sheet, material.charts, stop, material.leg(stop), issues.get(stop["code"], ()), material.plane,
                       lists)
            done += 1
            tell(20 + 70 * done / len(round_.stops))
    if not sheet.teams:
        sheet.begin("")
    sheet.finish()
    target.write_bytes(sheet.quill.saved(round_.title, "zh-CN" if round_.lang == "zh" else "en"))
    tell(100)
    return len(round_.stops)


class _Material:
    """What the maps of a round are made of, in the metres of one plane."""

    def __init__(self, session: Session, round_: Round, now: datetime) -> None:
        self.round = round_
        spots = np.array([(stop["lon"], stop["lat"]) for stop in round_.stops] or [(0.0, 0.0)])
        legs = [leg for leg in round_.legs["features"] if leg["geometry"]]
        shapes = np.array([*shapely.points(spots), *(shapely.geometry.shape(leg["geometry"]) for leg in legs)], object)
        west, south, east, north = shapely.total_bounds(shapes).tolist()
        self.plane = Plane((west + east) / 2, (south + north) / 2)
        flat = self.plane.to_metres(shapes)
        self.spots = {stop["code"]: (float(spot.x), float(spot.y)) for stop, spot in
                      zip(round_.stops, flat, strict=False)}
        lines = flat[len(spots):]
        self.ways = {(leg["properties"]["team"], leg["properties"]["position"]):
                     Way(line, bool(leg["properties"]["is_air"])) for leg, line in zip(legs, lines, strict=True)}
        grown = shapely.box(*shapely.total_bounds(flat)).buffer(AROUND_M, cap_style="square", join_style="mitre")
        self.charts = Charts(ground.read(session, self.plane, self.plane.to_degrees(grown).bounds, now))
        names = streets_along([way.line for way in self.ways.values()], self.charts.streets.tree, self.charts.names)
        self.streets = dict(zip(self.ways, names, strict=True))
        self.starts = {team["team"]: self._flat(team["start"]) for team in round_.told["teams"]}
        self.ends = {team["team"]: self._flat(team["end"]) for team in round_.told["teams"]}
        self.places = {(stop["team"], stop["position"]): self.spots[stop["code"]] for stop in round_.stops}

    def _flat(self, spot: Told | None) -> tuple[float, float] | None:
        if spot is None:
            return None
        flat = self.plane.to_metres(shapely.Point(spot["lon"], spot["lat"]))
        return float(flat.x), float(flat.y)

    def leg(self, stop: Told) -> Leg:
        """Return how one comes to a stop."""
        key, before = (stop["team"], stop["position"]), (stop["team"], stop["position"] - 1)
        start = self.starts[stop["team"]] if stop["position"] == 1 else self.places.get(before)
        told = self.round.say("start_mark") if stop["position"] == 1 else str(stop["position"] - 1)
        return Leg(self.ways.get(key), self.spots[stop["code"]], start, self.streets.get(key, ()), told)


def _overview(sheet: Sheet, material: _Material, team: Told, stops: Sequence[Told]) -> None:
    """Draw the map of a team: its way, its numbered stops, start and end."""
    ways = [way for (of, _position), way in material.ways.items() if of == team["team"]]
    anchors = [spot for spot in (material.starts[team["team"]], material.ends[team["team"]]) if spot]
    spots = [material.spots[stop["code"]] for stop in stops]
    shapes = np.array([*shapely.points(np.array([*spots, *anchors])), *(way.line for way in ways)], object)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    flat = min(max((north - south) / max(east - west, 1.0), 0.5), 1.0)
    high = min(max(ROOM * flat, LEAST_MAP), BOTTOM - sheet.y - 30)
    window = fit(material.plane, (west, south, max(east, west + 200), max(north, south + 200)), Box(0, 0, ROOM, high),
                 air=0.06)
    quill, radius = sheet.quill, 2.4 if len(stops) <= 30 else 1.8 if len(stops) <= 80 else 1.3
    quill.open_map(EDGE, sheet.y, ROOM, high)
    material.charts.paint(quill, window)
    draw_way(quill, window, ways, 0.9)
    bar = _free_corner(window, [*spots, *anchors])
    taken = [bar, Box(ROOM - 9, 0, 9, 12)]
    for spot, word, colour in ((material.ends[team["team"]], "end_mark", "#7a2f8a"),
                               (material.starts[team["team"]], "start_mark", "#1d7a3c")):
        if spot:
            taken.append(mark(quill, *window.place(*spot), sheet.say(word), radius + 1.1, colour))
    for stop, spot in reversed(list(zip(stops, spots, strict=True))):
        taken.append(mark(quill, *window.place(*spot), str(stop["position"]), radius))
    follows = [name for key, names in material.streets.items() if key[0] == team["team"] for name, _metres in names]
    material.charts.write_names(quill, window, taken, follows, NAMES_ON_MAP)
    _furniture(sheet, window, bar)
    quill.close_map()
    quill.box(EDGE, sheet.y, ROOM, high, edge=RULE, line=0.3)
    sheet.y += high + 5


def _free_corner(window: Window, spots: Sequence[tuple[float, float]]) -> Box:
    """Return the corner for the scale bar where the fewest stops lie."""
    corners = [Box(2, window.height - 9.6, 46, 7.6), Box(window.width - 48, window.height - 9.6, 46, 7.6),
               Box(2, 2, 46, 7.6)]
    places = [window.place(*spot) for spot in spots]

    def covered(corner: Box) -> int:
        return sum(corner.x - 4 < x < corner.right + 4 and corner.y - 4 < y < corner.bottom + 4 for x, y in places)

    return min(corners, key=covered)


def _furniture(sheet: Sheet, window: Window, corner: Box) -> None:
    """Draw scale bar and north arrow."""
    quill, bar, k = sheet.quill, scale_bar(window, 36), UNITS
    x, y = corner.x + 2.0, corner.y + 5.6
    quill.box(corner.x * k, corner.y * k, (bar.millimetres + 8) * k, 7.6 * k, fill="#ffffff")
    quill.box(x * k, (y - 0.9) * k, bar.millimetres / 2 * k, 0.9 * k, fill=INK)
    quill.box(x * k, (y - 0.9) * k, bar.millimetres * k, 0.9 * k, edge=INK, line=3)
    quill.text(f"{bar.label} · 1 : {window.scale:,}", x * k, (y - 2) * k, 2.1 * k, INK)
    at = window.width - 5
    quill.shapes(f"{at * k:.0f} {3 * k:.0f} m {(at + 1.6) * k:.0f} {8 * k:.0f} l {at * k:.0f} {7 * k:.0f} l "
                 f"{(at - 1.6) * k:.0f} {8 * k:.0f} l h", INK, "#ffffff", 4)
    quill.text(texts.say(sheet.round.lang, "paper.north"), at * k, 11 * k, 2.2 * k, INK, bold=True, anchor=0.5, halo=10)


def _issues(session: Session, viewer: Viewer, round_: Round, now: datetime) -> dict[str, list[Told]]:
    """Return what is open at each stop, as far as the viewer may see it: overdue first, then the oldest."""
    codes = [stop["code"] for stop in round_.stops]
    if not codes:
        return {}
    rows = session.execute(
        select(InspectionPoint.code, Issue.class_code, Issue.description, Issue.state, Issue.reported_at, Issue.due_at)
        .join(InspectionPoint, InspectionPoint.id == Issue.point_id)
        .where(one_of(InspectionPoint.code, codes), Issue.state.in_(rules.OPEN), visible(viewer, now))
        .order_by(Issue.reported_at, Issue.id)).all()
    classes, found = dictionaries.issue_classes(), dict[str, list[Told]]()
    for row in rows:
        kind = classes.get(row.class_code)
        late = row.state != "suspended" and row.due_at is not None and row.due_at < now
        found.setdefault(row.code, []).append({
            "class_name": kind.name(round_.lang) if kind else row.class_code, "is_overdue": late,
            "description": clean(row.description), "days": max((now - row.reported_at).days, 0)})
    for held in found.values():
        held.sort(key=lambda issue: not issue["is_overdue"])
    return found


def _imprint(session: Session, viewer: Viewer, round_: Round, now: datetime, approval: str) -> Imprint:
    city: Any = the_city(session)
    at = clock.to_office(now).strftime("%Y-%m-%d %H:%M")

    def say(key: str, **facts: Any) -> str:
        return texts.say(round_.lang, key, **facts)

    return Imprint(city.name, city.attribution or say("paper.own_data"),
                   say("paper.notice", note=approval or say("paper.no_approval")),
                   say("paper.drawn", at=at, who=viewer.full_name or viewer.name))
