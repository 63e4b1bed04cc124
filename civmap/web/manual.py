"""The chapters of the manual: one per task, in the order in which a newcomer needs them; words are in the catalogues.

The browser's own keys live in `static/js/shortcuts.js`; a test compares them with those told here.
"""

from dataclasses import dataclass
from itertools import count, takewhile
from typing import Any

from civmap import dictionaries, resources, texts
from civmap.issues.measures import OF_KIND

CHAPTERS = ("inbox", "read", "colour", "search", "places", "filter", "list", "time", "differences", "live",
            "report", "spot", "outbox", "draws", "rounds", "planning", "sheets", "walk", "handle", "dispatch", "plan",
            "unit", "head", "supervise", "check", "documents", "rates", "results", "draw", "roads", "frontage",
            "pledge", "paper", "imports", "tables", "ogc", "mapit", "responsibility", "workflow", "calendar",
            "messages", "ground", "look", "keys")
KEYS = (("/", "find"), ("f", "filter"), ("l", "list"), ("s", "select"), ("c", "link"), ("h", "home"), ("?", "help"),
        ("← ↑ → ↓", "pan"), ("+ −", "zoom"), ("Tab", "tab"), ("Enter", "enter"), ("Space", "space"),
        ("Shift", "shift"), ("Esc", "escape"))
PICTURES = "img/help"
PHONE = ("report", "outbox", "walk")
MEASURES = tuple(dict.fromkeys(by for known in OF_KIND.values() for by in known))


@dataclass(frozen=True, slots=True)
class Chapter:
    """One task: what it is for, its steps, and a picture where there is one."""

    name: str
    title: str
    intro: str
    steps: list[str]
    picture: str | None
    alt: str
    size: tuple[int, int] = (1200, 750)
    example: str = ""


def chapters(lang: str) -> list[Chapter]:
    """Return the chapters in a language."""
    return [_chapter(name, lang) for name in CHAPTERS]


def _chapter(name: str, lang: str) -> Chapter:
    numbers = takewhile(lambda at: texts.has(lang, f"manual.{name}.{at}"), count(1))
    alt, example = f"manual.{name}.alt", f"manual.{name}.example"
    return Chapter(name, texts.say(lang, f"manual.{name}.title"), texts.say(lang, f"manual.{name}.intro"),
                   [texts.say(lang, f"manual.{name}.{at}") for at in numbers], _picture(name, lang),
                   texts.say(lang, alt) if texts.has(lang, alt) else "",
                   (360, 740) if name in PHONE else (1200, 750),
                   texts.say(lang, example) if texts.has(lang, example) else "")


def _picture(name: str, lang: str) -> str | None:
    """Return the picture's path below `static/`, None where it was not taken yet."""
    path = f"{PICTURES}/{name}-{lang}.webp"
    return path if (resources.folder("static") / path).is_file() else None


def parts(lang: str) -> dict[str, Any]:
    """Return what the manual tells beside the lists of settings, commands, states and codes."""
    return {
        "chapters": chapters(lang),
        "starts": [{"code": role.code, "name": role.name(lang), "words": texts.say(lang, f"manual.role.{role.code}")}
                   for role in dictionaries.roles().values()],
        "measures": [{"code": by, "name": texts.say(lang, f"js.by.{by}"), "how": texts.say(lang, f"manual.by.{by}")}
                     for by in MEASURES],
        "keys": [{"key": key, "name": name, "does": texts.say(lang, f"js.keys.{name}")} for key, name in KEYS],
    }
