"""The balanced plan: filed issues to the nearest units that have room; shown first, then carried out."""

from typing import Annotated, Any

from pydantic import Field

from civmap.assignment import weights
from civmap.errors import Invalid
from civmap.issues import planned
from civmap.web import versions
from civmap.web.api.bodies import Code, Exact, Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

READ = ("dispatch", "issue")


class PlanBody(Exact):
    """Which filed issues: by number, or by the filters of the lists; `carry_out` with the plan's hash dispatches."""

    issues: Annotated[list[Code], Field(max_length=planned.MOST)] | None = None
    filters: dict[str, str] | None = None
    issue_class: Annotated[str | None, Field(alias="class", max_length=1000)] = None
    carry_out: bool = False
    hash: Annotated[str, Field(max_length=64)] | None = None


class PlanOut(Loose):
    """The plan; after carrying out also what came of each issue (`told`)."""

    hash: str
    moves: list[dict[str, Any]]
    unserved: list[dict[str, Any]]
    total_m: float
    units: list[dict[str, Any]]


class WeightsBody(Exact):
    """How much room an issue takes, by class; 1 where nothing is said."""

    value: dict[str, int]


class WeightsOut(Loose):
    """The weights and their version."""

    value: dict[str, int]
    version: int


@operation("POST", "/assignment/plan", summary="Plan many filed issues within the units' capacity, or carry a plan out",
           permission=READ, tag="assignment", body=PlanBody, answers={200: PlanOut})
def plan(desk: Desk, body: PlanBody) -> Answer:
    """Answer a plan, writing nothing; with `carry_out` and its hash, dispatch and tell per issue."""
    if body.carry_out and not body.hash:
        raise Invalid("plan_hash_missing", field="hash")
    filters = {**(body.filters or {}), **({"class": body.issue_class} if body.issue_class else {})}
    found = planned.make(desk.session, desk.viewer, desk.now, numbers=body.issues, filters=filters)
    shown = planned.as_json(found)
    if body.carry_out:
        shown["told"] = planned.carry_out(desk.session, desk.viewer, found, str(body.hash), desk.now, desk.lang)
    return Answer(shown)


def _weights(desk: Desk) -> Answer:
    found = weights.weights_of(desk.session)
    return Answer({"value": found.value, "version": found.version}, headers={"ETag": versions.etag(found.version)})


@operation("GET", "/assignment/weights", summary="How much room an issue of a class takes at its unit",
           permission=READ, tag="assignment", answers={200: WeightsOut})
def read_weights(desk: Desk) -> Answer:
    """Answer the weights with their version."""
    return _weights(desk)


@operation("PUT", "/assignment/weights", summary="Change how much room an issue of a class takes",
           permission=("manage", "city"), tag="assignment", body=WeightsBody, answers={200: WeightsOut},
           is_versioned=True)
def save_weights(desk: Desk, body: WeightsBody, version: int) -> Answer:
    """Keep the weights."""
    if version == versions.ANY_VERSION:
        version = weights.weights_of(desk.session).version
    weights.save(desk.session, desk.viewer, body.value, version, desk.now)
    return _weights(desk)
