"""The shapes of what rounds take and give."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from civmap.routes.wishes import MOST_SECONDS, MOST_STOPS, MOST_TEAMS
from civmap.web.api.bodies import Code, Exact, Loose, Text

Codes = Annotated[list[Code], Field(max_length=100_000, description=f"codes of points, at most {MOST_STOPS}")]
Minute = Annotated[float | str, Field(description="minutes of the day, or 08:30")]
Ends = Annotated[Literal["open", "return", "fixed"],
                 Field(description="where the day ends: with the last stop, at the start, at `end`")]
Seconds = Annotated[float, Field(description=f"how long to search, at most {MOST_SECONDS:g}")]


class Spot(Exact):
    """A place to start or to end at."""

    lon: float
    lat: float
    name: Text | None = None


class TeamBody(Exact):
    """A team; what it leaves out is the round's."""

    name: Annotated[str, Field(max_length=60)] | None = None
    people: Annotated[list[Code], Field(max_length=50, description="sign-in names")] | None = None
    start: Spot | Literal["office"] | None = None
    end: Spot | Literal["office"] | None = None
    ends: Ends | None = None
    from_min: Minute | None = None
    until_min: Minute | None = None


class RouteBody(Exact):
    """What a round shall be: which points (codes, types and filters of the list, a draw), teams, day and aims."""

    points: Codes | None = None
    types: Annotated[list[Text], Field(max_length=100, description="PTnn, identifier or Chinese name")] | None = None
    draw: Code | None = None
    filters: Annotated[dict[str, Any], Field(description="filters of GET /points, also bbox and q")] | None = None
    name: Text | None = None
    day: Annotated[str, Field(max_length=20, description="2026-05-20; today where it is left out")] | None = None
    start: Spot | Literal["office"] | None = None
    end: Spot | Literal["office"] | None = None
    ends: Ends | None = None
    teams: Annotated[int | list[TeamBody], Field(description=f"how many, or which; 1 to {MOST_TEAMS}")] = 1
    hours: Annotated[float, Field(description="hours of work without the break; 0: no limit")] | None = None
    visit_min: Annotated[float | dict[str, float], Field(description="minutes, or by type")] | None = None
    metric: Literal["road", "air"] = "road"
    mode: Literal["walk", "cycle", "drive"] = "walk"
    balance: Literal["shortest", "balanced"] = "shortest"
    must: Codes | None = None
    nice: Codes | None = None
    together: Annotated[list[Codes], Field(max_length=500)] | None = None
    lunch: Annotated[list[Minute] | bool, Field(description="[from, until]; false for none")] | None = None
    seconds: Seconds | None = None
    covert: bool | None = None
    ignore_opening: bool = False
    wait: Annotated[bool, Field(description="false: answer 202 at once and plan in the background")] = True


class ListQuery(Exact):
    """Which rounds."""

    model_config = ConfigDict(strict=False, extra="forbid", populate_by_name=False)

    day: Text | None = None
    since: Annotated[Text | None, Field(alias="from")] = None
    to: Text | None = None
    state: Text | None = None
    person: Text | None = None
    team: Text | None = None
    point: Text | None = None
    draw: Text | None = None
    q: Text | None = None
    limit: Annotated[int, Field(ge=1, le=10_000)] | None = None
    after: Annotated[int, Field(ge=0, le=10**9)] | None = None


class RouteOut(Loose):
    """A round: teams with their order of stops, stops with times and ways, what nobody serves and why, and notes."""

    route: str
    name: str
    day: str
    state: Literal["planning", "planned", "under_way", "finished", "cancelled"]
    total_m: float
    version: int
    notes: list[dict[str, Any]]
    progress: dict[str, Any] | None
    teams: list[dict[str, Any]]
    stops: list[dict[str, Any]]
    unreached: list[dict[str, Any]]


class Routes(Loose):
    """A page of rounds."""

    routes: list[dict[str, Any]]
    next: str | None


class LegFeatures(Loose):
    """Lines of a round."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class Plans(Loose):
    """Earlier plans, newest first."""

    plans: list[dict[str, Any]]


class NoBody(Exact):
    """Nothing needs to be said."""


class MoveBody(Exact):
    """Which stop goes where: the position, from 1, is that after the move; without one, where it costs least."""

    stop: Code
    team: Annotated[int, Field(ge=1, le=MOST_TEAMS, description="the stop's own where it is left out")] | None = None
    position: Annotated[int, Field(ge=1, le=100_000)] | None = None


class StopsBody(Exact):
    """Which stops."""

    stops: Annotated[list[Code], Field(min_length=1, max_length=MOST_STOPS)]


class LockBody(StopsBody):
    """Which stops are locked, or freed."""

    locked: bool = True


class AddBody(Exact):
    """Which points join: at a position of a team, or where each costs least."""

    points: Annotated[list[Code], Field(min_length=1, max_length=MOST_STOPS)]
    team: Annotated[int, Field(ge=1, le=MOST_TEAMS)] | None = None
    position: Annotated[int, Field(ge=1, le=100_000)] | None = None


class ReplanBody(Exact):
    """How the rest is planned: which teams are absent (exactly these), which aim, how long to search."""

    seconds: Seconds | None = None
    absent: Annotated[list[int], Field(max_length=MOST_TEAMS)] | None = None
    balance: Literal["shortest", "balanced"] | None = None
    keep_started: Annotated[bool, Field(description="of a round under way: plan from now on")] = True
    wait: bool = True


class TeamEdit(TeamBody):
    """A team, by its number, with what changes."""

    team: Annotated[int, Field(ge=1, le=MOST_TEAMS)]


class RouteEditBody(Exact):
    """What changes of a round."""

    name: Text | None = None
    day: Annotated[str, Field(max_length=20)] | None = None
    remark: Annotated[str, Field(max_length=2000)] | None = None
    teams: Annotated[list[TeamEdit], Field(max_length=MOST_TEAMS)] | None = None


class CarryBody(Exact):
    """When the next round is; the next working day where nothing is said."""

    day: Annotated[str, Field(max_length=20)] | None = None
    name: Text | None = None
    seconds: Seconds | None = None
