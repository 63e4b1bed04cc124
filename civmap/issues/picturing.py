"""What is painted into copies of a photo: the watermark of time and place, and squares over faces and plates.

The kept photo is never touched: every function takes bytes and returns new ones, without metadata.
"""

import io
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from civmap.errors import Invalid

FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Noto Serif CJK SC")
LANGUAGE = "zh-cn"
SAVING = {"image/jpeg": ("JPEG", {"quality": 88}), "image/png": ("PNG", {}), "image/webp": ("WEBP", {"quality": 88})}
MOST_BOXES = 60
SMALL_PX = 288
SMALLEST_SHARE = 0.004
BLOCKS, LEVELS, GROWN = 4, 32, 0.1
INK, EDGE, PLATE = (255, 255, 255, 255), (0, 0, 0, 210), (0, 0, 0, 128)
Box = tuple[float, float, float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def small(data: bytes) -> bytes:
    """Return a small copy for lists: a JPEG of at most SMALL_PX a side."""
    with Image.open(io.BytesIO(data)) as opened:
        opened.draft("RGB", (2 * SMALL_PX, 2 * SMALL_PX))
        picture = opened.convert("RGB")
    picture.thumbnail((SMALL_PX, SMALL_PX))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=74)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class Words:
    """What a watermark says: the time large, the lines below it, and a Latin line where no Chinese can be set."""

    time: str
    lines: Sequence[str]
    latin: Sequence[str]


@cache
def chinese_font() -> tuple[str, int] | None:
    """Return the file and face of a Chinese font as fontconfig knows it, or None where the machine has none."""
    if shutil.which("fc-list") is None:
        return None
    for family in (*FAMILIES, ""):
        asked = ["fc-list", f"{family}:lang={LANGUAGE}", "--format", "%{file}\t%{index}\t%{style}\n"]
        found = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10).stdout.splitlines()
        rows = sorted((line.split("\t") for line in found if line.count("\t") == 2),
                      key=lambda row: (row[2].split(",")[0] not in ("Regular", "Book"), row[0], row[1]))
        if rows:
            return rows[0][0], int(rows[0][1]) & 0xFFFF
    return None


def _font(size: float) -> Font:
    known = chinese_font()
    if known is None:
        return ImageFont.load_default(size)
    return ImageFont.truetype(known[0], round(size), index=known[1])


def watermarked(data: bytes, media_type: str, words: Words) -> bytes:
    """Return a copy with the words burnt in at its foot, white on a veil with a dark edge: readable on any ground."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGBA")
    size = max(12.0, min(picture.size) / 28)
    large, small, gap = _font(size * 1.35), _font(size), size * 0.6
    room = picture.width - 2 * gap
    told = words.lines if chinese_font() else words.latin
    rows = [(words.time, large), *((line, small) for text in told for line in _wrapped(text, small, room))]
    heights = [size * (1.8 if font is large else 1.45) for _text, font in rows]
    veil = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(veil)
    top = picture.height - sum(heights) - gap * 1.5
    pen.rectangle((0, top, picture.width, picture.height), fill=PLATE)
    pen.rectangle((0, top, size * 0.22, picture.height), fill=(255, 196, 0, 255))
    at = top + gap * 0.6
    for (text, font), height in zip(rows, heights, strict=True):
        pen.text((gap, at), text, font=font, fill=INK, stroke_width=max(1, round(size / 18)), stroke_fill=EDGE)
        at += height
    return _saved(Image.alpha_composite(picture, veil), media_type)


def _wrapped(text: str, font: Font, room: float) -> list[str]:
    """Break a line where it runs out of room: Chinese breaks between any two signs."""
    lines, line = [], ""
    for letter in text:
        if line and font.getlength(line + letter) > room:
            lines.append(line.rstrip())
            line = ""
        line += letter
    return [*lines, line] if line else lines


def boxes_of(said: object) -> list[Box]:
    """Return boxes (x, y, width, height as shares of the picture) cut to its edges; raise Invalid."""
    if not isinstance(said, list) or len(said) > MOST_BOXES:
        raise Invalid("masks_unreadable", field="boxes", most=MOST_BOXES)
    return [_box(one) for one in said]


def _box(said: object) -> Box:
    if not isinstance(said, list) or len(said) != 4 or not all(
            isinstance(part, int | float) and not isinstance(part, bool) and -1 <= part <= 2 for part in said):
        raise Invalid("masks_unreadable", field="boxes", most=MOST_BOXES)
    x, y, width, height = (float(part) for part in said)
    left, top, right, bottom = max(0.0, x), max(0.0, y), min(1.0, x + width), min(1.0, y + height)
    if right - left < SMALLEST_SHARE or bottom - top < SMALLEST_SHARE:
        raise Invalid("mask_too_small", field="boxes")
    return round(left, 5), round(top, 5), round(right - left, 5), round(bottom - top, 5)


def pixelated(data: bytes, media_type: str, boxes: Sequence[Box]) -> bytes:
    """Return a copy in which each box, a little grown, is a few squares of its mean colours: nothing leads back.

    At most four squares along the longer edge, in few shades: also a plate in known type cannot be tried out.
    """
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGBA" if media_type != "image/jpeg" and "A" in opened.getbands() else "RGB")
    for box in boxes:
        left, top, right, bottom = _pixels(box, picture.size)
        part = picture.crop((left, top, right, bottom))
        longest = max(part.size)
        few = tuple(max(1, round(BLOCKS * edge / longest)) for edge in part.size)
        coarse = part.filter(ImageFilter.BoxBlur(longest / BLOCKS / 2)).resize(few, Image.Resampling.BOX)
        coarse = coarse.point([value // LEVELS * LEVELS + LEVELS // 2 for value in range(256)] * len(coarse.getbands()))
        picture.paste(coarse.resize(part.size, Image.Resampling.NEAREST), (left, top))
    return _saved(picture, media_type)


def _pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    grown_x, grown_y = width * GROWN / 2, height * GROWN / 2
    left, right = (x - grown_x) * size[0], (x + width + grown_x) * size[0]
    top, bottom = (y - grown_y) * size[1], (y + height + grown_y) * size[1]
    return (max(0, int(left)), max(0, int(top)), min(size[0], max(int(right) + 1, int(left) + 2)),
            min(size[1], max(int(bottom) + 1, int(top) + 2)))


def _saved(picture: Image.Image, media_type: str) -> bytes:
    name, options = SAVING[media_type]
    clean = picture.convert("RGB") if name == "JPEG" or picture.mode == "RGB" else picture
    clean.info.clear()
    out = io.BytesIO()
    clean.save(out, format=name, **options)
    return out.getvalue()
