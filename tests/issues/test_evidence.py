"""Evidence: what is odd about a photo is said, what may be published is covered, the photo itself is never touched."""

import io
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw

from civmap.errors import Forbidden, Invalid, Stale
from civmap.issues import actions, figures, photos, picturing, showing
from civmap.issues.models import Issue
from civmap.store import ledger
from tests.issues.test_photos import camera_picture

GARBAGE = {"class": "exposed_garbage", "description": "垃圾", "lon": 115.8570, "lat": 28.6830}
ALL = [0.25, 0.25, 0.5, 0.5]


@pytest.mark.parametrize(("kind", "claimed", "exif", "far_m", "begun", "warned"), [
    ("before", None, None, None, None, []),
    ("before", -600, -601, 200.0, None, []),                    # sent ten hours late out of a cellar: nothing is odd
    ("before", -600, -611, 0.0, None, ["photo_time_differs"]),
    ("before", None, -9, 0.0, None, []),
    ("before", None, -11, 0.0, None, ["photo_time_differs"]),   # no shutter is claimed: the server's time counts
    ("before", 6, None, 0.0, None, ["photo_clock_ahead"]),
    ("before", 0, None, 200.1, -60, ["photo_far_away"]),
    ("before", 0, None, 60.0, 60, []),
    ("after", 0, None, 49.9, -60, []),
    ("after", 0, None, 50.1, -60, ["after_photo_far_away"]),
    ("after", 0, None, 201.0, -60, ["photo_far_away"]),
    ("after", -61, None, 0.0, -60, ["after_photo_before_dispatch"]),
    ("after", -59, -61, 0.0, -60, ["after_photo_before_dispatch"]),
    ("after", -600, -580, 51.0, -60, ["photo_time_differs", "after_photo_far_away", "after_photo_before_dispatch"]),
])
def test_what_is_odd_about_time_and_place(now, kind, claimed, exif, far_m, begun, warned):
    at = [None if minutes is None else now + timedelta(minutes=minutes) for minutes in (claimed, exif, begun)]
    assert photos.warnings_of(kind, at[0], at[1], far_m, at[2], now) == warned


@pytest.fixture
def issue(session, cast, now):
    issue = actions.report(session, cast["inspector"], GARBAGE, now)
    for who, verb in (("dispatcher", "file"), ("dispatcher", "dispatch"), ("handler", "acknowledge")):
        actions.perform(session, cast[who], issue.issue_no, verb, {}, issue.version, now)
    return issue


def test_a_photo_afterwards_keeps_the_photo_it_was_taken_over(session, cast, issue, now, tmp_path):
    def add(kind, data, who="handler", **said):
        return photos.add(session, cast[who], issue.issue_no, data, {"kind": kind} | said, tmp_path, now)
    wide, close = (add("before", camera_picture(lat=28.683 + n / 1e5), "inspector") for n in (1, 2))
    after = add("after", camera_picture(lat=28.6836), pair_id=wide.id, accuracy_m="12.5", lon="115.857", lat="28.6836",
                taken_at="2026-05-20T08:58:00+08:00")
    assert (after.pair_id, after.accuracy_m) == (wide.id, 12.5)
    assert after.warnings == ["after_photo_far_away", "after_photo_before_dispatch"]
    (pair,) = figures.pairs([showing.photo_json(photo) for photo in (wide, close, after)])
    assert pair["before"]["id"] == wide.id
    other = actions.report(session, cast["inspector"], GARBAGE, now)
    with pytest.raises(Invalid, match="photo_pair_unknown"):
        photos.add(session, cast["inspector"], other.issue_no, camera_picture(), {"kind": "after", "pair_id": wide.id},
                   tmp_path, now)
    assert "photo_used_before" in photos.add(session, cast["inspector"], other.issue_no, camera_picture(lat=28.68301),
                                             {"kind": "before"}, tmp_path, now).warnings


def _plate(size=(320, 240)):
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for x in range(80, 240, 8):
        pen.rectangle((x, 60, x + 3, 180), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_a_cover_leaves_nothing_behind_and_the_photo_as_it_was(session, cast, issue, now, tmp_path):
    photo = photos.add(session, cast["inspector"], issue.issue_no, _plate(), {"kind": "before"}, tmp_path, now)
    kept, boxes = (tmp_path / photo.file).read_bytes(), picturing.boxes_of([ALL])
    covered = picturing.pixelated(kept, photo.media_type, boxes)
    with pytest.raises(Forbidden):
        photos.mask(session, cast["handler"], photo, boxes, covered, None, tmp_path, now)
    photos.mask(session, cast["dispatcher"], photo, boxes, covered, None, tmp_path, now)
    assert photos.public_file(photo) != photo.file and (tmp_path / photo.file).read_bytes() == kept
    with Image.open(tmp_path / photo.masked_file) as shown:
        inside = shown.convert("L").crop((80, 60, 240, 180))
        darkest, lightest = inside.getextrema()
        assert len(inside.getcolors(100)) <= 16 and lightest - darkest < 100
        assert shown.convert("L").getpixel((10, 10)) == 255 and not shown.getexif()
    with pytest.raises(Stale, match="masks_changed"):
        photos.mask(session, cast["admin"], photo, [], None, None, tmp_path, now)
    photos.mask(session, cast["admin"], photo, [], None, photo.masked_at, tmp_path, now + timedelta(minutes=1))
    assert photos.public_file(photo) == photo.file
    lines = [entry for entry in ledger.history(session, "issue", issue.issue_no) if entry.verb == "mask"]
    assert [line.after["masks"] for line in lines] == [[ALL], []] and lines[1].before["masks"] == [ALL]


@pytest.mark.parametrize("boxes", [None, {}, [[0, 0, 1]], [[0, 0, "1", 1]], [[0.5, 0.5, 0.001, 0.5]], [[2, 2, 1, 1]],
                                   [[True, 0, 1, 1]], [[0, 0, 1, 1]] * 61])
def test_what_is_no_box_is_refused(boxes):
    with pytest.raises(Invalid, match="mask"):
        picturing.boxes_of(boxes)


@pytest.mark.parametrize(("ground", "form", "media_type"), [
    ("white", "JPEG", "image/jpeg"), ("black", "PNG", "image/png"), ("yellow", "WEBP", "image/webp")])
def test_a_watermark_can_be_read_on_light_and_dark(ground, form, media_type):
    out = io.BytesIO()
    Image.new("RGB", (900, 600), ground).save(out, form)
    words = picturing.Words("2026-05-20 09:15:23", ["地点 河东路（桥头—东环路）" * 4, "拍摄人 王丽"], ["latin"])
    with Image.open(io.BytesIO(picturing.watermarked(out.getvalue(), media_type, words))) as marked:
        assert (marked.format, marked.size, dict(marked.getexif())) == (form, (900, 600), {})
        foot = marked.convert("L").crop((20, 420, 700, 600))
        darkest, lightest = foot.getextrema()
        assert lightest > 240 and darkest < 60


def test_without_a_chinese_font_the_watermark_says_what_latin_can(monkeypatch):
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "gray").save(out, "PNG")
    monkeypatch.setattr(picturing, "chinese_font", lambda: None)
    words = picturing.Words("2026-05-20 09:15:23", ["地点 河东路"], ["115.857000, 28.683000 WT20260520-0001"])
    assert picturing.watermarked(out.getvalue(), "image/png", words)


def test_the_work_on_the_spot_begins_when_it_was_seen(session, cast, now, tmp_path):
    issue = actions.report(session, cast["inspector"], GARBAGE | {"captured_at": "2026-05-20T08:00:00+08:00"}, now)
    issue.fixed_on_spot, issue.dispatched_at = True, now
    photo = photos.add(session, cast["inspector"], issue.issue_no, camera_picture(taken="2026:05:20 08:58:00"),
                       {"kind": "after"}, tmp_path, now)
    assert photo.warnings == [] and session.get(Issue, issue.id).fixed_on_spot
