"""The letters of a paper that is written directly: the house's font measured, set and taken into the file.

Only the signs that were used go in. A sign that the font does not hold stands as an empty box.
"""

import re
import subprocess
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from civmap.errors import Unavailable
from civmap.paper.ink import FONT

PLACES = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc")
FACE = "Noto Sans CJK SC"
BOX = "□"
UNSET = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG", "OS/2", "name", "post")
STOPS = "，。、；：！？）」』】》”’,.;:!?)"
"""Signs that no line begins with."""
_GAP = re.compile(r"\s+")


@cache
def _file() -> str:
    """Return where the font lies; raise Unavailable where it is not installed."""
    for place in PLACES:
        if Path(place).is_file():
            return place
    try:
        told = subprocess.run(["fc-match", "-f", "%{file}", FONT], capture_output=True, text=True, timeout=20,
                              check=False).stdout
    except OSError:
        told = ""
    if told.endswith(".ttc") and "CJK" in told and Path(told).is_file():
        return told
    raise Unavailable("paper_font_missing", font=FONT)


class Lettering:
    """One font: how wide words are, how they are written into a page, and the font's own part of the file.

    It is for one file: taking the font into the file closes it.
    """

    def __init__(self) -> None:
        from fontTools.ttLib import TTCollection, TTFont

        with TTCollection(_file(), lazy=True) as faces:
            number = next((place for place, face in enumerate(faces) if face["name"].getDebugName(1) == FACE), 0)
        self.font = TTFont(_file(), fontNumber=number, lazy=True)
        self.names = self.font.getBestCmap()
        self.advances = self.font["hmtx"]
        self.used: dict[str, str] = {}
        self._signs: dict[str, tuple[str, int]] = {}
        self._words: dict[str, tuple[str, float]] = {}

    def _sign(self, sign: str) -> tuple[str, int]:
        """Return a sign's number in the font as four hexadecimal digits, and its width in thousandths."""
        known = self._signs.get(sign)
        if known is None:
            name = self.names.get(ord(sign)) or self.names[ord(BOX)]
            self.used.setdefault(name, sign)
            known = self._signs[sign] = (f"{int(name[3:]):04x}", self.advances[name][0])
        return known

    def written(self, words: str) -> tuple[str, float]:
        """Return words as hexadecimal numbers of signs, and how wide they are at size one."""
        known = self._words.get(words)
        if known is None:
            signs = [self._sign(sign) for sign in words]
            known = "".join(code for code, _width in signs), sum(width for _code, width in signs) / 1000
            self._words[words] = known
        return known

    def width(self, words: str, size: float) -> float:
        """Return how wide words are."""
        return self.written(words)[1] * size

    def fitted(self, words: str, size: float, room: float) -> str:
        """Return words on one line, shortened where there is no room for them."""
        line = _GAP.sub(" ", words).strip()
        if self.width(line, size) <= room:
            return line
        return self._begun(line, size, room - size) + "…"

    def _begun(self, line: str, size: float, room: float) -> str:
        width = 0.0
        for place, sign in enumerate(line):
            width += self._sign(sign)[1] * size / 1000
            if width > room:
                return line[:place].rstrip()
        return line

    def lines(self, words: str, size: float, room: float, most: int) -> list[str]:
        """Return words on at most so many lines; what finds no room is told by dots."""
        rest, made = _GAP.sub(" ", words).strip(), []
        while rest and len(made) < most - 1:
            line = self._begun(rest, size, room)
            end = max(len(line), 1)
            if end < len(rest):
                if rest[end] in STOPS:
                    end += 1
                elif rest[end].isascii() and rest[end].isalnum() and rest[end - 1].isascii() and " " in line:
                    end = line.rindex(" ") + 1
            made.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        return [*made, self.fitted(rest, size, room)] if rest else made

    def embedded(self) -> dict[str, Any]:
        """Return the font's part of the file: outlines, widths, and which text the numbers stand for."""
        from fontTools import subset

        widths = {int(name[3:]): self.advances[name][0] for name in self.used}
        texts = {int(name[3:]): sign for name, sign in self.used.items()}
        head, flat = self.font["head"], self.font["hhea"]
        box = [head.xMin, head.yMin, head.xMax, head.yMax]
        for tag in UNSET:
            if tag in self.font:
                del self.font[tag]
        options = subset.Options()
        options.layout_features, options.hinting, options.glyph_names = [], False, False
        cutter = subset.Subsetter(options)
        cutter.populate(glyphs=list(self.used))
        cutter.subset(self.font)
        outlines = zlib.compress(self.font["CFF "].compile(self.font))
        self.font.close()
        return {"outlines": outlines, "widths": widths, "texts": texts, "box": box, "ascent": flat.ascent,
                "descent": flat.descent}
