"""What DOCX needs and its library does not offer: East Asian fonts, fixed tables, repeated heads, page fields."""

from collections.abc import Sequence
from typing import Any

TWIPS_PER_MM = 56.6929


def part(parent: Any, name: str) -> Any:
    """Return the child element of a name, made where it is missing."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    found = parent.find(qn(name))
    if found is None:
        found = OxmlElement(name)
        parent.append(found)
    return found


def _put(element: Any, **values: str) -> Any:
    from docx.oxml.ns import qn

    for name, value in values.items():
        element.set(qn(f"w:{name}"), value)
    return element


def set_fonts(element: Any, latin: str, chinese: str) -> None:
    """Name the fonts of a run or a style, the East Asian one too: without it Word takes its own."""
    properties = element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    _put(fonts, ascii=latin, hAnsi=latin, cs=latin, eastAsia=chinese, hint="eastAsia")


def tune(word: Any, lang: str) -> None:
    """Squeeze punctuation, forbid signs that may not begin a line, name the language."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    settings = word.settings.element
    for old in settings.findall(qn("w:characterSpacingControl")):
        settings.remove(old)
    control = OxmlElement("w:characterSpacingControl")
    settings.insert(_place(settings), _put(control, val="compressPunctuation"))
    style = word.styles["Normal"].element
    paragraph = style.get_or_add_pPr()
    for name in ("w:kinsoku", "w:overflowPunct", "w:autoSpaceDE", "w:autoSpaceDN"):
        paragraph.append(_put(OxmlElement(name), val="1"))
    language = part(style.get_or_add_rPr(), "w:lang")
    _put(language, val="en-US", eastAsia="zh-CN")
    if lang == "zh":
        word.core_properties.language = "zh-CN"


def _place(settings: Any) -> int:
    """Return where the squeezing stands in the fixed order of the settings: before what must come after it."""
    from docx.oxml.ns import qn

    later = {qn(f"w:{name}") for name in ("savePreviewPicture", "compat", "rsids", "docVars", "footnotePr", "endnotePr",
                                          "themeFontLang", "clrSchemeMapping", "shapeDefaults",
                                          "decimalSymbol", "listSeparator")}
    later.add("{http://schemas.openxmlformats.org/officeDocument/2006/math}mathPr")
    return next((number for number, child in enumerate(settings) if child.tag in later), len(settings))


def fix_table(table: Any, widths: Sequence[float]) -> None:
    """Give a table fixed columns in millimetres."""
    table.autofit = False
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        _put(column, w=str(round(width * TWIPS_PER_MM)))
    for row in table._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=True):
            properties = cell.get_or_add_tcPr()
            _put(part(properties, "w:tcW"), w=str(round(width * TWIPS_PER_MM)), type="dxa")
            _put(part(properties, "w:vAlign"), val="center")


def repeat_head(row: Any) -> None:
    """Repeat a row on every page of its table."""
    _put(part(row._tr.get_or_add_trPr(), "w:tblHeader"), val="1")


def whole_row(row: Any) -> None:
    """Keep a row on one page."""
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()
    properties.insert(0, _put(OxmlElement("w:cantSplit"), val="1"))


def shade(cell: Any, colour: str) -> None:
    """Put a colour behind a cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = cell._tc.get_or_add_tcPr()
    shading = _put(OxmlElement("w:shd"), val="clear", color="auto", fill=colour)
    after = properties.find(qn("w:vAlign"))
    properties.insert(list(properties).index(after) if after is not None else len(properties), shading)


def field(paragraph: Any, name: str) -> None:
    """Add a field that Word fills in: PAGE or NUMPAGES."""
    from docx.oxml import OxmlElement

    for kind in ("begin", None, "separate", "text", "end"):
        run = paragraph.add_run("1" if kind == "text" else "")
        if kind is None:
            told = OxmlElement("w:instrText")
            told.text = f" {name} "
            run._element.append(told)
        elif kind != "text":
            run._element.append(_put(OxmlElement("w:fldChar"), fldCharType=kind))
