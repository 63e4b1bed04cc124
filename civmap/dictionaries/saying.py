"""Say a refusal in the office's words: states, verbs and roles by their names instead of their codes."""

from collections.abc import Mapping
from typing import Any

from civmap import texts
from civmap.dictionaries.records import Named
from civmap.dictionaries.tables import issue_states, roles
from civmap.errors import CivmapError


def refusal(lang: str, error: CivmapError) -> tuple[str, str]:
    """Return the sentence of a refusal and its way out; raise KeyError where the catalogue lacks its code."""
    return texts.refusal(lang, error, {name: _named(lang, name, value) for name, value in error.facts.items()})


def sentence(lang: str, error: CivmapError) -> str:
    """Return both as one text."""
    return ("" if lang == "zh" else " ").join(refusal(lang, error))


def _named(lang: str, name: str, value: Any) -> Any:
    if name == "allowed":
        return [_named(lang, "verb", verb) for verb in value] or ["—"]
    if name == "verb":
        keys = (f"pages.verb.{value}", f"ledger.verb.{value}")
        return next((texts.say(lang, key) for key in keys if texts.has(lang, key)), value)
    if name in ("crs", "said") and isinstance(value, str) and texts.has(lang, f"system.{value}"):
        return texts.say(lang, f"system.{value}")
    if name == "state":
        return _entry(issue_states(), value, lang)
    return _entry(roles(), value, lang) if name == "role" else value


def _entry(table: Mapping[str, Named], code: Any, lang: str) -> Any:
    return table[code].name(lang) if code in table else code
