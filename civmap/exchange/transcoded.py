"""A file's bytes as UTF-8, whatever it was written in: UTF-8, UTF-16 with a mark, or GB18030."""

import codecs
import re
from pathlib import Path

CHUNK, MOST_OF_ONE = 1 << 18, 24 << 20
CERTAIN = 24
"""So many signs beyond ASCII that read well as UTF-8 are no accident: what fails after them is damage."""
ODD, USUAL = re.compile("[\u0180-\u07ff]"), re.compile("[\u0800-\U0010ffff]")
"""A few Chinese words in GB18030 may read as UTF-8 too, but then as letters that no Chinese table has."""


def encoding_of(path: Path) -> str:
    """Return utf-16, utf-8 or gb18030."""
    decoder, told, has_odd, has_usual = codecs.getincrementaldecoder("utf-8")(), 0, False, False
    with path.open("rb") as file:
        start = file.read(4)
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        if start[1::2] == b"\0\0" or start[::2] == b"\0\0":
            return "utf-16-le" if start[1::2] == b"\0\0" else "utf-16-be"
        file.seek(0)
        while chunk := file.read(CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as problem:
                before = chunk[:problem.start].decode("utf-8", "ignore")
                return "utf-8" if told + sum(sign > "\x7f" for sign in before) >= CERTAIN else "gb18030"
            if told < CERTAIN and not text.isascii():
                told += sum(sign > "\x7f" for sign in text)
            if not has_usual and not text.isascii():
                has_usual, has_odd = bool(USUAL.search(text)), has_odd or bool(ODD.search(text))
    return "gb18030" if has_odd and not has_usual else "utf-8"


class Text:
    """The bytes of a document in UTF-8; marks and record separators left out.

    Who reads sets `passed` back to 0 with every thing it finds: one thing that goes on for too long is no thing.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("rb")
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
        self._first, self.passed = True, 0

    def read(self, size: int = CHUNK) -> bytes:
        """Return the next bytes."""
        if size == 0:
            return b""
        self.passed += CHUNK
        if self.passed > MOST_OF_ONE:
            raise MemoryError
        data = self._file.read(size if size > 0 else CHUNK)
        if self._decoder is not None and data:
            data = self._decoder.decode(data).encode() or self.read(size)
        if self._first and data:
            self._first, data = False, data.removeprefix(codecs.BOM_UTF8)
        return data.replace(b"\x1e", b" ") if b"\x1e" in data else data
