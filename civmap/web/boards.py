"""Sign boards of road chiefs: the PDF for the printer, the page where they are chosen, and the public page of each."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from civmap import texts
from civmap.city import placards
from civmap.documents import boards as printing
from civmap.errors import Invalid, NotFound
from civmap.segments import boards
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.store.base import holds_at
from civmap.store.ledger import record
from civmap.web import desk as keeping
from civmap.web import places
from civmap.web.access import EVERYONE, permission
from civmap.web.desk import Desk

blueprint = Blueprint("boards", __name__)
EDITS = ("edit", "segment")
Chosen = list[RoadSegment]


def chosen(desk: Desk, session: Any) -> Chosen:
    """Return the segments that a form or address names: by code, or all of a road; raise Invalid for none or many."""
    codes = [part.strip() for text in request.values.getlist("segments") for part in text.split(",") if part.strip()]
    road = request.values.get("road", "").strip()
    if (not codes and not road) or len(codes) > printing.MOST:
        raise Invalid("board_selection", field="segments", most=printing.MOST)
    if codes:
        found = [segments.by_code(session, desk.viewer, code) for code in dict.fromkeys(codes)]
    else:
        found = segments.listed(session, desk.viewer, filters={"road": road}, on=desk.now, limit=printing.MOST + 1)
    if not 1 <= len(found) <= printing.MOST:
        raise Invalid("board_selection", field="segments", most=printing.MOST)
    return found


def _pdf(desk: Desk) -> Response:
    size, lay = request.values.get("size", "A3"), request.values.get("lay", "landscape")
    lang = request.values.get("lang") or desk.lang
    if lang not in texts.LANGUAGES:
        raise Invalid("choice_unknown", field="lang", value=lang[:20], known=list(texts.LANGUAGES))
    printing.check(size, lay)
    if request.method == "POST":
        told = _told(desk, desk.session, lang)
    else:
        with keeping.writing() as session:
            told = _told(desk, session, lang)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "boards.pdf"
        printing.write(told, lang, size, lay, target)
        response = make_response(target.read_bytes())
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = 'attachment; filename="civmap-boards.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _told(desk: Desk, session: Any, lang: str) -> list[tuple[boards.Board, str]]:
    """Return what each board says and the address of its code, made where there is none; the ledger keeps the print."""
    base = desk.settings.public_url or request.url_root.rstrip("/")
    city = desk.identity.city.name if desk.identity.city else ""
    told = []
    for row in chosen(desk, session):
        key = placards.placard_for(session, desk.viewer, "segment", row.code, desk.now)
        told.append((boards.board_of(session, row, city, lang, is_online=False), placards.address_of(base, key)))
        record(session, desk.viewer.actor, "print", "segment", row.code, at=desk.now, after={"paper": "board"})
    return told


blueprint.add_url_rule("/segments/boards.pdf", "pdf", permission(EDITS)(_pdf), methods=["GET", "POST"])


@blueprint.get("/segments/boards")
@permission(EDITS)
def index(desk: Desk) -> str:
    """Choose which boards are printed, on what sheet, and what the city writes on them."""
    road = request.args.get("road", "").strip()
    rows = segments.listed(desk.session, desk.viewer, filters={"road": road}, on=desk.now,
                           limit=printing.MOST) if road else []
    kept = boards.customs.kept(desk.session, boards.NAME)
    page = {"value": boards.custom(desk.session).as_json(), "version": kept.version,
            "may": desk.viewer.may("manage", "city")}
    return render_template("boards/index.html", road=road, rows=rows, streets=places.choices(desk)["streets"],
                           sizes=list(printing.SIZES), lays=printing.LAYS, page=page,
                           chosen=request.args.get("segments", ""))


@blueprint.get("/board/<key>")
@permission(EVERYONE)
def show(desk: Desk, key: str) -> Response:
    """Show what a board says to anybody who scanned its code; nothing else, and no private number."""
    placard = placards.by_key(desk.session, key)
    row = None if placard is None or placard.kind != "segment" else desk.session.query(RoadSegment).filter(
        RoadSegment.code == placard.code, holds_at(RoadSegment, desk.now)).one_or_none()
    if row is None:
        raise NotFound("placard_not_found", field="key")
    city = desk.identity.city.name if desk.identity.city else ""
    board = boards.board_of(desk.session, row, city, desk.lang, is_online=True)
    hidden = any(one.phone is None and chief.phone for one, chief in
                 zip(board.chiefs, sorted(row.chiefs, key=lambda each: each.level), strict=True))
    middle = row.geom.interpolate(0.5, normalized=True)
    response = make_response(render_template("boards/public.html", board=board, is_hiding=hidden,
                                             spot=f"17/{middle.y:.5f}/{middle.x:.5f}"))
    response.headers["X-Robots-Tag"] = "noindex"
    return response
