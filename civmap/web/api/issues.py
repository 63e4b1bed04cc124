"""Issues: report, read, perform the verbs of their life, and add photos."""

from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from civmap.errors import BadInput
from civmap.issues import actions, customs, queries, recurrence, rules, showing
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Body, Code, Longitude, LongText, Loose, Moment, Swappable, Text
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class Report(Body):
    """An issue as it is reported: a class, words, and a place by lon and lat or by a point."""

    issue_class: Annotated[Text, Field(alias="class")]
    description: LongText
    lon: Longitude | None = None
    lat: Swappable | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    point: Code | None = None
    unit: Text | None = None
    person: Text | None = None
    limit: Text | None = None
    address: Text | None = None
    on_site: bool | None = None
    fixed_on_spot: bool | None = None
    criterion: Text | None = None
    captured_at: Moment | None = None


class IssueOut(Loose):
    """An issue; `due_at` is null until it is dispatched, `allowed` names the verbs this viewer may do now.

    `why_not` says by verb why this viewer may not do what the state allows. The answer to a report also names
    `possible_duplicates`: open issues of the same class nearby.
    """

    issue_no: str
    state: str
    due_at: str | None
    assignment: dict[str, Any]


class LedgerOut(Loose):
    """The lines of one issue's ledger, oldest first."""

    items: list[dict[str, Any]]


class Nothing(Body):
    """A verb that needs no words."""


class Verify(Body):
    """Whether the issue is there."""

    exists: bool
    remark: LongText | None = None


class Reason(Body):
    """Why."""

    reason: LongText


class Duplicate(Body):
    """Of which other issue."""

    of: Code


class Dispatch(Body):
    """To whom, and by when."""

    unit: Text | None = None
    assisting: list[Text] | None = None
    person: Text | None = None
    limit: Text | None = None
    designated: bool | None = None
    criterion: Text | None = None


class Start(Body):
    """How the unit means to go about it."""

    plan: LongText | None = None


class Feedback(Body):
    """What was done, with after photos."""

    measure: LongText
    photos: list[int] | None = None


class Check(Body):
    """Whether it is fixed."""

    passed: Annotated[bool, Field(alias="pass")]
    opinion: LongText | None = None
    photos: list[int] | None = None


Decision = Annotated[Text | bool, Field(description="grant or refuse")]


class Suspend(Body):
    """A unit's reason and end date ask, the office's own suspend at once; a decision answers what was asked."""

    reason: LongText | None = None
    until: Moment | None = None
    decision: Decision | None = None


class Plea(Body):
    """A reason asks, a decision (grant or refuse) answers."""

    reason: LongText | None = None
    decision: Decision | None = None


class Supervise(Body):
    """At which level: 1 reminder, 2 supervision, 3 referral."""

    level: Annotated[int, Field(ge=1, le=3)]
    remark: LongText | None = None


VERBS: dict[str, type[Body]] = {
    "verify": Verify, "file": Nothing, "reject": Reason, "duplicate": Duplicate, "dispatch": Dispatch,
    "acknowledge": Nothing, "return": Reason, "start": Start, "feedback": Feedback, "check": Check,
    "suspend": Suspend, "resume": Nothing, "extend": Plea, "appeal": Plea, "supervise": Supervise, "reopen": Reason,
}


def shown(desk: Desk, issue: Any, status: int = 200) -> Answer:
    """Return an issue with its version."""
    headers = versions.etag_of(issue)
    if status == 201:
        headers["Location"] = f"{PREFIX}/issues/{quote(issue.issue_no, safe='')}"
    return Answer(showing.as_json(desk.session, issue, desk.viewer, desk.lang, desk.now), status, headers)


@operation("POST", "/issues", summary="Report an issue", permission=("report", "issue"), tag="issues", body=Report,
           answers={201: IssueOut}, as_sent=True)
def report(desk: Desk, body: Any) -> Answer:
    """Report an issue and answer who is responsible."""
    issue = actions.report(desk.session, desk.viewer, body, desk.now, desk.lang)
    answer = shown(desk, issue, 201)
    answer.body["warnings"] += actions.report_warnings(body, desk.now)
    answer.body["possible_duplicates"] = recurrence.possible_duplicates(
        desk.session, desk.viewer, issue, desk.now, customs.workflow(desk.session))
    return answer


@operation("GET", "/issues/{no}", summary="Read an issue", permission=SIGNED_IN, tag="issues", answers={200: IssueOut})
def read(desk: Desk, no: str) -> Answer:
    """Answer everything the viewer may know of an issue; the ETag also changes with its status."""
    issue = queries.by_no(desk.session, desk.viewer, no, desk.now)
    return shown(desk, issue)


@operation("GET", "/issues/{no}/ledger", summary="Read an issue's ledger", permission=SIGNED_IN, tag="issues",
           answers={200: LedgerOut})
def ledger(desk: Desk, no: str) -> Answer:
    """Answer who did what and when, oldest first."""
    issue = queries.by_no(desk.session, desk.viewer, no, desk.now)
    return Answer({"issue_no": issue.issue_no, "items": showing.timeline(desk.session, issue)})


def _register(verb: str, model: type[Body]) -> None:
    def perform(desk: Desk, no: str, body: Any, version: int) -> Answer:
        if version == versions.ANY_VERSION:
            version = queries.by_no(desk.session, desk.viewer, no, desk.now).version
        issue = actions.perform(desk.session, desk.viewer, no, verb, body, version, desk.now, desk.lang)
        return shown(desk, issue)

    operation("POST", f"/issues/{{no}}/{verb}", summary=f"Perform `{verb}` on an issue", permission=(verb, "issue"),
              tag="issues", body=model, answers={200: IssueOut}, as_sent=True, is_versioned=True)(perform)


for _verb, _model in VERBS.items():
    _register(_verb, _model)


@operation("POST", "/issues/{no}/{verb}", summary="A verb there is not", permission=SIGNED_IN, tag="issues",
           body=Nothing, answers={}, as_sent=True, is_built=False)
def unknown(_desk: Desk, no: str, verb: str, body: Any) -> Answer:
    """Refuse a verb that no issue knows."""
    rules.check_verb(verb)
    raise BadInput("bad_request", no=no, body=body)
