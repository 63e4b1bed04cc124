"""What both databases say differently: patterns that tell letters apart, and texts without regard to case."""

import re
from typing import Any

from sqlalchemy import Boolean, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from civmap.errors import Invalid

FOLD = "civmap_fold"
MOST_WILD = 12
_SIGNS = re.compile(r"\\(.)|(%)|(_)", re.DOTALL)


class _Matches(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()
    name = "matches_pattern"


@compiles(_Matches, "sqlite")
def _matches_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text, glob, _like = list(element.clauses)
    return f"({compiler.process(text, **kw)} GLOB {compiler.process(glob, **kw)})"


@compiles(_Matches, "postgresql")
def _matches_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    text, _glob, like = list(element.clauses)
    return f"({compiler.process(text, **kw)} LIKE {compiler.process(like, **kw)})"


class _Folded(FunctionElement[str]):
    inherit_cache = True
    type = String()
    name = "folded"


@compiles(_Folded, "sqlite")
def _folded_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{FOLD}({compiler.process(element.clauses, **kw)})"


@compiles(_Folded, "postgresql")
def _folded_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f'lower(({compiler.process(element.clauses, **kw)})::text COLLATE "und-x-icu")'


def folded(session: Session, text: Any) -> Any:
    """Return a text without regard to upper and lower case; the embedded database learns how on this connection."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.create_function(  # type: ignore[union-attr]
            FOLD, 1, lambda value: value.casefold() if isinstance(value, str) else value, deterministic=True)
    return _Folded(text)


def matches(text: Any, pattern: str, fold: Any = None) -> Any:
    """Return the condition that a text fits a pattern of `%` and `_` (`\\` before a sign means the sign itself)."""
    if sum(found[1] is None for found in _SIGNS.finditer(pattern)) > MOST_WILD:
        raise Invalid("ogc_filter_wild", field="filter", most=MOST_WILD)
    sides = [literal(_glob(pattern), String), literal(_like(pattern), String)]
    return _Matches(text, *(fold(side) for side in sides) if fold else sides)


def _glob(pattern: str) -> str:
    pieces, at = [], 0
    for found in _SIGNS.finditer(pattern):
        pieces += [_plain_glob(pattern[at:found.start()]), "*" if found[2] else "?" if found[3] else
                   _plain_glob(found[1])]
        at = found.end()
    return "".join([*pieces, _plain_glob(pattern[at:])])


def _plain_glob(text: str) -> str:
    return re.sub(r"[*?\[]", lambda sign: f"[{sign[0]}]", text)


def _like(pattern: str) -> str:
    return pattern + "\\" if re.fullmatch(r"(?:[^\\]|\\.)*\\", pattern, re.DOTALL) else pattern
