"""What every template finds in its context: texts, the city, who is signed in and what they may."""

from typing import Any

from flask import Flask, g, request

from civmap import clock, dictionaries, texts
from civmap.people.rules import Viewer
from civmap.web import assets, csrf, desk, display, errors
from civmap.web.desk import CityFacts, Identity

NO_CITY = CityFacts("civmap", "", (73.0, 3.0, 136.0, 54.0), "", False)
ABILITIES = {
    "report": (("report", "issue"),), "draw": (("create", "zone"),), "manage_points": (("create", "point"),),
    "manage_segments": (("create", "segment"),), "manage_units": (("create", "unit"),),
    "manage_people": (("manage", "person"),), "manage_city": (("manage", "city"),), "export": (("export", "point"),),
    "dispatch": (("dispatch", "issue"),),
    "import": (("import", "point"),), "print": (("export", "issue"),), "visit": (("create", "visit"),),
}
SEES_COVERAGE = ("admin", "dispatcher", "leader", "inspector", "subdistrict_clerk")

OF_ONE_PAGE = {"js.inbox.": "/inbox", "js.cascade.": "/responsibility", "js.calendar.": "/calendar",
               "js.plan.": "/plan", "js.workflow.": "/workflow", "js.fit.": "/coverage", "js.grids.": "/zones",
               "js.lots.": "/draws"}

WHEN_ASKED = ("js.desk.", "js.front.", "js.import.", "js.road.", "js.round.")
"""Words of modules that a page fetches only when somebody asks: templates carry them beside the others."""


def abilities(viewer: Viewer) -> dict[str, bool]:
    """Return what the role may, under the names that templates ask for."""
    may = {name: all(viewer.may(*pair) for pair in pairs) for name, pairs in ABILITIES.items()}
    may["see_coverage"] = viewer.role in SEES_COVERAGE
    return may


def texts_js(lang: str, path: str = "/") -> dict[str, str]:
    """Return the texts that the browser modules of a page use: what only one page says travels with that page."""
    strange = WHEN_ASKED + tuple(prefix for prefix, page in OF_ONE_PAGE.items() if not path.startswith(page))
    return {key: text for key, text in texts.spoken(lang).items()
            if key.startswith("js.") and not key.startswith(strange)}


def words_js(lang: str, prefix: str) -> dict[str, str]:
    """Return the texts of one family of keys, for a page that carries them beside `texts_js`."""
    return {key: text for key, text in texts.spoken(lang).items() if key.startswith(prefix)}


def user_of(identity: Identity, lang: str) -> dict[str, Any] | None:
    """Return who is signed in, as the header shows it."""
    if not identity.is_signed_in:
        return None
    viewer = identity.viewer
    return {"name": viewer.name, "display_name": viewer.full_name or viewer.name, "role": viewer.role,
            "role_name": dictionaries.roles()[viewer.role].name(lang), "unit_name": identity.unit_name,
            "unit": identity.unit_code}


def add_to(app: Flask, release: str) -> None:
    """Give every template its context."""
    assets.add_to(app)

    @app.context_processor
    def _context() -> dict[str, Any]:
        lang = errors.language()
        identity: Identity = getattr(g, "identity", None) or Identity()
        city = identity.city or NO_CITY

        def say(key: str, **facts: Any) -> str:
            return texts.say(lang, key, **facts)

        def csrf_token() -> str:
            return csrf.current_token(request, desk.settings().secret_key, identity.cookie)

        return {"t": say, "lang": lang, "city": city, "user": user_of(identity, lang), "csrf_token": csrf_token,
                "may": abilities(identity.viewer), "texts_js": texts_js(lang, request.path),
                "words_js": lambda prefix: words_js(lang, prefix), "is_demo": city.is_demo,
                "release": release, "now": clock.now(), "display": display.chosen(request)}
