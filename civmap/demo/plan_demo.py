"""Put the whole plan of the demo together: the town, who is there, what is where, and what happened until the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from civmap.calendar import WorkCalendar
from civmap.demo.plan import Town, stream, town
from civmap.demo.plan_answers import Answers
from civmap.demo.plan_issues import IssuePlan, Stage, issues
from civmap.demo.plan_land import Cover, covers
from civmap.demo.plan_names import People
from civmap.demo.plan_places import point_sites, shop_sites, street_sites
from civmap.demo.plan_points import Finder, PointPlan, points
from civmap.demo.plan_roads import Chief, holders_of, road_chiefs
from civmap.demo.plan_shops import Shop, shops
from civmap.demo.plan_times import Times
from civmap.demo.plan_units import Estate, Register, Rooms, UnitPlan, authorities, bureaus, estates, shop_units
from civmap.demo.recipe import Recipe

NOODLE_SPOT = (22.0, 27.5)
CENTRE = (150.0, 60.0)


@dataclass(frozen=True)
class Demo:
    """The plan of everything that is written into the demo's database."""

    seed: int
    day: date
    town: Town
    covers: Sequence[Cover]
    units: Sequence[UnitPlan]
    estates: Sequence[Estate]
    points: Sequence[PointPlan]
    shops: Sequence[Shop]
    holders: Mapping[str, str]  # segment -> unit
    chiefs: Mapping[str, Sequence[Chief]]  # segment -> its chiefs by level
    logins: Mapping[str, Mapping[str, str]]
    issues: Sequence[IssuePlan]
    times: Times


def demo(seed: int, day: date, recipe: Recipe, calendar: WorkCalendar) -> Demo:
    """Plan the demo of a seed and a day; equal arguments give equal plans."""
    place = town(seed, recipe)
    people = People(stream(seed, "people"), recipe.names)
    fronts = shops(stream(seed, "shops", day), day, place.frame, place.rows, place.addresses, recipe.names, people)
    register, rooms = Register(place, people), Rooms(place.houses)
    bureaus(register, rooms, recipe.units)
    authorities(register, rooms, place.areas)
    homes = estates(stream(seed, "estates"), place, register, recipe.names)
    finder = Finder(stream(seed, "finder"), place, rooms, register, homes)
    spots = points(stream(seed, "points"), place, finder, register, recipe.points)
    units = [*register.units, *shop_units(fronts, place)]
    holders = holders_of(stream(seed, "holders"), place)
    chiefs = road_chiefs(place, units, people)
    logins = _logins(recipe, place, fronts)
    times = Times(day, calendar)
    answers = Answers(place, units, spots, fronts, holders, {code: row[-1].name for code, row in chiefs.items()})
    own_segment = logins["chief"]["segment"]
    sites = {
        "point": point_sites(spots),
        "shop": shop_sites(fronts, {1: 14.0}),
        "street": street_sites(place.segments, CENTRE, {own_segment: 6.0}),
    }
    codes = {unit.code: unit for unit in units}
    stage = Stage(place, answers, codes, sites, recipe.troubles, recipe.names["sayings"], logins)
    happened = issues(stream(seed, "issues", day), stage, times, calendar)
    return Demo(
        seed, day, place, covers(stream(seed, "land"), place), units, homes, spots, fronts, holders, chiefs, logins,
        happened, times,
    )  # fmt: skip


def _logins(recipe: Recipe, place: Town, fronts: Sequence[Shop]) -> dict[str, dict[str, str]]:
    """Return the demo logins with role, title, unit, territory and segment; grid, chief and shop meet at one corner."""
    logins = {row["login"]: {**row, "segment": ""} for row in recipe.people}
    grid = place.where.at(*NOODLE_SPOT, "grid")
    if grid is None:
        raise ValueError("the first street lies in no grid")
    logins["grid"]["territory"] = grid.code
    logins["chief"]["segment"] = fronts[0].segment.code
    logins["shop"]["unit"] = f"SH-{fronts[0].number:04d}"
    return logins
