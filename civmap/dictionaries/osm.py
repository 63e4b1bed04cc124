"""Says which point type an object of OpenStreetMap is, from its tags, by the rules of `osm_places`."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from civmap.dictionaries.records import OsmPlace
from civmap.dictionaries.tables import osm_places

ANY = "*"


def osm_place(tags: Mapping[str, str]) -> OsmPlace | None:
    """Return the strongest rule that fits the tags; its `point_type` is None for objects that stay off the map.

    None where no rule fits. Name words are sought in `name`, `name:zh` and `official_name`.
    """
    by_key = _rules_by_key()
    rules = [rule for key in tags.keys() & by_key.keys() for rule in by_key[key] if _fits(rule, tags)]
    return max(rules, key=lambda rule: rule.priority, default=None)


def osm_name(tags: Mapping[str, str]) -> str:
    """Return the Chinese name of an object, else its name as mapped, else an empty text."""
    return (tags.get("name:zh") or tags.get("name") or tags.get("official_name") or "").strip()


@cache
def _rules_by_key() -> Mapping[str, tuple[OsmPlace, ...]]:
    by_key: dict[str, tuple[OsmPlace, ...]] = defaultdict(tuple)
    for rule in osm_places():
        by_key[rule.key] += (rule,)
    return by_key


def _fits(rule: OsmPlace, tags: Mapping[str, str]) -> bool:
    if not _has(tags, rule.key, rule.value) or not all(_holds(condition, tags) for condition in rule.also):
        return False
    if rule.needs_name and not osm_name(tags):
        return False
    names = " ".join(tags.get(key, "") for key in ("name", "name:zh", "official_name"))
    return not rule.name_contains or any(word in names for word in rule.name_contains)


def _holds(condition: str, tags: Mapping[str, str]) -> bool:
    if condition.startswith("!"):
        return condition[1:] not in tags
    key, _, values = condition.partition("=")
    return _has(tags, key, tuple(values.split("|")))


def _has(tags: Mapping[str, str], key: str, values: tuple[str, ...]) -> bool:
    """Tell whether a tag has one of the values; OpenStreetMap writes several of them apart by `;`."""
    present = [value.strip() for value in tags.get(key, "").split(";") if value.strip()]
    return bool(present) and (ANY in values or any(value in values for value in present))
