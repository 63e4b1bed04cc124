"""A cell as words, the same in every form of a paper."""

from datetime import date, datetime

from civmap.documents.blocks import Cell, Code, Photos
from civmap.documents.typesetting import clean


def words(cell: Cell) -> str:
    """Return what stands in a cell as text; pictures and codes have none."""
    if cell is None or isinstance(cell, Photos | Code):
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return clean(cell)
