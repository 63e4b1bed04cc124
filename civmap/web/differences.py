"""The page of the difference between two days: both outlines on the map, lists, and files of the same lines."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from civmap import clock, dictionaries, texts
from civmap.dictionaries import saying
from civmap.errors import CivmapError
from civmap.exchange.layout import Cell
from civmap.maps import shell
from civmap.web import context, downloads, headers, listing
from civmap.web import map as city_map
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api import differences as api
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk

blueprint = Blueprint("differences", __name__)
FORMATS = ("xlsx", "csv")
COLUMNS = ("what", "code", "name", "kind", "change", "fields", "before_unit", "after_unit", "before_holder",
           "after_holder", "before_size", "after_size", "gained_m2", "lost_m2")
DAYS = 30


@blueprint.get("/differences")
@permission(SIGNED_IN)
def show(desk: Desk) -> str:
    """Show what differs between two days, the last month where none are named."""
    query, found, problem = _asked(desk), None, None
    try:
        found = api.told(desk, read_query_values(api.DifferencesQuery, query))
    except CivmapError as refusal:
        problem = refusal
    city = desk.identity.city or context.NO_CITY
    page = {**city_map.ground_facts(desk), "bounds": list(city.frame), "kind": "differences", "lang": desk.lang,
            "found": _drawn(found) if found else None}
    kinds = [{"code": one, "name": texts.say(desk.lang, f"differences.{one}")} for one in ("zones", "segments")]
    return render_template(
        "differences/show.html", query=query, found=found, page=page,
        problem=saying.refusal(desk.lang, problem)[0] if problem else None,
        shell=shell.build(city.frame, nonce=headers.nonce()), today=clock.office_day(desk.now).isoformat(),
        choices={"kinds": [*kinds, *listing.options(dictionaries.zone_kinds(), desk.lang)]},
        exports=FORMATS if desk.viewer.may("export", "zone") else [])


def _asked(desk: Desk) -> dict[str, str]:
    query = {name: text for name, value in request.args.items() if (text := value.strip())}
    today = clock.office_day(desk.now)
    query.setdefault("from", (today - timedelta(days=DAYS)).isoformat())
    query.setdefault("to", today.isoformat())
    return query


def _drawn(found: dict[str, Any]) -> dict[str, Any]:
    """Return what the map draws: shapes of both days and the spots that change hands."""
    shapes = [{"code": one["code"], "name": one["name"], "change": one["change"],
               **{side: one[side]["geometry"] if one[side] else None for side in ("before", "after")}}
              for part in ("zones", "segments") for one in found[part]]
    spots = [{"code": one.get("issue_no") or one["code"], "lon": one["lon"], "lat": one["lat"]}
             for part in ("points", "issues") for one in found[part]]
    return {"shapes": shapes, "spots": spots}


def lines(lang: str, found: dict[str, Any]) -> Iterator[list[Cell]]:
    """Yield the lines of the file: things first, then what changes hands."""
    for what, size in (("zones", "area_m2"), ("segments", "length_m")):
        for one in found[what]:
            sides = [one[side] or {} for side in ("before", "after")]
            yield [_say(lang, what), one["code"], one["name"], one["kind_name"], _say(lang, one["change"]),
                   "、".join(_say(lang, f"field.{name}") for name in one["fields"]),
                   *(side.get("unit_name") for side in sides), *(_held(side) for side in sides),
                   *(side.get(size) for side in sides), one.get("gained_m2"), one.get("lost_m2")]
    for one in found["duties"]:
        yield [_say(lang, "duties"), one["class"] or one["category"], one["name"], one["territory"],
               _say(lang, one["change"]), "", *_units(one)]
    for what, code in (("points", "code"), ("issues", "issue_no")):
        for one in found[what]:
            yield [_say(lang, what), one[code], one.get("class_name") or one.get("name"), "", _say(lang, "hands"), "",
                   *_units(one)]


def _held(side: dict[str, Any]) -> str | None:
    return "、".join(side["chiefs"]) if "chiefs" in side else side.get("holder")


def _units(one: dict[str, Any]) -> list[str | None]:
    return [(one[side] or {}).get("unit_name") for side in ("before", "after")]


def _say(lang: str, key: str) -> str:
    return texts.say(lang, f"differences.{key}")


def _file(desk: Desk, fmt: str) -> Response:
    query = _asked(desk)
    found = list(lines(desk.lang, api.told(desk, read_query_values(api.DifferencesQuery, query))))
    heads = [_say(desk.lang, f"column.{name}") for name in COLUMNS]
    return downloads.table(desk, "differences", fmt, _say(desk.lang, "title"), heads, found, query)


def _view(fmt: str) -> Any:
    def view(desk: Desk) -> Response:
        return _file(desk, fmt)

    return permission(("export", "zone"))(view)


for _fmt in FORMATS:
    blueprint.add_url_rule(f"/differences.{_fmt}", f"differences_{_fmt}", _view(_fmt), methods=["GET"])
