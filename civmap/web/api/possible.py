"""What a viewer could do with many issues at once, and why not with some: the preview of a bulk action."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from civmap.dictionaries import saying
from civmap.issues import queries, rules, standing
from civmap.issues.models import Issue
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

MOST = 200


class PossibleQuery(BaseModel):
    """Which issues."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=14_000, description=f"issue numbers by comma, the first {MOST} count")]


class PossibleOut(Loose):
    """Per issue its version and per verb that the role knows null, or the reason in words."""

    items: list[dict[str, Any]]


@operation("GET", "/issues.possible", summary="What could be done with these issues, and why not", permission=SIGNED_IN,
           tag="issues", query=PossibleQuery, answers={200: PossibleOut})
def possible(desk: Desk, query: PossibleQuery) -> Answer:
    """Answer the verbs of each issue that the viewer sees; one that is not answered is not there for them."""
    numbers = [number for number in query.code.split(",") if number][:MOST]
    verbs = [verb for verb in rules.BUILT if desk.viewer.may(verb, "issue")]
    rows = desk.session.query(Issue).where(Issue.issue_no.in_(numbers), queries.visible(desk.viewer, desk.now)).all()
    known, stand = queries.names(desk.session, rows), standing.of_many(desk.session, rows, desk.now)
    return Answer({"verbs": verbs, "items": [
        {"issue_no": row.issue_no, "state": row.state, "etag": versions.etag(row.version),
         "unit": unit.code if (unit := known.units.get(row.unit_id or 0)) else None,
         "verbs": {verb: _why_not(desk, verb, stand[row.id]) for verb in verbs}} for row in rows]})


def _why_not(desk: Desk, verb: str, issue: rules.Standing) -> str | None:
    """Return the sentence of the refusal that the verb would meet now, or None."""
    problem = rules.refusal(desk.viewer, verb, issue)
    return saying.refusal(desk.lang, problem)[0] if problem else None
