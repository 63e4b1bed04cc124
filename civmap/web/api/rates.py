"""Rates: what the office publishes of units, divisions, types and classes, narrowed like every list of issues."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from civmap import clock
from civmap.clock import iso
from civmap.issues import rates, tallying
from civmap.issues.tallying import PERIOD, Asked, Line, Tally
from civmap.mirror import rating
from civmap.store.listing import Here
from civmap.web import mirrored
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.lists import FILTERS, TOLD, AsOf, Words, frame
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class RatesQuery(BaseModel):
    """By what, in which period (handed over; for the filing rate: reported), as of when; then the filters of issues."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["unit", "division", "type", "class"] | None = None
    first: Annotated[AsOf | None, Field(alias="from", description="from a day or moment on")] = None
    last: Annotated[AsOf | None, Field(alias="to", description="until a day (its end) or moment, inclusive")] = None
    on: AsOf | None = None
    bbox: Annotated[str, Field(max_length=120, description="west,south,east,north in degrees")] | None = None


class RatesOut(Loose):
    """The whole and its parts, the largest first; `score` and `rank` (null below 5 issues) are of units only."""

    at: str
    total: dict[str, Any]
    rows: list[dict[str, Any]]


NAMES = [name for name in FILTERS["issues"] if name not in PERIOD]
Query: type[RatesQuery] = create_model("RatesFilterQuery", __base__=RatesQuery, **{
    name: (TOLD.get(name, Words) | None, None) for name in NAMES})  # type: ignore[call-overload]


def found(desk: Desk, query: RatesQuery) -> tallying.Found:
    """Return the tallies that a query asks for, as the viewer may count them; raise Invalid."""
    at = clock.as_of(clock.parse_asked(query.on) if query.on else None, desk.now)
    filters = {name: value for name in NAMES if (value := getattr(query, name)) is not None}
    asked = Asked(query.by, query.first, query.last, filters, frame(query.bbox) if query.bbox else None)
    return tallying.tally(Here(desk.session, desk.viewer, desk.now, at), asked, desk.lang,
                          rating.over(mirrored.mirror()))


@operation("GET", "/rates", summary="Rates with numerators and denominators", permission=SIGNED_IN, tag="live",
           query=Query, answers={200: RatesOut})
def read(desk: Desk, query: RatesQuery) -> Answer:
    """Answer the rates of `domain.md` §7 for what the viewer sees."""
    told = found(desk, query)
    at = clock.as_of(clock.parse_asked(query.on) if query.on else None, desk.now)
    return Answer({"by": query.by, "from": query.first, "to": query.last, "at": iso(at),
                   "total": as_json(told.total), "rows": [row(line) for line in told.lines]})


def row(line: Line) -> dict[str, Any]:
    """Return a line as programs read it."""
    placed = line.placed
    place = {"group": placed.group, "score": None if placed.score is None else placed.score / 10,
             "rank": placed.rank} if placed else {}
    return {"code": line.code, "name": line.name, **place, **as_json(line.tally)}


def as_json(tally: Tally) -> dict[str, Any]:
    """Return counts and rates of a tally."""
    told = {name: {"value": rate.value, "numerator": rate.numerator, "denominator": rate.denominator,
                   "text": rates.words(rate, name)} for name, rate in rates.rates_of(tally).items()}
    return {**{name: getattr(tally, name) for name in rates.COUNTS}, "rates": told}
