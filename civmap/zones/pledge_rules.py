"""The pledge (门前三包责任书) of a frontage zone: its state on a day, what may be done with it, and until when it runs.

The state is never kept: it follows from the days of the pledge, the mark that a person set, and today (domain.md §5.1).
"""

from calendar import monthrange
from datetime import date, timedelta

from civmap.errors import Invalid, NotAllowed

KIND = "frontage"
STATES = ("unsigned", "signed", "expiring", "expired", "changing", "void")
MARKS = ("changing", "void")
VERBS = ("sign", "renew", "changing", "void", "undo")
EXPIRING_DAYS = 30
MOST_MONTHS = 120
FROM: dict[str, frozenset[str]] = {
    "sign": frozenset({"unsigned", "expired", "changing", "void"}),
    "renew": frozenset({"signed", "expiring", "expired"}),
    "changing": frozenset({"signed", "expiring", "expired"}),
    "void": frozenset({"signed", "expiring", "expired", "changing"}),
    "undo": frozenset(STATES),
}
NEEDS_REASON = frozenset({"changing", "void"})


def state(signed_on: date | None, expires_on: date | None, mark: str | None, today: date) -> str:
    """Return the state of a pledge on a day: unsigned, signed, expiring (30 days), expired, changing or void."""
    if mark in MARKS:
        return mark
    if signed_on is None or signed_on > today:
        return "unsigned"
    if expires_on is None:
        return "signed"
    if expires_on < today:
        return "expired"
    return "expiring" if expires_on - today <= timedelta(days=EXPIRING_DAYS) else "signed"


def has_pledge(kind: str, signed_on: date | None) -> bool:
    """Tell whether a zone takes part: every frontage zone, and others where a pledge was signed."""
    return kind == KIND or signed_on is not None


def allowed(now: str) -> list[str]:
    """Return what may be done with a pledge in a state."""
    return [verb for verb in VERBS if now in FROM[verb]]


def check(verb: str, now: str, reason: str) -> None:
    """Refuse an unknown verb, one that the state does not allow (NotAllowed), and a missing reason (Invalid)."""
    if verb not in VERBS:
        raise Invalid("pledge_verb", field="verb", value=verb[:20], known=list(VERBS))
    if now not in FROM[verb]:
        raise NotAllowed("pledge_not_now", field="verb", verb=verb, state=now, allowed=allowed(now))
    if verb in NEEDS_REASON and not reason:
        raise Invalid("field_missing", field="reason")


def term(begins: date, months: int) -> date:
    """Return the last day of a pledge of some months: 2026-01-10 and 12 months end on 2027-01-09."""
    if not 1 <= months <= MOST_MONTHS:
        raise Invalid("pledge_months", field="months", value=months, most=MOST_MONTHS)
    whole = begins.month - 1 + months
    year, month = begins.year + whole // 12, whole % 12 + 1
    return date(year, month, min(begins.day, monthrange(year, month)[1])) - timedelta(days=1)


def renewed(expires_on: date | None, today: date, months: int) -> date:
    """Return until when a renewed pledge runs: on from its last day while it holds, else from today."""
    begins = expires_on + timedelta(days=1) if expires_on is not None and expires_on >= today else today
    return term(begins, months)


def number(prefix: str, year: int, last: str | None) -> str:
    """Return the number after the last one given in a year: MQSB-2026-00001."""
    stem = f"{prefix}-{year}-"
    serial = int(last.removeprefix(stem)) if last and last.removeprefix(stem).isdigit() else 0
    return f"{stem}{serial + 1:05d}"
