"""Pages about people: signing in and out, the language, one's password, and the list that the administrator keeps."""

import csv
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from sqlalchemy import select

from civmap import dictionaries, resources
from civmap.errors import CivmapError, NotSignedIn
from civmap.fields import plain_text
from civmap.people import actions
from civmap.people.models import Person
from civmap.texts import LANGUAGES
from civmap.units.models import Unit
from civmap.web import access, csrf, errors, headers, language, throttle
from civmap.web.access import EVERYONE, SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("people", __name__)
FIRST_PAGE = "/inbox"
YEAR_SECONDS = 31_536_000
LONGEST = 200
FULL_NAME_LENGTH = 60


@blueprint.get("/login")
@permission(EVERYONE)
def login(desk: Desk) -> Any:
    """Show the form; whoever is signed in goes on."""
    wanted = _wanted(request.args.get("next"))
    if desk.identity.is_signed_in:
        return redirect(wanted)
    return _login_page(wanted)


def _wanted(target: str | None) -> str:
    """Return where to go after signing in: a link that was asked for, else what waits for the one who comes in."""
    wanted = access.same_origin(target)
    return FIRST_PAGE if wanted == "/" else wanted


def _login_page(wanted: str, problem: CivmapError | None = None, name: str = "") -> Response:
    shown = errors.shown(problem, errors.language()) if problem else None
    status = errors.status_of(problem) if problem else 200
    page = render_template("people/login.html", next=wanted, problem=shown, name=name, demo_logins=_demo_logins())
    return make_response(page, status)


def _demo_logins() -> list[dict[str, str]]:
    """Return the accounts of the invented district, which anybody may try; none in a real city."""
    city = g.identity.city
    if city is None or not city.is_demo:
        return []
    roles, lang = dictionaries.roles(), errors.language()
    with (resources.folder("geodata") / "demo" / "people.csv").open(encoding="utf-8-sig", newline="") as table:
        return [{"name": row["login"], "password": row["password"], "role_name": roles[row["role"]].name(lang)}
                for row in csv.DictReader(table)]


@blueprint.post("/login")
@throttle.guessing
@permission(EVERYONE)
def sign_in(desk: Desk) -> Response:
    """Check name and password, and give the browser its cookie."""
    wanted = _wanted(request.form.get("next"))
    name, password = request.form.get("name", "").strip()[:LONGEST], request.form.get("password", "")
    try:
        _person, secret = actions.sign_in(desk.session, name, password[:LONGEST * 5], desk.now)
    except NotSignedIn as problem:
        return _login_page(wanted, problem, name)
    if desk.identity.cookie:
        actions.sign_out(desk.session, desk.identity.cookie)
    return _with_cookie(make_response(redirect(wanted, 303)), secret)


def _with_cookie(response: Response, secret: str) -> Response:
    response.set_cookie(access.COOKIE, secret, max_age=actions.SIGN_IN_DAYS * 86_400, httponly=True, samesite="Lax",
                        secure=headers.is_https())
    response.delete_cookie(csrf.PRE_COOKIE)
    return response


@blueprint.post("/logout")
@permission(EVERYONE)
def sign_out(desk: Desk) -> Response:
    """End this browser's sign-in: the row goes, so a copied cookie is worth nothing."""
    if desk.identity.cookie:
        actions.sign_out(desk.session, desk.identity.cookie)
    response = make_response(redirect("/login", 303))
    response.delete_cookie(access.COOKIE)
    return response


@blueprint.post("/language")
@permission(EVERYONE)
def choose_language(desk: Desk) -> Response:
    """Switch the language of this browser, and of the person who is signed in."""
    response = make_response(redirect(access.same_origin(request.form.get("next")), 303))
    lang = request.form.get("lang", "")
    if lang in LANGUAGES:
        response.set_cookie(language.COOKIE, lang, max_age=YEAR_SECONDS, httponly=True, samesite="Lax",
                            secure=headers.is_https())
        if desk.identity.is_signed_in:
            actions.choose_language(desk.session, desk.viewer.name, lang)
    return response


@blueprint.get("/password")
@permission(SIGNED_IN)
def password(desk: Desk) -> str:
    """Show the form for a new password."""
    return render_template("people/password.html", problem=None, is_required=desk.identity.must_change_password)


@blueprint.post("/password")
@throttle.guessing
@permission(SIGNED_IN)
def change_password(desk: Desk) -> Response:
    """Replace one's own password; all other browsers are signed out, this one gets a fresh cookie."""
    old, new = (request.form.get(name, "")[:LONGEST * 5] for name in ("old", "new"))
    try:
        actions.change_password(desk.session, desk.viewer, old, new, desk.now)
    except CivmapError as problem:
        shown = errors.shown(problem, desk.lang)
        page = render_template("people/password.html", problem=shown, is_required=desk.identity.must_change_password)
        return make_response(page, errors.status_of(problem) if not isinstance(problem, NotSignedIn) else 422)
    _person, secret = actions.sign_in(desk.session, desk.viewer.name, new, desk.now)
    return _with_cookie(make_response(redirect(FIRST_PAGE, 303)), secret)


@blueprint.get("/people")
@permission(("manage", "person"))
def index(desk: Desk) -> str:
    """List the people with role and scope."""
    return _people_page(desk)


def _people_page(desk: Desk, problem: CivmapError | None = None, added: dict[str, str] | None = None) -> str:
    rows = desk.session.execute(select(Person, Unit.name, Unit.code).outerjoin(Unit, Unit.id == Person.unit_id)
                                .order_by(Person.role, Person.name)).all()
    roles = dictionaries.roles()
    people = [{"name": person.name, "full_name": person.full_name, "role": person.role,
               "role_name": roles[person.role].name(desk.lang), "unit_name": unit_name, "unit": unit_code,
               "territory": person.territory, "segment": person.segment_code, "is_active": person.is_active}
              for person, unit_name, unit_code in rows]
    choices = [{"code": role.code, "name": role.name(desk.lang)} for role in roles.values()]
    shown = errors.shown(problem, desk.lang) if problem else None
    return render_template("people/index.html", people=people, roles=choices, problem=shown, added=added,
                           form=request.form)


@blueprint.post("/people")
@permission(("manage", "person"))
def add(desk: Desk) -> Response:
    """Add a person and show the one-time password once."""
    form = {name: request.form.get(name, "").strip()[:LONGEST] or None
            for name in ("name", "role", "unit", "territory", "segment", "full_name")}
    try:
        full_name = plain_text(form.pop("full_name") or "", FULL_NAME_LENGTH)
        person, once = actions.add(desk.session, desk.viewer, form.pop("name") or "", form.pop("role") or "",
                                   now=desk.now, full_name=full_name, **form)
    except CivmapError as problem:
        return make_response(_people_page(desk, problem), errors.status_of(problem))
    return make_response(_people_page(desk, added={"name": person.name, "password": once or ""}))


@blueprint.post("/people/<name>/active")
@permission(("manage", "person"))
def set_active(desk: Desk, name: str) -> Response:
    """Keep a person out, or let them in again."""
    actions.set_active(desk.session, desk.viewer, name, request.form.get("active") == "yes", desk.now)
    return make_response(redirect("/people", 303))
