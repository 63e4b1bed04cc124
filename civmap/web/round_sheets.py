"""The route sheet of a round: a small one while the person waits, a long one queued like wall maps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, redirect, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.config import Settings
from civmap.documents import rounds
from civmap.paper import jobs
from civmap.people.rules import Viewer
from civmap.routes import queries
from civmap.routes.models import Stop
from civmap.web import desk as keeping
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api import papers, round_files
from civmap.web.desk import Desk

blueprint = Blueprint("round_sheets", __name__)
KIND = "route_sheet"
DIRECT = 150
"""How many stops a sheet may hold that is made while the person waits."""


@blueprint.get("/routes/<code>/sheet.pdf")
@permission(SIGNED_IN)
def sheet(desk: Desk, code: str) -> Any:
    """Return the sheet of a round; a long one is queued, and a page says how far it is."""
    route = queries.by_code(desk.session, desk.viewer, code)
    desk.viewer.must("export", "route")
    count = desk.session.scalar(select(func.count()).select_from(Stop).where(Stop.route_id == route.id)) or 0
    if count <= DIRECT or request.args.get("wait") == "true":
        return round_files.download(desk, code, "pdf")
    wish = {"document": KIND, "route": route.code, "name": round_files.name(route.code, "pdf"),
            "approval": round_files.approval(desk), "back": f"/routes/{quote(route.code, safe='')}"}
    job = jobs.order(desk.settings.home, desk.viewer.name, wish, lang=desk.lang, at=clock.iso(desk.now))
    with keeping.writing() as session:
        rounds.note(session, desk.viewer, route.code, "pdf", desk.now)
    papers.start(desk)
    return redirect(f"/documents/waiting/{job.id}", 303)


def draw(session: Session, settings: Settings, kept: Mapping[str, Any], viewer: Viewer, now: datetime,
         target: Path, tell: Callable[[float], None]) -> int:
    """Make a queued sheet as its person may see the round now; return of how many stops it is."""
    wish = kept["wish"]
    return rounds.write(session, viewer, wish["route"], target, "pdf", kept["lang"], now, tell, wish["approval"])
