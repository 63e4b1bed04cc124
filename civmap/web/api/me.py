"""Who asks, with a fresh proof of origin: what a phone needs before it sends what it held."""

from civmap.web import csrf
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.release import release
from civmap.web.replies import Answer


class MeOut(Loose):
    """Who is signed in; `csrf_token` is for the header X-CSRF-Token of a browser's writes, null for a program."""

    name: str
    role: str
    csrf_token: str | None
    release: str


@operation("GET", "/me", summary="Who asks", permission=SIGNED_IN, tag="about", answers={200: MeOut})
def me(desk: Desk) -> Answer:
    """Answer who is signed in; a page that was kept on a phone carries an old token and asks for a fresh one here."""
    viewer, cookie = desk.viewer, desk.identity.cookie
    token = csrf.masked(csrf.token_for(desk.settings.secret_key, cookie)) if cookie else None
    return Answer({"name": viewer.name, "full_name": viewer.full_name, "role": viewer.role, "csrf_token": token,
                   "release": release(), "at": desk.now.isoformat()})
