"""Texts as files can hold them: signs that XML, tables and phones refuse are out, lines end alike."""

import re
from typing import Any
from xml.sax.saxutils import escape

_NO_SIGN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_QUOTES = {'"': "&quot;"}


def clean(value: Any) -> str:
    """Return a text without control signs; tabs and lines stay, and a line ends with one sign."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    return _NO_SIGN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def marked(value: Any) -> str:
    """Return a text as it stands between the tags, or inside the quotes, of an XML file."""
    return escape(clean(value), _QUOTES)


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that is at most so many bytes of UTF-8; no sign is parted."""
    body = text.encode("utf-8")
    return text if len(body) <= most else body[:most].decode("utf-8", "ignore")
