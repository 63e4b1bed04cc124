"""Prints: order a wall map or an atlas, ask how far it is, fetch the PDF. Each belongs to the person who ordered it."""

import os
from typing import Annotated, Any, Literal

from flask import send_file
from pydantic import Field

from civmap import clock, texts
from civmap.dictionaries import saying
from civmap.errors import CivmapError, NotAllowed
from civmap.paper import jobs, runner
from civmap.paper.wishes import INCLUDES, Wish
from civmap.store import ledger
from civmap.web import drawing
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, Loose, Text
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

CHILD = "civmap.web.paper_child"
Kind = Literal["points", "segments", "zones", "units", "issues"]
Narrowed = Annotated[dict[str, Annotated[str, Field(max_length=8000)]], Field(max_length=40)]


class PaperWish(Exact):
    """What to print: paper, piece of the city (bbox in degrees, or a zone's code), layers and how they are narrowed."""

    size: Literal["A4", "A3", "A2", "A1", "A0"] = "A3"
    orientation: Literal["landscape", "portrait"] = "landscape"
    title: Text = ""
    bbox: Annotated[list[Annotated[float, Field(ge=-180, le=180)]], Field(min_length=4, max_length=4)] | None = None
    area: Code | None = None
    scale: Annotated[int, Field(ge=200, le=5_000_000)] | None = None
    layers: Annotated[list[Kind], Field(min_length=1, max_length=5)] = Field(
        default_factory=lambda: ["points", "segments", "zones"])
    view: Annotated[dict[Kind, Narrowed], Field(description="per layer the filters of its list")] = Field(
        default_factory=dict)
    codes: Annotated[dict[Kind, Annotated[list[Code], Field(max_length=20_000)]],
                     Field(description="only these, per layer")] = Field(default_factory=dict)
    by: Annotated[str, Field(max_length=40)] = "status"
    breaks: Annotated[list[float], Field(max_length=12)] = Field(default_factory=list)
    include: list[Literal["tables", "names", "ground", "index"]] = Field(default_factory=lambda: list(INCLUDES))
    atlas: Literal["chief", "grid", "unit", "subdistrict"] | None = None


class PaperOut(Loose):
    """How far a print is; `pdf` is the address once it is done, `problem` a sentence where it failed."""

    id: int
    state: Literal["queued", "drawing", "done", "failed"]
    progress: int
    sheets: int | None
    pdf: str | None
    problem: str | None


def shown(desk: Desk, job: jobs.Job) -> dict[str, Any]:
    """Return a print as programs read it."""
    told = job.state()
    is_done = told["state"] == jobs.DONE
    return {"id": job.id, "state": told["state"], "progress": int(told.get("progress", 0)),
            "sheets": told.get("sheets"), "bytes": told.get("bytes"),
            "pdf": f"{PREFIX}/papers/{job.id}.pdf" if is_done else None,
            "code": told.get("code"), "problem": _sentence(desk.lang, told)}


def _sentence(lang: str, told: dict[str, Any]) -> str | None:
    code = told.get("code")
    if not code:
        return None
    known = code if texts.has(lang, f"error.{code}") else "paper_failed"
    return saying.sentence(lang, CivmapError(known, **told.get("facts", {})))


def start(desk: Desk) -> None:
    """See to it that somebody draws what waits."""
    environ = {**os.environ, "CIVMAP_HOME": str(desk.settings.home), "CIVMAP_DATABASE_URL": desk.settings.database_url,
               "CIVMAP_SECRET_KEY": desk.settings.secret_key}
    runner.start(desk.settings.home, CHILD, environ)


@operation("POST", "/papers", summary="Print a wall map or an atlas", permission=("export", "issue"), tag="papers",
           body=PaperWish, answers={202: PaperOut})
def order(desk: Desk, body: PaperWish) -> Answer:
    """Queue a print and answer at once; the ledger keeps who took what out of the house."""
    wish = drawing.checked(Wish.from_json(body.model_dump()), desk)
    job = jobs.order(desk.settings.home, desk.viewer.name, wish.as_json(), lang=desk.lang, at=clock.iso(desk.now))
    ledger.record(desk.session, desk.viewer.actor, "export", "paper", str(job.id), at=desk.now,
                  after={name: value for name, value in wish.as_json().items() if value})
    start(desk)
    return Answer(shown(desk, job), 202, {"Location": f"{PREFIX}/papers/{job.id}"})


@operation("GET", "/papers/{id}", summary="How far a print is", permission=SIGNED_IN, tag="papers",
           answers={200: PaperOut})
def read(desk: Desk, id: int) -> Answer:
    """Answer state and progress; a print that waits with nobody drawing gets somebody."""
    job = jobs.found(desk.settings.home, id, desk.viewer.name)
    told = shown(desk, job)
    if told["state"] == jobs.QUEUED:
        start(desk)
    return Answer(told)


@operation("GET", "/papers/{id}.pdf", summary="The print itself", permission=SIGNED_IN, tag="papers",
           answers={200: "application/pdf"})
def sheets(desk: Desk, id: int) -> Answer:
    """Answer the PDF; raise NotAllowed while it is not done."""
    job = jobs.found(desk.settings.home, id, desk.viewer.name)
    if job.state()["state"] != jobs.DONE:
        raise NotAllowed("paper_not_ready", state=job.state()["state"])
    wish = job.order()["wish"]
    name = wish.get("name") or f"civmap-{wish['atlas'] or 'map'}-{wish['size']}-{id}.pdf"
    response = send_file(job.sheets, mimetype="application/pdf", as_attachment=True, download_name=name,
                         conditional=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return Answer(response)
