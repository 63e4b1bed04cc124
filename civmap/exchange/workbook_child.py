"""A program of its own: reads one sheet of a workbook and tells its rows; `workbook_child.py FILE FORMAT SHEET`.

A small file may claim a rectangle of 17 thousand million cells: this process ends there, and the one that asked
goes on.
"""

import os
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from civmap.exchange import sheet_look, telling

MOST_ROWS, MOST_CELLS, LEAST_BYTES = 1_048_576, 4_600_000, 12
XLRD_BYTES = 6 << 20
Merge = list[int]


def main(path: Path, fmt: str, sheet: str | None) -> None:
    """Tell the sheet."""
    telling.limit()
    import python_calamine as calamine

    try:
        with tempfile.TemporaryDirectory() as folder:
            named = Path(folder) / f"book.{fmt}"
            named.symlink_to(path.resolve())
            _read(calamine, named, sheet)
    except calamine.PasswordError:
        telling.refuse("file_has_password")
    except sheet_look.TypesDefined:
        telling.refuse("file_has_dtd")
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, LookupError, OSError, ValueError,
            zipfile.BadZipFile, EOFError, SyntaxError) as problem:
        is_dtd = type(problem).__name__ in ("DTDForbidden", "EntitiesForbidden", "ExternalReferenceForbidden")
        telling.refuse("file_has_dtd" if is_dtd else "file_damaged")


def _read(calamine: Any, path: Path, sheet: str | None) -> None:
    if path.suffix == ".xlsx":
        _check_strings(path)
    book = calamine.load_workbook(path)
    names = list(book.sheet_names)
    shown = [entry.name for entry in book.sheets_metadata if entry.typ == calamine.SheetTypeEnum.WorkSheet
             and entry.visible == calamine.SheetVisibleEnum.Visible]
    if sheet is not None and sheet not in names:
        telling.refuse("sheet_not_found", sheet=sheet, known=names)
    wanted = sheet or (shown or names)[0]
    seen = _looked(path, wanted) if path.suffix == ".xlsx" else _looked_at_old(path, names.index(wanted))
    chosen = book.get_sheet_by_name(wanted)
    if chosen.total_height > MOST_ROWS:
        telling.refuse("too_many_rows", most=MOST_ROWS)
    left = chosen.start[1] if chosen.start else 0
    _shift(seen, left)
    merges = sorted([top, max(begin - left, 0), bottom, end - left]
                    for (top, begin), (bottom, end) in chosen.merged_cell_ranges or [] if end >= left)
    down = [merge for merge in merges if _goes_down(merge)]
    telling.tell({"sheets": names, "sheet": wanted, "total": chosen.total_height, "merges": merges})
    lines = chosen.iter_rows()
    lines = _with_formulas(lines, seen.formulas) if seen.formulas else lines
    telling.rows(_filled_down(lines, down) if down else lines)
    formulas = [[row + 1, place + 1 + left] for row, found in seen.formulas.items() for place in found]
    telling.end(hidden_rows=seen.hidden_rows, hidden_columns=seen.hidden_columns, formulas=formulas[:2_000])


def _shift(seen: sheet_look.Look, left: int) -> None:
    """Count columns from the first one that is not blank, as the rows do."""
    seen.hidden_columns = [place - left for place in seen.hidden_columns if place > left]
    seen.formulas = {row: {place - left: formula for place, formula in found.items() if place >= left}
                     for row, found in seen.formulas.items()} if left else seen.formulas


def _check_strings(path: Path) -> None:
    """Refuse texts that are larger than can be held before anything reads them."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.lower().endswith("sharedstrings.xml") and member.file_size > telling.memory() * 0.7:
                telling.refuse("file_holds_too_much", most_mb=telling.memory() >> 20)


def _looked(path: Path, sheet: str) -> sheet_look.Look:
    """Refuse a sheet of more cells than can be held; return what its readers are not told."""
    with zipfile.ZipFile(path) as archive:
        part = sheet_look.part_of(archive, sheet)
        if part is None or part not in archive.namelist():
            return sheet_look.Look()
        rows, columns = sheet_look.span(archive, part)
        size = archive.getinfo(part).file_size
        if min(rows * columns, size // LEAST_BYTES) > MOST_CELLS and rows * columns <= size:
            telling.refuse("too_many_cells", rows=rows, columns=columns)
        return sheet_look.look(archive, part)


def _looked_at_old(path: Path, place: int) -> sheet_look.Look:
    """Return which rows and columns of a BIFF sheet are hidden; nothing where it is large or xlrd cannot read it."""
    seen = sheet_look.Look()
    if path.stat().st_size > XLRD_BYTES:
        return seen
    import xlrd

    try:
        with Path(os.devnull).open("w") as nowhere, xlrd.open_workbook(
                str(path), formatting_info=True, on_demand=True, logfile=nowhere) as book:
            sheet = book.sheet_by_index(place)
            seen.hidden_rows = sorted(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
            seen.hidden_columns = sorted(column + 1 for column, info in sheet.colinfo_map.items()
                                         if info.hidden and column < sheet.ncols)
    except Exception:
        return seen
    return seen


def _with_formulas(lines: Iterable[list[Any]], formulas: dict[int, dict[int, str]]) -> Iterator[list[Any]]:
    for number, line in enumerate(lines):
        for place, formula in formulas.get(number, {}).items():
            if place < len(line) and line[place] in ("", None):
                line[place] = {"f": formula}
        yield line


def _goes_down(merge: Merge) -> bool:
    """Tell whether a merge says one thing of several rows; a wide one is a title or a note."""
    top, left, bottom, right = merge
    return bottom > top and right - left < 2


def _filled_down(lines: Iterable[list[Any]], merges: list[Merge]) -> Iterator[list[Any]]:
    """Write what a merged cell says into every row that it covers."""
    open_merges: list[tuple[Merge, Any]] = []
    waiting = list(reversed(merges))
    for number, line in enumerate(lines):
        open_merges = [(merge, said) for merge, said in open_merges if merge[2] >= number]
        for merge, said in open_merges:
            if merge[1] < len(line) and line[merge[1]] in ("", None):
                line[merge[1]] = said
        while waiting and waiting[-1][0] <= number:
            merge = waiting.pop()
            if merge[1] < len(line):
                open_merges.append((merge, line[merge[1]]))
        yield line


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] or None)
