"""The table handed back: every row as it came, with its problems written beside it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from civmap import texts
from civmap.exchange import export
from civmap.exchange.checking import Problem
from civmap.exchange.intake import Outcome


def write(outcome: Outcome, path: Path, lang: str) -> None:
    """Write the returned workbook: sheet one the rows with problems beside them, sheet two the problems alone."""
    by_row: dict[int, list[Problem]] = {}
    for problem in outcome.problems:
        by_row.setdefault(problem.row, []).append(problem)
    extra = [texts.say(lang, f"import.report.{name}") for name in ("row", "problem", "suggestion")]
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as target:
        book = export.open_workbook(target)
        export.fill_sheet(book, texts.say(lang, "import.report.rows"), [*extra, *outcome.table.headings], (
            [row.number, *_told(by_row.get(row.number, [])), *(_cell(cell) for cell in row.cells)]
            for row in outcome.table.rows))
        export.fill_sheet(book, texts.say(lang, "import.report.problems"), [
            *extra[:1], texts.say(lang, "import.report.column"), texts.say(lang, "import.report.code"), *extra[1:]], (
            [problem.row, problem.column, problem.code, problem.message, problem.suggestion]
            for problem in outcome.problems))
        book.close()
    temporary.replace(path)


def _told(problems: Sequence[Problem]) -> list[str]:
    told = "\n".join(f"{problem.column or ''}: {problem.message}" for problem in problems)
    better = "\n".join(problem.suggestion for problem in problems if problem.suggestion)
    return [told, better]


def _cell(cell: Any) -> Any:
    if cell is None or isinstance(cell, int | float | str):
        return cell[:export.MOST_XLSX_TEXT] if isinstance(cell, str) else cell
    return cell.isoformat(sep=" ") if hasattr(cell, "hour") else cell.isoformat() if isinstance(cell, date) \
        else str(cell)[:export.MOST_XLSX_TEXT]
