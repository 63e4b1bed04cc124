"""How a browser shows the pages: light or dark, more contrast, large type. A choice of the browser, not of the person.

The browser keeps it in a cookie that its own script writes; the server puts it on <html>, so the first paint is right.
"""

from dataclasses import dataclass

from flask import Request

COOKIE = "civmap_display"
THEMES = ("system", "light", "dark")
CONTRASTS = ("auto", "more")
TYPES = ("normal", "large")


@dataclass(frozen=True, slots=True)
class Display:
    """What was chosen; the first of each tuple where nothing was."""

    theme: str = THEMES[0]
    contrast: str = CONTRASTS[0]
    type: str = TYPES[0]

    @property
    def painted(self) -> str:
        """Return the theme to paint with before the browser has said what its system prefers."""
        return "dark" if self.theme == "dark" else "light"


def chosen(request: Request) -> Display:
    """Return what the cookie says, word by word; words that nobody knows count as no choice."""
    words = request.cookies.get(COOKIE, "")[:60].split(".")
    theme, contrast, kind = (next((word for word in known if word in words), known[0])
                             for known in (THEMES, CONTRASTS, TYPES))
    return Display(theme, contrast, kind)
