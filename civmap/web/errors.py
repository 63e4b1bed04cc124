"""One table from conditions to HTTP, and the two shapes of a refusal: an RFC 9457 problem or a page.

A refusal is a sentence in the reader's language, a stable code and a way out; a failure of our own shows an id that is
also in the log, never a trace.
"""

import logging
import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, make_response, redirect, render_template, request
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from civmap import errors, texts
from civmap.dictionaries import saying
from civmap.errors import CivmapError
from civmap.web import access, credentials, desk
from civmap.web.replies import json_response

log = logging.getLogger("civmap.web")

STATUS: dict[type[CivmapError], int] = {
    errors.BadInput: 400, errors.Invalid: 422, errors.Several: 422, errors.NotFound: 404, errors.NotSignedIn: 401,
    errors.Forbidden: 403, errors.Conflict: 409, errors.NotAllowed: 409, errors.Stale: 412, errors.Missing: 428,
    errors.TooLarge: 413, errors.TooMany: 429, errors.NotBuilt: 501, errors.Unavailable: 503,
    errors.Unreachable: 502,
}
STATUS_OF_CODE = {"content_type": 415}
FIELD_OF_CODE = {"unknown_point_type": "type", "unknown_zone_kind": "kind", "unknown_unit_kind": "kind",
                 "unknown_road_class": "class", "unknown_issue_class": "class", "unknown_duty_category": "category"}
HTTP_CODES = {400: "bad_request", 404: "page_not_found", 405: "method_not_allowed", 406: "not_acceptable",
              408: "request_timeout", 411: "length_required", 413: "body_too_large", 414: "address_too_long",
              415: "content_type", 416: "range_not_satisfiable", 429: "too_many_attempts", 431: "headers_too_large"}
EXTRA_MEMBERS = ("overlaps", "suggestion", "allowed", "current", "near", "known", "who", "place", "repair", "zones",
                 "halved")
RETRY_AFTER_SECONDS = 5
FEEDS = ("/feed.atom", "/feed.json", ".ics")
API_PATHS = ("/api/", "/ogc", "/open311", "/mapit", "/tiles", "/basemap.pmtiles", "/ground/")
PROBLEM_TYPE = "application/problem+json"


def status_of(error: CivmapError) -> int:
    """Return the HTTP status of a refusal: its code's, its class's or that of the nearest class above."""
    if isinstance(error, _HttpRefusal):
        return error.status
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def language() -> str:
    """Return the language of this answer, also where the request failed before anybody was known."""
    return getattr(g, "lang", None) or desk.settings().lang


def title(lang: str, status: int) -> str:
    """Return the short name of a status."""
    key = f"web.status.{status}"
    return texts.say(lang, key) if texts.has(lang, key) else HTTP_STATUS_CODES.get(status, str(status))


def sentence(lang: str, error: CivmapError) -> str:
    """Return the sentence of a refusal with its way out; the bare code where the catalogue lacks it."""
    if texts.has(lang, f"error.{error.code}") and texts.has(lang, f"error.{error.code}.hint"):
        return saying.sentence(lang, error)
    log.error("no sentence for %s", error.code)
    return error.code


def problem_of(error: CivmapError, lang: str) -> dict[str, Any]:
    """Return the RFC 9457 members of a refusal, with the facts a program can use."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": f"{desk.settings().public_url or ''}/help#error-{error.code}", "title": title(lang, status),
        "status": status, "code": error.code, "detail": sentence(lang, error), "errors": field_errors(error, lang),
    }
    for part in (*getattr(error, "problems", ()), error):
        body.update({name: part.facts[name] for name in EXTRA_MEMBERS if name in part.facts})
    return body


def field_errors(error: CivmapError, lang: str) -> list[dict[str, str]]:
    """Return one member per value that is wrong, each naming its field."""
    is_named = error.field or error.code in FIELD_OF_CODE
    wrong = error.problems if isinstance(error, errors.Several) else [error] if is_named else []
    return [{"field": part.field or FIELD_OF_CODE.get(part.code, ""), "code": part.code,
             "message": sentence(lang, part)} for part in wrong]


def is_api() -> bool:
    """Tell whether the refusal goes to a program: below /api, or a list of the map, or asked for as JSON."""
    if credentials.wants_page(request):
        return False
    is_data = request.path.startswith(API_PATHS) or request.path.endswith(FEEDS)
    return is_data or request.accept_mimetypes.best == "application/json"


def answer(error: CivmapError) -> Response:
    """Return a refusal as a problem or as a page; a guest on a page is led to the sign-in."""
    status, lang = status_of(error), language()
    if is_api():
        response = json_response(problem_of(error, lang), status, PROBLEM_TYPE)
    elif isinstance(error, errors.NotSignedIn) and request.method == "GET":
        response = make_response(redirect(_sign_in_address()))
    elif error.code == "change_password_first" and request.method == "GET":
        response = make_response(redirect("/password"))
    else:
        response = _page(error, status, lang)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if status == 401:
        response.headers["WWW-Authenticate"] = credentials.challenge(request.path)
    if isinstance(error, errors.Stale) and "version" in error.facts:
        response.headers["ETag"] = f'"v{error.facts["version"]}"'
    return response


def _sign_in_address() -> str:
    wanted = request.full_path if request.query_string else request.path
    return "/login" if wanted == "/" else f"/login?{urlencode({'next': wanted})}"


def shown(error: CivmapError, lang: str) -> dict[str, Any]:
    """Return a refusal as pages show it: code, title, sentence and way out."""
    status, known = status_of(error), texts.has(lang, f"error.{error.code}")
    detail, hint = saying.refusal(lang, error) if known else (error.code, "")
    return {
        "code": error.code, "title": title(lang, status), "status": status, "field": error.field or "",
        "detail": detail, "hint": hint,
        "errors": field_errors(error, lang), "id": error.facts.get("id", ""),
    }


def _page(error: CivmapError, status: int, lang: str) -> Response:
    try:
        return make_response(render_template(_template(status), problem=shown(error, lang)), status)
    except Exception:
        log.exception("the page of %s could not be written", error.code)
        return make_response(sentence(lang, error), status, {"Content-Type": "text/plain; charset=utf-8"})


def _template(status: int) -> str:
    return f"errors/{status}.html" if status in (403, 404, 500, 503) else "errors/page.html"


def add_to(app: Flask) -> None:
    """Answer every kind of exception of the application."""
    app.register_error_handler(CivmapError, answer)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(IntegrityError, _contradiction)
    app.register_error_handler(StaleDataError, _overtaken)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(Exception, _our_fault)


def _too_often(_error: RateLimitExceeded) -> Response:
    response = answer(errors.TooMany("too_many_attempts"))
    response.headers["Retry-After"] = "60"
    return response


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    _find_out_who_asks()
    response = answer(_HttpRefusal(HTTP_CODES.get(status, "bad_request"), status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Content-Range"):
            response.headers[name] = value
    return response


def _find_out_who_asks() -> None:
    """Learn who asks for a page that no route knows, so that its frame shows them signed in; a guest otherwise."""
    if hasattr(g, "identity"):
        return
    try:
        with desk.reading() as session:
            access.open_desk(session)
    except (CivmapError, SQLAlchemyError) as problem:
        log.info("asked by nobody known: %s", problem)


class _HttpRefusal(CivmapError):
    """A refusal of the web library itself, with the status it chose."""

    def __init__(self, code: str, status: int) -> None:
        most_mb = 10 if request.mimetype.startswith("multipart/") else 2
        super().__init__(code, found=request.mimetype[:60], wanted="application/json", most_mb=most_mb,
                         method=request.method, path=request.path[:120])
        self.status = status


def _contradiction(error: IntegrityError) -> Response:
    log.warning("integrity: %s", error.orig)
    return answer(errors.Conflict("already_there"))


def _overtaken(_error: StaleDataError) -> Response:
    return answer(errors.Stale("changed_meanwhile"))


def _not_storable(error: DataError) -> Response:
    log.warning("not storable: %s", error.orig)
    return answer(errors.Invalid("value_not_storable"))


def _no_database(error: OperationalError) -> Response:
    log.error("database: %s", error.orig)
    return answer(errors.Unavailable("database_unavailable"))


def _our_fault(error: Exception) -> Response:
    mark = secrets.token_hex(4)
    log.exception("failure %s on %s %s", mark, request.method, request.path)
    failure = CivmapError("our_fault", id=mark)
    lang = language()
    if is_api():
        body = {"type": "about:blank", "title": title(lang, 500), "status": 500, "code": "our_fault",
                "detail": sentence(lang, failure), "errors": [], "id": mark}
        return json_response(body, 500, PROBLEM_TYPE)
    return _page(failure, 500, lang)
