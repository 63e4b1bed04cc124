"""All visible text, by key and language, from `geodata/catalogues/<language>/*.json`."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

from civmap import resources
from civmap.errors import CivmapError

LANGUAGES = ("zh", "en")
Own = Mapping[str, Mapping[str, str]]
_OWN: ContextVar[Own] = ContextVar("own_words", default={})  # noqa: B039 - never changed, only replaced


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Return every text of a language by key; raise KeyError for a language there is no catalogue of."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    texts: dict[str, str] = {}
    for file in sorted((resources.folder("geodata") / "catalogues" / lang).glob("*.json")):
        entries = json.loads(file.read_text(encoding="utf-8"))
        twice = texts.keys() & entries.keys()
        if twice:
            raise ValueError(f"{file.name} repeats {sorted(twice)[:3]}")
        texts.update(entries)
    return texts


def speak(words: Own) -> None:
    """Use a city's own words from now on in this request or command: texts by key, by language."""
    _OWN.set(words)


def own(lang: str, key: str) -> str | None:
    """Return the city's own word for a key, None where it keeps ours."""
    return _OWN.get().get(lang, {}).get(key)


def spoken(lang: str) -> dict[str, str]:
    """Return every text of a language by key, the city's own words before ours."""
    known = catalogue(lang)
    words = {key: text for key, text in _OWN.get().get(lang, {}).items() if key in known}
    return {**known, **words} if words else known


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def say(lang: str, key: str, /, **facts: Any) -> str:
    """Return the text of a key with its placeholders filled; raise KeyError where the catalogue lacks the key."""
    word = own(lang, key)
    if word:
        return word  # as the city wrote it: a brace in it is a brace
    text = catalogue(lang)[key]
    return text.format_map(_Blank(facts)) if "{" in text else text


def has(lang: str, key: str) -> bool:
    """Tell whether a key is in the catalogue."""
    return key in catalogue(lang)


def refusal(lang: str, error: CivmapError, words: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Return the sentence of a refusal and its way out; `words` stand for its facts where they have names."""
    separator = "、" if lang == "zh" else ", "
    facts = {name: _readable(value, separator) for name, value in (words or error.facts).items()}
    return say(lang, f"error.{error.code}", **facts), say(lang, f"error.{error.code}.hint", **facts)


def _readable(value: Any, separator: str) -> Any:
    return separator.join(str(part) for part in value) if isinstance(value, list | tuple) else value
