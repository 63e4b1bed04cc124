"""JSON that a stranger sent, read strictly: no NaN, no infinity, no huge integers, no bottomless nesting.

Source: `engineering.md` §5.
"""

import json
import math
from typing import Any

from civmap.errors import BadInput

MAX_DEPTH = 20
MAX_INTEGER = 2**63


def loads(body: bytes | str, name: str = "") -> Any:
    """Return the value of a JSON text; raise BadInput with the place where it is not acceptable."""
    try:
        text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
        value = json.loads(text, parse_constant=_constant, parse_float=_number, parse_int=_integer)
    except UnicodeDecodeError as problem:
        raise BadInput("file_json_not_utf8", field="file", file=name, position=problem.start) from problem
    except json.JSONDecodeError as problem:
        raise BadInput("file_json_unreadable", field="file", file=name, line=problem.lineno,
                       column=problem.colno) from problem
    except _Refused as problem:
        raise BadInput("file_json_number", field="file", file=name, value=str(problem)[:40]) from problem
    except RecursionError as problem:
        raise BadInput("file_json_too_deep", field="file", file=name, most=MAX_DEPTH) from problem
    if depth(value) > MAX_DEPTH:
        raise BadInput("file_json_too_deep", field="file", file=name, most=MAX_DEPTH)
    return value


def depth(value: Any) -> int:
    """Return how many lists and objects stand inside each other, without recursion."""
    deepest, level = 0, [value]
    while level:
        level = [part for item in level if isinstance(item, list | dict)
                 for part in (item.values() if isinstance(item, dict) else item) if isinstance(part, list | dict)]
        deepest += 1
        if deepest > MAX_DEPTH:
            break
    return deepest


class _Refused(ValueError):
    """A number that no database can hold."""


def _constant(text: str) -> float:
    raise _Refused(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused(text)
    return value


def _integer(text: str) -> int:
    if len(text) > 20 or abs(value := int(text)) >= MAX_INTEGER:
        raise _Refused(text)
    return value
