"""Small pictures for papers: photos shrunk to what a table shows, and QR codes."""

import io
from functools import lru_cache
from pathlib import Path

from civmap.documents.blocks import Code, Photos

EDGE = 360
QUALITY = 72


class Pictures:
    """Photos of one folder, small, each made once for a document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, tuple[bytes, tuple[int, int]] | None] = {}

    def small(self, file: str) -> tuple[bytes, tuple[int, int]] | None:
        """Return a photo as a small JPEG with its size in pixels; None where the file is gone or unreadable."""
        if file not in self.kept:
            self.kept[file] = self._made(file)
        return self.kept[file]

    def of(self, photos: Photos) -> list[tuple[bytes, tuple[int, int]]]:
        """Return the small pictures of a cell, those that are there."""
        return [made for file, _address in photos.files if (made := self.small(file)) is not None]

    def _made(self, file: str) -> tuple[bytes, tuple[int, int]] | None:
        from PIL import Image

        try:
            with Image.open(self.folder / file) as picture:
                picture.draft("RGB", (EDGE, EDGE))
                small = picture.convert("RGB")
                small.thumbnail((EDGE, EDGE))
                out = io.BytesIO()
                small.save(out, "JPEG", quality=QUALITY)
                return out.getvalue(), small.size
        except (OSError, SyntaxError, ValueError):
            return None


@lru_cache(maxsize=512)
def code_png(address: str) -> bytes:
    """Return a QR code as a picture, four dots for each of its modules."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=1, scale=4)
    return out.getvalue()


def is_code(cell: object) -> bool:
    """Tell whether a cell holds a QR code that leads somewhere."""
    return isinstance(cell, Code) and bool(cell.address)
