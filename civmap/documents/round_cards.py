"""The card of one stop: the strip of its leg, who answers, what is open there, what to check, and the way by phone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from civmap.documents.round_pages import ALARM, BRAND, EDGE, INK, QUIET, ROOM, RULE, TOP, WIDE, Sheet, kilometres
from civmap.exchange.round_rows import Round, Told, clock_time
from civmap.inspections.checklists import items_of
from civmap.paper.charts import Charts, Way, draw_way, mark
from civmap.paper.codes import matrices
from civmap.paper.frames import Box
from civmap.paper.scales import UNITS, fit
from civmap.paper.wayside import Stretch
from civmap.routes import navigation

STRIP_WIDE, STRIP_HIGH = 60.0, 40.0
LEAST_M = 140.0
SCALES = (4_000, 6_000, 9_000, 14_000, 20_000, 30_000, 45_000, 70_000, 100_000)
"""Few, so that strips share their ground."""
QR, MOST_QR_NAME = 21.0, 6
LEFT = EDGE + STRIP_WIDE + 3
LINE, SMALL = 4.1, 2.5
MOST_ISSUES, MOST_STREETS = 3, 5
ITEM_COLUMNS, ITEM_ROW, TICK = 3, 4.0, 2.4
NAMES_ON_STRIP = 5


@dataclass(frozen=True, slots=True)
class Leg:
    """How one comes to a stop: the way and the spots at its ends in plane metres, and the streets it follows."""

    way: Way | None
    spot: tuple[float, float]
    start: tuple[float, float] | None
    streets: Sequence[Stretch]
    before: str


def height_of(type_code: str, lang: str) -> float:
    """Return how high the card of a stop of a type is."""
    rows = -(-len(items_of(type_code)) // ITEM_COLUMNS)
    return STRIP_HIGH + 8.6 + rows * ITEM_ROW + 7.4


def write_card(sheet: Sheet, charts: Charts, stop: Told, leg: Leg, issues: Sequence[Told], plane: Any,
               lists: dict[str, list[str]]) -> None:
    """Write a stop's card at the place where the sheet stands."""
    top = sheet.y
    if top > TOP:
        sheet.quill.rule(EDGE, top, WIDE - EDGE, top, BRAND, 0.35)
    _strip(sheet, charts, stop, leg, plane, top + 1.8)
    _words(sheet, stop, leg, issues, top + 1.8)
    _code(sheet, stop, top + 2.4)
    y = top + STRIP_HIGH + 4.4
    if stop["type"] not in lists:
        lists[stop["type"]] = sheet.quill.kept(lambda: _items(sheet, stop["type"]))
    sheet.quill.place(lists[stop["type"]], EDGE, y)
    sheet.y = top + height_of(stop["type"], sheet.round.lang)


def _strip(sheet: Sheet, charts: Charts, stop: Told, leg: Leg, plane: Any, y: float) -> None:
    """Draw the leg from the stop before to this one, with the names of the streets."""
    shapes = [shapely.Point(leg.spot), *([leg.way.line] if leg.way else []),
              *([shapely.Point(leg.start)] if leg.start else [])]
    west, south, east, north = shapely.total_bounds(np.array(shapes, object)).tolist()
    grow_x, grow_y = (max(LEAST_M - edge, 0) / 2 for edge in (east - west, north - south))
    window = fit(plane, (west - grow_x, south - grow_y, east + grow_x, north + grow_y),
                 Box(0, 0, STRIP_WIDE, STRIP_HIGH), air=0.12)
    window = replace(window, scale=next((scale for scale in SCALES if scale >= window.scale), window.scale))
    quill = sheet.quill
    quill.open_map(EDGE, y, STRIP_WIDE, STRIP_HIGH)
    charts.lay(quill, window)
    if leg.way:
        draw_way(quill, window, [leg.way], 1.1)
    taken = []
    if leg.start:
        taken.append(mark(quill, *window.place(*leg.start), leg.before, 2.0, QUIET))
    taken.append(mark(quill, *window.place(*leg.spot), str(stop["position"]), 2.6, INK))
    charts.write_names(quill, window, taken, [name for name, _metres in leg.streets], NAMES_ON_STRIP)
    told = f"1 : {window.scale:,}"
    quill.text(told, 1.2 * UNITS, (STRIP_HIGH - 1.2) * UNITS, 1.7 * UNITS, QUIET, halo=10)
    quill.close_map()
    quill.box(EDGE, y, STRIP_WIDE, STRIP_HIGH, edge=RULE, line=0.25)


def _words(sheet: Sheet, stop: Told, leg: Leg, issues: Sequence[Told], top: float) -> None:
    """Write who, where, how and when, then what is open here."""
    quill, y = sheet.quill, top + 3.6
    room = WIDE - EDGE - LEFT - QR - 3
    fitted = quill.lettering.fitted
    quill.text(fitted(f"{stop['position']}. {stop['name']}", 3.7, room), LEFT, y, 3.7, INK, bold=True)
    y += 4.9
    duty = " · ".join(part for part in (stop["unit_name"], stop["phone"], stop["open_hours"]) if part)
    for words, size, colour in ((f"{stop['type_name']} · {stop['address'] or stop['code']}", SMALL, QUIET),
                                (duty or "—", 2.8, INK), (_times(sheet, stop), SMALL, INK)):
        quill.text(fitted(words, size, room), LEFT, y, size, colour)
        y += LINE
    for line in quill.lettering.lines(_way_words(sheet, stop, leg), SMALL, room, 2):
        quill.text(line, LEFT, y, SMALL, "#1f4f92")
        y += LINE - 0.4
    _issues(sheet, issues, y + 1.2, WIDE - EDGE - LEFT)


def _times(sheet: Sheet, stop: Told) -> str:
    arrive, leave = clock_time(stop["arrive_at"]), clock_time(stop["leave_at"])
    parts = [f"{arrive}–{leave}" if arrive and leave else "", sheet.say("visit", minutes=f"{stop['visit_min']:g}"),
             sheet.say("so_far", length=kilometres(stop["sum_m"]))]
    if stop["wait_min"]:
        parts.insert(1, sheet.say("wait", minutes=f"{stop['wait_min']:g}"))
    return " · ".join(part for part in parts if part)


def _way_words(sheet: Sheet, stop: Told, leg: Leg) -> str:
    """Return how one comes here: how far, how long, along which streets."""
    if stop["leg_m"] is None or (leg.way is None and not stop["leg_m"]):
        return sheet.say("begins_here")
    told = sheet.say("leg", length=kilometres(stop["leg_m"]), minutes=f"{stop['leg_min'] or 0:.0f}")
    if stop["is_air"]:
        return f"{told} · {sheet.say('by_air')}"
    shown = [f"{name} {kilometres(metres)}" for name, metres in leg.streets[:MOST_STREETS]]
    shown += ["…"] if len(leg.streets) > MOST_STREETS else []
    return f"{told} · {sheet.say('along', streets=' → '.join(shown))}" if shown else told


def _issues(sheet: Sheet, issues: Sequence[Told], y: float, room: float) -> None:
    quill = sheet.quill
    head = sheet.say("open", count=len(issues)) if issues else sheet.say("none_open")
    quill.text(head, LEFT, y, SMALL, INK if issues else QUIET, bold=bool(issues))
    for issue in issues[:MOST_ISSUES if len(issues) <= MOST_ISSUES + 1 else MOST_ISSUES - 1]:
        y += LINE - 0.2
        late = sheet.say("late") if issue["is_overdue"] else ""
        x = LEFT + 1.5
        if late:
            x += quill.text(f"! {late}", x, y, SMALL, ALARM, bold=True) + 1.4
        told = f"{issue['class_name']} · {sheet.say('days', count=issue['days'])} · {issue['description']}"
        quill.text(quill.lettering.fitted(told, SMALL, room - (x - LEFT)), x, y, SMALL, INK)
    shown = MOST_ISSUES if len(issues) <= MOST_ISSUES + 1 else MOST_ISSUES - 1
    if len(issues) > shown:
        quill.text(sheet.say("more", count=len(issues) - shown), LEFT + 1.5, y + LINE - 0.2, SMALL, QUIET)


def _items(sheet: Sheet, type_code: str) -> None:
    """Draw the list of a type: three boxes an item, three columns; the same for every stop of the type."""
    quill, lang, items = sheet.quill, sheet.round.lang, items_of(type_code)
    quill.text(sheet.say("items"), 0, 2.6, SMALL, INK, bold=True)
    quill.text(sheet.say("boxes"), ROOM, 2.6, 2.2, QUIET, anchor=1)
    wide, rows = ROOM / ITEM_COLUMNS, -(-len(items) // ITEM_COLUMNS)
    for place, item in enumerate(items):
        x, y = place // rows * wide, 4.2 + place % rows * ITEM_ROW
        for box in range(3):
            quill.box(x + box * (TICK + 0.7), y, TICK, TICK, edge="#7d8c93", line=0.18)
        told = quill.lettering.fitted(f"{item.code} {item.name(lang)}", 2.3, wide - 3 * (TICK + 0.7) - 3)
        quill.text(told, x + 3 * (TICK + 0.7) + 1, y + 2.1, 2.3, INK)
    end = 4.2 + rows * ITEM_ROW + 3.4
    quill.text(sheet.say("remark"), 0, end, SMALL, QUIET)
    quill.rule(11, end + 0.6, ROOM, end + 0.6, RULE, 0.2)


def codes_of(round_: Round) -> dict[str, np.ndarray]:
    """Return the squares of the code that opens the navigation to each stop."""
    mode = round_.told["mode"] or "walk"
    told = [navigation.amap(stop["lon"], stop["lat"], stop["name"][:MOST_QR_NAME], mode) for stop in round_.stops]
    return dict(zip((stop["code"] for stop in round_.stops), matrices(told), strict=True))


def _code(sheet: Sheet, stop: Told, y: float) -> None:
    """Draw the code that opens the navigation to the stop."""
    x, quill = WIDE - EDGE - QR, sheet.quill
    quill.stamp(sheet.codes[stop["code"]], x, y, QR)
    quill.text(sheet.say("scan"), x + QR / 2, y + QR + 2.6, 2.1, QUIET, anchor=0.5)
