"""Views of the process itself: liveness, readiness, static files, the icon and the offline basemap."""

from flask import Blueprint, Response, make_response, request, send_file, send_from_directory
from sqlalchemy import text
from werkzeug.exceptions import NotFound as PageNotFound

from civmap import resources
from civmap.errors import CivmapError, NotFound
from civmap.web import access, desk
from civmap.web.access import PROCESS, SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.release import release
from civmap.web.replies import json_response

blueprint = Blueprint("system", __name__)
BASEMAP_SECONDS = 86_400
YEAR_SECONDS = 31_536_000


@blueprint.get("/healthz")
@permission(PROCESS)
def healthz() -> Response:
    """Answer that the process lives."""
    return json_response({"status": "ok", "release": release()})


@blueprint.get("/readyz")
@permission(PROCESS)
def readyz() -> Response:
    """Answer whether the database answers and holds a city; raise Unavailable otherwise."""
    try:
        with desk.reading() as session:
            session.execute(text("SELECT 1"))
            city = access.city_facts(session)
    except CivmapError as problem:
        response = json_response({"status": "unavailable", "code": problem.code}, 503)
        response.headers["Retry-After"] = "5"
        return response
    return json_response({"status": "ok", "database": desk.engine().dialect.name, "city": city.name})


@permission(PROCESS)
def static(filename: str) -> Response:
    """Serve a file of the release; with the release's name in the address it may be kept for a year.

    Our own modules import each other by bare paths: they are asked for again, which costs a 304.
    """
    kept = YEAR_SECONDS if request.args.get("v") == release() else 0
    response = send_from_directory(resources.folder("static"), filename, max_age=kept, conditional=True)
    response.headers["Cache-Control"] = f"public, max-age={kept}, immutable" if kept else "no-cache"
    return response


def versioned(endpoint: str, values: dict[str, str]) -> None:
    """Put the release into the addresses of static files that no module imports by its bare path."""
    if endpoint == "static" and not values.get("filename", "").endswith(".js"):
        values.setdefault("v", release())


@blueprint.get("/favicon.ico")
@permission(PROCESS)
def favicon() -> Response:
    """Serve the icon of the site."""
    try:
        return send_from_directory(resources.folder("static"), "img/icon.svg", max_age=86_400)
    except PageNotFound:
        return make_response("", 204)


@blueprint.get("/basemap.pmtiles")
@permission(SIGNED_IN)
def basemap(desk: Desk) -> Response:
    """Serve the offline basemap by byte ranges; raise NotFound where the city has none."""
    file = desk.settings.basemap
    if not file.is_file():
        raise NotFound("no_basemap")
    response = send_file(file, mimetype="application/vnd.pmtiles", conditional=True, max_age=BASEMAP_SECONDS)
    response.headers["Cache-Control"] = f"private, max-age={BASEMAP_SECONDS}"
    response.headers["Accept-Ranges"] = "bytes"
    return response
