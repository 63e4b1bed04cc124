"""The small pictures of the demo's issues, drawn by the program: before with the trouble, after without it."""

import io
import random

from PIL import Image, ImageDraw, ImageEnhance

from civmap.demo.photo_scenes import HEIGHT, WIDTH, backdrop
from civmap.demo.photo_troubles import trouble

MEDIA_TYPE, ENDING = "image/jpeg", "jpg"
SIZE = (WIDTH // 2, HEIGHT // 2)
QUALITY = 68


def photo(key: str, where: str, class_code: str, kind: str, turn: int = 0) -> bytes:
    """Return the JPEG bytes of one picture; equal arguments give equal bytes.

    `key` names seed and issue, so that before and after show the same place; `kind` is before or after; `turn` is
    the round of rework, after whose failed check something of the trouble is still to be seen.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    backdrop(draw, where, random.Random(f"{key}/place"))
    if kind == "before":
        trouble(draw, class_code, random.Random(f"{key}/trouble"))
    light = random.Random(f"{key}/{kind}/{turn}").uniform(0.88, 1.08)
    image = ImageEnhance.Brightness(image.reduce(2)).enhance(light)
    out = io.BytesIO()
    image.save(out, format="JPEG", quality=QUALITY)
    return out.getvalue()
