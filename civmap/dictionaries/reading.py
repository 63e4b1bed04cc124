"""Reads one CSV of `geodata/dictionaries` into records, naming table, row and column where a cell is wrong."""

import csv
from collections.abc import Callable
from typing import Any, TypeVar

from civmap.calendar import Limit
from civmap.errors import Invalid
from civmap.resources import folder

Record = TypeVar("Record")
YES_NO = {"yes": True, "no": False}


def yes_no(cell: str) -> bool:
    """Read `yes` or `no`; raise ValueError for anything else."""
    if cell not in YES_NO:
        raise ValueError(cell)
    return YES_NO[cell]


def bars(cell: str) -> tuple[str, ...]:
    """Read the parts of a cell that stand apart by `|`."""
    return parts(cell, "|")


def words(cell: str) -> tuple[str, ...]:
    """Read the codes of a cell that stand apart by spaces."""
    return tuple(cell.split())


def parts(cell: str, mark: str) -> tuple[str, ...]:
    """Read the non-empty parts of a cell that stand apart by a mark."""
    return tuple(part.strip() for part in cell.split(mark) if part.strip())


def limits(cell: str) -> tuple[Limit, ...]:
    """Read limits such as `4 work_hour`, apart by `/`; raise Invalid `limit_unreadable` for another unit."""
    return tuple(Limit.parse(part) for part in parts(cell, "/"))


def table(
    name: str, record: type[Record], key: str = "code", **readers: Callable[[str], Any]
) -> dict[str, Record]:
    """Return the rows of a table by their key column, in the order of the file.

    Each column is a field of the record; `readers` say how a cell that is not plain text is read. Raise Invalid
    `dictionary_row` with table, row (of the file, the header is 1) and column, where a city's edit broke the table.
    """
    records: dict[str, Record] = {}
    for number, row in enumerate(rows(name), start=2):
        entry = record(**{column: _cell(name, number, column, text, readers) for column, text in row.items()})
        if getattr(entry, key) in records:
            raise Invalid("dictionary_row", table=name, row=number, column=key, value=getattr(entry, key))
        records[getattr(entry, key)] = entry
    return records


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table as text by column; raise Invalid `dictionary_row` for a row of the wrong length."""
    path = folder("geodata") / "dictionaries" / f"{name}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            raise Invalid("dictionary_row", table=name, row=number, column=len(line), value=line[0] if line else "")
    return [dict(zip(header, line, strict=True)) for line in lines]


def _cell(name: str, number: int, column: str, text: str, readers: dict[str, Callable[[str], Any]]) -> Any:
    try:
        return readers[column](text) if column in readers else text
    except (ValueError, Invalid) as wrong:
        raise Invalid("dictionary_row", table=name, row=number, column=column, value=text) from wrong
