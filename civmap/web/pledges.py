"""Pledges of zones: their list with bulk renewal, the papers, and the page behind the QR code of a plate."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy import select

from civmap import clock
from civmap.city.placards import address_of, by_key, placard_for
from civmap.documents import pledge_printing, printing
from civmap.documents import pledges as cards
from civmap.errors import Invalid, NotFound
from civmap.people.rules import phone_for
from civmap.store.base import holds_at
from civmap.units.models import Unit
from civmap.web import desk as keeping
from civmap.web import documents
from civmap.web.access import EVERYONE, SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.zones import pledge_rules, pledges, queries
from civmap.zones.models import Zone
from civmap.zones.pledge_terms import terms_of

blueprint = Blueprint("pledges", __name__)
PAGE = 100
TYPES = {"pdf": printing.MEDIA_TYPES["pdf"], "docx": printing.MEDIA_TYPES["docx"]}


@blueprint.get("/pledges")
@permission(SIGNED_IN)
def index(desk: Desk) -> str:
    """List the pledges of a state, those that run out first (expiring) where none is named."""
    state = request.args.get("pledge", "")
    words, after = request.args.get("q", "").strip()[:100], request.args.get("after", "")
    filters = {"kind": "frontage", **({"pledge": state} if state in pledge_rules.STATES else {})}
    rows = queries.listed(desk.session, desk.viewer, q=words or None, filters=filters, limit=PAGE + 1,
                          after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None)
    known = queries.lookup(desk.session, rows[:PAGE])
    shown = [{**queries.properties(row, desk.viewer, known), "id": row.id} for row in rows[:PAGE]]
    return render_template(
        "pledges/index.html", rows=shown, state=state if state in pledge_rules.STATES else "", q=words,
        states=pledges.counts(desk.session, desk.viewer, desk.now),
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        can_edit=desk.viewer.may("edit", "zone"), months=terms_of(desk.session).months,
        done=_count("done"), refused=_count("refused"))


def _count(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


@blueprint.post("/pledges")
@permission(("edit", "zone"))
def act(desk: Desk) -> Any:
    """Perform a verb on the pledges that were ticked, and lead back to where the form was."""
    form = request.form
    months = form.get("months", "").strip()
    if months and not (months.isascii() and months.isdigit() and len(months) < 5):
        raise Invalid("pledge_months", field="months", value=months[:20], most=pledge_rules.MOST_MONTHS)
    said = pledges.Said(int(months) if months else None, pledges.read_day(form.get("signed_on", "").strip()),
                        form.get("reason", "").strip()[:500], form.get("holder", "").strip()[:60] or None)
    codes, verb, back = form.getlist("code"), form.get("verb", ""), form.get("back", "")
    if back == "zone" and len(codes) == 1:
        pledges.act(desk.session, desk.viewer, codes[0], verb, said, None, desk.now, is_checked=False)
        zone = queries.by_code(desk.session, desk.viewer, codes[0])
        return redirect(f"/zones/{zone.code}#pledge", 303)
    done, refused = pledges.act_on_many(desk.session, desk.viewer, codes, verb, said, desk.now)
    state = form.get("pledge", "")
    kept = f"pledge={state}&" if state in pledge_rules.STATES else ""
    return redirect(f"/pledges?{kept}done={len(done)}&refused={len(refused)}", 303)


def told(desk: Desk, code: str) -> dict[str, Any] | None:
    """Return what the page of a zone shows of its pledge, None for zones that take no part."""
    zone = queries.by_code(desk.session, desk.viewer, code)
    state = queries.pledge_state(zone, clock.office_day(desk.now))
    if state is None:
        return None
    verbs = pledge_rules.allowed(state) if desk.viewer.may("edit", "zone") and zone.valid_to is None else []
    if "undo" in verbs and not pledges.can_undo(desk.session, zone):
        verbs.remove("undo")
    return {"state": state, "verbs": verbs, "months": terms_of(desk.session).months,
            "today": clock.office_day(desk.now).isoformat(), "number": zone.pledge_no, "plate": zone.plate_no,
            "signed_on": zone.pledge_signed_on, "expires_on": zone.pledge_expires_on}


def _paper(desk: Desk, sheet: str, fmt: str) -> Response:
    codes = list(dict.fromkeys(part for text in request.values.getlist("code") for part in text.split(",") if part))
    if not codes:
        raise Invalid("pledge_none_chosen", field="code")
    if len(codes) > pledge_printing.MOST:
        raise Invalid("filter_too_long", field="code", count=len(codes), most=pledge_printing.MOST)
    with keeping.writing() as session:
        addresses = _numbered(desk.over(session), codes)
    with keeping.reading() as session:
        found = _cards(desk.over(session), addresses)
    foot = documents.house(desk).foot(desk.lang)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"pledges.{fmt}"
        if fmt == "pdf":
            pledge_printing.write_pdf(found, sheet, desk.lang, target, foot)
        else:
            pledge_printing.write_docx(found, desk.lang, target, foot)
        response = make_response(target.read_bytes())
    at = clock.to_office(desk.now).strftime("%Y%m%d-%H%M")
    response.headers["Content-Type"] = TYPES[fmt]
    response.headers["Content-Disposition"] = f'attachment; filename="civmap-{sheet}-{at}.{fmt}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _numbered(desk: Desk, codes: list[str]) -> dict[str, str]:
    """Give each pledge its number and each plate its key where there was none; return their addresses by code.

    It is a transaction of its own, over before the press begins: a paper takes its time, and nobody waits for it.
    """
    addresses = {}
    for code in codes:
        zone = queries.by_code(desk.session, desk.viewer, code)
        if not pledge_rules.has_pledge(zone.kind, zone.pledge_signed_on):
            raise NotFound("zone_not_found", field="code", code=code)
        pledges.numbered(desk.session, desk.viewer, zone, desk.now)
        placard = placard_for(desk.session, desk.viewer, "zone", zone.code, desk.now)
        addresses[code] = address_of(documents.house(desk).address, placard)
    return addresses


def _cards(desk: Desk, addresses: dict[str, str]) -> list[cards.Card]:
    terms, made = terms_of(desk.session), []
    for code, address in addresses.items():
        zone = queries.by_code(desk.session, desk.viewer, code)
        phone = phone_for(desk.viewer, zone.holder_phone, zone.unit_id) or ""
        made.append(cards.card(desk.session, zone, terms, desk.lang, desk.now, address=address, phone=phone))
    return made


@blueprint.get("/pledge/<key>")
@permission(EVERYONE)
def read(desk: Desk, key: str) -> Any:
    """Show the zone behind the code of a plate to anybody: no person, no phone, no other zone."""
    placard = by_key(desk.session, key)
    zone = None if placard is None or placard.kind != "zone" else desk.session.scalar(
        select(Zone).where(Zone.code == placard.code, holds_at(Zone, desk.now)))
    if zone is None:
        return render_template("pledges/gone.html"), 404
    terms = terms_of(desk.session)
    ground = cards.ground_of(desk.session, zone, desk.lang, desk.now, names=False)
    unit = desk.session.get(Unit, zone.unit_id) if zone.unit_id else None
    day = clock.office_day(desk.now)
    response = make_response(render_template(
        "pledges/read.html", name=zone.name or zone.code, shop=unit.name if unit and unit.kind == "shop" else "",
        door_no=zone.door_no, ground=ground, figure=Markup(ground.figure),
        items=cards.items_of(terms, desk.lang), state=queries.pledge_state(zone, day) or "unsigned",
        expires_on=zone.pledge_expires_on, plate=zone.plate_no or zone.pledge_no, party=cards.party_of(
            desk.session, zone, terms, desk.now)))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _view(sheet: str, fmt: str) -> Any:
    def view(desk: Desk) -> Response:
        return _paper(desk, sheet, fmt)

    return permission(("edit", "zone"))(view)


for _path, _sheet, _fmt in (("/pledges.pdf", "pledge", "pdf"), ("/pledges.docx", "pledge", "docx"),
                            ("/plates.pdf", "plate", "pdf")):
    blueprint.add_url_rule(_path, _path.strip("/").replace(".", "_"), _view(_sheet, _fmt), methods=["GET", "POST"])
