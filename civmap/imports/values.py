"""Values on their way through the staging file: JSON that remembers days, moments and shapes."""

import json
from datetime import date, datetime
from typing import Any

import shapely


def packed(values: Any) -> str:
    """Return values as text."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_marked)


def unpacked(text: str) -> Any:
    """Return the values that a text holds."""
    return json.loads(text, object_hook=_known) if '"$' in text else json.loads(text)


def _marked(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, date):
        return {"$on": value.isoformat()}
    if isinstance(value, shapely.Geometry):
        return {"$wkb": shapely.to_wkb(value, hex=True)}
    if hasattr(value, "item"):
        return value.item()
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)


def _known(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if "$at" in found:
            return datetime.fromisoformat(found["$at"])
        if "$on" in found:
            return date.fromisoformat(found["$on"])
        if "$wkb" in found:
            return shapely.from_wkb(found["$wkb"])
    return found
