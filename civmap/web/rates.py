"""The rates page and its files: the same lines as `GET /api/v1/rates`, sortable, units in their three groups."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, request

from civmap import dictionaries, texts
from civmap.exchange.layout import Cell
from civmap.issues import rates
from civmap.issues.rates import GROUP_ORDER, RATES, Tally
from civmap.issues.tallying import BY, Found, Line
from civmap.routes import comparing
from civmap.store.listing import Here
from civmap.web import downloads, listing, places
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api import rates as api
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk

blueprint = Blueprint("rates", __name__)
FORMATS = ("xlsx", "csv")
HEAD = ("rectification", "on_time", "overdue", "rework", "recurrence", "handling_hours")
SORTS = ("code", "handed_over", "score", *RATES)
OWN = ("by", "from", "to", "on", "sort", "order")
MOST_SHOWN = 100
"""How many lines a table of the page holds: a city has thousands of shops; the files and the interface name all."""


@blueprint.get("/rates")
@permission(SIGNED_IN)
def index(desk: Desk) -> str:
    """Show the rates of units, divisions, types or classes in a period, with numerators and denominators."""
    by, query, found = _asked(desk)
    sort, is_down = _order(by)
    lines = sorted(found.lines, key=lambda line: line.code)
    lines.sort(key=lambda line: _key(line, sort, is_down), reverse=is_down)
    groups = [(group, some) for group in GROUP_ORDER
              if (some := [line for line in lines if line.placed and line.placed.group == group])]
    groups += [("", some)] if (some := [line for line in lines if line.placed is None]) else []
    return render_template(
        "rates/index.html", by=by, query=query, total=found.total, figures=rates.rates_of(found.total), head=HEAD,
        groups=groups, rates=list(RATES), rates_of=rates.rates_of, words=in_words(desk.lang), sort=sort,
        is_down=is_down, most=MOST_SHOWN,
        newest=comparing.headline(Here(desk.session, desk.viewer, desk.now, desk.now)),
        hidden={name: text for name, text in query.items() if name not in (*OWN, "class", "type", "division")},
        choices={"by": [{"code": one, "name": texts.say(desk.lang, f"rates.by.{one}")} for one in BY],
                 "classes": listing.options(dictionaries.issue_classes(), desk.lang), **places.choices(desk)},
        exports=FORMATS if desk.viewer.may("export", "issue") else [])


def in_words(lang: str) -> Callable[[rates.Rate, str], str]:
    """Return how a figure is written for a reader."""
    return partial(rates.words, hours_are=texts.say(lang, "rates.unit.hours"))


def _asked(desk: Desk) -> tuple[str, dict[str, str], Found]:
    query = {name: text for name, value in request.args.items() if name not in ("sort", "order")
             and (text := value.strip())}
    query.setdefault("by", "unit")
    return query["by"], query, api.found(desk, read_query_values(api.Query, query))


def _order(by: str) -> tuple[str, bool]:
    sort, order = request.args.get("sort", ""), request.args.get("order", "")
    if sort not in SORTS:
        return ("score" if by == "unit" else "handed_over"), True
    return sort, order == "desc"


def _key(line: Line, sort: str, is_down: bool) -> tuple[Any, ...]:
    """Return what a line is sorted by; what has no value stands last both ways."""
    if sort == "code":
        return True, line.code
    value = line.tally.handed_over if sort == "handed_over" else (
        line.placed.score if line.placed else None) if sort == "score" else RATES[sort](line.tally).tenths
    return (value is not None) == is_down, value or 0


def _file(desk: Desk, fmt: str) -> Response:
    """Return what the page shows as a file; the ledger keeps who took it and which."""
    _by, query, found = _asked(desk)
    lines = list(cells(desk.lang, found))
    return downloads.table(desk, "rates", fmt, texts.say(desk.lang, "rates.title"), headings(desk.lang), lines, query,
                           len(found.lines))


def headings(lang: str) -> list[str]:
    """Return the headings of the file: each rate beside its numerator and denominator."""
    found = [texts.say(lang, f"rates.column.{name}") for name in ("group", "rank", "code", "name", "score")]
    found += [texts.say(lang, f"rates.count.{name}") for name in rates.COUNTS]
    for name in RATES:
        said = texts.say(lang, f"rates.rate.{name}")
        unit = texts.say(lang, "rates.hours") if name in rates.IN_HOURS else "%"
        found += [f"{said} ({unit})", f"{said} · {texts.say(lang, 'rates.numerator')}",
                  f"{said} · {texts.say(lang, 'rates.denominator')}"]
    return found


def cells(lang: str, found: Found) -> Iterator[list[Cell]]:
    """Yield the lines of the file in groups, ranked first; the last one is the whole."""
    order = {group: number for number, group in enumerate(GROUP_ORDER)}
    for line in sorted(found.lines, key=lambda one: _place(one, order)):
        placed = line.placed
        yield [texts.say(lang, f"rates.group.{placed.group}") if placed else "",
               placed.rank if placed and placed.rank else "—", line.code, line.name or texts.say(lang, "rates.nobody"),
               _tenths(placed.score if placed else None), *_figures(line.tally)]
    yield [texts.say(lang, "rates.total"), "—", "", "", "—", *_figures(found.total)]


def _place(line: Line, order: dict[str, int]) -> tuple[Any, ...]:
    if line.placed is None:
        return len(order), 0, -line.tally.handed_over, line.code
    return order[line.placed.group], line.placed.rank or 1_000_000, -line.tally.handed_over, line.code


def _figures(tally: Tally) -> list[Cell]:
    counted: list[Cell] = [getattr(tally, name) for name in rates.COUNTS]
    for rate in rates.rates_of(tally).values():
        counted += [_tenths(rate.tenths), rate.numerator, rate.denominator]
    return counted


def _tenths(value: int | None) -> Cell:
    return "—" if value is None else value / 10


def _view(fmt: str) -> Any:
    def view(desk: Desk) -> Response:
        return _file(desk, fmt)

    return permission(("export", "issue"))(view)


for _fmt in FORMATS:
    blueprint.add_url_rule(f"/rates.{_fmt}", f"rates_{_fmt}", _view(_fmt), methods=["GET"])
