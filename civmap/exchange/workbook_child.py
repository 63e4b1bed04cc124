"""A program of its own: reads one sheet of a workbook and tells its rows; `workbook_child.py FILE SHEET`.

A small file may claim a rectangle of 17 thousand million cells: this process ends there, and the one that asked
goes on.
"""

import sys
from collections.abc import Iterator
from typing import Any

from civmap.exchange import telling

MOST_ROWS = 1_048_576
Merge = list[int]


def main(path: str, sheet: str | None) -> None:
    """Tell the sheet."""
    telling.limit()
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(path)
        names = list(book.sheet_names)
        shown = [entry.name for entry in book.sheets_metadata if entry.typ == calamine.SheetTypeEnum.WorkSheet
                 and entry.visible == calamine.SheetVisibleEnum.Visible]
        if sheet is not None and sheet not in names:
            telling.refuse("sheet_not_found", sheet=sheet, known=names)
        chosen = book.get_sheet_by_name(sheet or (shown or names)[0])
    except calamine.PasswordError:
        telling.refuse("file_has_password")
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, IndexError, OSError):
        telling.refuse("file_damaged")
    if chosen.total_height > MOST_ROWS:
        telling.refuse("too_many_rows", most=MOST_ROWS)
    merges = sorted([*start, *end] for start, end in chosen.merged_cell_ranges or [])
    telling.tell({"sheets": names, "total": chosen.total_height, "merges": merges})
    telling.rows(_filled_down(_lines(chosen), [merge for merge in merges if _goes_down(merge)]))
    telling.end()


def _lines(sheet: Any) -> Iterator[list[Any]]:
    for line in sheet.iter_rows():
        yield [cell if type(cell) in _SIMPLE else telling.plain(cell) for cell in line]


def _goes_down(merge: Merge) -> bool:
    """Tell whether a merge says one thing of several rows; a wide one is a title or a note."""
    top, left, bottom, right = merge
    return bottom > top and right - left < 2


def _filled_down(lines: Iterator[list[Any]], merges: list[Merge]) -> Iterator[list[Any]]:
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


_SIMPLE = frozenset((str, float, int, bool, type(None)))

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] or None)
