"""Open311 GeoReport v2 at `/open311/v2`, in JSON and XML, over the same workflow as the pages.

Source: GeoReport v2 (open311.org). Who asks shows a person's token as `api_key`, `X-Api-Key`, Basic or Bearer; what may
be seen and done is that person's. Refusals are a list of code and description, as GeoReport writes them.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, make_response, request, send_file

from civmap import texts
from civmap.errors import CivmapError, Invalid, NotFound, NotSignedIn
from civmap.issues import photos
from civmap.issues.photos import Developed
from civmap.open311 import requests, services, taking, telling, updates, wire
from civmap.open311.wire import Shape
from civmap.web import access, desk, versions
from civmap.web.access import EVERYONE, SIGNED_IN, Permission, permission
from civmap.web.desk import Desk
from civmap.web.errors import language, sentence, status_of
from civmap.web.feeds import base
from civmap.web.replies import Answer, key_of, once, to_json

blueprint = Blueprint("open311", __name__, url_prefix="/open311")
FORMATS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
CHANGESET = "2026-11-22T00:00:00Z"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
MOST_PHOTOS = 6
MOST_FORM_BYTES = MOST_PHOTOS * photos.MOST_BYTES + 1_000_000
HIDDEN = ("api_key",)


def _answered(form: str, shape: Shape, rows: list[dict[str, Any]], status: int = 200) -> Response:
    body = wire.xml(shape, rows) if form == "xml" else to_json(rows).encode()
    return _typed(form, body, status)


def _typed(form: str, body: bytes, status: int = 200) -> Response:
    response = make_response(body, status)
    response.headers.update({"Content-Type": FORMATS[form], "Vary": "Accept-Language, Authorization, X-Api-Key"})
    if status == 200 and request.method in access.SAFE:
        tag = versions.list_etag(body.decode())
        if versions.is_known(request, tag):
            response = make_response("", 304)
        response.headers.update({"ETag": tag, "Cache-Control": "private, no-cache"})
    return response


@blueprint.errorhandler(CivmapError)
def refused(error: CivmapError) -> Response:
    """Answer a refusal as GeoReport writes it: a list of code and description."""
    status = 403 if isinstance(error, NotSignedIn) else 400 if status_of(error) == 422 else status_of(error)
    parts = getattr(error, "problems", None) or [error]
    rows = [{"code": status, "description": (f"{part.field}: " if part.field else "") + sentence(language(), part),
             "reason": part.code} for part in parts]
    response = _answered("xml" if request.path.endswith(".xml") else "json", wire.ERRORS, rows, status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _form(name: str) -> str:
    if name not in FORMATS:
        raise NotFound("open311_format", field="format", format=name[:20], known=list(FORMATS))
    return name


def _here(desk: Desk, said: Any) -> None:
    wanted, city = said.get("jurisdiction_id"), desk.identity.city
    if wanted and city and wanted not in (city.division, city.name, request.host, request.host.partition(":")[0]):
        raise NotFound("open311_jurisdiction", field="jurisdiction_id", value=wanted[:60], known=[city.division])


@blueprint.get("/discovery.<form>")
@blueprint.get("/v2/discovery.<form>")
@permission(EVERYONE)
def discovery(desk: Desk, form: str) -> Response:
    """Tell where the interface is, in which formats, and how to get a key."""
    told = {"changeset": CHANGESET, "contact": texts.say(desk.lang, "open311.contact", city=_city(desk)),
            "key_service": texts.say(desk.lang, "open311.key"), "endpoints": [{
                "specification": SPECIFICATION, "url": f"{base(desk)}/open311/v2", "changeset": CHANGESET,
                "type": "production", "formats": ["text/xml", "application/json"]}]}
    xml = _form(form) == "xml"
    return _typed(form, wire.xml_of_one("discovery", told) if xml else to_json(told).encode())


@blueprint.get("/v2/services.<form>")
@permission(EVERYONE)
def service_list(desk: Desk, form: str) -> Response:
    """List what can be asked for: the classes of issues."""
    _here(desk, request.args)
    return _answered(_form(form), wire.SERVICES, services.listed(desk.lang))


@blueprint.get("/v2/services/<code>.<form>")
@permission(EVERYONE)
def service(desk: Desk, code: str, form: str) -> Response:
    """Tell what may be said of one service."""
    _here(desk, request.args)
    told = services.definition(code, desk.lang)
    is_xml = _form(form) == "xml"
    return _typed(form, wire.xml_of_one("service_definition", told) if is_xml else to_json(told).encode())


@blueprint.get("/v2/requests.<form>")
@permission(SIGNED_IN)
def request_list(desk: Desk, form: str) -> Response:
    """Answer the requests that the caller sees and asks for."""
    _here(desk, request.args)
    found = requests.asked(desk.session, desk.viewer, request.args.to_dict(), desk.now, desk.lang, base(desk))
    return _answered(_form(form), wire.REQUESTS, found)


@blueprint.get("/v2/requests/<number>.<form>")
@permission(SIGNED_IN)
def one_request(desk: Desk, number: str, form: str) -> Response:
    """Answer one request, in a list as GeoReport has it."""
    _here(desk, request.args)
    found = requests.one(desk.session, desk.viewer, number, desk.now, desk.lang, base(desk))
    return _answered(_form(form), wire.REQUESTS, found)


@blueprint.get("/v2/tokens/<token>.<form>")
@permission(SIGNED_IN)
def token(desk: Desk, token: str, form: str) -> Response:
    """Answer which request a token stands for."""
    number, known = taking.by_token(desk.session, desk.viewer, token, desk.now)
    return _answered(_form(form), wire.REQUESTS, [{"service_request_id": number, "token": known}])


@blueprint.get("/v2/servicerequestupdates.<form>")
@permission(SIGNED_IN)
def update_list(desk: Desk, form: str) -> Response:
    """Answer what happened to the requests that the caller sees, oldest first."""
    found = updates.asked(desk.session, desk.viewer, request.args.to_dict(), desk.now, desk.lang)
    return _answered(_form(form), wire.UPDATES, found)


@blueprint.get("/v2/media/<int(max=2147483647):number>")
@permission(SIGNED_IN)
def media(desk: Desk, number: int) -> Response:
    """Answer a picture of a request, faces and plates covered where somebody covered them."""
    row = photos.by_id(desk.session, desk.viewer, number, desk.now)
    file = desk.settings.photos / photos.public_file(row)
    if not file.is_file():
        raise NotFound("photo_file_missing", field="id", id=number)
    return send_file(file, mimetype=row.media_type, conditional=True, etag=file.stem)


def _taking(needed: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a view that takes pictures: refuse who may not, then read the pictures, then write the city."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        inner = permission(needed)(view)

        @wraps(view)
        def outer(**parts: Any) -> Any:
            request.max_content_length = MOST_FORM_BYTES
            with desk.reading() as session:
                access.admit(access.open_desk(session).identity, needed)
            g.open311_shots = _shots()
            return inner(**parts)

        outer.permission = needed  # type: ignore[attr-defined]
        return outer

    return decorate


def _shots() -> list[Developed]:
    files = [file for _, file in request.files.items(multi=True) if file.filename]
    if len(files) > MOST_PHOTOS:
        raise Invalid("open311_too_many_photos", field="media", most=MOST_PHOTOS)
    return [photos.developed(file.stream.read(photos.MOST_BYTES + 1)) for file in files]


def _said() -> dict[str, str]:
    return {name: text for name, text in request.form.items() if name not in HIDDEN}


def _once(desk: Desk, mark: str | None, work: Callable[[], Answer]) -> Answer:
    """Do the work, or give the answer again that the sender's own mark or its Idempotency-Key got before."""
    key = key_of(request) or (f"open311-{hashlib.sha256(mark.encode()).hexdigest()[:48]}" if mark else None)
    if key is None:
        return work()
    said = hashlib.sha256(to_json([request.path, sorted(_said().items())]).encode()).hexdigest()
    return once(desk.session, desk.viewer.person_id, key, said, desk.now, work)


@blueprint.post("/v2/requests.<form>")
@_taking(("report", "issue"))
def take_request(desk: Desk, form: str) -> Response:
    """Take a request in: it becomes an issue that goes the way of every other."""
    said = _said()
    _here(desk, said)
    _form(form)

    def work() -> Answer:
        issue, row = taking.take(desk.session, desk.viewer, said, g.open311_shots, desk.settings.photos, desk.now,
                                 desk.lang)
        (told,) = telling.told(desk.session, [issue], desk.lang, base(desk))
        notice = texts.say(desk.lang, "open311.notice.taken", unit=told["agency_responsible"] or "—")
        return Answer([{"service_request_id": issue.issue_no, "token": row.token, "service_notice": notice,
                        "account_id": said.get("account_id")}], 201)

    answer = _once(desk, f"request {mark}" if (mark := taking.mark_of(said)) else None, work)
    return _answered(form, wire.REQUESTS, answer.body, answer.status)


@blueprint.post("/v2/servicerequestupdates.<form>")
@_taking(SIGNED_IN)
def take_update(desk: Desk, form: str) -> Response:
    """Take another system's word on a request: it is done as a verb of the issue."""
    said = _said()
    _form(form)

    def work() -> Answer:
        number = updates.take(desk.session, desk.viewer, said, g.open311_shots, desk.settings.photos, desk.now,
                              desk.lang)
        return Answer([{"update_id": number}], 201)

    mark = f"update {said['service_request_id']} {said['update_id']}" if said.get("update_id") and said.get(
        "service_request_id") else None
    answer = _once(desk, mark, work)
    return _answered(form, wire.UPDATES, answer.body, answer.status)


@blueprint.route("/v2/", defaults={"rest": ""}, methods=["GET", "POST"])
@blueprint.route("/v2/<path:rest>", methods=["GET", "POST"])
@permission(EVERYONE)
def unknown(_desk: Desk, rest: str) -> Response:
    """Say in GeoReport's way that there is nothing at an address."""
    raise NotFound("open311_unknown", field="path", path=rest[:80])


def _city(desk: Desk) -> str:
    return desk.identity.city.name if desk.identity.city else "civmap"
