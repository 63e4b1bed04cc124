"""CQL2 (text and JSON) read into one tree, behind a gate: the parser ends the process on deep nesting."""

import json
import math
import re
from typing import Any

import cql2

from civmap.errors import Invalid

TEXT, JSON = "cql2-text", "cql2-json"
LANGUAGES = (TEXT, JSON)
MOST_SIGNS = 8_000
MOST_DEPTH = 50
MOST_PARTS = 2_500
MOST_SIGNS_BETWEEN = 1_000
_WORDS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[()\[\]{}]|\bnot\b|[-+~]+", re.IGNORECASE)
_BETWEEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|([=<>+*/^%-]|\b(?:and|or|not|like|between|in|is|div)\b)",
                      re.IGNORECASE)
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
Tree = Any


def parse(text: str, language: str) -> Tree:
    """Return the tree of a filter as CQL2 JSON; raise Invalid where it is too long, too deep or unreadable."""
    if len(text) > MOST_SIGNS:
        raise Invalid("ogc_filter_long", field="filter", length=len(text), most=MOST_SIGNS)
    if language == JSON:
        _check_depth(_STRINGS.sub("", text))
        return _from_json(text)
    _check_depth(text)
    between = sum(found[1] is not None for found in _BETWEEN.finditer(text))
    if between > MOST_SIGNS_BETWEEN:
        raise Invalid("ogc_filter_long", field="filter", length=between, most=MOST_SIGNS_BETWEEN)
    try:
        return _checked(cql2.parse_text(text).to_json())
    except cql2.ParseError as problem:
        raise Invalid("ogc_filter_unreadable", field="filter", why=_short(problem)) from problem


def _check_depth(text: str) -> None:
    """Refuse what nests deeper than 50: brackets, and the signs and NOTs that stand before each other."""
    depth = before = 0
    end = 0
    for found in _WORDS.finditer(text):
        word = found[0]
        if word[0] in "'\"":
            before = 0
        elif word in "([{":
            depth += 1
        elif word in ")]}":
            depth, before = depth - 1, 0
        else:
            before = (before if not text[end:found.start()].strip(" (") else 0) + len(word)
        end = found.end()
        if depth > MOST_DEPTH or before > MOST_DEPTH:
            raise Invalid("ogc_filter_deep", field="filter", most=MOST_DEPTH)


def _from_json(text: str) -> Tree:
    try:
        value = json.loads(text, parse_constant=_not_finite)
    except (ValueError, RecursionError) as problem:
        raise Invalid("ogc_filter_unreadable", field="filter", why=str(problem)[:160]) from problem
    tree = _checked(value)
    try:
        cql2.parse_json(text)
    except cql2.ParseError as problem:
        raise Invalid("ogc_filter_unreadable", field="filter", why=_short(problem)) from problem
    return tree


def _not_finite(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _short(problem: Exception) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return " ".join(lines)[:200]


def _checked(tree: Tree) -> Tree:
    """Return a tree of bounded size and depth (coordinates aside) whose numbers are finite."""
    left, parts = [(tree, False, 0)], 0
    while left:
        value, is_place, depth = left.pop()
        parts += not is_place
        if parts > MOST_PARTS:
            raise Invalid("ogc_filter_long", field="filter", length=parts, most=MOST_PARTS)
        if depth > 2 * MOST_DEPTH:
            raise Invalid("ogc_filter_deep", field="filter", most=MOST_DEPTH)
        if isinstance(value, float) and not math.isfinite(value):
            raise Invalid("ogc_filter_number", field="filter")
        if isinstance(value, list):
            left.extend((part, is_place, depth + 1) for part in value)
        elif isinstance(value, dict):
            left.extend((part, is_place or name in ("coordinates", "bbox", "geometries"), depth + 1)
                        for name, part in value.items())
    return tree
