"""The page on which the administrator sets names, limits and windows of the workflow."""

from typing import Any

from flask import Blueprint, render_template

from civmap import dictionaries, texts
from civmap.issues import customs
from civmap.web import versions
from civmap.web.access import permission
from civmap.web.desk import Desk

blueprint = Blueprint("workflow", __name__)
Rows = list[dict[str, Any]]


@blueprint.get("/workflow")
@permission(("manage", "city"))
def show(desk: Desk) -> str:
    """Show the three tables: what is usual, and what this city has of its own."""
    kept = {part: customs.kept(desk.session, part) for part in customs.PARTS}
    page = {"etags": {part: versions.etag(one.version) for part, one in kept.items()}}
    return render_template(
        "workflow/index.html", page=page, windows=_windows(desk, kept[customs.WORKFLOW].value),
        limits=_limits(desk, kept[customs.LIMITS].value), words=_words(desk, kept[customs.WORDING].value),
        units=[{"code": unit.code, "name": unit.name(desk.lang)} for unit in dictionaries.limit_units().values()])


def _windows(desk: Desk, own: dict[str, Any]) -> Rows:
    return [{"key": key, "label": texts.say(desk.lang, f"workflow.{key}"), "usual": usual, "own": own.get(key),
             "is_limit": isinstance(usual, str)} for key, usual in customs.usual(customs.WORKFLOW).items()]


def _limits(desk: Desk, own: dict[str, str]) -> Rows:
    rows = []
    usual = customs.usual(customs.LIMITS)
    for code, entry in dictionaries.issue_classes().items():
        rows.append({"key": code, "name": entry.name(desk.lang), "criterion": None, "usual": usual[code],
                     "own": own.get(code)})
        for one in dictionaries.filing_criteria().get(code, ()):
            key = f"{code}/{one.code}"
            rows.append({"key": key, "name": entry.name(desk.lang), "criterion": one.name(desk.lang),
                         "usual": usual[key], "own": own.get(key)})
    return rows


def _words(desk: Desk, own: dict[str, dict[str, str]]) -> Rows:
    return [{"key": key, "kind": texts.say(desk.lang, f"workflow.kind.{key.split('.')[0]}"), "usual": usual,
             "own": own.get(key, {})} for key, usual in customs.usual(customs.WORDING).items()]
