"""Empty tables to fill in: the office's headings, what each column wants, lists to choose from, and an example.

The first sheet is what is filled in and sent back; the second shows rows as they should look; the third says what each
column is for. Columns and examples lie in `geodata/dictionaries/import_examples.csv`.
"""

import io
from functools import cache
from typing import Any

from civmap import dictionaries, texts
from civmap.dictionaries.reading import rows
from civmap.errors import NotFound
from civmap.exchange import export, kinds
from civmap.geo.validity import Frame

ROWS = 2_000  # how far down the lists to choose from reach
FIELDS_OF_PLACE = {"=lon": 0, "=lat": 1}
STEP = 0.002
MOST_TIP = 250  # letters that a spreadsheet shows beside a cell
LONG = ("name", "description", "address")
LISTS = {
    ("points", "type"): dictionaries.point_types, ("units", "kind"): dictionaries.unit_kinds,
    ("segments", "class"): dictionaries.road_classes, ("issues", "class"): dictionaries.issue_classes,
    ("issues", "state"): dictionaries.issue_states, ("people", "role"): dictionaries.roles,
}
WORDS = {("points", "is_declared"): ("yes", "no"), ("holidays", "is_worked"): ("yes", "no"),
         ("segments", "side"): ("side.both", "side.left", "side.right")}
Examples = dict[str, tuple[str, str]]


@cache
def examples() -> dict[str, Examples]:
    """Return the columns of every kind's empty table in their order, each with the values of two example rows."""
    found: dict[str, Examples] = {}
    for row in rows("import_examples"):
        found.setdefault(row["kind"], {})[row["field"]] = (row["one"], row["other"])
    return found


def choices(kind: str, field: str, lang: str) -> list[str]:
    """Return what a cell of a column may say, in the words of the language; nothing where anything may stand there."""
    if (kind, field) in LISTS:
        return [entry.name(lang) for entry in LISTS[kind, field]().values()]
    if (kind, field) == ("duties", "category"):
        return list(dictionaries.duty_categories())
    return [texts.say(lang, f"export.{word}") for word in WORDS.get((kind, field), ())]


def heading(kind: str, field: str, lang: str) -> str:
    """Return a column's heading, with a star where the column must be filled."""
    known = kinds.spellings(kind).get(field)
    word = known[0] if lang == "zh" and known else field
    return f"{word}*" if is_needed(kind, field) else word


def is_needed(kind: str, field: str) -> bool:
    """Tell whether every row of a kind needs the column, itself or as the first of several ways to say a place."""
    wanted = kinds.kind(kind)
    return field in wanted.required or bool(wanted.either and field in wanted.either[0] and field in ("lon", "lat"))


def tip(field: str, lang: str) -> str:
    """Return what a column wants, in a sentence; nothing where its heading says enough."""
    key = f"blank.tip.{field}"
    return texts.say(lang, key) if texts.has(lang, key) else ""


def workbook(kind: str, frame: Frame, lang: str) -> bytes:
    """Return the empty table of a kind as a workbook; raise NotFound for a kind that is not filled in by hand."""
    columns = examples().get(kind)
    if columns is None:
        raise NotFound("blank_unknown", kind=kind[:20], known=list(examples()))
    target = io.BytesIO()
    book = export.open_workbook(target)
    names = [texts.say(lang, f"blank.sheet.{name}") for name in ("data", "example", "words", "lists")]
    sheets = [book.add_worksheet(name) for name in names]
    looks = _looks(book)
    titles = [heading(kind, field, lang) for field in columns]
    for sheet in sheets[:2]:
        _head(sheet, kind, columns, titles, looks)
    _choose(sheets[0], sheets[3], names[3], kind, columns, lang)
    _fill(sheets[1], columns, frame, looks)
    _explain(sheets[2], kind, columns, titles, lang, looks)
    sheets[3].hide()
    book.close()
    return target.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    same = {"bold": True, "border": 1, "valign": "vcenter", "text_wrap": True}
    return {"needed": book.add_format({**same, "bg_color": "#073F4C", "font_color": "#FFFFFF"}),
            "plain": book.add_format({**same, "bg_color": "#E3F0F2", "font_color": "#16262E"}),
            "text": book.add_format({"num_format": "@"}), "wrap": book.add_format({"text_wrap": True, "valign": "top"})}


def _head(sheet: Any, kind: str, columns: Examples, titles: list[str], looks: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 30)
    for at, (field, title) in enumerate(zip(columns, titles, strict=True)):
        sheet.write_string(0, at, title, looks["needed" if is_needed(kind, field) else "plain"])
        wide = max(len(title.encode("gb18030", "replace")) + 4, 22 if field in LONG else 12)
        sheet.set_column(at, at, wide, None if field in ("lon", "lat") else looks["text"])


def _choose(sheet: Any, lists: Any, name: str, kind: str, columns: Examples, lang: str) -> None:
    """Give columns their list to choose from; what stands in no list is told by a warning, not refused."""
    for at, field in enumerate(columns):
        words, said = choices(kind, field, lang), tip(field, lang)[:MOST_TIP]
        rule: dict[str, Any] = {"validate": "any"}
        if words:
            for row, word in enumerate(words):
                lists.write_string(row, at, word)
            letter = _letter(at)
            rule = {"validate": "list", "source": f"='{name}'!${letter}$1:${letter}${len(words)}",
                    "error_type": "warning"}
        if words or said:
            sheet.data_validation(1, at, ROWS, at, {**rule, "input_message": said} if said else rule)


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _fill(sheet: Any, columns: Examples, frame: Frame, looks: dict[str, Any]) -> None:
    west, south, east, north = frame
    middle = ((west + east) / 2, (south + north) / 2)
    for at, cells in enumerate(columns.values()):
        for row, cell in enumerate(cells, start=1):
            if cell in FIELDS_OF_PLACE:
                reach = min(STEP, (east - west) / 4, (north - south) / 4)
                sheet.write_number(row, at, round(middle[FIELDS_OF_PLACE[cell]] + (row - 1) * reach, 6))
            elif cell:
                sheet.write_string(row, at, cell, looks["text"])


def _explain(sheet: Any, kind: str, columns: Examples, titles: list[str], lang: str, looks: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 84)
    sheet.write_string(0, 0, texts.say(lang, "blank.words"), looks["wrap"])
    for at, name in enumerate(("column", "needed", "how")):
        sheet.write_string(2, at, texts.say(lang, f"blank.{name}"), looks["needed"])
    for row, (field, title) in enumerate(zip(columns, titles, strict=True), start=3):
        sheet.write_string(row, 0, title.removesuffix("*"))
        sheet.write_string(row, 1, texts.say(lang, "export.yes" if is_needed(kind, field) else "export.no"))
        sheet.write_string(row, 2, tip(field, lang), looks["wrap"])
