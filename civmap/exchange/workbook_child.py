"""Reads one sheet of a workbook from stdin and writes its rows to stdout as JSON lines; runs alone, under limits.

A small file may claim a rectangle of 17 thousand million cells: a process with 700 MB and 30 s of CPU ends, and the
one that asked goes on. The first line says which sheets there are; moments travel as `{"at": ISO}`, days as
`{"on": ISO}`.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MOST_BYTES = 700 * 1024 * 1024
CPU_SECONDS = 30


def plain(cell: Any) -> Any:
    """Return a cell as JSON can carry it."""
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    return str(cell) if isinstance(cell, time | timedelta) else cell


def main(sheet: str | None, most_rows: int) -> None:
    """Write the sheet's rows; exit 3 for a password, 4 for a damaged file, 5 for too many rows."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(io.BytesIO(sys.stdin.buffer.read()))
        names = list(book.sheet_names)
        shown = [entry.name for entry in book.sheets_metadata if entry.typ == calamine.SheetTypeEnum.WorkSheet
                 and entry.visible == calamine.SheetVisibleEnum.Visible]
        print(json.dumps(names, ensure_ascii=False))
        if sheet is not None and sheet not in names:
            return
        chosen = book.get_sheet_by_name(sheet or (shown or names)[0])
    except calamine.PasswordError:
        sys.exit(3)
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, IndexError, OSError):
        sys.exit(4)
    if chosen.total_height > most_rows:
        sys.exit(5)
    for line in chosen.iter_rows():
        print(json.dumps([plain(cell) for cell in line], ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]
    main(sys.argv[1] or None, int(sys.argv[2]))
