"""A text as the gazetteer reads it: its streets, what divisions it begins with, and what it says beside them."""

from typing import NamedTuple

from civmap.addresses.names import Hit, Lexicon
from civmap.addresses.reading import Aside, Head, aside, head, read


class Said(NamedTuple):
    """A text read once: `rest` is it without divisions; `hits` are the streets in `plain`."""

    plain: str
    divisions: tuple[str, ...]
    rest: str
    hits: tuple[Hit, ...]

    def after(self, end: int) -> Aside:
        """Return what the text says behind a place of it."""
        return aside(self.plain[end:])

    @property
    def start(self) -> int:
        """Return where the text goes on behind its divisions."""
        return len(self.plain) - len(self.rest)


def said(lexicon: Lexicon, text: str) -> Said:
    """Return a text as it is read."""
    plain = read(text)
    hits = lexicon.hits(plain)
    told: Head = head(plain, hits[0].start if hits else len(plain))
    return Said(plain, told.divisions, told.rest, tuple(hits))
