"""What MapIt's words mean here: type codes of zone kinds, generations as days, the shape of an area."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from civmap.errors import Invalid

TYPES = {"subdistrict": "SUB", "community": "COM", "grid": "GRD", "estate": "EST", "frontage": "FRT",
         "school_surroundings": "SCH", "special": "SPC"}
COUNTRY = "CN"
_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})$")


def type_of(kind: str) -> str:
    """Return the stable code of a kind of zone; one that a city has added is called by its first letters."""
    return TYPES.get(kind) or re.sub(r"[^a-z0-9]", "", kind.lower())[:6].upper() or "ZZZ"


def kinds_of(codes: str, known: Iterable[str]) -> list[str]:
    """Return the kinds that a comma list of type codes names; codes that nobody has name none."""
    wanted = {part.strip() for part in codes.split(",") if part.strip()}
    return [kind for kind in known if type_of(kind) in wanted]


def generation_of(day: date) -> int:
    """Return the number of the generation that begins on a day: 2026-11-22 is 20261122, so numbers never move."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_of(generation: str) -> date:
    """Return the day of a generation; raise Invalid for what names none."""
    found = _DAY.match(generation.strip())
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Invalid("mapit_generation", field="generation", value=generation[:20])


def area(row: Any, *, type_name: str, country_name: str, span: tuple[int, int], codes: Mapping[str, str],
         names: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    """Return a zone in MapIt's shape."""
    return {"id": row.id, "name": row.name, "country": COUNTRY, "country_name": country_name, "type": type_of(row.kind),
            "type_name": type_name, "parent_area": row.parent_id, "generation_low": span[0],
            "generation_high": span[1], "codes": dict(codes), "all_names": dict(names or {})}
