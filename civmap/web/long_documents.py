"""Papers that take longer than a person waits: queued like wall maps, with a page that says how far they are."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, render_template
from sqlalchemy.orm import Session

from civmap import clock
from civmap.config import Settings
from civmap.documents import printing
from civmap.documents.house import House
from civmap.exchange import gather
from civmap.issues import customs
from civmap.paper import jobs
from civmap.people.rules import Viewer
from civmap.web import documents
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api import papers
from civmap.web.api.lists import FILTERS, narrowing, query_model
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk

blueprint = Blueprint("long_documents", __name__)
DIRECT = 80
"""How many issues a PDF may hold that is made while the person waits."""


def order(desk: Desk, kind: str, said: Mapping[str, str], own: Mapping[str, str], count: int) -> Any:
    """Queue a PDF and lead to the page that says how far it is; the ledger keeps who took it and which."""
    at = clock.to_office(desk.now).strftime("%Y%m%d-%H%M")
    wish = {"document": kind, "said": dict(said), "own": dict(own), "address": documents.house(desk).address,
            "name": f"civmap-{kind}-{at}.pdf"}
    job = jobs.order(desk.settings.home, desk.viewer.name, wish, lang=desk.lang, at=clock.iso(desk.now))
    documents.noting(desk, lambda session: gather.note(session, desk.viewer, kind, count, "pdf", desk.now, said))
    papers.start(desk)
    return redirect(f"/documents/waiting/{job.id}", 303)


@blueprint.get("/documents/waiting/<int(max=2147483647):number>")
@permission(SIGNED_IN)
def waiting(desk: Desk, number: int) -> Response | str:
    """Show how far a paper is; once it is done, the way to it."""
    job = jobs.found(desk.settings.home, number, desk.viewer.name)
    told = papers.shown(desk, job)
    if told["state"] == jobs.QUEUED:
        papers.start(desk)
    wish = job.order()["wish"]
    return render_template("documents/waiting.html", told=told, kind=wish.get("document"), back=wish.get("back"),
                           is_running=told["state"] in (jobs.QUEUED, jobs.DRAWING))


def draw(session: Session, settings: Settings, kept: Mapping[str, Any], viewer: Viewer, now: datetime,
         target: Path, tell: Callable[[float], None]) -> int:
    """Make a queued paper as its person may see it now; return of how many issues it is."""
    from civmap.city.queries import the_city

    wish, lang = kept["wish"], kept["lang"]
    customs.speak(session)
    query = read_query_values(query_model("issues", FILTERS["issues"]), wish["said"])
    made = documents.wish_of(lang, wish["document"], "pdf", narrowing(query, None), wish["own"])
    house = House(the_city(session).name, settings.photos, wish["address"], viewer, now)
    return printing.write(session, wish["document"], made, "pdf", target, house, tell)
