"""The small pictures of the demo's issues, drawn by the program: before with the trouble, after without it."""

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

from civmap.demo.photo_scenes import HEIGHT, WIDTH, backdrop
from civmap.demo.photo_troubles import trouble

MEDIA_TYPE, ENDING = "image/jpeg", "jpg"
SIZE = (WIDTH // 2, HEIGHT // 2)
QUALITY = 68


def photo(key: str, where: str, class_code: str, kind: str) -> bytes:
    """Return the JPEG bytes of one picture; equal arguments give equal bytes.

    `key` names seed and issue, so that all pictures of it show the same place; `kind` is before, after, or half for
    an after that failed its check: the trouble is still there, elsewhere.
    """
    image = _place(key, where).copy()
    if kind != "after":
        trouble(ImageDraw.Draw(image), class_code, random.Random(f"{key}/{kind}"))
    out = io.BytesIO()
    image.reduce(2).save(out, format="JPEG", quality=QUALITY)
    return out.getvalue()


@lru_cache(maxsize=1)
def _place(key: str, where: str) -> Image.Image:
    """Return the place without trouble; kept for the next picture, which mostly shows the same one."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    backdrop(ImageDraw.Draw(image), where, random.Random(f"{key}/place"))
    return image
