"""The page of who answers for what: the cascade, the table of owners, the decisions; tried on the map before saving."""

from typing import Any

from flask import Blueprint, render_template

from civmap import dictionaries
from civmap.maps import shell
from civmap.web import context, headers, map
from civmap.web.access import permission
from civmap.web.api import cascade, duties
from civmap.web.desk import Desk

blueprint = Blueprint("responsibility", __name__)


@blueprint.get("/responsibility")
@permission(("dispatch", "issue"))
def show(desk: Desk) -> str:
    """Show how this city finds who answers, to those who dispatch; administrators change it."""
    known = cascade.shown(desk)
    city = desk.identity.city or context.NO_CITY
    page = {**map.ground_facts(desk), "bounds": list(city.frame), "kind": "responsibility", "lang": desk.lang,
            "cascade": known.body, "etag": known.headers["ETag"], "can_edit": desk.viewer.may("manage", "city"),
            "classes": _named(dictionaries.issue_classes(), desk.lang),
            "categories": _named(dictionaries.duty_categories(), desk.lang),
            "duties": duties.duties(desk, duties.ListQuery()).body["items"],
            "rulings": duties.listed_rulings(desk, duties.ListQuery()).body["items"]}
    return render_template("responsibility/show.html", page=page, shell=shell.build(city.frame, nonce=headers.nonce()))


def _named(table: Any, lang: str) -> list[dict[str, str]]:
    return [{"code": code, "name": entry.name(lang)} for code, entry in table.items()]
