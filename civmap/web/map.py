"""The map."""

from typing import Any

from flask import Blueprint, render_template, request

from civmap import clock, dictionaries
from civmap.issues import changes, rules
from civmap.issues.measures import OF_KIND
from civmap.maps import shell
from civmap.paper import frames, scales
from civmap.paper import sizes as paper
from civmap.web import context, ground, headers, kinds, mine, picture
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api.operations import OPERATIONS
from civmap.web.desk import Desk
from civmap.web.release import release

blueprint = Blueprint("map", __name__)
Rows = list[dict[str, Any]]


@blueprint.get("/")
@permission(SIGNED_IN)
def index(desk: Desk) -> str:
    """Show the map of the city."""
    page = page_facts(desk)
    first, later = picture.modules(page)
    return render_template("map/index.html", page=page, mine=mine.own(desk, page["counts"]), first=first, later=later,
                           shell=shell.build(page["bounds"], nonce=headers.nonce(), release=release()),
                           data=picture.data(page, request.args))


def page_facts(desk: Desk) -> dict[str, Any]:
    """Return what the map's modules need to know before they ask for data."""
    identity, lang = desk.identity, desk.lang
    may = context.abilities(desk.viewer)
    return {
        **ground_facts(desk), "counts": kinds.counts(desk), **tables(lang), "zone_kinds": _zone_kinds(desk),
        "may": {"report": may["report"], "draw": may["draw"], "visit": may["visit"], **_leave(desk)},
        "user": {"name": desk.viewer.name, "unit": identity.unit_code or None, "role": desk.viewer.role}, "lang": lang,
        "tiles_from": desk.settings.tiles_from, "measures": {kind: list(names) for kind, names in OF_KIND.items()},
        "zone_ops": zone_operations() if may["draw"] else [], "paper": charts(),
        "cursor": changes.newest(desk.session).text, "at": clock.iso(desk.now),
    }


def zone_operations() -> list[str]:
    """Return what can be done with zones here (split, merge, …): the drawing desk shows a button for each."""
    return sorted({entry.path.rsplit("/", 1)[1] for entry in OPERATIONS
                   if entry.method == "POST" and entry.path.startswith("/zones/") and entry.is_built})


def charts() -> dict[str, Any]:
    """Return how large the map is on each sheet, in millimetres, and the round scales: the page shows the frame."""
    sizes = {f"{size}-{way}": [[round(box.width, 2), round(box.height, 2)] for box in (
        frames.frames(paper.paper(size, way), with_tables=full).map for full in (True, False))]
        for size in paper.SIZES for way in paper.ORIENTATIONS}
    return {"charts": sizes, "steps": list(scales.STEPS)}


def _leave(desk: Desk) -> dict[str, Any]:
    """Return which kinds the viewer may take out of the house, and which verbs of issues the role has."""
    viewer = desk.viewer
    return {"export": [kind for kind in (*kinds.KINDS, "issues") if viewer.may("export", kind.removesuffix("s"))],
            "verbs": [verb for verb in rules.BUILT if viewer.may(verb, "issue")],
            "on_site": viewer.may("on_site", "issue"), "round": viewer.may("create", "route")}


def ground_facts(desk: Desk) -> dict[str, Any]:
    """Return the frame of the city and whom to thank for the ground."""
    city = desk.identity.city or context.NO_CITY
    return {"bounds": list(city.frame), "attribution": city.attribution, "grounds": ground.rows(desk)}


def tables(lang: str) -> dict[str, Rows]:
    """Return the dictionaries that the map's filters and panels name things by."""
    criteria = dictionaries.filing_criteria()
    return {
        "point_types": _named(dictionaries.point_types(), lang),
        "road_classes": _named(dictionaries.road_classes(), lang),
        "unit_kinds": _named(dictionaries.unit_kinds(), lang),
        "issue_states": [{"code": state.code, "name": state.name(lang), "is_open": state.is_open}
                         for state in dictionaries.issue_states().values()],
        "issue_classes": [{"code": entry.code, "name": entry.name(lang), "group": entry.group(lang),
                           "criteria": _named({one.code: one for one in criteria.get(entry.code, ())}, lang)}
                          for entry in dictionaries.issue_classes().values()],
    }


def _named(table: Any, lang: str) -> Rows:
    return [{"code": entry.code, "name": entry.name(lang)} for entry in table.values()]


def _zone_kinds(desk: Desk) -> Rows:
    """Return the kinds of zones with how many this viewer sees, those in use first."""
    counted = kinds.zones_by_kind(desk)
    rows = [{"code": kind.code, "name": kind.name(desk.lang), "count": counted.get(kind.code, 0),
             "must_tile": kind.must_tile, "forbids_overlap": kind.forbids_overlap}
            for kind in dictionaries.zone_kinds().values()]
    return sorted(rows, key=lambda row: row["count"] == 0)
