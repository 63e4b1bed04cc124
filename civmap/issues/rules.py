"""The life of an issue: states, verbs, who may, and how colours follow from open issues.

Source: `domain.md` §4 and `interfaces.md` §3 ("what open means") and §5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from civmap.calendar import Limit, WorkCalendar, due_at
from civmap.errors import Forbidden, NotAllowed, NotBuilt, NotFound
from civmap.people.rules import Viewer

OPEN = ("reported", "verifying", "filed", "dispatched", "returned", "in_progress", "suspended", "resolved", "rework")
STATES = ("draft", *OPEN, "closed", "rejected", "duplicate")
ENDED = ("closed", "rejected", "duplicate")
RUNNING = tuple(state for state in OPEN if state != "suspended")
STATUSES = ("overdue", "due_soon", "open", "none")
DUE_SOON_SHARE = 0.75

FROM: Mapping[str, tuple[str, ...]] = {
    "verify": ("reported", "verifying"),
    "file": ("reported", "verifying"),
    "reject": ("reported", "verifying", "returned"),
    "duplicate": ("reported", "verifying"),
    "dispatch": ("filed", "returned"),
    "acknowledge": ("dispatched",),
    "return": ("dispatched", "in_progress"),
    "start": ("in_progress",),
    "feedback": ("in_progress", "rework"),
    "check": ("resolved",),
    "suspend": ("in_progress",),
    "resume": ("suspended",),
    "extend": ("dispatched", "in_progress"),
    "appeal": ("closed",),
    "supervise": OPEN,
    "reopen": ("closed",),
}
TO: Mapping[str, str] = {
    "verify": "verifying", "file": "filed", "reject": "rejected", "duplicate": "duplicate", "dispatch": "dispatched",
    "acknowledge": "in_progress", "return": "returned", "start": "in_progress", "feedback": "resolved",
}
BUILT = (*TO, "check")
UNIT_VERBS = frozenset({"acknowledge", "return", "start", "feedback"})
OFFICE_ROLES = frozenset({"admin", "dispatcher"})


@dataclass(frozen=True, slots=True)
class Burden:
    """How many open issues weigh on something, and how many of them are overdue or due soon."""

    open: int = 0
    due_soon: int = 0
    overdue: int = 0

    @property
    def status(self) -> str:
        """Return the worst of overdue > due_soon > open > none."""
        if self.overdue:
            return "overdue"
        if self.due_soon:
            return "due_soon"
        return "open" if self.open else "none"

    def as_properties(self) -> dict[str, int | str]:
        """Return the four properties that every feature carries."""
        return {"open_issues": self.open, "due_soon_issues": self.due_soon, "overdue_issues": self.overdue,
                "status": self.status}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guards need to know of an issue."""

    state: str
    unit_id: int | None
    handled_by: str | None
    is_designated: bool
    has_started: bool
    reported_by: str | None = None


def status(state: str, due: datetime | None, due_soon: datetime | None, now: datetime) -> str:
    """Return an issue's own status at a moment; suspended and undispatched ones are never late."""
    if state not in OPEN:
        return "none"
    if state == "suspended" or due is None:
        return "open"
    if now > due:
        return "overdue"
    return "due_soon" if due_soon is not None and now >= due_soon else "open"


@dataclass(frozen=True, slots=True)
class Then:
    """How an issue stood at a moment: what came later is not there."""

    state: str
    status: str
    dispatched_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None


def then(row: Any, at: datetime, now: datetime) -> Then:
    """Return how an issue stood at a moment, from the moments that its row keeps."""
    if at == now:
        return Then(row.state, status(row.state, row.due_at, row.due_soon_at, now), row.dispatched_at, row.due_at,
                    row.closed_at)
    was_given = row.dispatched_at is None or row.dispatched_at <= at
    due, soon = (row.due_at, row.due_soon_at) if was_given else (None, None)
    state = state_at(row, at)
    return Then(state, status(state, due, soon, at), row.dispatched_at if was_given else None, due,
                row.closed_at if row.closed_at and row.closed_at <= at else None)


def state_at(row: Any, at: datetime) -> str:
    """Return the state an issue had at a moment, as far as its last moments tell (`filters.state_then` in SQL)."""
    def was(moment: datetime | None) -> bool:
        return moment is not None and moment <= at

    if was(row.ended_at):
        return str(row.state)
    if was(row.suspended_at):
        return "suspended"
    if was(row.checked_at) and (row.resolved_at is None or not row.checked_at < row.resolved_at <= at):
        return "rework"
    steps = (("resolved", row.resolved_at), ("in_progress", row.acknowledged_at), ("dispatched", row.dispatched_at),
             ("filed", row.filed_at))
    return next((state for state, moment in steps if was(moment)), "reported")


def due_moments(limit: Limit, start: datetime, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """Return when 75 % of a limit is used and when it has run out (UTC)."""
    return due_at(limit.times(DUE_SOON_SHARE), start, calendar), due_at(limit, start, calendar)


def moments_of(state: str, known: Mapping[str, datetime | None], at: datetime) -> dict[str, datetime | None]:
    """Return since when an issue of a state has ended or hangs on the books; what is known already stays."""
    return {"ended_at": (known["ended_at"] or at) if state in ENDED else None,
            "suspended_at": (known["suspended_at"] or at) if state == "suspended" else None}


def check_verb(verb: str) -> None:
    """Raise NotFound for a verb there is not, NotBuilt for one that comes later."""
    if verb not in FROM:
        raise NotFound("verb_unknown", field="verb", verb=verb, known=list(FROM))
    if verb not in BUILT:
        raise NotBuilt("verb_not_built", verb=verb)


def why_not(viewer: Viewer, verb: str, issue: Standing) -> str | None:
    """Return the code of the reason why a viewer may not do a verb now, or None where they may."""
    if not viewer.may(verb, "issue"):
        return "role_may_not"
    if issue.state not in FROM[verb]:
        return "not_allowed_now"
    if verb in UNIT_VERBS and viewer.role not in OFFICE_ROLES and issue.unit_id not in viewer.unit_ids:
        return "not_your_issue"
    if verb == "return" and issue.is_designated:
        return "designated_stays"
    if verb == "return" and issue.has_started:
        return "return_too_late"
    if verb == "check" and _handled_it(viewer, issue):
        return "checker_handled_it"
    return None


def _handled_it(viewer: Viewer, issue: Standing) -> bool:
    if not viewer.person_id:
        return False
    return viewer.name == issue.handled_by or (issue.unit_id is not None and issue.unit_id in viewer.unit_ids)


def allowed(viewer: Viewer, issue: Standing) -> list[str]:
    """Return the verbs a viewer may do now."""
    return [verb for verb in BUILT if why_not(viewer, verb, issue) is None]


def check_allowed(viewer: Viewer, verb: str, issue: Standing) -> None:
    """Raise NotAllowed (with what is allowed) or Forbidden where a verb may not be done."""
    code = why_not(viewer, verb, issue)
    if code is None:
        return
    if code in ("role_may_not", "not_your_issue", "checker_handled_it"):
        raise Forbidden(code, role=viewer.role, verb=verb, kind="issue")
    raise NotAllowed(code, verb=verb, state=issue.state, allowed=allowed(viewer, issue))
