"""The pages of a route sheet: head and foot, a team's first page with its map, and the table of its stops."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from civmap.exchange.round_rows import Round, Told, clock_time
from civmap.paper.quill import Quill

WIDE, HIGH, EDGE = 210.0, 297.0, 12.0
TOP, BOTTOM = 19.0, 282.0
INK, QUIET, RULE, BRAND, ALARM, BAND = "#16262e", "#4a5d66", "#ccd3d6", "#0b5c6e", "#a12a16", "#f1f5f6"
ROOM = WIDE - 2 * EDGE
ROW = 9.6
COLUMNS = (("position", 8.0), ("name", 58.0), ("type_name", 27.0), ("leg_m", 21.0), ("arrive", 19.0),
           ("unit_name", 38.0), ("open_issues", 15.0))


@dataclass(frozen=True, slots=True)
class Imprint:
    """What every page says about itself."""

    city: str
    thanks: str
    notice: str
    drawn: str


@dataclass(slots=True)
class Sheet:
    """A route sheet being written: the quill, where it stands on the page, and which team each page is about."""

    quill: Quill
    round: Round
    imprint: Imprint
    codes: dict[str, Any] = field(default_factory=dict)
    y: float = 0.0
    teams: list[str] = field(default_factory=list)

    def say(self, key: str, **facts: Any) -> str:
        """Return a text of route sheets."""
        return self.round.say(key, **facts)

    def begin(self, team: str) -> None:
        """Begin a page about a team."""
        self.quill.begin()
        self.teams.append(team)
        self.y = TOP

    def need(self, height: float, team: str) -> bool:
        """Begin a page where the rest of this one is too small; tell whether it was."""
        if self.y + height <= BOTTOM:
            return False
        self.begin(team)
        return True

    def finish(self) -> None:
        """Write heads and feet: only now it is known how many pages there are."""
        for number, team in enumerate(self.teams):
            self.quill.at = number
            _head(self, team)
            _foot(self, number + 1)


def _head(sheet: Sheet, team: str) -> None:
    quill, mark = sheet.quill, sheet.say("internal")
    wide = quill.lettering.width(mark, 3.2) + 4
    quill.box(WIDE - EDGE - wide, 8.6, wide, 5.6, edge=ALARM, line=0.4)
    quill.text(mark, WIDE - EDGE - wide / 2, 12.6, 3.2, ALARM, bold=True, anchor=0.5)
    parts = (sheet.imprint.city, sheet.say("title"), sheet.round.told["route"], team)
    told = " · ".join(part for part in parts if part)
    quill.text(quill.lettering.fitted(told, 2.7, ROOM - wide - 6), EDGE, 12.6, 2.7, QUIET)
    quill.rule(EDGE, 16.4, WIDE - EDGE, 16.4, BRAND, 0.5)


def _foot(sheet: Sheet, number: int) -> None:
    quill, fitted = sheet.quill, sheet.quill.lettering.fitted
    quill.rule(EDGE, 284.0, WIDE - EDGE, 284.0, BRAND, 0.3)
    quill.text(fitted(sheet.imprint.thanks, 2.0, ROOM * 0.62), EDGE, 287.2, 2.0, QUIET)
    quill.text(fitted(sheet.imprint.notice, 2.0, ROOM * 0.62), EDGE, 290.2, 2.0, QUIET)
    quill.text(fitted(sheet.imprint.drawn, 2.0, ROOM * 0.36), WIDE - EDGE, 287.2, 2.0, QUIET, anchor=1)
    pages = sheet.say("page", number=number, count=len(sheet.teams))
    quill.text(pages, WIDE - EDGE, 290.4, 2.3, INK, anchor=1)


def write_title(sheet: Sheet, team: Told) -> None:
    """Write what heads a team's part: the round, the team and its people, and its day in figures."""
    quill, round_ = sheet.quill, sheet.round
    name = round_.told["name"] or sheet.say("title")
    for line in quill.lettering.lines(name, 6.4, ROOM, 2):
        quill.text(line, EDGE, sheet.y + 6.2, 6.4, INK, bold=True)
        sheet.y += 8.4
    people = "、".join(one["full_name"] for one in team["people"])
    told = " · ".join(part for part in (round_.names[team["team"]], people, round_.told["day"]) if part)
    quill.text(quill.lettering.fitted(told, 3.6, ROOM), EDGE, sheet.y + 3.6, 3.6, BRAND, bold=True)
    sheet.y += 6.4
    facts = _figures(sheet, team)
    share = ROOM / len(facts)
    quill.box(EDGE, sheet.y, ROOM, 12.4, fill=BAND)
    for place, (head, value) in enumerate(facts):
        x = EDGE + share * place + 2.4
        quill.text(head, x, sheet.y + 4.2, 2.3, QUIET)
        size = 3.5 if quill.lettering.width(value, 3.5) <= share - 3 else 2.6
        quill.text(quill.lettering.fitted(value, size, share - 3), x, sheet.y + 9.4, size, INK, bold=True)
    sheet.y += 15.2


def _figures(sheet: Sheet, team: Told) -> list[tuple[str, str]]:
    minutes = round(team["minutes"])
    ends = {"return": sheet.say("ends.return"), "open": sheet.say("ends.open")}.get(team["ends"]) or _spot(team["end"])
    span = "–".join(clock_time(team[name]) or "?" for name in ("starts_at", "ends_at")) if team["starts_at"] else "—"
    begins = _spot(team["start"]) if team["start"] else sheet.say("ends.first")
    return [(sheet.say("column.stops"), str(len(sheet.round.of_team(team["team"])))),
            (sheet.say("length"), kilometres(team["length_m"])),
            (sheet.say("duration"), sheet.say("hours" if minutes >= 60 else "minutes_only", hours=minutes // 60,
                                               minutes=minutes % 60)),
            (sheet.say("span"), span), (sheet.say("column.start"), begins),
            (sheet.say("column.end"), ends)]


def _spot(spot: Told | None) -> str:
    return "—" if spot is None else spot["name"] or f"{spot['lon']:.4f}, {spot['lat']:.4f}"


def kilometres(metres: float | None) -> str:
    """Return a length as people read it."""
    if metres is None:
        return "—"
    return f"{metres / 1000:.2f} km" if metres >= 1000 else f"{metres:.0f} m"


def write_table(sheet: Sheet, team: Told, stops: Sequence[Told]) -> None:
    """Write the stops of a team as a table, with its heads on every page."""
    name = sheet.round.names[team["team"]]
    sheet.need(ROW * 3, name)
    _table_head(sheet)
    for stop in stops:
        if sheet.need(ROW, name):
            _table_head(sheet)
        _table_row(sheet, stop)
    sheet.y += 5


def _table_head(sheet: Sheet) -> None:
    x, quill = EDGE, sheet.quill
    quill.box(EDGE, sheet.y, ROOM, 6.6, fill=BRAND)
    for field_, wide in COLUMNS:
        quill.text(quill.lettering.fitted(sheet.say(f"head.{field_}"), 2.4, wide - 2), x + 1.2, sheet.y + 4.3, 2.4,
                   "#ffffff", bold=True)
        x += wide
    sheet.y += 6.6


def _table_row(sheet: Sheet, stop: Told) -> None:
    """Write a stop: two lines a cell, what matters most above."""
    late = sheet.say("late_short", count=stop["overdue_issues"]) if stop["overdue_issues"] else ""
    cells = {
        "position": (str(stop["position"]), ""), "name": (stop["name"], stop["address"] or ""),
        "type_name": (stop["type_name"], stop["code"]),
        "leg_m": (kilometres(stop["leg_m"]), kilometres(stop["sum_m"])),
        "arrive": (clock_time(stop["arrive_at"]) or "—", clock_time(stop["leave_at"]) or ""),
        "unit_name": (stop["unit_name"] or "—", stop["phone"] or ""),
        "open_issues": (str(stop["open_issues"]), late)}
    quill, x = sheet.quill, EDGE
    if stop["position"] % 2 == 0:
        quill.box(EDGE, sheet.y, ROOM, ROW, fill=BAND)
    for field_, wide in COLUMNS:
        above, below = (quill.lettering.fitted(text, size, wide - 2) for text, size in
                        zip(cells[field_], (2.75, 2.3), strict=True))
        quill.text(above, x + 1.2, sheet.y + 4.0, 2.75, INK, bold=field_ in ("position", "name"))
        quill.text(below, x + 1.2, sheet.y + 7.8, 2.3, ALARM if field_ == "open_issues" else QUIET,
                   bold=field_ == "open_issues")
        x += wide
    quill.rule(EDGE, sheet.y + ROW, WIDE - EDGE, sheet.y + ROW, RULE, 0.15)
    sheet.y += ROW
