"""Finds the dictionary entry that a person means: by code, identifier or any way to write its name.

Every finder raises Invalid `unknown_<dictionary>` with `value` and `near`, the nearest known names.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

from civmap.dictionaries import tables
from civmap.dictionaries.records import (
    DutyCategory,
    DutyRelation,
    FilingCriterion,
    IssueClass,
    IssueState,
    Known,
    PointType,
    RoadClass,
    ZoneKind,
)
from civmap.errors import Invalid

NEAR_COUNT = 3
_EXACTLY: ContextVar[bool] = ContextVar("exactly", default=False)
LEADING_CODE = re.compile(r"((?:pt|[ecx]\d\d)\d\d)(?=\D)[-:_]?(.+)")


@contextmanager
def exactly() -> Iterator[None]:
    """Ask only whether words are known: what is like them is not looked for, which takes a hundred times longer."""
    token = _EXACTLY.set(True)
    try:
        yield
    finally:
        _EXACTLY.reset(token)


def point_type(text: str) -> PointType:
    """Return the point type that `PTnn`, an identifier or a Chinese name means, brackets and widths aside."""
    return _find("point_types", text, "unknown_point_type")


def issue_class(text: str) -> IssueClass:
    """Return the minor class that a code, an identifier or a Chinese name (小类) means."""
    return _find("issue_classes", text, "unknown_issue_class")


def filing_criterion(class_code: str, text: str) -> FilingCriterion:
    """Return the filing criterion of a class that a code or a name means; raise Invalid `unknown_criterion`."""
    known = tables.filing_criteria().get(class_code, ())
    wanted = folded(text)
    for entry in known:
        if wanted in {folded(word) for word in (entry.code, entry.name_zh, entry.name_en, *entry.aliases)}:
            return entry
    raise Invalid("unknown_criterion", field="criterion", value=text, known=[entry.code for entry in known])


def duty_category(text: str) -> DutyCategory:
    """Return the duty category that a word or one of its aliases means, 城管执法 being 城管."""
    return _find("duty_categories", text, "unknown_duty_category")


def duty_relation(text: str) -> DutyRelation:
    """Return the relation word, such as 属地, that is resolved from the place."""
    return _find("duty_relations", text, "unknown_duty_relation")


def zone_kind(text: str) -> ZoneKind:
    """Return the kind of zone that an identifier or a Chinese name means."""
    return _find("zone_kinds", text, "unknown_zone_kind")


def unit_kind(text: str) -> Known:
    """Return the kind of unit that an identifier or a Chinese name means."""
    return _find("unit_kinds", text, "unknown_unit_kind")


def road_class(text: str) -> RoadClass:
    """Return the road class that an identifier or a Chinese name means."""
    return _find("road_classes", text, "unknown_road_class")


def issue_state(text: str) -> IssueState:
    """Return the state of an issue that an identifier or a Chinese name means."""
    return _find("issue_states", text, "unknown_issue_state")


def photo_kind(text: str) -> Known:
    """Return the kind of photo that an identifier or a Chinese name means."""
    return _find("photo_kinds", text, "unknown_photo_kind")


def folded(text: str) -> str:
    """Return a text as it is compared: full-width forms made plain, lower case, no spaces, dashes as underscores."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s\u200b\ufeff]+", "", plain).replace("—", "_").replace("-", "_")


def _find(dictionary: str, text: str, code: str) -> Any:
    index, wanted = _index(dictionary), folded(text)
    if wanted in index:
        return index[wanted]
    both = LEADING_CODE.fullmatch(wanted)
    if both:
        first, second = (index.get(part.strip("()_:")) for part in both.groups())
        if first and first is second:
            return first
    raise Invalid(code, value=text, near=() if _EXACTLY.get() else _near(dictionary, wanted))


@lru_cache(maxsize=4096)
def _near(dictionary: str, wanted: str) -> tuple[str, ...]:
    """Return the names most like what was written; the first ones of the dictionary where nothing is like it."""
    index = _index(dictionary)
    likeness = {key: _likeness(wanted, key) for key in index}
    ranked = sorted(index, key=lambda key: -likeness[key])
    alike = [index[key] for key in ranked if likeness[key] > 0] or list(_entries(dictionary).values())
    return tuple(dict.fromkeys(entry.name_zh for entry in alike))[:NEAR_COUNT]


def _likeness(wanted: str, key: str) -> float:
    return 0.0 if set(wanted).isdisjoint(key) else difflib.SequenceMatcher(None, wanted, key).ratio()


def _entries(dictionary: str) -> Mapping[str, Any]:
    return getattr(tables, dictionary)()


@cache
def _index(dictionary: str) -> Mapping[str, Any]:
    """Return the entries by every folded way to write them: names win over aliases, aliases over parts of a name."""
    index: dict[str, Any] = {}
    for spellings in (_own_names, _aliases, _parts):
        found = [(folded(text), entry) for entry in _entries(dictionary).values() for text in spellings(entry)]
        shared = Counter(key for key, _ in dict.fromkeys((key, entry.code) for key, entry in found))
        for key, entry in found:
            if shared[key] == 1:
                index.setdefault(key, entry)
    return index


def _own_names(entry: Any) -> Iterable[str]:
    identifier = getattr(entry, "identifier", entry.code)
    return {entry.code, identifier, entry.name_zh, entry.name_en, identifier.replace("_", "")}


def _aliases(entry: Any) -> Iterable[str]:
    return getattr(entry, "aliases", ())


def _parts(entry: Any) -> set[str]:
    """Return what stands before and inside the brackets of a name, 农贸市场 and 集贸市场 for 农贸市场(集贸市场)."""
    outside, _, inside = folded(entry.name_zh).partition("(")
    pieces = re.split(r"[、/]", inside.rstrip(")").rstrip("."))
    if isinstance(entry, PointType):
        pieces += re.split(r"[、/]", outside)
    return {piece for piece in (outside, *pieces) if len(piece) > 1}
