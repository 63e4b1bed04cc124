"""Photos of an issue: add one, the picture itself, its copies with a watermark or with covered faces."""

import hashlib
import threading
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Any, Literal

from flask import Response, make_response, request, send_file
from pydantic import Field

from civmap import dictionaries, texts
from civmap.clock import OFFICE_ZONE
from civmap.errors import NotFound
from civmap.fields import moment
from civmap.issues import photos, picturing, showing, told
from civmap.issues.models import Issue, Photo
from civmap.points.models import InspectionPoint
from civmap.web import access, desk, gates
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Body, Loose, Moment
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.web.uploads import sent_file

PHOTO_SECONDS = 3600
SAID = ("kind", "taken_at", "lon", "lat", "accuracy_m", "pair_id")
Said = Literal["1", "true", "0", "false"]
YES = ("1", "true")
AT_ONCE = BoundedSemaphore(2)
"""Painting into a photo takes a tenth of a second of one core: of many requests at once, two paint."""


class PhotoOut(Loose):
    """A photo that was kept; `warnings` are codes of what is odd about it."""

    id: int
    sha256: str
    warnings: list[str]


class Copy(Body):
    """Which copy: with the watermark burnt in, with faces and plates covered, or both; or a small one for a list."""

    watermark: Said = "0"
    masked: Said = "0"
    size: Literal["small"] | None = None


class Masks(Body):
    """Boxes as shares of the picture: x, y of the upper left corner, width, height; none take the cover off.

    `seen` is the photo's `masked_at` as the sender saw it, null before the first time.
    """

    boxes: Annotated[list[Annotated[list[float], Field(min_length=4, max_length=4)]], Field(max_length=60)]
    seen: Moment | None = None


def _develop() -> photos.Developed:
    return photos.developed(sent_file(request, photos.MOST_BYTES))


@operation("POST", "/issues/{no}/photos", summary="Add a photo", permission=SIGNED_IN, tag="issues",
           answers={201: PhotoOut}, is_multipart=True, before=_develop)
def add_photo(desk: Desk, no: str, prepared: photos.Developed) -> Answer:
    """Keep one photo; its bytes were re-encoded, its time and place read out."""
    said = {name: request.form[name] for name in SAID if request.form.get(name)}
    photo = photos.add(desk.session, desk.viewer, no, prepared, said, desk.settings.photos, desk.now)
    return Answer(showing.photo_json(photo), 201, {"Location": f"{PREFIX}/photos/{photo.id}"})


@operation("GET", "/photos/{id}", summary="The picture itself, or a copy", permission=SIGNED_IN, tag="issues",
           query=Copy, answers={200: "image/jpeg image/png image/webp"})
def photo(desk: Desk, id: int, query: Copy) -> Answer:
    """Answer the bytes of a photo of an issue that the viewer sees; `masked` answers what may be published."""
    row = photos.by_id(desk.session, desk.viewer, id, desk.now)
    is_masked = query.masked in YES
    if is_masked and row.masked_file is None:
        raise NotFound("photo_not_masked", field="id", id=id)
    file = desk.settings.photos / (photos.public_file(row) if is_masked else row.file)
    if not file.is_file():
        raise NotFound("photo_file_missing", field="id", id=id)
    if query.watermark in YES:
        response = _marked(desk, row, file)
    elif query.size:
        response = send_file(_small(desk, file), mimetype="image/jpeg", conditional=True, etag=f"{file.stem}-small")
    else:
        response = send_file(file, mimetype=row.media_type, conditional=True, etag=file.stem)
    response.headers["Cache-Control"] = f"private, max-age={PHOTO_SECONDS}"
    return Answer(response)


def _small(desk: Desk, file: Path) -> Path:
    """Return the small copy of a photo, made when it is first asked for."""
    small = desk.settings.photos.parent / "small" / f"{file.stem}.jpg"
    if not small.is_file():
        with AT_ONCE:
            body = picturing.small(file.read_bytes())
        small.parent.mkdir(parents=True, exist_ok=True)
        made = small.with_suffix(f".{threading.get_ident()}")
        made.write_bytes(body)
        made.replace(small)
    return small


def _marked(desk: Desk, row: Photo, file: Path) -> Response:
    words = words_of(desk, row)
    tag = hashlib.sha256(f"{file.stem}{words}".encode()).hexdigest()[:32]
    if request.if_none_match.contains(tag):
        return make_response("", 304)
    with AT_ONCE:
        response = make_response(picturing.watermarked(file.read_bytes(), row.media_type, words))
    response.headers["Content-Type"] = row.media_type
    response.headers["Content-Disposition"] = f'inline; filename="civmap-{row.id}{file.suffix}"'
    if picturing.chinese_font() is None:
        response.headers["X-Civmap-Watermark"] = "latin-only"
    response.set_etag(tag)
    return response


def words_of(desk: Desk, row: Photo) -> picturing.Words:
    """Return what a watermark says of a photo: time to the second, spot, place, person and number of the issue."""
    issue = desk.session.get_one(Issue, row.issue_id)
    at = (row.taken_at or row.uploaded_at).astimezone(OFFICE_ZONE)
    is_own = row.lon is not None and row.lat is not None
    spot = f"{row.lon if is_own else issue.geom.x:.6f}, {row.lat if is_own else issue.geom.y:.6f}"
    near = f" ±{row.accuracy_m:.0f} m" if is_own and row.accuracy_m else ""
    point = desk.session.get(InspectionPoint, issue.point_id) if issue.point_id else None
    place = " · ".join(part for part in (point.name if point else "", issue.address or "") if part)
    who = told.full_names(desk.session, {row.uploaded_by}).get(row.uploaded_by) or row.uploaded_by
    kind = dictionaries.photo_kinds()[row.kind].name(desk.lang)

    def say(key: str, value: str) -> str:
        return texts.say(desk.lang, f"watermark.{key}", value=value)

    lines = [say("spot" if is_own else "issue_spot", spot + near), *([say("place", place)] if place else []),
             say("person", who), say("number", f"{issue.issue_no} · {kind}")]
    time = at.strftime("%Y-%m-%d %H:%M:%S")
    latin = [f"{spot}{near}", f"{row.uploaded_by if row.uploaded_by.isascii() else ''} {issue.issue_no}".strip()]
    return picturing.Words(time if row.taken_at else say("uploaded", time), lines,
                           latin if row.taken_at else [f"uploaded {time}", *latin])


def _covered() -> tuple[list[picturing.Box], bytes | None]:
    """Paint the covers before the write transaction opens."""
    raw = gates.json_body(request)
    boxes = picturing.boxes_of(raw.get("boxes") if isinstance(raw, dict) else None)
    if not boxes:
        return boxes, None
    with desk.reading() as session:
        here = access.open_desk(session)
        row = photos.by_id(session, here.viewer, (request.view_args or {})["id"], here.now)
        file, media_type = here.settings.photos / row.file, row.media_type
    if not file.is_file():
        raise NotFound("photo_file_missing", field="id", id=row.id)
    with AT_ONCE:
        return boxes, picturing.pixelated(file.read_bytes(), media_type, boxes)


@operation("POST", "/photos/{id}/masks", summary="Cover faces and plates", permission=("edit", "issue"), tag="issues",
           body=Masks, answers={200: PhotoOut}, as_sent=True, before=_covered)
def mask(desk: Desk, id: int, body: dict[str, Any], prepared: tuple[list[picturing.Box], bytes | None]) -> Answer:
    """Keep the boxes and the covered copy; the photo itself stays, and every version is a line of the ledger."""
    boxes, covered = prepared
    row = photos.by_id(desk.session, desk.viewer, id, desk.now)
    seen: datetime | None = moment(body["seen"]) if body.get("seen") else None
    photos.mask(desk.session, desk.viewer, row, boxes, covered, seen, desk.settings.photos, desk.now)
    return Answer(showing.photo_json(row))
