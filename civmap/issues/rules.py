"""The life of an issue: states, verbs, who may, and how colours follow from open issues.

Source: `domain.md` §4 and `interfaces.md` §3 ("what open means") and §5.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from civmap.errors import Forbidden, NotAllowed, NotFound
from civmap.people.rules import MAY, Viewer

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
    "extend": ("dispatched", "in_progress", "rework"),
    "appeal": ("closed",),
    "supervise": OPEN,
    "reopen": ("closed",),
}
TO: Mapping[str, str] = {
    "verify": "verifying", "file": "filed", "reject": "rejected", "duplicate": "duplicate", "dispatch": "dispatched",
    "acknowledge": "in_progress", "return": "returned", "start": "in_progress", "feedback": "resolved",
    "resume": "in_progress", "reopen": "in_progress",
}
BUILT = tuple(FROM)
UNIT_VERBS = frozenset({"acknowledge", "return", "start", "feedback", "suspend", "extend", "appeal"})
PLEAS: Mapping[str, str] = {"extend": "extension", "suspend": "suspension", "appeal": "appeal"}
"""What a unit asks for, by the verb that asks and answers."""
WAITING = ("asked", "seconded")
DECIDED = ("granted", "refused")
OFFICE_ROLES = frozenset({"admin", "dispatcher"})
PERSONAL = frozenset({"role_may_not", "not_your_issue", "checker_handled_it", "reviewer_twice", "own_plea"})
"""Refusals because of who asks; all others are because of how the issue stands."""


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
class Asked:
    """What a unit asked for: kind extension, suspension or appeal; who asked and who gave the first word."""

    kind: str
    state: str
    asked_by: str
    first_by: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guards need to know of an issue at a moment."""

    state: str
    unit_id: int | None
    handled_by: str | None
    is_designated: bool
    has_started: bool
    reported_by: str | None = None
    is_fixed_on_spot: bool = False
    return_until: datetime | None = None
    due_at: datetime | None = None
    resolved_at: datetime | None = None
    extension_count: int = 0
    most_extensions: int = 2
    was_suspended: bool = False
    asked: tuple[Asked, ...] = field(default=())
    handlers: frozenset[str] = frozenset()
    now: datetime | None = None

    def waiting(self, kind: str) -> Asked | None:
        """Return what waits for a decision, None where nothing of the kind does."""
        return next((one for one in self.asked if one.kind == kind and one.state in WAITING), None)

    @property
    def was_late(self) -> bool:
        """Tell whether the last feedback came after the deadline."""
        return self.due_at is not None and self.resolved_at is not None and self.resolved_at > self.due_at


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


def moments_of(state: str, known: Mapping[str, datetime | None], at: datetime) -> dict[str, datetime | None]:
    """Return since when an issue of a state has ended or hangs on the books; what is known already stays."""
    return {"ended_at": (known["ended_at"] or at) if state in ENDED else None,
            "suspended_at": (known["suspended_at"] or at) if state == "suspended" else None}


def level_of_rework(times: int) -> int:
    """Return the level of supervision that so many failed checks bring: the first 2, the second 3."""
    return min(times + 1, 3)


def check_verb(verb: str) -> None:
    """Raise NotFound for a verb there is not."""
    if verb not in FROM:
        raise NotFound("verb_unknown", field="verb", verb=verb, known=list(FROM))


def why_not(viewer: Viewer, verb: str, issue: Standing) -> str | None:
    """Return the code of the reason why a viewer may not do a verb now, or None where they may."""
    if not viewer.may(verb, "issue"):
        return "role_may_not"
    if issue.state not in FROM[verb]:
        return "not_allowed_now"
    if verb in UNIT_VERBS and not _is_theirs(viewer, verb, issue):
        return "not_your_issue"
    return GUARDS[verb](viewer, issue) if verb in GUARDS else None


def _is_theirs(viewer: Viewer, verb: str, issue: Standing) -> bool:
    if viewer.role in OFFICE_ROLES or (issue.unit_id is not None and issue.unit_id in viewer.unit_ids):
        return True
    return verb == "feedback" and fixes_on_spot(viewer, issue)


def fixes_on_spot(viewer: Viewer, issue: Standing) -> bool:
    """Tell whether a feedback of this viewer strikes the issue off at once: fixed on the spot (当场整改)."""
    return issue.is_fixed_on_spot and issue.state == "in_progress" and viewer.name == issue.reported_by


def _return(_viewer: Viewer, issue: Standing) -> str | None:
    if issue.is_designated:
        return "designated_stays"
    if issue.has_started:
        return "return_too_late"
    is_over = issue.return_until is not None and issue.now is not None and issue.now > issue.return_until
    return "return_window_over" if is_over else None


def _check(viewer: Viewer, issue: Standing) -> str | None:
    is_unit = issue.unit_id is not None and issue.unit_id in viewer.unit_ids
    has_handled = is_unit or viewer.name in {issue.handled_by, *issue.handlers}
    return "checker_handled_it" if viewer.person_id and has_handled else None


def _extend(viewer: Viewer, issue: Standing) -> str | None:
    waiting = issue.waiting("extension")
    if waiting is not None:
        return _decides_extension(viewer, waiting)
    if issue.due_at is None:
        return "extension_no_deadline"
    if issue.extension_count >= issue.most_extensions:
        return "extensions_used_up"
    return "extension_too_late" if issue.now is not None and issue.now > issue.due_at else None


def _decides_extension(viewer: Viewer, waiting: Asked) -> str | None:
    if viewer.role in OFFICE_ROLES:
        return "plea_waits_for_head" if waiting.state == "asked" else _own(viewer, waiting)
    is_heads = waiting.state == "asked" and viewer.role == "unit_head"
    return None if is_heads else "plea_waits"


def _suspend(viewer: Viewer, issue: Standing) -> str | None:
    if issue.was_suspended:
        return "suspended_before"
    waiting = issue.waiting("suspension")
    if waiting is None:
        return None
    return _own(viewer, waiting) if viewer.role in OFFICE_ROLES else "plea_waits"


def _appeal(viewer: Viewer, issue: Standing) -> str | None:
    if any(one.kind == "appeal" and one.state in DECIDED for one in issue.asked):
        return "appealed_before"
    waiting = issue.waiting("appeal")
    if waiting is None:
        return None if issue.was_late else "not_overdue"
    if viewer.role not in OFFICE_ROLES:
        return "plea_waits"
    return "reviewer_twice" if viewer.name == waiting.first_by else _own(viewer, waiting)


def _own(viewer: Viewer, waiting: Asked) -> str | None:
    return "own_plea" if viewer.person_id and viewer.name == waiting.asked_by else None


GUARDS: Mapping[str, Callable[[Viewer, Standing], str | None]] = {
    "return": _return, "check": _check, "extend": _extend, "suspend": _suspend, "appeal": _appeal,
}


def allowed(viewer: Viewer, issue: Standing) -> list[str]:
    """Return the verbs a viewer may do now."""
    return [verb for verb in FROM if why_not(viewer, verb, issue) is None]


def who_may(verb: str) -> list[str]:
    """Return the roles that may do a verb at all."""
    return [role for role, pairs in MAY.items() if (verb, "issue") in pairs]


def refusal(viewer: Viewer, verb: str, issue: Standing) -> Forbidden | NotAllowed | None:
    """Return the refusal that a verb would meet now, naming who may and what is allowed; None where it may be done."""
    code = why_not(viewer, verb, issue)
    if code is None:
        return None
    if code in PERSONAL:
        return Forbidden(code, role=viewer.role, verb=verb, kind="issue", who=who_may(verb))
    return NotAllowed(code, verb=verb, state=issue.state, allowed=allowed(viewer, issue))


def refusals(viewer: Viewer, issue: Standing) -> dict[str, Forbidden | NotAllowed]:
    """Return why not, by verb, for the verbs that the state allows and this viewer may not do."""
    found = {verb: refusal(viewer, verb, issue) for verb, states in FROM.items() if issue.state in states}
    return {verb: problem for verb, problem in found.items() if problem is not None}


def check_allowed(viewer: Viewer, verb: str, issue: Standing) -> None:
    """Raise NotAllowed (with what is allowed) or Forbidden where a verb may not be done."""
    problem = refusal(viewer, verb, issue)
    if problem is not None:
        raise problem
