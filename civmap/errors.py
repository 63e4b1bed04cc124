"""Every way the product refuses: exceptions that name the condition and know nothing of HTTP or languages.

The sentence a person reads is the catalogue entry `error.<code>`, the way out `error.<code>.hint`.
"""

from typing import Any


class CivmapError(Exception):
    """Refuse something, with a stable code and the facts that its sentence needs."""

    def __init__(self, code: str, /, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class BadInput(CivmapError):
    """The bytes cannot be read as what they claim to be."""


class Invalid(CivmapError):
    """The bytes can be read, but a value in them is not acceptable."""


class Several(Invalid):
    """Several values are not acceptable; `problems` holds one error each."""

    def __init__(self, problems: list[CivmapError]) -> None:
        super().__init__("several_problems", count=len(problems))
        self.problems = problems


class NotFound(CivmapError):
    """The thing is not there, or not there for this viewer."""


class NotSignedIn(CivmapError):
    """Nobody knows who asks."""


class Forbidden(CivmapError):
    """The person is known and may not."""


class Conflict(CivmapError):
    """The change contradicts what is already there."""


class NotAllowed(Conflict):
    """The change is not possible in the present state."""


class Stale(CivmapError):
    """Somebody else changed it first; `facts['current']` shows the row as it is now."""


class Missing(CivmapError):
    """A precondition that must be sent was not sent."""


class TooLarge(CivmapError):
    """More than the product takes at once."""


class TooMany(CivmapError):
    """Asked too often in a short time."""


class NotBuilt(CivmapError):
    """Promised in the interfaces, and not built yet."""


class Unavailable(CivmapError):
    """The database does not answer just now."""


class Unreachable(CivmapError):
    """Another host, on which the answer depends, does not answer as it should."""
