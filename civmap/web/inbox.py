"""The inbox: the page on which each role begins its day."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from civmap.inbox.notifications import mark_read
from civmap.web import context, map
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api import inbox, notifications
from civmap.web.desk import Desk
from civmap.zones import pledges

blueprint = Blueprint("inbox", __name__)
LONGEST = 30


@blueprint.get("/inbox")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """Show what waits for the viewer, the most urgent first."""
    found = inbox.facts(desk, request.args.get("queue", "")[:LONGEST] or None)
    states = map.tables(desk.lang)["issue_states"]
    page = {"inbox": found, "issue_states": states, "user": {"name": desk.viewer.name, "role": desk.viewer.role},
            "may": {"report": context.abilities(desk.viewer)["report"]}}
    due = pledges.counts(desk.session, desk.viewer, desk.now) if desk.viewer.role == "subdistrict_clerk" else {}
    return render_template("inbox/index.html", inbox=found, page=page, pledges=due)


@blueprint.get("/notifications")
@permission(SIGNED_IN)
def notes(desk: Desk) -> str:
    """Show what happened to issues that concern the viewer."""
    return render_template("inbox/notifications.html", notes=notifications.facts(desk))


@blueprint.post("/notifications/read")
@permission(SIGNED_IN)
def read(desk: Desk) -> Response:
    """Take everything that is shown as read."""
    line = request.form.get("line", "")
    is_line = line.isascii() and line.isdigit() and len(line) < 10
    mark_read(desk.session, desk.viewer, int(line) if is_line else None)
    return make_response(redirect("/notifications", 303))
