"""Visits: the check list of a point, keep a visit with its findings, change it, make issues of its fails."""

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from civmap.fields import last_moment, moment
from civmap.inspections import actions, checklists, fails, queries, whom
from civmap.points import queries as points
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Body, Code, Longitude, LongText, Loose, Moment, Text
from civmap.web.api.lists import Cursor
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

VISITS = ("create", "visit")
MOST = 1000
Latitude = Annotated[float, Field(ge=-90, le=90)]
Item = Annotated[str, Field(min_length=1, max_length=8, description="a code of the check list, such as E02")]


class FailReport(Body):
    """How a fail is reported; what is left out comes from the item, the point and the cascade.

    `link` is the number of an open issue that it is; without it an open issue of the same item or class at the point is
    taken, unless `new` asks for one more.
    """

    item: Item | None = None
    description: LongText | None = None
    issue_class: Annotated[Text | None, Field(alias="class")] = None
    criterion: Text | None = None
    unit: Text | None = None
    person: Text | None = None
    limit: Text | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    captured_at: Moment | None = None
    link: Code | None = None
    new: bool | None = None


class FindingBody(Body):
    """What one item of the check list was found to be."""

    item: Item
    result: Annotated[str, Field(max_length=10, description="pass, fail or na")]
    remark: LongText | None = None
    report: FailReport | bool | None = None


class ChangeBody(Body):
    """What is found, how it ended, and when; `here`: still at the point, more will follow."""

    outcome: Annotated[str, Field(max_length=12, description="visited (default) or skipped")] | None = None
    left_at: Moment | None = None
    here: bool | None = None
    findings: Annotated[list[FindingBody], Field(max_length=100)] | None = None
    remark: LongText | None = None


class VisitBody(ChangeBody):
    """A visit to a point, on a round or by itself; while its `key` is not left, what is sent again is added to it."""

    key: Code | None = None
    point: Code
    route: Code | None = None
    team: Annotated[int, Field(ge=1, le=1000)] | None = None
    arrived_at: Moment | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=40_000_000)] | None = None


class IssuesBody(Body):
    """For which items issues are wanted: codes, or objects with `item` and how it is reported."""

    items: Annotated[list[Item | FailReport], Field(min_length=1, max_length=100)]


class VisitOut(Loose):
    """A visit: its score rate (per cent, one decimal, null where nothing applied), counts, warnings and issues."""

    visit: int
    point: str
    score_rate: float | None
    passed: int
    failed: int
    not_applicable: int
    warnings: list[str]
    issues: list[dict[str, Any]]


class ChecklistOut(Loose):
    """The items of a point's type in their order, with the class, limit and weight of each, and the last visit."""

    point: str
    type: str
    edition: str
    items: list[dict[str, Any]]
    thresholds: str
    last: dict[str, Any] | None


class VisitsOut(Loose):
    """Visits, newest first."""

    items: list[VisitOut]
    next: str | None


class VisitsQuery(BaseModel):
    """Of which round, of which point, within which days."""

    model_config = ConfigDict(extra="forbid")

    route: Code | None = None
    point: Code | None = None
    since: Annotated[str | None, Field(alias="from", max_length=40)] = None
    until: Annotated[str | None, Field(alias="to", max_length=40)] = None
    limit: Annotated[int, Field(ge=1, le=10_000)] = 100
    after: Cursor | None = None


class ChecklistQuery(BaseModel):
    """With `units`, who answers for each item is told as well."""

    model_config = ConfigDict(extra="forbid")

    units: bool = False


def _shown(desk: Desk, row: Any, status: int = 200) -> Answer:
    headers = versions.etag_of(row)
    if status == 201:
        headers["Location"] = f"{PREFIX}/visits/{row.id}"
    return Answer(queries.told(desk.session, desk.viewer, [row], desk.lang, desk.now)[0], status, headers)


@operation("POST", "/visits", summary="Keep a visit to a point", permission=VISITS, tag="visits", body=VisitBody,
           answers={201: VisitOut}, as_sent=True)
def keep(desk: Desk, body: Any) -> Answer:
    """Keep a visit with its findings; fails that ask for it become issues. The same key again: the same visit."""
    row = actions.keep(desk.session, desk.viewer, body, desk.now, desk.settings.lang)
    return _shown(desk, row, 201)


@operation("GET", "/visits", summary="List visits", permission=SIGNED_IN, tag="visits", query=VisitsQuery,
           answers={200: VisitsOut})
def visits(desk: Desk, query: VisitsQuery) -> Answer:
    """Answer the visits that the viewer sees, newest first."""
    limit = min(query.limit, MOST)
    rows = queries.listed(desk.session, desk.viewer, route=query.route, point=query.point,
                          since=moment(query.since) if query.since else None,
                          until=last_moment(query.until) if query.until else None, limit=limit + 1, after=query.after)
    page = rows[:limit]
    asked = query.model_dump(by_alias=True, exclude_none=True) | {"limit": limit, "after": page[-1].id if page else 0}
    following = f"{PREFIX}/visits?{urlencode(asked)}" if len(rows) > limit else None
    return Answer({"items": queries.told(desk.session, desk.viewer, page, desk.lang, desk.now), "next": following})


@operation("GET", "/visits/{id}", summary="Read a visit", permission=SIGNED_IN, tag="visits",
           answers={200: VisitOut})
def read(desk: Desk, id: int) -> Answer:
    """Answer one visit with its findings."""
    return _shown(desk, queries.by_id(desk.session, desk.viewer, id))


@operation("PUT", "/visits/{id}", summary="Change a visit", permission=VISITS, tag="visits", body=ChangeBody,
           answers={200: VisitOut}, as_sent=True, is_versioned=True)
def change(desk: Desk, id: int, body: Any, version: int) -> Answer:
    """Change findings or words before the round is finished; a fail that led to an issue stays one."""
    if version == versions.ANY_VERSION:
        version = queries.by_id(desk.session, desk.viewer, id).version
    return _shown(desk, actions.change(desk.session, desk.viewer, id, version, body, desk.now,
                                       desk.settings.lang))


@operation("POST", "/visits/{id}/issues", summary="Make issues of fails", permission=VISITS, tag="visits",
           body=IssuesBody, answers={200: VisitOut}, as_sent=True)
def issues(desk: Desk, id: int, body: Any) -> Answer:
    """Make an issue of each asked fail that has none; asked again, nothing more is made."""
    return _shown(desk, actions.make_issues(desk.session, desk.viewer, id, body, desk.now, desk.settings.lang))


@operation("GET", "/points/{code}/checklist", summary="The check list of a point", permission=SIGNED_IN,
           tag="visits", query=ChecklistQuery, answers={200: ChecklistOut})
def checklist(desk: Desk, code: str, query: ChecklistQuery) -> Answer:
    """Answer what is looked at on a point of its type, and what its last visit found."""
    point = points.by_code(desk.session, desk.viewer, code)
    about = points.as_feature(desk.session, desk.viewer, point)["properties"]
    told = checklists.as_json(desk.session, point, desk.lang)
    told |= {name: about[name] for name in ("unit", "unit_name", "address", "open_hours")}
    told["phone"] = about["unit_phone"]
    last = queries.last_of(desk.session, desk.viewer, point.id)
    told["last"] = queries.told(desk.session, desk.viewer, [last], desk.lang, desk.now)[0] if last else None
    known = fails.open_at(desk.session, desk.viewer, point.id, desk.now)
    told["issues"] = checklists.open_issues(known, desk.now)
    told["offers"] = checklists.offered(known, point.type)
    told["may"] = {"visit": desk.viewer.may(*VISITS), "report": desk.viewer.may("report", "issue"),
                   "order": desk.viewer.may("on_site", "issue")}
    if query.units:
        told["whom"] = whom.answering(desk.session, point, {one["class"] for item in told["items"]
                                                            for one in item["classes"]}, desk.now, desk.lang)
    return Answer(told)
