"""A paper as PDF: its words as a page with print styles, pressed in a process of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Timer
from typing import Any

import jinja2
from markupsafe import Markup

from civmap import resources, texts
from civmap.documents.blocks import Cell, Code, Document, Photos
from civmap.documents.cells import words
from civmap.documents.pictures import Pictures, code_png, is_code
from civmap.documents.typesetting import setting
from civmap.errors import Unavailable

PRESS_SECONDS = 540
SCHEME = "picture"
Tell = Callable[[float], None]
"""Takes how far the work is, 0 to 100."""


@cache
def environment() -> jinja2.Environment:
    """Return the templates of papers."""
    return jinja2.Environment(loader=jinja2.FileSystemLoader(resources.folder("templates")), autoescape=True,
                              trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)


@cache
def _style() -> str:
    return (resources.folder("static") / "css" / "documents.css").read_text(encoding="utf-8")


class _Drawings:
    """The pictures of one paper by the name under which the page asks for them."""

    def __init__(self, pictures: Pictures | None) -> None:
        self.pictures = pictures
        self.files: dict[str, bytes] = {}
        self._names: dict[str, str] = {}

    def code(self, code: Code | None) -> Markup:
        """Return the element of a QR code, nothing where it leads nowhere."""
        if code is None or not is_code(code):
            return Markup("")
        name = self._names.setdefault(code.address, f"code-{len(self._names)}.png")
        self.files.setdefault(name, code_png(code.address))
        return Markup('<img class="qr" src="{}:{}" alt="{}">').format(SCHEME, name, code.address)

    def photos(self, cell: Photos) -> Markup:
        """Return the elements of the photos of a cell."""
        shown = Markup("")
        for file, _address in cell.files if self.pictures is not None else ():
            made = self.pictures.small(file)
            if made is not None:
                name = self._names.setdefault(file, f"photo-{len(self._names)}.jpg")
                self.files.setdefault(name, made[0])
                shown += Markup('<img class="photo" src="{}:{}">').format(SCHEME, name)
        return shown

    def cell(self, cell: Cell) -> Markup:
        """Return the markup of a cell."""
        if isinstance(cell, Photos):
            return self.photos(cell)
        return self.code(cell) if isinstance(cell, Code) else Markup(setting(words(cell)))


def page_of(document: Document, pictures: Pictures | None) -> dict[str, bytes]:
    """Return the page `sheets.html` and its pictures, by file name."""
    drawings = _Drawings(pictures)

    def say(key: str, **facts: Any) -> str:
        return texts.say(document.lang, key, **facts)

    page = environment().get_template("documents/_paper.html").render(
        document=document, t=say, style=Markup(_style()), set=lambda text: Markup(setting(text)), cell=drawings.cell,
        code=drawings.code, kind_of=_kind_of)
    return {"sheets.html": page.encode("utf-8", "replace"), **drawings.files}


def _kind_of(block: object) -> str:
    return type(block).__name__.lower()


def silent(_share: float) -> None:
    """Tell nobody how far a paper is."""


def write(document: Document, target: Path, pictures: Pictures | None, tell: Tell = silent) -> None:
    """Press a paper into a PDF file; raise Unavailable where that fails."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in page_of(document, pictures).items():
            (Path(folder) / name).write_bytes(data)
        press(folder, target, tell)


def press(folder: str, target: Path, tell: Tell = silent) -> None:
    """Press what lies in a folder into a PDF file, in a process of its own; raise Unavailable where that fails."""
    child = subprocess.Popen([sys.executable, "-m", "civmap.paper.press", folder, str(target)], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    watch = Timer(PRESS_SECONDS, child.kill)
    watch.start()
    try:
        for line in child.stdout or ():
            if line.strip().isdigit():
                tell(float(line))
        _out, trouble = child.communicate()
    finally:
        watch.cancel()
    if child.returncode:
        raise Unavailable("document_press_failed", why=trouble.strip()[-200:] or f"{PRESS_SECONDS} s")
