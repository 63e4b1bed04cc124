"""Downloads: the list that a page or the map shows, with the same filters, as a table or geodata.

A long selection (thousands of codes) does not fit into an address: it arrives as the same fields of a posted form.
"""

import io
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, make_response, request

from civmap import clock
from civmap.exchange import export, gather, leaving, point_lists
from civmap.exchange.layout import Cell
from civmap.geo.crs import check_name
from civmap.web import csrf, kinds
from civmap.web import desk as keeping
from civmap.web.access import permission
from civmap.web.api.lists import FILTERS, ListQuery, narrowing, query_model
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk

blueprint = Blueprint("downloads", __name__)
OWN = ("crs", "what", "format", csrf.FIELD)
"""What a download is asked for beside the filters of its list."""
NAMES = {"points": "point", "segments": "segment", "zones": "zone", "units": "unit", "issues": "issue"}


def download(desk: Desk, kind: str, fmt: str) -> Response:
    """Return the features of a list as a file; its name says what and when, the ledger keeps who took it and which."""
    crs = asked_system()
    export.check(kind, fmt, crs)
    asked = narrowing(_query(query_model(kind, FILTERS[kind])), None)
    target = io.BytesIO()
    with keeping.reading() as session:
        found = (part.feature() for part in kinds.parts(desk.over(session), kind, asked))
        mark = leaving.mark(session, desk.viewer, kind, desk.now, desk.lang, crs)
        count = export.write(kind, found, target, fmt, desk.lang, crs, mark)
    note(desk, kind, fmt, count, {**asked.told(), **({"crs": crs} if crs != "wgs84" else {})})
    return file(desk, kind, fmt, target.getvalue())


def asked_system() -> str:
    """Return the coordinate system that a download is asked for in; raise Invalid for an unknown one."""
    written = request.values.get("crs") or "wgs84"
    return check_name(written)


def point_list(desk: Desk, fmt: str) -> Response:
    """Return chosen points as a list for inspection, in the order in which they were chosen."""
    asked = narrowing(_query(query_model("points", FILTERS["points"])), None)
    with keeping.reading() as session:
        features = kinds.collect(desk.over(session), "points", asked).features
    codes = [code.strip() for code in str(asked.filters.get("code") or "").split(",")]
    target = io.BytesIO()
    count = point_lists.write(features, codes, target, fmt, desk.lang, clock.office_day(desk.now))
    note(desk, "points", fmt, count, asked.told())
    return file(desk, point_lists.NAME, fmt, target.getvalue())


def _listing(fmt: str) -> Any:
    def view(desk: Desk) -> Response:
        return point_list(desk, fmt)

    return permission(("export", "point"))(view)


def table(desk: Desk, what: str, fmt: str, title: str, headings: Sequence[str], lines: Sequence[Sequence[Cell]],
          asked: dict[str, Any], count: int | None = None) -> Response:
    """Return a page's table as a file (xlsx or csv); `count` goes into the ledger where it is not that of the lines."""
    content = export.table(fmt, title, headings, lines)
    note(desk, what, fmt, len(lines) if count is None else count, asked)
    return file(desk, what, fmt, content)


def file(desk: Desk, what: str, fmt: str, content: bytes) -> Response:
    """Return a file as a download whose name says what it is and of when."""
    response = make_response(content)
    response.headers["Content-Type"] = export.MEDIA_TYPES[fmt]
    day = clock.to_office(desk.now).strftime("%Y%m%d-%H%M")
    response.headers["Content-Disposition"] = f'attachment; filename="civmap-{what}-{day}.{fmt}"'
    return response


def _query(model: type[ListQuery]) -> ListQuery:
    sent = request.args if request.method == "GET" else request.form
    return read_query_values(model, {name: text for name, text in sent.items() if text != "" and name not in OWN})


def note(desk: Desk, kind: str, fmt: str, count: int, asked: dict[str, Any]) -> None:
    """Write the ledger line: in the transaction of a posted form (which begins here), in one of its own otherwise."""
    if request.method == "POST":
        gather.note(desk.session, desk.viewer, kind, count, fmt, desk.now, asked)
        return
    with keeping.writing() as session:
        gather.note(session, desk.viewer, kind, count, fmt, desk.now, asked)


def _view(kind: str, fmt: str) -> Any:
    def view(desk: Desk) -> Response:
        return download(desk, kind, fmt)

    return permission(("export", NAMES[kind]))(view)


for _kind in NAMES:
    for _fmt in export.FORMATS:
        _name = f"{_kind}_{_fmt}".replace(".", "_")
        blueprint.add_url_rule(f"/{_kind}.{_fmt}", _name, _view(_kind, _fmt), methods=["GET", "POST"])

for _fmt in point_lists.FORMATS:
    blueprint.add_url_rule(f"/points/list.{_fmt}", f"point_list_{_fmt}", _listing(_fmt), methods=["GET", "POST"])
