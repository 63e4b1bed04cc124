"""What the panel tells about one thing beside its facts."""

from typing import Any

from civmap.issues import queries
from civmap.web.about import about, about_issue, standing
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS, Kind
from civmap.web.replies import Answer


class AboutIssueOut(Loose):
    """People, pairs of photos before and after, the steps so far."""

    people: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    history: list[dict[str, Any]]


class AboutOut(Loose):
    """Rectification rate with its numerator and denominator, last visit, people, what lies around, inside and near."""

    rate: dict[str, Any]
    last_visit: str | None
    people: list[dict[str, Any]]


class StandingOut(Loose):
    """Open, due soon and overdue issues, and the rectification rate with numerator and denominator, as they are now."""

    open: int
    due_soon: int
    overdue: int
    rate: dict[str, Any]


@operation("GET", "/standing", summary="How everything stands now: the numbers of a wall screen", permission=SIGNED_IN,
           tag="issues", answers={200: StandingOut})
def stand(desk: Desk) -> Answer:
    """Answer the counts of all issues that the viewer sees."""
    return Answer(standing(desk))


@operation("GET", "/issues/{no}/about", summary="What is known around an issue: people, photos, steps",
           permission=SIGNED_IN, tag="issues", answers={200: AboutIssueOut})
def tell_issue(desk: Desk, no: str) -> Answer:
    """Answer what the panel tells about an issue beside its facts."""
    return Answer(about_issue(desk, queries.by_no(desk.session, desk.viewer, no, desk.now)))


def _register(kind: Kind) -> None:
    def tell(desk: Desk, code: str) -> Answer:
        return Answer(about(desk, kind.name, kind.queries.by_code(desk.session, desk.viewer, code)))

    operation("GET", f"/{kind.name}/{{code}}/about", summary=f"What is known around a {kind.one}: people, rates, near",
              permission=SIGNED_IN, tag=kind.name, answers={200: AboutOut})(tell)


for _kind in KINDS.values():
    _register(_kind)
