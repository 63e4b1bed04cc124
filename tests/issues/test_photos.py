"""Photos are checked before they are decoded, stripped of what they tell, and kept once."""

import io
import struct
import zlib

import pytest
from PIL import Image

from civmap.errors import Invalid, NotFound, TooLarge
from civmap.issues import actions, photos

GARBAGE = {"class": "exposed_garbage", "description": "垃圾", "lon": 115.8570, "lat": 28.6830}


def camera_picture(lat=28.6830, lon=115.8570, taken="2026:05:20 08:59:00"):
    picture = Image.new("RGB", (80, 60), "orange")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = taken
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (int(lat), int(lat % 1 * 60), lat * 60 % 1 * 60)
    gps[3], gps[4] = "E", (int(lon), int(lon % 1 * 60), lon * 60 % 1 * 60)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def add(session, cast, now, tmp_path):
    issue = actions.report(session, cast["inspector"], GARBAGE, now)

    def add(data, who="inspector", **said):
        return photos.add(session, cast[who], issue.issue_no, data, {"kind": "before"} | said, tmp_path, now)
    return add


def test_time_and_place_move_from_the_file_into_columns(add, tmp_path):
    photo = add(camera_picture())
    assert photo.taken_at.isoformat() == "2026-05-20T00:59:00+00:00"
    assert (photo.lon, photo.lat) == pytest.approx((115.8570, 28.6830), abs=1e-6)
    with Image.open(tmp_path / photo.file) as kept:
        assert (kept.size, dict(kept.getexif()), photo.warnings) == ((60, 80), {}, [])


def test_a_picture_used_before_or_taken_far_away_is_kept_with_a_warning(add):
    add(camera_picture())
    assert add(camera_picture()).warnings == ["photo_used_before"]
    assert add(camera_picture(lat=28.69)).warnings == ["photo_far_away"]
    assert "photo_time_differs" in add(camera_picture(taken="2026:05:20 08:01:00"),
                                       taken_at="2026-05-20T09:00:00+08:00").warnings


@pytest.mark.parametrize("data", [b"", b"GIF89a" + b"\0" * 50, b"\xff\xd8\xff" + b"\0" * 50, b"<svg/>", b"x" * 1000])
def test_what_is_no_photo_is_refused(add, data):
    with pytest.raises(Invalid, match="photo_unreadable"):
        add(data)


def test_a_bomb_is_refused_before_it_is_decoded(add):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    with pytest.raises(Invalid, match="photo_too_many_pixels"):
        add(bomb)
    with pytest.raises(TooLarge, match="photo_too_large"):
        add(b"\0" * (photos.MOST_BYTES + 1))


def test_a_stranger_sees_no_photo(add, session, cast, now):
    photo = add(camera_picture())
    assert photos.by_id(session, cast["handler"], photo.id, now).id == photo.id
    with pytest.raises(NotFound):
        photos.by_id(session, cast["doctor"], photo.id, now)
