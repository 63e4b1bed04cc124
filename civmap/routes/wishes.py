"""What somebody asks of a round, read and checked: which points, how many teams, from where, when and how."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from civmap.errors import CivmapError, Invalid
from civmap.fields import day as read_day
from civmap.fields import refuse
from civmap.geo.validity import Frame, check_spot
from civmap.routes.customs import DAY_MIN, MODES, Rounds
from civmap.routes.drafts import ENDS, FIXED, DraftTeam, Spot
from civmap.routes.streets import METRICS

BALANCES = ("shortest", "balanced")
MOST_TEAMS, MOST_STOPS, MOST_SECONDS, MOST_HOURS, MOST_VISIT_MIN = 50, 2_000, 120.0, 24.0, 480.0
OFFICE = "office"
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TeamWish:
    """A team as asked for, its people still by their sign-in names."""

    team: DraftTeam
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """A checked wish; `visit_min` are minutes for every point, by type, or None for the city's own."""

    points: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    draw: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    day: date | None = None
    teams: tuple[TeamWish, ...] = (TeamWish(DraftTeam()),)
    visit_min: float | Mapping[str, float] | None = None
    metric: str = "road"
    mode: str = "walk"
    balance: str = "shortest"
    must: frozenset[str] | None = None
    nice: frozenset[str] = frozenset()
    together: tuple[tuple[str, ...], ...] = ()
    lunch: Span | None = None
    seconds: float | None = None
    is_covert: bool | None = None
    ignores_opening: bool = False

    def is_must(self, code: str) -> bool:
        """Tell whether a point must be seen."""
        return code not in self.nice if self.must is None else code in self.must

    def group(self, code: str) -> str | None:
        """Return the name of the group of points that one team visits in one go."""
        return next((f"g{number}" for number, codes in enumerate(self.together, start=1) if code in codes), None)


def read(sent: Mapping[str, Any], rounds: Rounds, frame: Frame) -> Wish:
    """Return what was asked for; raise Several naming every member that is wrong."""
    reader = _Reader(rounds, frame)
    wish = reader.wish(sent)
    refuse(reader.problems)
    return wish


def team(sent: Mapping[str, Any], usual: DraftTeam, rounds: Rounds, frame: Frame, path: str,
         problems: list[CivmapError]) -> TeamWish:
    """Return a team as asked for, what is left out being as usual; what is wrong is noted."""
    reader = _Reader(rounds, frame)
    found = reader.team(sent, usual, path)
    problems += reader.problems
    return found


class _Reader:
    """Reads a wish and gathers what is wrong with it."""

    def __init__(self, rounds: Rounds, frame: Frame) -> None:
        self.rounds, self.frame = rounds, frame
        self.problems: list[CivmapError] = []

    def wish(self, sent: Mapping[str, Any]) -> Wish:
        """Return the wish; its problems are gathered."""
        points = self._codes(sent.get("points"), "points")
        nice = frozenset(self._codes(sent.get("nice"), "nice"))
        must = sent.get("must")
        together = tuple(self._codes(group, "together") for group in sent.get("together") or ())
        self._check_groups(together)
        hours = self._number(sent.get("hours"), "hours", 0, MOST_HOURS)
        since, until, lunch = self._day(hours, sent.get("lunch"))
        metric = self._choice(sent.get("metric") or "road", "metric", METRICS)
        return Wish(
            points, self._types(sent.get("types")), sent.get("draw") or None, dict(sent.get("filters") or {}),
            str(sent.get("name") or "").strip()[:200], self._date(sent.get("day")),
            self._teams(sent, since, until), self._visit_min(sent.get("visit_min")), metric,
            self._choice(sent.get("mode") or "walk", "mode", MODES),
            self._choice(sent.get("balance") or "shortest", "balance", BALANCES),
            None if must is None else frozenset(self._codes(must, "must")), nice, together, lunch,
            self._number(sent.get("seconds"), "seconds", 0.1, MOST_SECONDS), sent.get("covert"),
            bool(sent.get("ignore_opening")))

    def _note(self, problem: CivmapError) -> None:
        self.problems.append(problem)

    def _number(self, value: Any, name: str, low: float, high: float) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) \
                or not low <= value <= high:
            self._note(Invalid("number_out_of_range", field=name, value=str(value)[:20], low=f"{low:g}",
                               high=f"{high:g}"))
            return None
        return float(value)

    def _choice(self, value: Any, name: str, known: Sequence[str]) -> str:
        if value not in known:
            self._note(Invalid("choice_unknown", field=name, value=str(value)[:40], known=list(known)))
            return known[0]
        return str(value)

    def _codes(self, value: Any, name: str) -> tuple[str, ...]:
        codes = tuple(str(one).strip() for one in value or () if str(one).strip())
        if len(codes) > MOST_STOPS:
            self._note(Invalid("route_too_many_points", field=name, count=len(codes), most=MOST_STOPS))
            return ()
        seen: set[str] = set()
        twice = sorted({code for code in codes if code in seen or seen.add(code)})  # type: ignore[func-returns-value]
        if twice:
            self._note(Invalid("route_points_twice", field=name, codes=twice[:10]))
        return codes

    def _types(self, value: Any) -> tuple[str, ...]:
        from civmap import dictionaries

        found = []
        for text in value or ():
            try:
                found.append(dictionaries.point_type(str(text)).code)
            except Invalid as problem:
                problem.field = "types"
                self._note(problem)
        return tuple(found)

    def _date(self, value: Any) -> date | None:
        if value is None:
            return None
        try:
            return read_day(value)
        except Invalid as problem:
            problem.field = "day"
            self._note(problem)
            return None

    def _check_groups(self, groups: Sequence[Sequence[str]]) -> None:
        codes = [code for group in groups for code in group]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            self._note(Invalid("route_points_twice", field="together", codes=twice[:10]))

    def _day(self, hours: float | None, lunch: Any) -> tuple[float, float | None, Span | None]:
        """Return begin, end and break of the day: `hours` counts work without the break, 0 means no end."""
        rounds = self.rounds
        pause: Span | None = rounds.lunch if hours is None or hours > 0 else None
        if lunch is not None and lunch is not True:
            pause = self._span(lunch) if lunch else None
        if hours is None:
            return rounds.from_min, rounds.until_min, pause
        if hours == 0:
            return rounds.from_min, None, pause
        until = rounds.from_min + hours * 60
        if pause and until > pause[0] >= rounds.from_min:
            until += pause[1] - pause[0]
        return rounds.from_min, until, pause

    def _span(self, value: Any) -> Span | None:
        if isinstance(value, list | tuple) and len(value) == 2:
            since, until = (self._minute(one, "lunch") for one in value)
            if since is not None and until is not None and since < until:
                return since, until
        self._note(Invalid("rounds_day", field="lunch"))
        return None

    def _minute(self, value: Any, name: str) -> float | None:
        """Return minutes of the day, written as a number or as 08:30."""
        if isinstance(value, str):
            hour, sign, rest = value.strip().replace(":", ":").partition(":")
            if sign and hour.isdecimal() and rest.isdecimal() and int(rest) < 60 and int(hour) <= 24:
                return float(int(hour) * 60 + int(rest))
            self._note(Invalid("route_time_unreadable", field=name, value=value[:20]))
            return None
        return self._number(value, name, 0, 2 * DAY_MIN)

    def _visit_min(self, value: Any) -> float | Mapping[str, float] | None:
        if not isinstance(value, Mapping):
            return self._number(value, "visit_min", 0, MOST_VISIT_MIN)
        found: dict[str, float] = {}
        for name, minutes in value.items():
            code = name if name == "default" else next(iter(self._types([name])), None)
            number = self._number(minutes, f"visit_min.{name}", 0, MOST_VISIT_MIN)
            if code is not None and number is not None:
                found[code] = number
        return found

    def _spot(self, value: Any, name: str) -> Spot | None:
        if value == OFFICE:
            if self.rounds.office is None:
                self._note(Invalid("route_office_unknown", field=name))
            return self.rounds.office
        if value is None:
            return None
        try:
            lon, lat = check_spot(float(value["lon"]), float(value["lat"]), self.frame, name)
        except Invalid as problem:
            self._note(problem)
            return None
        except (TypeError, KeyError, ValueError):
            self._note(Invalid("route_spot_unreadable", field=name))
            return None
        return lon, lat, str(value.get("name") or "")[:100]

    def _teams(self, sent: Mapping[str, Any], since: float, until: float | None) -> tuple[TeamWish, ...]:
        usual = self.team(sent, DraftTeam(from_min=since, until_min=until), "", is_whole=True)
        asked = sent.get("teams", 1)
        if isinstance(asked, list | tuple):
            count = len(asked)
        else:
            count = asked if isinstance(asked, int) and not isinstance(asked, bool) else -1
        if not 1 <= count <= MOST_TEAMS:
            self._note(Invalid("route_teams", field="teams", value=str(count), most=MOST_TEAMS))
            return (usual,)
        if not isinstance(asked, list | tuple):
            return (usual,) * count
        found = tuple(self.team(one, usual.team, f"teams.{number}.") for number, one in enumerate(asked, start=1))
        self._check_people([name for one in found for name in one.people])
        return found

    def _check_people(self, names: Sequence[str]) -> None:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            self._note(Invalid("route_people_twice", field="teams", names=twice))

    def team(self, sent: Mapping[str, Any], usual: DraftTeam, path: str, is_whole: bool = False) -> TeamWish:
        """Return a team, what is left out being as usual; its problems are gathered."""
        start = self._spot(sent["start"], f"{path}start") if "start" in sent else usual.start
        end = self._spot(sent["end"], f"{path}end") if "end" in sent else usual.end
        ends = sent.get("ends")
        if ends is None:
            ends = FIXED if sent.get("end") is not None else usual.ends
        ends = self._choice(ends, f"{path}ends", ENDS)
        if ends == FIXED and end is None and not self.problems:
            self._note(Invalid("route_end_missing", field=f"{path}end"))
        found = replace(usual, start=start, end=end if ends == FIXED else None, ends=ends)
        if is_whole:
            return TeamWish(found)
        since = self._minute(sent["from_min"], f"{path}from_min") if sent.get("from_min") is not None else None
        until = usual.until_min
        if "until_min" in sent:
            until = None if sent["until_min"] is None else self._minute(sent["until_min"], f"{path}until_min")
        name = usual.name if sent.get("name") is None else str(sent["name"]).strip()[:60]
        found = replace(found, name=name, until_min=until, from_min=usual.from_min if since is None else since)
        if until is not None and until <= found.from_min:
            self._note(Invalid("route_day_order", field=f"{path}until_min"))
        return TeamWish(found, tuple(str(one) for one in sent.get("people") or ()))

