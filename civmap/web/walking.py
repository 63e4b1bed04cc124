"""The phone page of a round, and the check list of one point without one: a page made to be kept by the phone."""

from typing import Any

from flask import Blueprint, render_template, request

from civmap.points import queries as points
from civmap.routes import queries as routes
from civmap.routes import walking
from civmap.web import context
from civmap.web.access import permission
from civmap.web.desk import Desk

blueprint = Blueprint("walking", __name__)
VISITS = ("create", "visit")


@blueprint.get("/routes/<code>/go")
@permission(VISITS)
def go(desk: Desk, code: str) -> str:
    """Show the round of a team stop by stop; the data comes by `/api/v1/routes/CODE/walk`, which the phone keeps."""
    route = routes.by_code(desk.session, desk.viewer, code)
    walking.must_walk(desk.session, desk.viewer, route)
    team = request.args.get("team", "")
    page = {"route": route.code, "team": int(team) if team.isascii() and team.isdigit() and len(team) < 5 else None}
    return _shown(desk, page, route.name or route.code)


@blueprint.get("/points/<code>/check")
@permission(VISITS)
def check(desk: Desk, code: str) -> str:
    """Show the check list of a point without a round."""
    point = points.by_code(desk.session, desk.viewer, code)
    return _shown(desk, {"point": point.code}, point.name or point.code)


def _shown(desk: Desk, page: dict[str, Any], title: str) -> str:
    words = context.words_js(desk.lang, "walk.")
    return render_template("walking/go.html", page=page, title=title, words=words)
