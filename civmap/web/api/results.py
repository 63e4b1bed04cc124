"""Score rates: what a round found, and what all visits found by point, type, street, unit, check item and round."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from civmap import dictionaries
from civmap.inspections import scoring
from civmap.inspections.scoring import Asked, Line
from civmap.routes import comparing
from civmap.routes.results import results
from civmap.store.listing import Here
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.lists import TOLD, AsOf, Words
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class ScoresQuery(BaseModel):
    """By what, visited in which period, at which points; without `by` only the whole is told."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["point", "type", "street", "division", "unit", "item", "round"] | None = None
    first: Annotated[AsOf | None, Field(alias="from", description="from a day or moment on")] = None
    last: Annotated[AsOf | None, Field(alias="to", description="until a day (its end) or moment, inclusive")] = None


Query: type[ScoresQuery] = create_model("ScoresFilterQuery", __base__=ScoresQuery, **{
    name: (TOLD.get(name, Words) | None, None) for name in scoring.FILTERS})  # type: ignore[call-overload]


class ScoresOut(Loose):
    """The whole and its parts, the weakest first; `mean` is over points, `observed` passes over observations."""

    total: dict[str, Any]
    rows: list[dict[str, Any]]


class ResultOut(Loose):
    """What a round found: its score beside the last round's, types, items, points × items, fails, teams, what is left.

    Each rate is `{value, numerator, denominator, text}`; `value` is null where there is nothing to divide by.
    """

    route: str
    score: dict[str, Any]
    before: dict[str, Any] | None
    points: list[dict[str, Any]]
    unfinished: list[dict[str, Any]]


def asked(query: ScoresQuery) -> Asked:
    """Return what a query asks for."""
    filters = {name: value for name in scoring.FILTERS if (value := getattr(query, name)) is not None}
    return Asked(query.by, query.first, query.last, filters)


def found(desk: Desk, query: ScoresQuery) -> dict[str, Any]:
    """Return the scores that a query asks for, as the viewer may count them; raise Invalid."""
    here, wanted = Here(desk.session, desk.viewer, desk.now, desk.now), asked(query)
    if query.by is None:
        rows = []
    elif query.by == "round":
        rows = comparing.trend(here, wanted)
    else:
        rows = [row(line, query.by, desk.lang) for line in scoring.lines(here, wanted, desk.lang)]
    return {"by": query.by, "from": query.first, "to": query.last, "rows": rows,
            "total": scoring.total(here, Asked(None, query.first, query.last, wanted.filters)).as_json()}


def row(line: Line, by: str, lang: str) -> dict[str, Any]:
    """Return a line as programs read it; a point also tells its type."""
    told = {"code": line.code, "name": line.name, **line.tally.as_json()}
    if by != "point":
        return told
    kind = dictionaries.point_types().get(line.type)
    return {**told, "type": line.type, "type_name": kind.name(lang) if kind else line.type}


@operation("GET", "/scores", summary="Score rates with numerators and denominators", permission=SIGNED_IN,
           tag="rounds", query=Query, answers={200: ScoresOut})
def scores(desk: Desk, query: ScoresQuery) -> Answer:
    """Answer the score rates of `domain.md` §7 over the visits that the viewer may know of."""
    return Answer(found(desk, query))


@operation("GET", "/routes/{code}/results", summary="What a round found", permission=SIGNED_IN, tag="rounds",
           answers={200: ResultOut})
def result(desk: Desk, code: str) -> Answer:
    """Answer the result of a round, as far as the viewer sees its points."""
    return Answer(results(desk.session, desk.viewer, code, desk.lang, desk.now))
