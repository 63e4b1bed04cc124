"""The list of a round as rows: what stands in each column of a route sheet (检查路线单), in every file the same.

Everything comes from the round as it is told to the viewer (`routes.queries.told`): who may not see a stop or a phone
number has neither here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from civmap import clock, texts
from civmap.exchange.layout import Cell
from civmap.exchange.signs import clean
from civmap.routes import navigation

Told = dict[str, Any]
Maker = Callable[["Round", Told], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it is in programs, and what stands in it."""

    field: str
    make: Maker


@dataclass(frozen=True)
class Round:
    """A round as it is told, with its ways and the language of its words."""

    told: Told
    legs: Told
    lang: str

    @property
    def is_list(self) -> bool:
        """Tell whether this is a plain list of points: nobody planned an order, ways or times."""
        return bool(self.told.get("is_list"))

    @property
    def on_paper(self) -> tuple["Column", ...]:
        """Return the columns that people read."""
        return tuple(column for column in ON_PAPER if not (self.is_list and column.field in NOT_IN_LISTS))

    @property
    def in_data(self) -> tuple["Column", ...]:
        """Return the columns that programs read."""
        return tuple(column for column in IN_DATA if not (self.is_list and column.field in NOT_IN_LISTS))

    @cached_property
    def stops(self) -> list[Told]:
        """Return the served stops by team and order; texts hold no sign that a file could not."""
        rows = [{name: clean(value) if isinstance(value, str) else value for name, value in stop.items()}
                for stop in self.told["stops"] if stop["team"] is not None]
        return sorted(rows, key=lambda stop: (stop["team"], stop["position"]))

    @cached_property
    def teams(self) -> list[Told]:
        """Return the teams that have stops to see."""
        busy = {stop["team"] for stop in self.stops}
        return [team for team in self.told["teams"] if team["team"] in busy]

    @cached_property
    def names(self) -> dict[int, str]:
        """Return the teams' names by number."""
        return {team["team"]: clean(team["name"]) for team in self.told["teams"]}

    @cached_property
    def title(self) -> str:
        """Return the round's code, name and day on one line."""
        name = " ".join(clean(self.told["name"]).split())
        return " · ".join(part for part in (self.told["route"], name, self.told["day"]) if part)

    @cached_property
    def links(self) -> dict[str, dict[str, str]]:
        """Return the navigation links of every stop by its code; a leg begins where the one before it ended."""
        found, before = {}, {team["team"]: _start(team) for team in self.told["teams"]}
        for stop in self.stops:
            spot = (stop["lon"], stop["lat"], stop["name"])
            found[stop["code"]] = navigation.links(*spot, self.told["mode"] or "walk", before[stop["team"]])
            before[stop["team"]] = spot
        return found

    def of_team(self, number: int) -> list[Told]:
        """Return a team's stops in order."""
        return [stop for stop in self.stops if stop["team"] == number]

    def ways(self, number: int) -> list[Told]:
        """Return a team's legs in order, the way back last."""
        return [leg for leg in self.legs["features"] if leg["properties"]["team"] == number and leg["geometry"]]

    def say(self, key: str, **facts: Any) -> str:
        """Return a text of route sheets."""
        return texts.say(self.lang, f"sheets.{key}", **facts)

    def headings(self, columns: Sequence[Column]) -> list[str]:
        """Return what people call the columns."""
        return [self.say(f"column.{column.field}") for column in columns]

    def lines(self, columns: Sequence[Column], stops: Sequence[Told]) -> Iterator[list[Cell]]:
        """Yield the cells of stops."""
        for stop in stops:
            yield [column.make(self, stop) for column in columns]


def _start(team: Told) -> navigation.Spot | None:
    start = team["start"]
    return (start["lon"], start["lat"], start["name"] or team["name"]) if start else None


def clock_time(text: str | None) -> str | None:
    """Return the office's hour and minute of a kept moment."""
    return None if text is None else clock.to_office(clock.parse_moment(text)).strftime("%H:%M")


def _plain(name: str) -> Column:
    return Column(name, lambda _round, stop: stop[name])


def _yes(name: str) -> Column:
    return Column(name, lambda round_, stop: texts.say(round_.lang, "export.yes" if stop[name] else "export.no"))


def _time(name: str, key: str) -> Column:
    return Column(name, lambda _round, stop: clock_time(stop[key]))


def _link(maker: str) -> Column:
    return Column(maker, lambda round_, stop: round_.links[stop["code"]][maker])


TEAM = Column("team_name", lambda round_, stop: round_.names[stop["team"]])
ON_PAPER = (
    _plain("position"), _plain("code"), _plain("name"), _plain("type_name"), _plain("address"), _plain("leg_m"),
    _plain("sum_m"), _time("arrive", "arrive_at"), _time("leave", "leave_at"), _plain("visit_min"),
    _plain("unit_name"), _plain("phone"), _plain("open_issues"), _plain("overdue_issues"), _plain("open_hours"),
    Column("state", lambda round_, stop: round_.say(f"state.{stop['state']}")), _plain("score_rate"),
    _yes("is_must"), _plain("lon"), _plain("lat"), *(_link(maker) for maker in navigation.KINDS))
IN_DATA = (
    _plain("team"), TEAM, _plain("position"), _plain("code"), _plain("name"), _plain("type"), _plain("type_name"),
    _plain("address"), _plain("leg_m"), _plain("sum_m"), _plain("leg_min"), _plain("arrive_at"), _plain("leave_at"),
    _plain("wait_min"), _plain("visit_min"), _plain("unit"), _plain("unit_name"), _plain("phone"),
    _plain("open_issues"), _plain("overdue_issues"), _plain("open_hours"), _plain("is_must"), _plain("is_locked"),
    _plain("is_air"), _plain("state"), _plain("score_rate"), _plain("lon"), _plain("lat"),
    *(_link(maker) for maker in navigation.KINDS))
"""What programs read: the same facts under the names of the interface, moments in full."""
NOT_IN_LISTS = frozenset({"team", "team_name", "leg_m", "sum_m", "leg_min", "arrive", "leave", "arrive_at", "leave_at",
                          "wait_min", "visit_min", "state", "score_rate", "is_must", "is_locked", "is_air"})
"""What only a planned round knows."""
LEG_FIELDS = ("team", "position", "stop", "metres", "is_air")


def told_legs(round_: Round) -> list[tuple[list[Cell], Told]]:
    """Return the cells (LEG_FIELDS) and the shape of every leg: by team, in order; the way back leads to no stop."""
    codes = {(stop["team"], stop["position"]): stop["code"] for stop in round_.stops}
    rows = []
    for team in round_.teams:
        for leg in round_.ways(team["team"]):
            facts = leg["properties"]
            cells = [facts["team"], facts["position"], codes.get((facts["team"], facts["position"])),
                     facts["metres"], facts["is_air"]]
            rows.append((cells, leg["geometry"]))
    return rows
