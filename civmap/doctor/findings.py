"""What a doctor says: a code, how bad it is, a sentence and a hint."""

from dataclasses import dataclass, field
from typing import Any

from civmap import texts
from civmap.errors import CivmapError

LEVELS = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; its sentence is the text `doctor.<code>`, its hint `doctor.<code>.hint`."""

    code: str
    level: str
    facts: dict[str, Any] = field(default_factory=dict)
    prefix: str = "doctor"

    def sentence(self, lang: str) -> str:
        """Return what was found."""
        return texts.say(lang, f"{self.prefix}.{self.code}", **self._shown())

    def hint(self, lang: str) -> str:
        """Return what to do about it."""
        return texts.say(lang, f"{self.prefix}.{self.code}.hint", **self._shown())

    def as_json(self, lang: str) -> dict[str, Any]:
        """Return the finding for programs."""
        return {"code": self.code, "level": self.level, "message": self.sentence(lang), "hint": self.hint(lang)}

    def _shown(self) -> dict[str, Any]:
        return {name: "、".join(map(str, value)) if isinstance(value, list | tuple) else value
                for name, value in self.facts.items()}


def refusal(error: CivmapError, level: str = "error") -> Finding:
    """Return a refusal of another room as a finding."""
    return Finding(error.code, level, error.facts, "error")
