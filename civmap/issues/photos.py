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

from civmap.clock import OFFICE_ZONE
from civmap.errors import Forbidden, Invalid, NotFound, TooLarge
from civmap.fields import Field, moment, number, one_of, read_fields, refuse
from civmap.geo.measure import distance_m
from civmap.issues import queries
from civmap.issues.models import Issue, Photo
from civmap.people.rules import Viewer
from civmap.store import ledger

KINDS = ("before", "after", "close", "wide", "reference")
FORMATS = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_EDGE = 2560
FAR_M, OLD = 200.0, timedelta(minutes=10)
_EXIF_IFD, _GPS_IFD, _TAKEN = 0x8769, 0x8825, 0x9003
FIELDS = (
    Field("kind", "kind", one_of(*KINDS), is_required=True),
    Field("taken_at", "taken_at", moment),
    Field("lon", "lon", number(-180, 180)),
    Field("lat", "lat", number(-90, 90)),
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
    spot = shot.spot if None in told else told
    digest, (width, height) = shot.digest, shot.size
    photo = Photo(issue_id=issue.id, kind=values["kind"], round=issue.rework_count, sha256=digest,
                  file=keep_file(shot.encoded, shot.ending, folder), media_type=shot.media_type, width=width,
                  height=height, taken_at=taken_at, lon=spot[0] if spot else None, lat=spot[1] if spot else None,
                  warnings=_warnings(session, issue, digest, taken_at, shot.taken_at, spot), uploaded_at=now,
                  uploaded_by=viewer.name)
    session.add(photo)
    session.flush()
    ledger.record(session, viewer.actor, "photo", "issue", issue.issue_no, at=now,
                  after={"photo": photo.id, "kind": photo.kind, "sha256": digest, "warnings": photo.warnings})
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


def _warnings(session: Session, issue: Issue, digest: str, taken_at: datetime | None, exif_at: datetime | None,
              spot: tuple[float, float] | None) -> list[str]:
    found = []
    if session.scalar(select(Photo.id).where(Photo.sha256 == digest).limit(1)) is not None:
        found.append("photo_used_before")
    if exif_at and taken_at and abs(exif_at - taken_at) > OLD:
        found.append("photo_time_differs")
    if spot and distance_m(spot, (issue.geom.x, issue.geom.y)) > FAR_M:
        found.append("photo_far_away")
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
