"""Pages of issues: the register, and one issue with its steps and verbs."""

from typing import Any

from flask import Blueprint, render_template

from civmap import dictionaries
from civmap.assignment import wording
from civmap.calendar import Limit
from civmap.issues import customs, queries, recurrence, showing
from civmap.issues.models import Issue
from civmap.web import detail, documents, doing, listing, places, trail, versions
from civmap.web.about import about_issue
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("issues", __name__)


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
    facts = {name: issue[name] for name in ("issue_no", "state", "class", "lon", "lat", "unit", "unit_name",
                                            "criterion", "supervision_level")}
    known = about_issue(desk, row)
    return render_template("issues/show.html", issue=issue, entries=known["history"], about=known, etag=etag,
                           why_me=_why_me(desk, row),
                           doing=doing.buttons(desk, issue), near=_near(desk, row), papers=documents.of_issue(desk, no),
                           **detail.small_map(desk, "issues", feature,
                                              issue={**facts, "etag": etag, **doing.facts(desk, issue)}))


def _why_me(desk: Desk, row: Issue) -> str | None:
    """Return why this unit answers, said to the unit itself; None for everybody else."""
    claims = showing.kept_answer(row, desk.viewer).claims
    if not claims or row.unit_id not in desk.viewer.unit_ids or claims[0].unit.id != row.unit_id:
        return None
    return wording.why_me(claims[0], desk.lang)


PEOPLE = ("reported_by", "asked_by", "first_by", "second_by", "granted_by")


def _say_people(desk: Desk, issue: dict[str, Any]) -> None:
    """Call the people of an issue, of its requests and of its suspensions by their names."""
    said = [issue, *issue["pleas"], *issue["suspensions"]]
    names = trail.full_names(desk, {one.get(field) for one in said for field in PEOPLE})
    for one in said:
        one.update({field: names[one[field]] for field in PEOPLE if one.get(field) in names})


def _named(desk: Desk, issue: dict[str, Any]) -> dict[str, Any]:
    _say_people(desk, issue)
    state, entry = dictionaries.issue_states()[issue["state"]], dictionaries.issue_classes()[issue["class"]]
    issue["stage"] = state.stage or 1
    issue.update(state_name=state.name(desk.lang), class_group=entry.group(desk.lang), closing=entry.closing(desk.lang))
    if issue["limit"]:
        limit = Limit.parse(issue["limit"])
        issue["limit_name"] = f"{limit.amount:g} {dictionaries.limit_units()[limit.unit].name(desk.lang)}"
    for photo in issue["photos"]:
        photo["kind_name"] = dictionaries.photo_kinds()[photo["kind"]].name(desk.lang)
    return issue


def _near(desk: Desk, row: Issue) -> list[dict[str, Any]]:
    """Return open issues of the same class near in place and time: possible duplicates (`domain.md` §4, rule 12)."""
    name = dictionaries.issue_classes()[row.class_code].name(desk.lang)
    found = recurrence.possible_duplicates(desk.session, desk.viewer, row, desk.now, customs.workflow(desk.session))
    return [{**one, "class_name": name} for one in found]
