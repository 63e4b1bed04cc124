"""Pages of issues: the register, and one issue with its steps and verbs."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template

from civmap import dictionaries
from civmap.calendar import Limit
from civmap.clock import parse_moment
from civmap.geo.measure import distance_m, frame_around
from civmap.issues import queries, showing
from civmap.web import detail, documents, kinds, listing, places, versions
from civmap.web.about import about_issue
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.kinds import Narrowing

blueprint = Blueprint("issues", __name__)
DUPLICATE_M, DUPLICATE_SPAN = 30.0, timedelta(hours=24)


@blueprint.get("/issues")
@permission(SIGNED_IN)
def index(desk: Desk) -> Any:
    """List the issues that the viewer sees, newest first."""
    choices = {
        "states": listing.options(dictionaries.issue_states(), desk.lang),
        "classes": listing.options(dictionaries.issue_classes(), desk.lang), "units": listing.units(desk),
        "types": listing.options(dictionaries.point_types(), desk.lang),
        **places.choices(desk),
    }
    return listing.show(desk, "issues", choices)


@blueprint.get("/issues/<no>")
@permission(SIGNED_IN)
def show(desk: Desk, no: str) -> str:
    """Show one issue: what, where, who answers and why, photos, and what may be done now."""
    row = queries.by_no(desk.session, desk.viewer, no, desk.now)
    issue = _named(desk, showing.as_json(desk.session, row, desk.viewer, desk.lang, desk.now))
    (feature,) = showing.features(desk.session, [row], desk.viewer, desk.lang, desk.now)
    etag = versions.etag(row.version)
    facts = {name: issue[name] for name in ("issue_no", "state", "class", "lon", "lat", "unit", "unit_name")}
    known = about_issue(desk, row)
    return render_template("issues/show.html", issue=issue, entries=known["history"], about=known, etag=etag,
                           verbs=issue["allowed"], near=_near(desk, issue), papers=documents.of_issue(desk, no),
                           **detail.small_map(desk, "issues", feature, issue={**facts, "etag": etag}))


def _named(desk: Desk, issue: dict[str, Any]) -> dict[str, Any]:
    state, entry = dictionaries.issue_states()[issue["state"]], dictionaries.issue_classes()[issue["class"]]
    issue.update(state_name=state.name(desk.lang), class_group=entry.group(desk.lang), closing=entry.closing(desk.lang))
    if issue["limit"]:
        limit = Limit.parse(issue["limit"])
        issue["limit_name"] = f"{limit.amount:g} {dictionaries.limit_units()[limit.unit].name(desk.lang)}"
    for photo in issue["photos"]:
        photo["kind_name"] = dictionaries.photo_kinds()[photo["kind"]].name(desk.lang)
    return issue


def _near(desk: Desk, issue: dict[str, Any]) -> list[dict[str, Any]]:
    """Return open issues of the same class within 30 m and 24 h: possible duplicates (`domain.md` §4, rule 12)."""
    spot = (issue["lon"], issue["lat"])
    asked = Narrowing(bbox=frame_around(spot, DUPLICATE_M), filters={"class": issue["class"], "open": "true"})
    found = [feature["properties"] for feature in kinds.collect(desk, "issues", asked).features]
    moment = parse_moment(issue["reported_at"])
    return [other for other in found if other["issue_no"] != issue["issue_no"]
            and distance_m(spot, (other["lon"], other["lat"])) <= DUPLICATE_M
            and abs(parse_moment(other["reported_at"]) - moment) <= DUPLICATE_SPAN]
