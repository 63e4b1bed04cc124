"""What was done to a table as a whole, told as (code, facts); the sentences are `reading.note.CODE`."""

from collections.abc import Sequence
from typing import Any

Note = tuple[str, dict[str, Any]]
SHOWN = 6


def notes(facts: dict[str, Any], heading_row: int, headings: Sequence[str],
          merges: Sequence[Sequence[int]]) -> list[Note]:
    """Return the notes that a reader's facts give."""
    found: list[Note] = []
    if hidden := [row for row in facts.get("hidden_rows") or [] if row > heading_row]:
        found.append(("hidden_rows", {"count": len(hidden), "rows": "、".join(map(str, hidden[:SHOWN]))}))
    if columns := [headings[place - 1] or letters(place) for place in facts.get("hidden_columns") or []
                   if place <= len(headings)]:
        found.append(("hidden_columns", {"columns": "、".join(columns[:SHOWN])}))
    down = sum(bottom > top and right - left < 2 and top >= heading_row for top, left, bottom, right in merges)
    if down:
        found.append(("merged_down", {"count": down}))
    if formulas := [(row, place) for row, place in facts.get("formulas") or [] if row > heading_row]:
        cells = "、".join(f"{letters(place)}{row}" for row, place in formulas[:SHOWN])
        found.append(("formulas", {"count": len(formulas), "cells": cells}))
    others = [name for name in facts.get("sheets") or [] if name != facts.get("sheet")]
    if others and facts.get("sheet"):
        code = "other_sheets" if "merges" in facts else "other_layers"
        found.append((code, {"sheets": "、".join(others[:SHOWN]), "sheet": facts["sheet"]}))
    found += [(code, {}) for fact, code in (("is_page", "html"), ("no_columns", "no_columns"), ("no_shx", "shx_made"),
                                            ("no_system", "no_system")) if facts.get(fact)]
    if facts.get("shapes_left"):
        found.append(("shapes_left", {"count": facts["shapes_left"]}))
    if facts.get("encoding") not in (None, "UTF-8", "utf-8", "utf-8-sig"):
        found.append(("encoding", {"encoding": facts["encoding"].upper()}))
    return found


def letters(place: int) -> str:
    """Return the letters of a column from its number, from 1."""
    name = ""
    while place > 0:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
