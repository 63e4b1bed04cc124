"""A quill: it writes a PDF directly, line by line. For papers of hundreds of pages of small maps and short texts.

WeasyPrint lays out 30 short texts in some 30 ms; a sheet of a thousand stops would take it a minute. Here words are
placed by whoever writes, in millimetres from the paper's upper left corner.
"""

import zlib
from collections.abc import Callable, Sequence
from functools import cache
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from civmap.paper.lettering import Lettering
from civmap.paper.scales import UNITS

POINTS = 72 / 25.4
BOLD = 0.032
"""How far a bold letter's outline is drawn wider, of its size."""
CREATOR = "civmap"


@cache
def _colour(text: str, verb: str) -> str:
    return " ".join(f"{int(text[at:at + 2], 16) / 255:.3f}" for at in (1, 3, 5)) + f" {verb}"


class Quill:
    """Pages being written."""

    def __init__(self, lettering: Lettering, width: float, height: float) -> None:
        self.lettering, self.width, self.height = lettering, width, height
        self.pages: list[list[str]] = []
        self.at = -1
        self.stencils: dict[str, tuple[list[str], tuple[float, float, float, float]]] = {}

    def begin(self) -> int:
        """Begin a page; return its number, from 0."""
        self.pages.append([f"{POINTS:.6f} 0 0 {-POINTS:.6f} 0 {self.height * POINTS:.4f} cm"])
        self.at = len(self.pages) - 1
        return self.at

    def put(self, *marks: str) -> None:
        """Write marks as they are, on the page that `at` names."""
        self.pages[self.at] += marks

    def kept(self, draw: Callable[[], None]) -> list[str]:
        """Return the marks of a drawing that is used more than once, without putting them on the page."""
        start = len(self.pages[self.at])
        draw()
        marks = self.pages[self.at][start:]
        del self.pages[self.at][start:]
        return marks

    def place(self, marks: Sequence[str], x: float, y: float) -> None:
        """Put a kept drawing at a place."""
        self.put(f"q 1 0 0 1 {x:.3f} {y:.3f} cm", *marks, "Q")

    def use(self, name: str, draw: Callable[[], None], box: tuple[float, float, float, float], x: float,
            y: float) -> None:
        """Put a stencil at a place: it is drawn the first time, stands in the file once, and is cut to its box."""
        if name not in self.stencils:
            self.stencils[name] = (self.kept(draw), box)
        self.put(f"q 1 0 0 1 {x:.2f} {y:.2f} cm /{name} Do Q")

    def box(self, x: float, y: float, width: float, height: float, fill: str | None = None, edge: str | None = None,
            line: float = 0.2) -> None:
        """Draw a rectangle."""
        shape = f"{x:.3f} {y:.3f} {width:.3f} {height:.3f} re"
        if fill:
            self.put(_colour(fill, "rg"))
        if edge:
            self.put(_colour(edge, "RG"), f"{line:.3f} w [] 0 d")
        self.put(shape, "B" if fill and edge else "f" if fill else "S")

    def rule(self, x: float, y: float, to_x: float, to_y: float, colour: str, line: float = 0.2) -> None:
        """Draw a straight line."""
        self.put(_colour(colour, "RG"), f"{line:.3f} w [] 0 d {x:.3f} {y:.3f} m {to_x:.3f} {to_y:.3f} l S")

    def disc(self, x: float, y: float, radius: float, fill: str, edge: str = "#ffffff", line: float = 0.25) -> None:
        """Draw a round mark with an edge."""
        k = radius * 0.5523
        self.put(_colour(fill, "rg"), _colour(edge, "RG"), f"{line:.3f} w [] 0 d {x - radius:.3f} {y:.3f} m "
                 f"{x - radius:.3f} {y - k:.3f} {x - k:.3f} {y - radius:.3f} {x:.3f} {y - radius:.3f} c "
                 f"{x + k:.3f} {y - radius:.3f} {x + radius:.3f} {y - k:.3f} {x + radius:.3f} {y:.3f} c "
                 f"{x + radius:.3f} {y + k:.3f} {x + k:.3f} {y + radius:.3f} {x:.3f} {y + radius:.3f} c "
                 f"{x - k:.3f} {y + radius:.3f} {x - radius:.3f} {y + k:.3f} {x - radius:.3f} {y:.3f} c b")

    def stamp(self, rows: NDArray[np.uint8], x: float, y: float, size: float) -> None:
        """Draw dark and light squares, row by row: a code that is read by a camera."""
        bits = np.packbits(rows, axis=1).tobytes().hex()
        self.put(f"q 0 0 0 rg {size:.3f} 0 0 {-size:.3f} {x:.3f} {y + size:.3f} cm BI /W {len(rows[0])} /H {len(rows)} "
                 f"/IM true /BPC 1 /D [1 0] /F /AHx ID {bits}> EI Q")

    def open_map(self, x: float, y: float, width: float, height: float) -> None:
        """Begin a map at a place: what follows counts in drawing steps from its corner and ends at its edge."""
        step = 1 / UNITS
        self.put("q", f"{x:.3f} {y:.3f} {width:.3f} {height:.3f} re W n", f"{step} 0 0 {step} {x:.3f} {y:.3f} cm")

    def close_map(self) -> None:
        """End a map."""
        self.put("Q")

    def shapes(self, data: str, fill: str | None = None, edge: str | None = None, line: float = 1.0,
               dash: Sequence[float] = (), cap: int = 1) -> None:
        """Draw paths of a map in drawing steps; areas fill by the even-odd rule."""
        if not data:
            return
        marks = [_colour(fill, "rg")] if fill else []
        if edge:
            told = " ".join(f"{part:g}" for part in dash)
            marks.append(f"{_colour(edge, 'RG')} {line:.2f} w {cap} J 1 j [{told}] 0 d")
        self.put(*marks, data, "B*" if fill and edge else "f*" if fill else "S")

    def text(self, words: str, x: float, y: float, size: float, colour: str = "#16262e", *, bold: bool = False,
             anchor: float = 0.0, halo: float = 0.0, turn: float = 0.0) -> float:
        """Write words whose base line begins at a place (anchor 0), has its middle (0.5) or its end (1) there.

        Return how wide they are.
        """
        code, wide = self.lettering.written(words)
        if not code:
            return 0.0
        wide *= size
        across, down = cos(radians(turn)), sin(radians(turn))
        at = (x - wide * anchor * across, y - wide * anchor * down)
        place = (f"/F {size:.3f} Tf {across:.5f} {down:.5f} {down:.5f} {-across:.5f} {at[0]:.3f} {at[1]:.3f} Tm "
                 f"<{code}> Tj")
        if halo:
            self.put(f"q 1 1 1 RG {halo:.3f} w 1 j [] 0 d BT 1 Tr {place} ET Q")
        if bold:
            inks = f"{_colour(colour, 'rg')} {_colour(colour, 'RG')} {size * BOLD:.3f} w [] 0 d"
            self.put(f"q {inks} BT 2 Tr {place} ET Q")
        else:
            self.put(f"{_colour(colour, 'rg')} BT {place} ET")
        return wide

    def saved(self, title: str, lang: str) -> bytes:
        """Return the file."""
        return _Binder(title, lang).bound(self)


class _Binder:
    """The objects of a PDF file, numbered as they come."""

    def __init__(self, title: str, lang: str) -> None:
        self.title, self.lang = title, lang
        self.parts: list[bytes] = []

    def _add(self, body: str | bytes) -> int:
        self.parts.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(self.parts)

    def _stream(self, data: bytes, more: str = "") -> int:
        head = f"<< /Length {len(data)} /Filter /FlateDecode{more} >>\nstream\n".encode()
        return self._add(head + data + b"\nendstream")

    def bound(self, quill: Quill) -> bytes:
        """Return the whole file."""
        means = f"<< /Font << /F {self._font(quill.lettering)} 0 R >> /XObject {self._stencils(quill)} 0 R >>"
        tree = len(self.parts) + 2 * len(quill.pages) + 1
        kids = []
        for marks in quill.pages:
            written = self._stream(zlib.compress("\n".join(marks).encode("ascii"), 4))
            kids.append(self._add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {quill.width * POINTS:.3f} "
                f"{quill.height * POINTS:.3f}] /Resources {means} /Contents {written} 0 R >>"))
        listed = " ".join(f"{kid} 0 R" for kid in kids)
        self._add(f"<< /Type /Pages /Count {len(kids)} /Kids [{listed}] >>")
        root = self._add(f"<< /Type /Catalog /Pages {tree} 0 R /Lang ({self.lang}) "
                         f"/ViewerPreferences << /DisplayDocTitle true >> >>")
        info = self._add(f"<< /Title <feff{self.title.encode('utf-16-be').hex()}> /Creator ({CREATOR}) >>")
        return self._numbered(root, info)

    def _stencils(self, quill: Quill) -> int:
        """Add the stencils; return the number of the table that names them."""
        named = []
        for name, (marks, box) in quill.stencils.items():
            edges = " ".join(f"{edge:g}" for edge in box)
            data = zlib.compress("\n".join(marks).encode("ascii"), 4)
            number = self._stream(data, f" /Type /XObject /Subtype /Form /BBox [{edges}] /Resources << >>")
            named.append(f"/{name} {number} 0 R")
        return self._add(f"<< {' '.join(named)} >>")

    def _font(self, lettering: Lettering) -> int:
        made = lettering.embedded()
        outlines = self._stream(made["outlines"], " /Subtype /CIDFontType0C")
        low, high = made["descent"], made["ascent"]
        name = "/CIVMAP+NotoSansCJKsc-Regular"
        described = self._add(
            f"<< /Type /FontDescriptor /FontName {name} /Flags 4 /FontBBox [{' '.join(map(str, made['box']))}] "
            f"/ItalicAngle 0 /Ascent {high} /Descent {low} /CapHeight 733 /StemV 80 /FontFile3 {outlines} 0 R >>")
        widths = " ".join(f"{cid} [{width}]" for cid, width in sorted(made["widths"].items()))
        inner = self._add(
            f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont {name} /CIDSystemInfo << /Registry (Adobe) "
            f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor {described} 0 R /DW 1000 /W [{widths}] >>")
        texts = self._stream(zlib.compress(_meanings(made["texts"])))
        return self._add(f"<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H "
                         f"/DescendantFonts [{inner} 0 R] /ToUnicode {texts} 0 R >>")

    def _numbered(self, root: int, info: int) -> bytes:
        out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
        for number, part in enumerate(self.parts, start=1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
        out += "".join(f"{place:010} 00000 n \n" for place in places).encode()
        out += (f"trailer\n<< /Size {len(places) + 1} /Root {root} 0 R /Info {info} 0 R >>\n"
                f"startxref\n{start}\n%%EOF\n").encode()
        return bytes(out)


def _meanings(texts: dict[int, str]) -> bytes:
    """Return the table by which readers and searches know the text behind the numbers."""
    rows = [f"<{cid:04x}> <{sign.encode('utf-16-be').hex()}>" for cid, sign in sorted(texts.items())]
    parts = "".join(f"{len(rows[at:at + 100])} beginbfchar\n" + "\n".join(rows[at:at + 100]) + "\nendbfchar\n"
                    for at in range(0, len(rows), 100))
    return ("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) "
            "/Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n" + parts
            + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n").encode()
