"""Sign boards for the press: each fills one sheet, A4 or A3, as it hangs in the street."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from civmap import resources, texts
from civmap.documents import pdf
from civmap.documents.pictures import code_png
from civmap.documents.typesetting import setting
from civmap.errors import Invalid
from civmap.segments.boards import Board

SIZES = {"A3": (420, 297), "A4": (297, 210)}
LAYS = ("landscape", "portrait")
MOST = 200


def check(size: str, lay: str) -> None:
    """Raise Invalid for a sheet that there is not."""
    for name, value, known in (("size", size, SIZES), ("lay", lay, LAYS)):
        if value not in known:
            raise Invalid("choice_unknown", field=name, value=value[:20], known=list(known))


def write(boards: Sequence[tuple[Board, str]], lang: str, size: str, lay: str, target: Path) -> None:
    """Press boards with the addresses of their codes into a PDF file; raise Unavailable where that fails."""
    check(size, lay)
    with tempfile.TemporaryDirectory() as folder:
        files = pages(boards, lang, size, lay)
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        pdf.press(folder, target)


def pages(boards: Sequence[tuple[Board, str]], lang: str, size: str, lay: str) -> dict[str, bytes]:
    """Return the page `sheets.html` and the pictures of its codes, by file name."""
    wide, high = SIZES[size] if lay == "landscape" else SIZES[size][::-1]

    def say(key: str, **facts: Any) -> str:
        return texts.say(lang, key, **facts)

    style = (resources.folder("static") / "css" / "board-print.css").read_text(encoding="utf-8")
    page = pdf.environment().get_template("boards/_sheets.html").render(
        boards=boards, t=say, lang=lang, style=Markup(style), set=lambda text: Markup(setting(text)), wide=wide,
        high=high, lay=lay, scale=wide / 420 if lay == "landscape" else wide / 297)
    codes = {f"code-{number}.png": code_png(address) for number, (_, address) in enumerate(boards)}
    return {"sheets.html": page.encode("utf-8", "replace"), **codes}
