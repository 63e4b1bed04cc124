"""The inbox: the page on which each role begins its day."""

from typing import Any

from flask import Blueprint, render_template, request

from civmap.web import context, map
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api import inbox
from civmap.web.desk import Desk

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
    return render_template("inbox/index.html", inbox=found, page=page)
