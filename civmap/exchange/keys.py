"""Names that rows without a code or number get: the same row gets the same one whenever it comes. Pure."""

import base64
import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from civmap import clock

PREFIXES = {"points": "DW", "units": "ZR", "zones": "QY"}
ISSUES = "TZ"
PLACES = ("lonlat", "lon", "lat", "geometry")
LETTERS = 8


def code(kind: str, values: Mapping[str, Any]) -> str:
    """Return the code of a point or unit of a table without codes, of its name and address; of a zone by its shape."""
    place = json.dumps(values.get("geometry")) if kind == "zones" else _plain(values.get("address"))
    return f"{PREFIXES[kind]}-{_short(kind, _plain(values.get('name')), place)}"


def issue(values: Mapping[str, Any], raw: Mapping[str, Any], seen: Counter[str]) -> str:
    """Return the key of an issue without number: of place, words and day; equal ones in a table are counted."""
    reported = values.get("reported_at")
    on = f"{clock.office_day(reported):%Y%m%d}" if isinstance(reported, datetime) else ""
    place = [_plain(raw.get("point")), _plain(raw.get("address"))]
    if not any(place):
        place = [_plain(raw.get(name)) for name in PLACES]
    key = f"{ISSUES}{on}-{_short(*place, _plain(values.get('description')), on)}"
    seen[key] += 1
    return key if seen[key] == 1 else f"{key}-{seen[key]}"


def _short(*parts: str) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return base64.b32encode(digest).decode()[:LETTERS]


def _plain(value: Any) -> str:
    return "".join(unicodedata.normalize("NFKC", str(value)).split()).casefold() if value is not None else ""
