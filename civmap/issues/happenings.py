"""What a line of the ledger means to people: the few things worth telling, and to whom. Pure.

Notifications, feeds and messages that leave the house all speak of these and of nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from civmap.fields import masked_phone
from civmap.people.rules import Viewer

KINDS = ("given", "returned", "answered", "rework", "closed", "rejected", "merged", "plea_asked", "plea_seconded",
         "plea_granted", "plea_refused", "suspended", "resumed", "due", "supervised", "reopened")
VERBS = ("dispatch", "return", "feedback", "check", "reject", "duplicate", "extend", "suspend", "appeal", "resume",
         "supervise", "reopen")
"""The verbs whose lines may be worth telling."""
OFFICE = frozenset({"admin", "dispatcher"})
TO_UNIT = frozenset({"given", "rework", "closed", "plea_granted", "plea_refused", "suspended", "resumed", "due",
                     "supervised", "reopened"})
TO_REPORTER = frozenset({"answered", "closed", "rejected", "merged"})
TO_OFFICE = frozenset({"returned", "plea_seconded"})
PLAIN = {"dispatch": "given", "return": "returned", "reject": "rejected", "duplicate": "merged", "resume": "resumed",
         "reopen": "reopened"}
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing worth telling; `level` of a supervision, `plea` is what was asked for."""

    kind: str
    level: int | None = None
    plea: str | None = None


def of(verb: str, after: Mapping[str, Any] | None) -> Happening | None:
    """Return what a line about an issue tells, None where it tells nobody anything."""
    after = after or {}
    if verb in PLAIN:
        return Happening(PLAIN[verb])
    if verb == "check":
        return Happening("rework" if after.get("state") == "rework" else "closed")
    if verb == "feedback":
        return Happening("closed" if after.get("state") == "closed" else "answered")
    if verb == "supervise":
        level = (after.get("said") or {}).get("level") or after.get("supervision_level") or 1
        return Happening("due" if level == 1 else "supervised", int(level))
    return _plea(verb, after) if verb in ("extend", "suspend", "appeal") else None


def _plea(verb: str, after: Mapping[str, Any]) -> Happening | None:
    state = (after.get("plea") or {}).get("state")
    if state in ("asked", "seconded", "granted", "refused"):
        return Happening(f"plea_{state}", plea=verb)
    return Happening("suspended") if verb == "suspend" else None


def concerns(viewer: Viewer, told: Happening, unit_id: int | None, reported_by: str | None) -> bool:
    """Tell whether somebody who sees the issue should be told: the office, the unit that answers, who found it."""
    if viewer.role in OFFICE:
        return told.kind in TO_OFFICE or (told.kind == "plea_asked" and told.plea != "extend") or told.level == 3
    if told.kind in TO_REPORTER and reported_by == viewer.name:
        return True
    if viewer.role in ("leader", "discipline"):
        return told.level == 3
    if unit_id is None or unit_id not in viewer.unit_ids:
        return False
    return told.kind in TO_UNIT or (told.kind == "plea_asked" and viewer.role == "unit_head")


def without_phones(words: str) -> str:
    """Return words with the middle of every phone number hidden: what is told outside carries none."""
    return _PHONE.sub(lambda found: masked_phone(re.sub(r"\D", "", found[0])) or "", words)
