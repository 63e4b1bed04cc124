"""Commands that answer questions: who answers for a spot, for many spots, and when a limit runs out."""

from collections.abc import Iterator
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import Invalid, NotFound

ANY_CLASS = "X2199"


@frame.command("assign")
@click.option("--at", "spot", required=True, type=frame.SPOT, metavar="LON,LAT", help="The spot in degrees.")
@click.option("--class", "class_code", default=ANY_CLASS, metavar="CODE", help="Issue class: code or identifier.")
@click.option("--on", metavar="DATE", help="As of which day or moment; default now.")
@click.option("--accuracy-m", type=click.FloatRange(0, 100_000), metavar="N", help="Accuracy of the spot.")
@click.option("--point", metavar="CODE", help="The point the issue is linked to.")
def assign(spot: tuple[float, float], class_code: str, on: str | None, accuracy_m: float | None,
           point: str | None) -> None:
    """Tell who answers for this spot, and why."""
    from civmap.assignment import queries, wording
    from civmap.city.queries import the_city
    from civmap.geo.validity import check_spot

    with frame.reading() as session:
        place = check_spot(*spot, the_city(session).frame)
        found = wording.as_json(queries.answer(session, place, class_code, on=frame.moment(on),
                                               accuracy_m=accuracy_m, point_code=point), frame.language())
    frame.answer(found, lambda: _told(found))


def _told(found: dict[str, Any]) -> Iterator[str]:
    unit = found["unit"]
    yield f"{unit['code']} {unit['name']}" if unit else frame.say("cli.assign.nobody")
    yield found["reason"]
    if found["ambiguous"]:
        yield frame.say("cli.assign.ambiguous")
    for claim in found["claims"][1:]:
        named = claim["unit"]["name"] if claim["unit"] else "—"
        metres = "" if claim["distance_m"] is None else f" {claim['distance_m']:.0f} m"
        yield f"  · {named}{metres} ({claim['basis']}) {claim['reason']}"


@frame.command("deadline")
@click.option("--limit", "limit_text", required=True, metavar='"2 work_day"', help="An amount and its unit.")
@click.option("--from", "start", required=True, metavar="MOMENT", help="When the clock starts; office time.")
@click.option("--pause", "pauses", multiple=True, metavar="FROM/TO",
              help="A span in which the clock stands still; FROM/ for one without an end.")
@click.option("--factor", type=click.FloatRange(0.01, 100), default=1.0, metavar="F", help="Campaign factor.")
def deadline(limit_text: str, start: str, pauses: tuple[str, ...], factor: float) -> None:
    """Tell when a limit runs out in working time."""
    from civmap import calendar, clock

    days, begins = _office_calendar(), _exactly(start, "from")
    due = calendar.due_at(calendar.Limit.parse(limit_text).times(factor), begins, days, [_pause(one) for one in pauses])
    for year in calendar.unknown_years(begins, due, days):
        frame.tell("cli.deadline.unknown_year", year=year)
    frame.answer({"due_at": clock.iso(due), "warnings": calendar.warnings_of(begins, due, days)},
                 lambda: [f"{clock.to_office(due):%Y-%m-%d %H:%M:%S}"])


def _office_calendar() -> Any:
    """Return the working time of the city, or the usual one where there is no city."""
    from civmap.calendar import WorkCalendar
    from civmap.city.hours import office_calendar

    try:
        with frame.reading() as session:
            return office_calendar(session)
    except NotFound as problem:
        if problem.code != "no_city":
            raise
        return WorkCalendar()


def _pause(text: str) -> tuple[Any, Any]:
    begin, sign, end = text.partition("/")
    if not sign:
        raise Invalid("pause_unreadable", field="pause", value=text)
    since = _exactly(begin, "pause")
    until = _exactly(end, "pause") if end.strip() else None
    if until is not None and until <= since:
        raise Invalid("pause_unreadable", field="pause", value=text)
    return since, until


def _exactly(text: str, field: str) -> Any:
    from civmap import clock

    try:
        return clock.parse_moment(text)
    except ValueError as problem:
        raise Invalid("moment_unreadable", field=field, value=text[:40]) from problem


@frame.command("coverage")
@click.option("--kind", metavar="KIND", help="frontage, grid, estate, subdistrict or community; default all.")
def coverage(kind: str | None) -> None:
    """List overlaps, gaps and things without an answerable unit."""
    from civmap import clock
    from civmap.coverage.queries import found
    from civmap.people.rules import OFFICE

    with frame.reading() as session:
        result = found(session, OFFICE, clock.now(), kind)
    frame.answer(result, lambda: (f"{frame.say(f'cli.coverage.{name}')} {len(rows)}" for name, rows in result.items()))


COMMANDS = {"coverage": coverage, "assign": assign, "deadline": deadline}
