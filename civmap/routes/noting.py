"""What the planner should know of a plan: notes with a code and facts, put into words when they are told."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from civmap import texts

LATE = "late"
MOST_CODES = 12


def note(code: str, **facts: Any) -> dict[str, Any]:
    """Return a note as it is kept."""
    return {"code": code, **facts}


def told(lang: str, notes: Iterable[Mapping[str, Any]], hidden: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return notes in words, without the codes of points that are hidden."""
    return [_told(lang, one, hidden) for one in notes]


def _told(lang: str, one: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    facts = {name: value for name, value in one.items() if name != "code"}
    words = dict(facts)
    if "codes" in facts:
        codes = [code for code in facts["codes"] if code not in hidden]
        facts = {**facts, "count": len(codes), "codes": codes}
        shown = _joined(lang, codes[:MOST_CODES]) + ("…" if len(codes) > MOST_CODES else "")
        words = {**facts, "codes": shown, "names": shown}
    if "mode" in facts:
        words["mode_name"] = texts.say(lang, f"route.mode.{facts['mode']}")
    words = {name: _joined(lang, value) if isinstance(value, list) else value for name, value in words.items()}
    key = f"route.note.{one['code']}"
    return {**facts, "code": one["code"], "message": texts.say(lang, key, **words) if texts.has(lang, key) else key}


def _joined(lang: str, parts: Iterable[Any]) -> str:
    return ("、" if lang == "zh" else ", ").join(str(part) for part in parts)
