"""A paper as DOCX, set as an office in China sets it: 仿宋 for text, 宋体 for titles, 黑体 for heads.

The fonts are named for East Asian signs too, else Word takes its own. Head rows repeat, rows stay whole, pages are
numbered by fields, and punctuation may be squeezed but never begins a line.
"""

import io
from collections.abc import Sequence
from typing import Any, BinaryIO

from civmap import texts
from civmap.documents.blocks import LANDSCAPE, Cell, Code, Document, Facts, Photos, Signature, Table, Words
from civmap.documents.cells import words
from civmap.documents.pictures import Pictures, code_png, is_code
from civmap.documents.wordxml import field, fix_table, part, repeat_head, set_fonts, shade, tune, whole_row

SIZES = {"A4": (210, 297), "A3": (297, 420)}
TEXT, TITLE, HEAD, LATIN = "仿宋", "宋体", "黑体", "Times New Roman"
PHOTO_MM, CODE_MM = 24, 13
MARGIN_MM = {True: 26, False: 14}


def write(document: Document, target: BinaryIO, pictures: Pictures | None) -> int:
    """Write a paper as DOCX; return how many rows its tables have."""
    return _Writer(document, pictures).write(target)


class _Writer:
    def __init__(self, document: Document, pictures: Pictures | None) -> None:
        import docx

        self.document, self.pictures = document, pictures
        self.word = docx.Document()
        self.base = 14.0 if document.is_formal else 6.5 if document.size == "A3" else 9.0
        self.small = 9.0 if document.is_formal else self.base
        self._page()
        set_fonts(self.word.styles["Normal"].element, LATIN, TEXT)
        self.word.styles["Normal"].font.size = _pt(self.base)
        tune(self.word, document.lang)
        self.word.core_properties.title = document.title
        self.word.core_properties.subject = document.number
        self.word.core_properties.author = "civmap"
        self.word.core_properties.comments = ""

    def write(self, target: BinaryIO) -> int:
        """Write everything in its order."""
        self._head()
        count = 0
        for block in self.document.blocks:
            if isinstance(block, Table):
                count += self._table(block)
            elif isinstance(block, Facts):
                self._facts(block)
            elif isinstance(block, Words):
                self._words(block)
            else:
                self._signature(block)
        self._foot()
        self.word.save(target)
        return count

    def _page(self) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm

        section = self.word.sections[0]
        short, long = SIZES[self.document.size]
        is_across = self.document.orientation == LANDSCAPE
        section.orientation = WD_ORIENT.LANDSCAPE if is_across else WD_ORIENT.PORTRAIT
        self.width = (long if is_across else short)
        section.page_width, section.page_height = Mm(self.width), Mm(short if is_across else long)
        margin = MARGIN_MM[self.document.is_formal]
        section.left_margin = section.right_margin = Mm(margin)
        section.top_margin = section.bottom_margin = Mm(margin)
        section.footer_distance = Mm(9)
        self.width -= 2 * margin

    def _said(self, text: str, size: float, font: str = TEXT, *, align: str = "left", bold: bool = False,
              indent: float = 0, after: float = 0, colour: str = "") -> Any:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt, RGBColor

        paragraph = self.word.add_paragraph()
        paragraph.alignment = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER,
                               "right": WD_ALIGN_PARAGRAPH.RIGHT, "both": WD_ALIGN_PARAGRAPH.JUSTIFY}[align]
        form = paragraph.paragraph_format
        form.space_before, form.space_after = Pt(0), Pt(after)
        form.line_spacing = 1.5 if self.document.is_formal else 1.15
        if indent:
            form.first_line_indent = Pt(indent)
        run = paragraph.add_run(words(text))
        run.bold, run.font.size = bold, Pt(size)
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)
        set_fonts(run._element, LATIN, font)
        return paragraph

    def _head(self) -> None:
        document = self.document
        for mark in document.marks:
            self._said(mark, 10.5, HEAD, bold=True, colour="A3210F")
        self._said(document.title, 22 if document.is_formal else 17, TITLE, align="center", bold=True, after=2)
        for text in filter(None, (document.number, document.subtitle)):
            self._said(text, self.base if document.is_formal else 9, align="center", after=4)
        if is_code(document.code):
            self._picture(self._said("", 6, align="right"), code_png(document.code.address), 20)

    def _words(self, block: Words) -> None:
        if block.look == "break":
            self.word.add_page_break()
            return
        size = {"to": self.base, "body": self.base, "note": self.base - 3 if self.document.is_formal else self.base}
        is_body = block.look == "body"
        self._said(block.text, size[block.look], HEAD if block.look == "to" else TEXT,
                   align="both" if is_body else "left", indent=2 * self.base if is_body else 0, after=3)

    def _signature(self, block: Signature) -> None:
        if block.office:
            self._said("", 6)
            for text in (block.seal, block.office, block.day):
                is_seal = text == block.seal
                paragraph = self._said(text, 9 if is_seal else self.base, align="center",
                                       colour="B4594A" if is_seal else "")
                paragraph.paragraph_format.left_indent = _mm(self.width * 0.45)
                paragraph.paragraph_format.keep_with_next = text != block.day
        for number, text in enumerate(block.receipt):
            self._said(text, 11 if self.document.is_formal else 9).paragraph_format.space_before = _pt(
                14 if number == 0 else 4)

    def _facts(self, block: Facts) -> None:
        lines = [block.pairs[at:at + 2] for at in range(0, len(block.pairs), 2)]
        table = self._grid(len(lines), (16, 34, 16, 34))
        for row, line in zip(table.rows, lines, strict=True):
            cells = row.cells
            for number, (name, value) in enumerate(line):
                self._fill(cells[2 * number], name, HEAD, 10.5, align="center")
                shade(cells[2 * number], "E7EEF0")
                self._fill(cells[2 * number + 1], value, TEXT, 10.5)
            if len(line) == 1:
                cells[1].merge(cells[3])
            whole_row(row)
        self._said("", 4)

    def _table(self, block: Table) -> int:
        if block.title:
            paragraph = self._said(block.title, 12, HEAD, bold=True)
            paragraph.paragraph_format.keep_with_next = True
            self._said(block.about, 9, after=2).paragraph_format.keep_with_next = True
            if is_code(block.code):
                self._picture(paragraph, code_png(block.code.address), 12)
        rows = [list(row) for row in block.rows]
        table = self._grid(1 + len(rows), [column.width for column in block.columns])
        head, *lines = table.rows
        for cell, column in zip(head.cells, block.columns, strict=True):
            self._fill(cell, column.heading, HEAD, self.small, align="center")
            shade(cell, "E7EEF0")
        repeat_head(head)
        whole_row(head)
        for line, row in zip(lines, rows, strict=True):
            whole_row(line)
            for cell, value in zip(line.cells, row, strict=True):
                self._cell(cell, value)
        return len(rows)

    def _grid(self, rows: int, widths: Sequence[float]) -> Any:
        table = self.word.add_table(rows, len(widths))
        table.style = "Table Grid"
        fix_table(table, [self.width * width / sum(widths) for width in widths])
        return table

    def _cell(self, cell: Any, value: Cell) -> None:
        if isinstance(value, Code):
            if is_code(value):
                self._picture(cell.paragraphs[0], code_png(value.address), CODE_MM, cell)
        elif isinstance(value, Photos):
            for data, (wide, high) in self.pictures.of(value) if self.pictures else ():
                width = min(PHOTO_MM, _width_of(cell) - 2) * min(1.0, wide / high)
                self._picture(cell.paragraphs[0], data, width, cell)
        else:
            is_number = value is not None and not isinstance(value, str)
            self._fill(cell, words(value), TEXT, self.small, align="center" if is_number else "left")

    def _fill(self, cell: Any, text: str, font: str, size: float, align: str = "left") -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = cell.paragraphs[0]
        if align == "center":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = _pt(0)
        run = paragraph.add_run(words(text))
        run.font.size = _pt(size)
        run.bold = font == HEAD
        set_fonts(run._element, LATIN, font)

    def _picture(self, paragraph: Any, data: bytes, width: float, cell: Any = None) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        if cell is not None:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_after = _pt(0)
        paragraph.add_run().add_picture(io.BytesIO(data), width=_mm(width))

    def _foot(self) -> None:
        lang, footer = self.document.lang, self.word.sections[0].footer
        paragraph = footer.paragraphs[0]
        before, rest = texts.say(lang, "documents.page").split("{page}")
        between, after = rest.split("{pages}")
        paragraph.add_run(f"{words(self.document.foot)}    {before}")
        field(paragraph, "PAGE")
        paragraph.add_run(between)
        field(paragraph, "NUMPAGES")
        paragraph.add_run(after)
        for run in paragraph.runs:
            run.font.size = _pt(7.5)
            set_fonts(run._element, LATIN, TITLE)


def _width_of(cell: Any) -> float:
    width = part(part(cell._tc, "w:tcPr"), "w:tcW").get(_w("w"))
    return int(width) / 56.7 if width else PHOTO_MM


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return qn(f"w:{name}")


def _pt(points: float) -> Any:
    from docx.shared import Pt

    return Pt(points)


def _mm(millimetres: float) -> Any:
    from docx.shared import Mm

    return Mm(millimetres)
