"""Downloads: the list that a page shows, with the same filters, as xlsx, csv or GeoJSON."""

from typing import Any

from flask import Blueprint, Response, make_response, request

from civmap import clock
from civmap.exchange import export, gather
from civmap.web import desk as keeping
from civmap.web import kinds
from civmap.web.access import permission
from civmap.web.api.lists import FILTERS, narrowing, query_model
from civmap.web.api.reading import read_query
from civmap.web.desk import Desk

blueprint = Blueprint("downloads", __name__)
NAMES = {"points": "point", "segments": "segment", "zones": "zone", "units": "unit", "issues": "issue"}


def download(desk: Desk, kind: str, fmt: str) -> Response:
    """Return the features of a list page as a file; its name says what and when, the ledger keeps who took it."""
    asked = narrowing(read_query(query_model(kind, FILTERS[kind]), request), None)
    found = kinds.collect(desk, kind, asked)
    data = export.to_bytes(kind, found.features, fmt, desk.lang)
    with keeping.writing() as session:
        gather.note(session, desk.viewer, kind, len(found.features), fmt, desk.now, _asked(asked))
    response = make_response(data)
    response.headers["Content-Type"] = export.MEDIA_TYPES[fmt]
    day = clock.to_office(desk.now).strftime("%Y%m%d-%H%M")
    response.headers["Content-Disposition"] = f'attachment; filename="civmap-{kind}-{day}.{fmt}"'
    return response


def _asked(asked: kinds.Narrowing) -> dict[str, Any]:
    """Return what narrowed the list, for the ledger."""
    told = {**asked.filters, "bbox": asked.bbox, "q": asked.q, "status": ",".join(asked.status)}
    return {name: value for name, value in told.items() if value}


def _view(kind: str, fmt: str) -> Any:
    def view(desk: Desk) -> Response:
        return download(desk, kind, fmt)

    return permission(("export", NAMES[kind]))(view)


for _kind in NAMES:
    for _fmt in export.FORMATS:
        blueprint.add_url_rule(f"/{_kind}.{_fmt}", f"{_kind}_{_fmt}", _view(_kind, _fmt), methods=["GET"])
