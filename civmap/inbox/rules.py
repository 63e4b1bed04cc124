"""What each role must do now: its queues in the order of their weight, each as filters, verbs and a stage target.

Source: `domain.md` §1 (roles), §4 (states, stage targets). A queue is nothing but filters of the one filter language;
`@unit` stands for the viewer's own unit and `@me` for their name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from civmap.calendar import Limit, WorkCalendar, due_at

UNIT, ME = "@unit", "@me"
LONGEST = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Queue:
    """Issues that wait for the same thing.

    `verbs` are what is done with them, the first is the main one; `since` is the column of the moment from which they
    wait (`returned` and `asked` are no columns) and `target` the stage target that then runs. `order` is what is
    urgent: the column that is sorted by. A lens looks at the same issues in another light and is not counted again.
    """

    name: str
    filters: Mapping[str, str]
    verbs: tuple[str, ...] = ()
    since: str | None = None
    target: str | None = None
    order: str = "due_at"
    is_lens: bool = False
    is_near: bool = False
    optional: frozenset[str] = field(default_factory=frozenset)


TARGETS: Mapping[str, Limit] = {
    "file": Limit(0.5, "work_hour"), "dispatch": Limit(0.5, "work_hour"), "acknowledge": Limit(2, "work_hour"),
    "check": Limit(4, "work_hour"),
}
PLEAS = "extension.seconded,suspension.asked,suspension.seconded,appeal.asked,appeal.seconded"


def _of(name: str, verbs: str = "", since: str | None = None, target: str | None = None, order: str = "due_at",
        **filters: str) -> Queue:
    return Queue(name, filters, tuple(verbs.split()), since, target, order)


def _lens(name: str, verbs: str = "", **filters: str) -> Queue:
    return replace(_of(name, verbs, **filters), is_lens=True)


_TO_FILE = _of("to_file", "file verify reject duplicate", "reported_at", "file", "reported_at",
               state="reported,verifying")
_TO_VERIFY = replace(_TO_FILE, name="to_verify", verbs=("verify",), is_near=True)
_TO_DISPATCH = _of("to_dispatch", "dispatch", "filed_at", "dispatch", "filed_at", state="filed")
_RETURNED = _of("returned", "dispatch reject", "returned", "dispatch", "reported_at", state="returned")
_DOUBTFUL = replace(_lens("doubtful", "dispatch file", state="reported,verifying,filed,returned", doubtful="yes"),
                    order="reported_at")
_PLEAS = _of("pleas", "extend suspend appeal", "asked", None, "due_at", plea=PLEAS)
_TO_CHECK = _of("to_check", "check", "resolved_at", "check", "resolved_at", state="resolved")
_OVERDUE = _lens("overdue", "supervise", status="overdue")
_ON_SITE = _of("on_site", "", "dispatched_at", None, "due_at", state="open", on_site="yes")
_LEVEL_3 = _of("level_3", "", state="open", level="3")

_OWN_ACKNOWLEDGE = _of("to_acknowledge", "acknowledge return", "dispatched_at", "acknowledge", "due_at",
                       state="dispatched", under=UNIT)
_OWN_FIX = _of("to_fix", "feedback start extend suspend", "acknowledged_at", state="in_progress", under=UNIT)
_OWN_REWORK = _of("rework", "feedback", "checked_at", state="rework", under=UNIT)
_OWN_OVERDUE = _lens("overdue", "feedback", status="overdue", under=UNIT)
_OWN_DUE_SOON = _lens("due_soon", "feedback", status="due_soon", under=UNIT)
_OWN_SUSPENDED = _lens("suspended", "", state="suspended", under=UNIT)
_MINE = _lens("mine", "", state="open", reported_by=ME)
_OWN_SIDE = (_OWN_OVERDUE, _OWN_DUE_SOON, replace(_OWN_SUSPENDED, order="resumes_at"))
_OFFICE = (_TO_FILE, _TO_DISPATCH, _RETURNED, _PLEAS, _TO_CHECK, _DOUBTFUL, _OVERDUE)

QUEUES: Mapping[str, tuple[Queue, ...]] = {
    "admin": _OFFICE,
    "dispatcher": _OFFICE,
    "inspector": (_TO_VERIFY, replace(_TO_CHECK, filters={"state": "resolved", "not_under": UNIT},
                                      optional=frozenset({"not_under"})), _ON_SITE, _MINE),
    "unit_handler": (_OWN_ACKNOWLEDGE, _OWN_REWORK, _OWN_FIX, *_OWN_SIDE, _MINE),
    "unit_head": (replace(_PLEAS, name="to_second", verbs=("extend",), filters={"plea": "extension.asked",
                                                                               "under": UNIT}),
                  _OWN_ACKNOWLEDGE, _OWN_REWORK, _OWN_FIX, *_OWN_SIDE),
    "subdistrict_clerk": (_TO_VERIFY, _OWN_ACKNOWLEDGE, _OWN_REWORK, _OWN_FIX, *_OWN_SIDE, _MINE),
    "grid_member": (_TO_VERIFY, _OWN_ACKNOWLEDGE, _OWN_REWORK, _OWN_FIX, _lens("overdue", status="overdue"), _MINE),
    "road_chief": (_of("on_my_road", "", state="open"), _lens("overdue", status="overdue"),
                   _lens("due_soon", status="due_soon"), _MINE),
    "industry_lead": (_of("overdue", "", status="overdue"), _of("due_soon", "", status="due_soon"),
                      _of("rework", "", state="rework")),
    "leader": (_of("overdue", "supervise", status="overdue"), _LEVEL_3, replace(_DOUBTFUL, verbs=())),
    "discipline": (_LEVEL_3, _of("overdue", "", status="overdue")),
    "shop": (_OWN_ACKNOWLEDGE, _OWN_REWORK, _OWN_FIX, _OWN_OVERDUE, _OWN_DUE_SOON, _MINE),
    "public": (),
}


def queues(role: str, unit: str | None, name: str) -> tuple[Queue, ...]:
    """Return the queues of a role with the viewer's own unit and name put in; one that needs a unit needs one."""
    return tuple(found for queue in QUEUES.get(role, ()) if (found := _filled(queue, unit, name)) is not None)


def _filled(queue: Queue, unit: str | None, name: str) -> Queue | None:
    own = {UNIT: unit, ME: name}
    filters = {key: own.get(value, value) for key, value in queue.filters.items()}
    if any(value is None and key not in queue.optional for key, value in filters.items()):
        return None
    return replace(queue, filters={key: value for key, value in filters.items() if value is not None})


def chosen(known: Iterable[Queue], name: str | None, counts: Mapping[str, int]) -> Queue | None:
    """Return the queue of a name; without one the first in which something waits, else the first."""
    known = tuple(known)
    named = next((queue for queue in known if queue.name == name), None)
    return named or next((queue for queue in known if counts.get(queue.name)), known[0] if known else None)


def late_before(target: Limit, now: datetime, calendar: WorkCalendar) -> datetime:
    """Return the moment before which whatever began to wait has missed the target by now, to the second."""
    early, late = int(LONGEST.total_seconds()), 0
    while early - late > 1:
        middle = (early + late) // 2
        if due_at(target, now - timedelta(seconds=middle), calendar) < now:
            early = middle
        else:
            late = middle
    return now - timedelta(seconds=late)
