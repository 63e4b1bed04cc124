"""Photos of an issue: checked before they are decoded, re-encoded, time and place read out and stripped.

Source: `domain.md` §6 "photo evidence" and `engineering.md` §5.
"""

import hashlib
import io
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.clock import OFFICE_ZONE, iso
from civmap.errors import Forbidden, Invalid, NotFound, Stale, TooLarge
from civmap.fields import Field, moment, number, one_of, read_fields, refuse, whole
from civmap.geo.measure import distance_m
from civmap.issues import queries
from civmap.issues.models import Issue, Photo
from civmap.issues.picturing import Box
from civmap.people.rules import Viewer
from civmap.store import ledger

KINDS = ("before", "after", "close", "wide", "reference")
FORMATS = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_EDGE = 2560
FAR_M, AFTER_FAR_M, OLD, CLOCK_AHEAD = 200.0, 50.0, timedelta(minutes=10), timedelta(minutes=5)
_EXIF_IFD, _GPS_IFD, _TAKEN = 0x8769, 0x8825, 0x9003
FIELDS = (
    Field("kind", "kind", one_of(*KINDS), is_required=True),
    Field("taken_at", "taken_at", moment),
    Field("lon", "lon", number(-180, 180)),
    Field("lat", "lat", number(-90, 90)),
    Field("accuracy_m", "accuracy_m", number(0, 100_000)),
    Field("pair_id", "pair_id", whole(1, 2**31 - 1)),
)


@dataclass(frozen=True, slots=True)
class Developed:
    """A photo after everything that takes time: what an edge does before it opens its write transaction."""

    digest: str
    encoded: bytes
    media_type: str
    ending: str
    size: tuple[int, int]
    taken_at: datetime | None
    spot: tuple[float, float] | None


def developed(data: bytes) -> Developed:
    """Return a photo's bytes checked, read out and re-encoded; raise Invalid or TooLarge."""
    picture, media_type, ending = decoded(data)
    taken_at, spot = exif_facts(picture)
    encoded, size = reencoded(picture, media_type)
    return Developed(hashlib.sha256(data).hexdigest(), encoded, media_type, ending, size, taken_at, spot)


def add(session: Session, viewer: Viewer, no: str, data: bytes | Developed, said: Mapping[str, Any], folder: Path,
        now: datetime) -> Photo:
    """Keep one photo of an issue; return its row, whose `warnings` say what is odd about it.

    Raise NotFound, Forbidden, Invalid or TooLarge.
    """
    issue = queries.by_no(session, viewer, no, now)
    if not any(viewer.may(verb, "issue") for verb in ("report", "feedback", "check", "edit")):
        raise Forbidden("role_may_not", role=viewer.role, verb="photo", kind="issue")
    values, problems = read_fields(said, FIELDS, is_new=True)
    refuse(problems)
    shot = data if isinstance(data, Developed) else developed(data)
    taken_at = values.get("taken_at") or shot.taken_at
    told = (values.get("lon"), values.get("lat"))
    is_told = None not in told
    spot = told if is_told else shot.spot
    pair_id = _pair(session, issue, values.get("pair_id"))
    width, height = shot.size
    photo = Photo(issue_id=issue.id, kind=values["kind"], round=issue.rework_count, sha256=shot.digest,
                  file=keep_file(shot.encoded, shot.ending, folder), media_type=shot.media_type, width=width,
                  height=height, taken_at=taken_at, lon=spot[0] if spot else None, lat=spot[1] if spot else None,
                  accuracy_m=values.get("accuracy_m") if is_told else None, pair_id=pair_id, uploaded_at=now,
                  uploaded_by=viewer.name, warnings=_warnings(session, issue, values, shot, spot, now))
    session.add(photo)
    session.flush()
    ledger.record(session, viewer.actor, "photo", "issue", issue.issue_no, at=now,
                  after={"photo": photo.id, "kind": photo.kind, "sha256": shot.digest, "pair": pair_id,
                         "warnings": photo.warnings})
    return photo


def decoded(data: bytes) -> tuple[Image.Image, str, str]:
    """Return the picture, its media type and file ending; raise Invalid or TooLarge before anything big is decoded."""
    if len(data) > MOST_BYTES:
        raise TooLarge("photo_too_large", field="file", most_mb=MOST_BYTES // 2**20)
    try:
        picture = Image.open(io.BytesIO(data), formats=tuple(FORMATS))
        if picture.width * picture.height > MOST_PIXELS:
            raise Invalid("photo_too_many_pixels", field="file", most=MOST_PIXELS // 1_000_000)
        media_type, ending = FORMATS[picture.format or ""]
        picture.load()
    except Image.DecompressionBombError as problem:
        raise Invalid("photo_too_many_pixels", field="file", most=MOST_PIXELS // 1_000_000) from problem
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as problem:
        raise Invalid("photo_unreadable", field="file") from problem
    return picture, media_type, ending


def reencoded(picture: Image.Image, media_type: str) -> tuple[bytes, tuple[int, int]]:
    """Return the bytes of an upright copy without any metadata, at most 2,560 px wide or high, and its size."""
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    is_jpeg = media_type == "image/jpeg"
    clean = upright.convert("RGB" if is_jpeg or "A" not in upright.getbands() else "RGBA")
    out = io.BytesIO()
    clean.info.clear()
    clean.save(out, format={"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}[media_type],
               **({} if media_type == "image/png" else {"quality": 85}))
    return out.getvalue(), clean.size


def exif_facts(picture: Image.Image) -> tuple[datetime | None, tuple[float, float] | None]:
    """Return when (office time where the camera says none) and where (lon, lat) a picture says it was taken."""
    exif = picture.getexif()
    at = _exif_moment(exif.get_ifd(_EXIF_IFD).get(_TAKEN))
    gps = exif.get_ifd(_GPS_IFD)
    try:
        lat, lon = _degrees(gps[2], gps[1] in ("S", b"S")), _degrees(gps[4], gps[3] in ("W", b"W"))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return at, None
    return at, (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _exif_moment(value: Any) -> datetime | None:
    try:
        taken = datetime.strptime(str(value), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    return taken.replace(tzinfo=OFFICE_ZONE).astimezone(UTC)


def _degrees(parts: Any, is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return (-1 if is_negative else 1) * (degrees + minutes / 60 + seconds / 3600)


def _pair(session: Session, issue: Issue, wanted: int | None) -> int | None:
    if wanted is None:
        return None
    known = session.scalar(select(Photo.id).where(Photo.id == wanted, Photo.issue_id == issue.id,
                                                  Photo.kind != "after"))
    if known is None:
        raise Invalid("photo_pair_unknown", field="pair_id", id=wanted)
    return known


def _warnings(session: Session, issue: Issue, said: Mapping[str, Any], shot: Developed,
              spot: tuple[float, float] | None, now: datetime) -> list[str]:
    is_used = session.scalar(select(Photo.id).where(Photo.sha256 == shot.digest).limit(1)) is not None
    far_m = None if spot is None else distance_m(spot, (issue.geom.x, issue.geom.y))
    begun = (issue.captured_at or issue.reported_at) if issue.fixed_on_spot else issue.dispatched_at
    return (["photo_used_before"] if is_used else []) + warnings_of(
        said["kind"], said.get("taken_at"), shot.taken_at, far_m, begun, now)


def warnings_of(kind: str, claimed_at: datetime | None, exif_at: datetime | None, far_m: float | None,
                begun_at: datetime | None, now: datetime) -> list[str]:
    """Return the codes of what is odd about when and where a photo was taken; none of them keeps it out.

    `claimed_at` is the shutter by the phone: a photo that waited in the outbox comes late and is not odd for that.
    Without it the camera's time is held against the server's. `begun_at` is when the work of an after photo began.
    """
    found = []
    if exif_at and abs(exif_at - (claimed_at or now)) > OLD:
        found.append("photo_time_differs")
    if claimed_at and claimed_at > now + CLOCK_AHEAD:
        found.append("photo_clock_ahead")
    if far_m is not None and far_m > FAR_M:
        found.append("photo_far_away")
    elif far_m is not None and far_m > AFTER_FAR_M and kind == "after":
        found.append("after_photo_far_away")
    taken_at = min((at for at in (claimed_at, exif_at) if at), default=None)
    if kind == "after" and taken_at and begun_at and taken_at < begun_at:
        found.append("after_photo_before_dispatch")
    return found


def keep_file(encoded: bytes, ending: str, folder: Path) -> str:
    """Write a picture under the hash of its bytes, whole or not at all; return its name below the folder."""
    digest = hashlib.sha256(encoded).hexdigest()
    name = f"{digest[:2]}/{digest}.{ending}"
    target = folder / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{uuid.uuid4().hex}")
        with unfinished.open("wb") as out:
            out.write(encoded)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(target)
    return name


def by_id(session: Session, viewer: Viewer, photo_id: int, now: datetime) -> Photo:
    """Return a photo of an issue the viewer sees; raise NotFound."""
    photo = session.scalar(select(Photo).join(Issue, Photo.issue_id == Issue.id).where(
        Photo.id == photo_id, queries.visible(viewer, now)))
    if photo is None:
        raise NotFound("photo_not_found", field="id", id=photo_id)
    return photo


def mask(session: Session, viewer: Viewer, photo: Photo, boxes: list[Box], covered: bytes | None,
         seen_at: datetime | None, folder: Path, now: datetime) -> Photo:
    """Keep the boxes over faces and plates, and the copy that may be published; the photo itself stays as it is.

    No boxes take the cover off again. `seen_at` is the `masked_at` that the sender saw: of two at once the second is
    told, since its boxes would uncover what the first had covered. Raise Forbidden or Stale.
    """
    viewer.must("edit", "issue")
    session.refresh(photo, with_for_update=True)
    if iso(photo.masked_at) != iso(seen_at):
        raise Stale("masks_changed", current={"masks": photo.masks, "masked_at": iso(photo.masked_at)})
    issue = session.get_one(Issue, photo.issue_id)
    before = {"photo": photo.id, "masks": photo.masks, "masked_file": photo.masked_file}
    photo.masks = [list(box) for box in boxes]
    photo.masked_file = keep_file(covered, photo.file.rsplit(".", 1)[-1], folder) if covered and boxes else None
    photo.masked_at, photo.masked_by = now, viewer.name
    session.flush()
    ledger.record(session, viewer.actor, "mask", "issue", issue.issue_no, at=now, before=before,
                  after={"photo": photo.id, "masks": photo.masks, "masked_file": photo.masked_file})
    return photo


def public_file(photo: Photo) -> str:
    """Return the file that may leave the house: the masked one where faces or plates were covered."""
    return photo.masked_file or photo.file
