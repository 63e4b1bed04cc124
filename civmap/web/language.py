"""The language of an answer.

A page speaks the office's language until somebody switches: what a browser happens to prefer does not count, so that
a phone bought abroad shows the same words as the colleague's. A program says what it wants in Accept-Language.
"""

from flask import Request

from civmap.texts import LANGUAGES

COOKIE = "civmap_lang"


def chosen(request: Request, remembered: str | None, default: str, is_program: bool) -> str:
    """Return `zh` or `en`: a program's header, else the browser's switch, the person's choice, the default."""
    if is_program:
        wanted = request.accept_languages.best_match(LANGUAGES)
        if wanted:
            return wanted
    for candidate in (request.cookies.get(COOKIE), remembered):
        if candidate in LANGUAGES:
            return candidate
    return default
