"""The gate for bytes that claim to be JSON, and for text in addresses and forms: strict, bounded, with the place.

Each check answers a failure that was seen (`engineering.md` §5): deep nesting ends the interpreter's stack, `1e999`
becomes infinity, a lone surrogate or NUL is refused by the database in the middle of a transaction.
"""

import json
import math
import re
from typing import Any

from flask import Request

from civmap.errors import BadInput, Invalid, TooLarge

JSON_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
MAX_INT = 2**63
JSON_TYPES = ("application/json", "application/geo+json", "application/problem+json")
_TOKEN = re.compile(rb'["\[\]{}]')
_STRING_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


class _Odd:
    """A value that strict JSON does not have, kept until its place is known."""

    __slots__ = ("code", "facts")

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts


def check_address_text(request: Request) -> None:
    """Raise BadInput where the path or the query holds NUL, which no database keeps."""
    _check_texts([request.path, *request.args.keys(), *(text for texts in request.args.listvalues() for text in texts)])


def check_form_text(request: Request) -> None:
    """Raise BadInput where a form field holds NUL, which no database keeps."""
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        _check_texts([text for texts in request.form.listvalues() for text in texts])


def _check_texts(values: list[str]) -> None:
    for value in values:
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise BadInput("text_unreadable", place=repr(value[:40]))


def json_body(request: Request, also: tuple[str, ...] = ()) -> Any:
    """Return the parsed body of a request; raise BadInput or TooLarge with the place of the first thing wrong.

    `also` are media types beside those of JSON that a protocol writes its JSON with.

    An empty body, without a type or called JSON, counts as `{}`: verbs need no body.
    """
    request.max_content_length = JSON_BYTES
    if (request.content_length or 0) > JSON_BYTES:
        raise TooLarge("body_too_large", most_mb=JSON_BYTES // 1024 // 1024)
    raw = request.get_data(cache=True)
    if not raw and request.mimetype in ("", *JSON_TYPES):
        return {}
    if request.mimetype not in (*JSON_TYPES, *also):
        raise BadInput("content_type", found=request.mimetype[:60], wanted="application/json")
    return parse(raw)


def parse(raw: bytes) -> Any:
    """Return what strict UTF-8 JSON says; raise BadInput naming the place."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise BadInput("json_not_utf8", byte=problem.start) from problem
    check_depth(raw)
    try:
        value = json.loads(text, parse_constant=_constant, parse_float=_float, parse_int=_int,
                           object_pairs_hook=_pairs)
    except json.JSONDecodeError as problem:
        raise BadInput("json_unreadable", line=problem.lineno, column=problem.colno) from problem
    _walk(value, "")
    return value


def check_depth(raw: bytes, most: int = MAX_DEPTH) -> None:
    """Raise BadInput where brackets nest deeper than `most`, before any parser recurses; linear in the bytes."""
    depth, at = 0, 0
    while (token := _TOKEN.search(raw, at)) is not None:
        at = token.end()
        mark = raw[token.start()]
        if mark == 0x22:
            end = _STRING_END.match(raw, at)
            if end is None:
                return
            at = end.end()
        elif mark in b"[{":
            depth += 1
            if depth > most:
                raise BadInput("json_too_deep", most=most, byte=token.start())
        else:
            depth -= 1


def _constant(text: str) -> _Odd:
    return _Odd("number_not_finite_json", found=text)


def _float(text: str) -> float | _Odd:
    value = float(text)
    return value if math.isfinite(value) else _Odd("number_not_finite_json", found=text[:20])


def _int(text: str) -> int | _Odd:
    if len(text) > 20 or not -MAX_INT <= int(text) < MAX_INT:
        return _Odd("number_too_large", found=text[:24])
    return int(text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Odd("json_key_twice", key=key[:40]) if key in found else value
    return found


def _walk(value: Any, place: str) -> None:
    if isinstance(value, _Odd):
        raise BadInput(value.code, field=place or "/", place=place or "/", **value.facts)
    if isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, dict):
        for key, part in value.items():
            _check_text(key, place)
            _walk(part, f"{place}/{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            if part.__class__ is not float:
                _walk(part, f"{place}/{number}")


def _check_text(text: str, place: str) -> None:
    if text.isascii() and "\0" not in text:
        return
    if "\0" in text:
        raise BadInput("text_nul", field=place or "/", place=place or "/")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise BadInput("text_surrogate", field=place or "/", place=place or "/") from problem


def small_int(text: str, field: str, least: int, most: int) -> int:
    """Return a whole number of a query; raise Invalid where it is none or out of its bounds."""
    if not re.fullmatch(r"-?\d{1,18}", text.strip()):
        raise Invalid("number_unreadable", field=field, value=text[:40])
    number = int(text)
    if not least <= number <= most:
        raise Invalid("number_out_of_bounds", field=field, value=number, least=least, most=most)
    return number
