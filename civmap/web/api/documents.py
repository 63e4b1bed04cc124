"""Papers for programs: lists and the register as files, numbered papers to issue, to list and to fetch."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from civmap.documents import actions, printing, queries
from civmap.web import documents
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, LongText, Loose, Text
from civmap.web.api.lists import FILTERS, query_model
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

Kind = Literal["dispatch_sheet", "rectification", "supervision"]
Lang = Annotated[Literal["zh", "en"], Field(description="language of the paper; default the asker's")]
DocumentQuery: Any = create_model(
    "DocumentQuery", __base__=query_model("issues", FILTERS["issues"]),
    group=(Annotated[Literal["point", "unit"], Field(description="a table per point or per unit")] | None, None),
    photos=(Annotated[Literal["pictures", "links"], Field(
        description="small pictures (default; at most 2,000 issues) or addresses (default of the register as table)")]
        | None, None),
    lang=(Lang | None, None))


class NoticeQuery(BaseModel):
    """Which numbered papers are asked for."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    unit: Code | None = None
    issue: Code | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[int, Field(ge=0, le=2**31 - 1, description="the id of the last one that was read")] | None = None


class PrintQuery(BaseModel):
    """In which language a numbered paper is printed."""

    model_config = ConfigDict(extra="forbid")

    lang: Lang | None = None


class NoticeOrder(Exact):
    """A paper to issue to one unit about its issues; without own words it carries the usual ones.

    `supervision` takes one issue and a level: it supervises the issue, which makes the notice.
    """

    kind: Kind
    issues: Annotated[list[Code], Field(min_length=1, max_length=actions.MOST_ISSUES)]
    unit: Code | None = None
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    basis: LongText = ""
    demand: LongText = ""
    reply: Text = ""
    consequence: LongText = ""
    signer: Text = ""
    office: Text = ""


class NoticeOut(Loose):
    """A numbered paper: what it is, to whom, when, about how many issues, and its files."""

    id: int
    number: str
    kind: str
    level: int | None
    unit: str | None
    unit_name: str | None
    issued_at: str
    issued_by: str
    issue_count: int
    files: dict[str, str]


class NoticesOut(Loose):
    """Numbered papers, newest first, and the address of the older ones."""

    notices: list[NoticeOut]
    next: str | None


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "files": {fmt: f"{PREFIX}/notices/{row['id']}.{fmt}" for fmt in printing.FORMATS}}


def _listing(kind: str, fmt: str) -> None:
    def work(desk: Desk, query: Any) -> Answer:
        own = {name: value for name in documents.OWN if (value := getattr(query, name))}
        base = query.model_copy(update={})
        asked = query_model("issues", FILTERS["issues"]).model_validate(
            {name: value for name, value in base.model_dump(exclude_none=True).items() if name not in documents.OWN})
        return Answer(documents.listed(desk, kind, fmt, asked, own))

    operation("GET", f"/documents/{kind}.{fmt}", summary=f"The {kind.replace('_', ' ')} as {fmt}",
              permission=("export", "issue"), tag="documents", query=DocumentQuery,
              answers={200: printing.MEDIA_TYPES[fmt].split(";")[0]})(work)


def _printing(fmt: str) -> None:
    def work(desk: Desk, id: int, query: PrintQuery) -> Answer:
        return Answer(documents.numbered(desk, id, fmt, query.lang))

    operation("GET", f"/notices/{{id}}.{fmt}", summary=f"A numbered paper as {fmt}", permission=("export", "issue"),
              tag="documents", query=PrintQuery, answers={200: printing.MEDIA_TYPES[fmt]})(work)


for _kind in printing.KINDS:
    for _fmt in printing.FORMATS_OF[_kind]:
        _listing(_kind, _fmt)
for _fmt in printing.FORMATS:
    _printing(_fmt)


@operation("POST", "/notices", summary="Issue a numbered paper to a unit", permission=("supervise", "issue"),
           tag="documents", body=NoticeOrder, answers={201: NoticeOut})
def issue(desk: Desk, body: NoticeOrder) -> Answer:
    """Answer the paper under its new number."""
    words = tuple((name, getattr(body, name).strip()) for name in actions.WORDS)
    order = actions.Order(body.kind, body.issues, body.unit, words, body.level)
    notice = actions.issue(desk.session, desk.viewer, order, desk.now)
    (row,) = queries.told(desk.session, [notice])
    numbers = queries.issue_numbers(desk.session, notice)
    return Answer({**_shown(row), "issues": numbers}, 201, {"Location": f"{PREFIX}/notices/{notice.id}"})


@operation("GET", "/notices", summary="List numbered papers", permission=SIGNED_IN, tag="documents",
           query=NoticeQuery, answers={200: NoticesOut})
def index(desk: Desk, query: NoticeQuery) -> Answer:
    """Answer the papers that the viewer sees, newest first."""
    rows = queries.listed(desk.session, desk.viewer, desk.now, queries.Asked(
        query.kind, query.unit, query.issue, query.limit, query.after))
    asked = {"kind": query.kind, "unit": query.unit, "issue": query.issue, "limit": query.limit}
    following = None
    if len(rows) == query.limit:
        told = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        following = f"{PREFIX}/notices?{told}&after={rows[-1]['id']}"
    return Answer({"notices": [_shown(row) for row in rows], "next": following})


@operation("GET", "/notices/{id}", summary="A numbered paper", permission=SIGNED_IN, tag="documents",
           answers={200: NoticeOut})
def read(desk: Desk, id: int) -> Answer:
    """Answer one paper with its issues."""
    notice = queries.by_id(desk.session, desk.viewer, id, desk.now)
    (row,) = queries.told(desk.session, [notice])
    return Answer({**_shown(row), "issues": queries.issue_numbers(desk.session, notice)})
