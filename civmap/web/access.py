"""Who sends a request, and whether the route is for them.

Every route names its permission; a test walks the URL map and refuses one that does not. What a person sees *within* a
route is the policy of `people.rules`, applied by the queries.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Request, g, request
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.assignment import customs as cascade
from civmap.city.hours import CAMPAIGN
from civmap.city.models import City, Custom
from civmap.errors import Forbidden, NotSignedIn, Unavailable
from civmap.issues import customs
from civmap.people import queries as people
from civmap.store.prepared import Prepared
from civmap.web import credentials, csrf, desk, gates, language
from civmap.web.desk import GUEST, CityFacts, Desk, Identity

EVERYONE = "everyone"
SIGNED_IN = "signed_in"
PROCESS = "process"
COOKIE = "civmap_session"
SAFE = ("GET", "HEAD", "OPTIONS")
PASSWORD_PATHS = ("/password", "/logout", "/language")
Permission = str | tuple[str, str]


def permission(needed: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a view: it runs for whom `needed` allows, as `view(desk, **parts of the path)`.

    `needed` is EVERYONE, SIGNED_IN, or a (verb, kind) of `people.rules.MAY`. A PROCESS view gets no desk and never
    touches the city.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**parts: Any) -> Any:
            return view(**parts) if needed == PROCESS else answer(view, needed, parts)

        guarded.permission = needed  # type: ignore[attr-defined]
        return guarded

    return decorate


def answer(view: Callable[..., Any], needed: Permission, parts: dict[str, Any]) -> Any:
    """Run a view in the one transaction of its request: reading for safe methods, writing for the others."""
    gates.check_address_text(request)
    with desk.reading() as session:
        here = open_desk(session)
        admit(here.identity, needed)
        if request.method in SAFE:
            return view(here, **parts)
    check_origin(here)
    with desk.writing() as session:
        return view(here.over(session), **parts)


def open_desk(session: Session) -> Desk:
    """Find out who asks, at which moment and in which language."""
    settings, now = desk.settings(), clock.now()
    g.identity = Identity()
    city = city_facts(session)
    g.identity = Identity(city=city)
    is_outside = credentials.is_for_programs(request.path) and COOKIE not in request.cookies
    is_program = bool(request.headers.get("Authorization")) or is_outside
    g.lang = language.chosen(request, None, settings.lang, is_program)
    g.identity = _identify(session, request, city)
    g.lang = language.chosen(request, g.identity.viewer.lang, settings.lang, is_program)
    customs.speak_as(city.wording)
    return Desk(session, g.identity, now, g.lang, settings)


def admit(identity: Identity, needed: Permission) -> None:
    """Raise NotSignedIn or Forbidden where the route is not for this person."""
    if needed == EVERYONE:
        return
    if not identity.is_signed_in:
        raise NotSignedIn("sign_in_first")
    if identity.must_change_password and identity.cookie and request.path not in PASSWORD_PATHS:
        raise Forbidden("change_password_first")
    if isinstance(needed, tuple):
        identity.viewer.must(*needed)


def check_origin(here: Desk) -> None:
    """Raise Forbidden where a browser's write does not prove that it comes from our page; programs need no proof."""
    gates.check_form_text(request)
    if here.viewer.via != "api":
        csrf.check(request, here.settings.secret_key, here.identity.cookie)
    csrf.check_kept_password(request)


def _identify(session: Session, request: Request, city: CityFacts | None) -> Identity:
    shown = credentials.shown(request)
    cookie = None
    known: Any = None
    if shown is not None:
        known = people.by_token(session, shown.token, clock.now())
        if shown.name is not None and shown.name != known.name:
            raise NotSignedIn("token_not_valid")
    else:
        cookie = request.cookies.get(COOKIE)
        known = people.by_cookie(session, cookie, clock.now()) if cookie else None
    if known is None:
        return Identity(viewer=GUEST, city=city)
    return Identity(viewer=people.viewer_signed_in(session, known, "api" if shown else "page"), is_signed_in=True,
                    cookie=cookie, must_change_password=known.must_change_password,
                    unit_name=known.unit_name or "", unit_code=known.unit_code or "", city=city)


def _custom(name: str) -> Any:
    return select(Custom.value).where(Custom.name == name).scalar_subquery().label(name)


# Asked with every request: one statement over plain columns.
_FACTS = tuple(City.__table__.c[name] for name in ("name", "division_code", "west", "south", "east", "north",
                                                   "attribution", "is_demo"))
_CITY = Prepared(select(*_FACTS, _custom(CAMPAIGN), _custom(customs.WORDING), _custom(cascade.NAME)).order_by(
    City.__table__.c.id).limit(1))


def city_facts(session: Session) -> CityFacts:
    """Return the facts of the one city; raise Unavailable where the database holds none yet."""
    held = desk.held()
    if not held["schema_seen"]:
        if not inspect(session.connection()).has_table(City.__tablename__):
            raise Unavailable("no_city")
        held["schema_seen"] = True
    found = _CITY.rows(session)
    if not found:
        raise Unavailable("no_city")
    name, division, west, south, east, north, attribution, is_demo, campaign, wording, table = found[0]
    factor = float(campaign["factor"]) if campaign and campaign["is_on"] else 1.0
    return CityFacts(name, division, (west, south, east, north), attribution, is_demo, factor, wording, table)


def same_origin(target: str | None) -> str:
    """Return a path of our own to go on to, the map where the wish leads elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(target)
    has_control = any(ord(letter) < 32 or letter == "\\" for letter in target)
    return "/" if parts.scheme or parts.netloc or has_control else target
