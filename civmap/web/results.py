"""The page of what a round found, the page of score rates with their trend, and both as files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from civmap import clock, dictionaries, texts
from civmap.exchange.layout import Cell
from civmap.inspections import scoring
from civmap.routes.comparing import FINISHED
from civmap.routes.results import results
from civmap.web import downloads, listing, places, versions
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api import results as api
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk

blueprint = Blueprint("results", __name__)
FORMATS = ("xlsx", "csv")
CARRIES_FROM = ("planned", "under_way", "finished")
MOST_ROWS = 200
MOST_LINES = 100
BY = (*scoring.BY, "round")


@blueprint.get("/routes/<code>/result")
@permission(SIGNED_IN)
def result(desk: Desk, code: str) -> str:
    """Show what a round found, beside the round before it."""
    told = results(desk.session, desk.viewer, code, desk.lang, desk.now)
    can_carry = desk.viewer.may("create", "route") and told["state"] in CARRIES_FROM and bool(
        told["unfinished"]) and not told["after"]
    return render_template(
        "results/result.html", told=told, office_time=_clocked, etag=versions.etag(told["version"]),
        matrices=matrices(told, desk.lang), can_carry=can_carry,
        next_day=_next_day(told["day"], clock.office_day(desk.now)), most=MOST_ROWS,
        exports=FORMATS if desk.viewer.may("export", "route") else [])


def _next_day(of: str, today: date) -> str:
    """Return the first day that is neither over nor that of the round itself."""
    return (max(today, date.fromisoformat(of)) + timedelta(days=1)).isoformat()


def matrices(told: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """Return points × items by type, the weakest type first; the items in the order of the type's check list."""
    kinds, known = dictionaries.point_types(), dictionaries.check_items()
    tables = []
    for kind in told["types"]:
        points = [point for point in told["points"] if point["type"] == kind["type"] and point["findings"]]
        seen = {item for point in points for item in point["findings"]}
        listed = kinds[kind["type"]].check_items if kind["type"] in kinds else ()
        codes = [*(code for code in listed if code in seen), *sorted(seen - set(listed))]
        items = [{"code": code, "name": known[code].name(lang) if code in known else code} for code in codes]
        if items:
            tables.append({**kind, "items": items, "rows": sorted(
                points, key=lambda point: (point["rate"]["value"] is None, point["rate"]["value"] or 0.0))})
    return tables


@blueprint.get("/scores")
@permission(SIGNED_IN)
def scores(desk: Desk) -> str:
    """Show the score rates by point, type, street, unit or check item, with their trend over the rounds."""
    query, told = _asked(desk)
    trend = api.found(desk, _read({**query, "by": "round"}))["rows"]
    return render_template(
        "results/scores.html", told=told, query=query, trend=trend, chart=chart(trend), most=MOST_LINES,
        choices={"by": [{"code": one, "name": texts.say(desk.lang, f"scores.by.{one}")} for one in BY],
                 "types": listing.options(dictionaries.point_types(), desk.lang), **places.choices(desk)},
        exports=FORMATS if desk.viewer.may("export", "point") else [])


def chart(trend: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the trend as places in a drawing 1,000 wide and 240 high; None where there is nothing to compare."""
    some = [row for row in trend if row["mean"]["value"] is not None and row["state"] == FINISHED]
    if len(some) < 2:
        return None
    lowest = min(row["mean"]["value"] for row in some)
    floor = min(80.0, max(0.0, 10 * (lowest // 10) - 10))

    def height(value: float) -> float:
        return round(20 + 190 * (100.0 - value) / (100.0 - floor), 1)

    wide = 860 / (len(some) - 1)
    spots = [{**row, "x": round(100 + wide * place, 1), "y": height(row["mean"]["value"])}
             for place, row in enumerate(some)]
    return {"spots": spots, "path": " ".join(f"{spot['x']},{spot['y']}" for spot in spots),
            "lines": [{"y": height(value), "value": f"{value:g}"} for value in (100.0, (100.0 + floor) / 2, floor)]}


def _asked(desk: Desk) -> tuple[dict[str, str], dict[str, Any]]:
    query = {name: text for name, value in request.args.items() if (text := value.strip())}
    query.setdefault("by", "type")
    return query, api.found(desk, _read(query))


def _read(query: Mapping[str, str]) -> Any:
    return read_query_values(api.Query, dict(query))


def _say(desk: Desk, *keys: str) -> list[str]:
    return [texts.say(desk.lang, f"result.column.{key}") for key in keys]


def _scores_file(desk: Desk, fmt: str) -> Response:
    """Return the lines of the page as a file: each rate beside its numerator and denominator."""
    query, told = _asked(desk)
    heads = _say(desk, "code", "name", "points", "visits", "passed", "failed", "not_applicable", "mean", "mean_of",
                 "mean_points", "observed", "observed_of", "observed_all")
    lines = [[row.get("code", row.get("route")), row["name"], *_figures(row)] for row in told["rows"]]
    lines.append([texts.say(desk.lang, "scores.total"), "", *_figures(told["total"])])
    return downloads.table(desk, "scores", fmt, texts.say(desk.lang, "scores.title"), heads, lines, query,
                           len(told["rows"]))


def _figures(row: Mapping[str, Any]) -> list[Cell]:
    return [row["points"], row["visits"], row["passed"], row["failed"], row["not_applicable"],
            *_rate(row["mean"]), *_rate(row["observed"])]


def _rate(rate: Mapping[str, Any] | None) -> list[Cell]:
    if rate is None:
        return ["—", "—", "—"]
    return ["—" if rate["value"] is None else rate["value"], rate["numerator"], rate["denominator"]]


def _result_file(desk: Desk, code: str, fmt: str) -> Response:
    """Return the points of a round as a file, one column for each check item."""
    told = results(desk.session, desk.viewer, code, desk.lang, desk.now)
    known = dictionaries.check_items()
    items = [item for item in known if any(item in point["findings"] for point in told["points"])]
    heads = [*_say(desk, "code", "name", "type", "team", "state", "rate", "rate_of", "rate_all", "before", "change",
                   "planned_at", "arrived_at", "left_at", "who", "issues", "remark"),
             *(f"{item} {known[item].name(desk.lang)}" for item in items)]
    lines = list(_result_lines(desk, told, items))
    title = texts.say(desk.lang, "result.title")
    return downloads.table(desk, "result", fmt, title, heads, lines, {"route": code})


def _result_lines(desk: Desk, told: Mapping[str, Any], items: Sequence[str]) -> Iterator[list[Cell]]:
    issues: dict[str, list[str]] = {}
    for fail in told["fails"]:
        if fail["issue"]:
            issues.setdefault(fail["point"], []).append(fail["issue"]["issue_no"])
    marks = {name: texts.say(desk.lang, f"result.mark.{name}") for name in ("pass", "fail", "na")}
    left = {one["code"]: one for one in told["unfinished"]}
    for point in told["points"]:
        reason = left[point["code"]]["reason"] if point["code"] in left else point["remark"]
        yield [point["code"], point["name"], point["type_name"], point["team"],
               texts.say(desk.lang, f"result.state.{point['state']}"), *_rate(point["rate"]),
               _rate(point["before"])[0], "—" if point["change"] is None else point["change"],
               *(_moment(point[name]) for name in ("planned_at", "arrived_at", "left_at")), point["who"] or "",
               " ".join(issues.get(point["code"], [])), reason,
               *(marks.get(point["findings"].get(item, ""), "") for item in items)]
    for one in told["unfinished"]:
        if one["team"] is None:
            yield [one["code"], one["name"], one["type_name"], "", one["why_name"], *["—"] * 5, *[""] * 5,
                   one["reason"], *[""] * len(items)]


def _moment(text: str | None) -> str:
    return clock.to_office(clock.parse_moment(text)).strftime("%Y-%m-%d %H:%M") if text else ""


def _clocked(text: str | None) -> str:
    """Return a moment as the hour and minute of the office's day."""
    return clock.to_office(clock.parse_moment(text)).strftime("%H:%M") if text else "—"


def _scores_view(fmt: str) -> Any:
    def view(desk: Desk) -> Response:
        return _scores_file(desk, fmt)

    return permission(("export", "point"))(view)


def _result_view(fmt: str) -> Any:
    def view(desk: Desk, code: str) -> Response:
        return _result_file(desk, code, fmt)

    return permission(("export", "route"))(view)


for _fmt in FORMATS:
    blueprint.add_url_rule(f"/scores.{_fmt}", f"scores_{_fmt}", _scores_view(_fmt), methods=["GET"])
    blueprint.add_url_rule(f"/routes/<code>/result.{_fmt}", f"result_{_fmt}", _result_view(_fmt), methods=["GET"])
