"""The returned workbook: every row as it came with its problems beside it, the problems alone, and the quality report.

The columns that we add have headings that mean no field, so that a corrected workbook comes back in as it is.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from civmap import texts
from civmap.exchange import export
from civmap.imports import queries, showing, staging
from civmap.imports.folders import Folder
from civmap.imports.values import unpacked

PORTION = 1_000
RED, AMBER, GREEN = "#F8CFCB", "#FBE7B5", "#D5EBD3"
WIDTHS = (9, 46, 30)
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
           "strings_to_numbers": False, "nan_inf_to_errors": True}
_NEXT = "SELECT id, number, part, cells FROM part WHERE part = 1 AND number > ? ORDER BY number LIMIT ?"


def write(place: Folder, target: Path | BinaryIO, lang: str) -> None:
    """Write the returned workbook of an import to a path (whole or not at all) or a stream."""
    if not isinstance(target, Path):
        _write(place, target, lang)
        return
    temporary = target.with_name(f".{target.name}.part")
    try:
        with temporary.open("wb") as out:
            _write(place, out, lang)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _write(place: Folder, out: BinaryIO, lang: str) -> None:
    with staging.opened(place.rows) as staged:
        facts = staging.facts(staged)
        book = xlsxwriter.Workbook(out, OPTIONS)
        _rows(book, staged, facts["headings"], lang)
        _problems(book, staged, lang)
        _quality(book, facts.get("quality") or {}, staging.counts(staged), facts.get("kind", ""), lang)
        book.close()


def _rows(book: xlsxwriter.Workbook, staged: sqlite3.Connection, headings: Sequence[str], lang: str) -> None:
    sheet = book.add_worksheet(texts.say(lang, "import.report.rows"))
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    colours = {name: book.add_format({"bg_color": colour, "valign": "top"})
               for name, colour in (("error", RED), ("warning", AMBER), ("accepted", GREEN))}
    extra = [texts.say(lang, f"import.report.beside.{name}") for name in ("row", "problem", "suggestion")]
    sheet.freeze_panes(1, len(extra))
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    if headings:
        sheet.set_column(len(WIDTHS), len(WIDTHS) + len(headings) - 1, 16)
    sheet.write_row(0, 0, [*extra, *headings], bold)
    for line, (row, problems) in enumerate(_with_problems(staged), start=1):
        told = [problem for problem in problems if not problem.is_accepted]
        words = [f"{problem.column or ''}: {problem.as_json(lang)['message']}" for problem in told]
        better = [fit for problem in told if (fit := problem.as_json(lang)["suggestion"])]
        sheet.write_number(line, 0, row["number"])
        _put(sheet, line, 1, "\n".join(words), wrapped)
        _put(sheet, line, 2, "\n".join(map(str, better)), wrapped)
        marked = {problem.column: "accepted" if problem.is_accepted else problem.severity for problem in problems}
        for column, cell in enumerate(unpacked(row["cells"])[:len(headings)]):
            _put(sheet, line, column + len(extra), _cell(cell), colours.get(marked.get(headings[column], "")))
    sheet.autofilter(0, 0, max(line_count(staged), 1), len(extra) + len(headings) - 1)


def line_count(staged: sqlite3.Connection) -> int:
    """Return how many rows of the file there are."""
    return int(staged.execute("SELECT count(*) FROM part WHERE part = 1").fetchone()[0])


def _with_problems(staged: sqlite3.Connection) -> Iterator[tuple[sqlite3.Row, list[Any]]]:
    last = -1
    while rows := staged.execute(_NEXT, (last, PORTION)).fetchall():
        last = rows[-1]["number"]
        found: dict[int, list[Any]] = {}
        for problem in staged.execute("SELECT * FROM problem WHERE number BETWEEN ? AND ? ORDER BY number, rowid",
                                      (rows[0]["number"], rows[-1]["number"])):
            found.setdefault(problem["number"], []).append(staging.problem_of(problem))
        for row in rows:
            yield row, found.get(row["number"], [])


def _problems(book: xlsxwriter.Workbook, staged: sqlite3.Connection, lang: str) -> None:
    names = ("row", "column", "code", "severity", "value", "problem", "suggestion")
    cells_of = queries.cells_of(staged)

    def lines() -> Iterator[list[Any]]:
        for row in staged.execute("SELECT * FROM problem ORDER BY number, rowid"):
            problem = staging.problem_of(row)
            told = problem.as_json(lang)
            grave = "accepted" if problem.is_accepted else problem.severity
            yield [problem.row, problem.column, problem.code, texts.say(lang, f"import.severity.{grave}"),
                   cells_of(problem.row, problem.column), told["message"], told["suggestion"]]

    export.fill_sheet(book, texts.say(lang, "import.report.problems"),
                      [texts.say(lang, f"import.report.{name}") for name in names], lines())


def _quality(book: xlsxwriter.Workbook, quality: dict[str, Any], counts: dict[str, int], kind: str,
             lang: str) -> None:
    def say(key: str, **facts: Any) -> str:
        return texts.say(lang, f"import.report.{key}", **facts)

    total = counts["rows"] or 1
    lines: list[list[Any]] = [[say(f"rows_{name}"), counts[of], counts[of] / total] for name, of in (
        ("all", "rows"), ("ok", "ok"), ("problems", "problems"))]
    lines.append([say("rows_aside"), counts["aside"], None])
    lines += [[say(f"did.{did}"), counts[name], None] for did, name in (
        ("create", "created"), ("update", "updated"), ("unchanged", "unchanged"))]
    lines.append([say("placed"), quality.get("placed", 0), quality.get("placed", 0) / total])
    for column in quality.get("columns", []):
        name = showing.field_name(kind, column["field"], lang)
        lines.append([say("filled", name=name), column["filled"], column["filled"] / total])
        if column["wrong"]:
            lines.append([say("wrong", name=name), column["wrong"], column["wrong"] / total])
    lines += [[say("system", name=name), count, count / total] for name, count in quality.get("systems", {}).items()]
    lines += [[f"{each['code']} ({texts.say(lang, 'import.severity.' + each['severity'])})", each["rows"],
               each["rows"] / total] for each in quality.get("codes", [])]
    lines.append([say("duplicates"), quality.get("duplicates", 0), None])
    lines.append([say("outliers"), len(quality.get("outliers", [])), None])
    repaired = quality.get("repaired", {})
    lines.append([say("repaired"), repaired.get("rows", 0), None])
    lines += [[say("repaired_by", who=who), count, None] for who, count in repaired.get("by", {}).items()]
    export.fill_sheet(book, say("quality"), [say("item"), say("count"), say("share")],
                      ([name, count, None if share is None else f"{100 * share:.1f}%"] for name, count, share in lines))


def _put(sheet: Any, line: int, column: int, value: Any, style: Any) -> None:
    if value is None or value == "":
        if style is not None:
            sheet.write_blank(line, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(line, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(line, column, value, style)
    else:
        sheet.write_string(line, column, str(value)[:export.MOST_XLSX_TEXT], style)


def _cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, int | float):
        return cell
    return showing.text_of(cell)
