"""Issue a numbered paper to a unit, and note when one is printed again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.errors import Invalid, NotAllowed, NotFound
from civmap.issues import actions as life
from civmap.issues import lines
from civmap.issues.models import Issue, Notice
from civmap.issues.notices import issue_notice, of_issue
from civmap.issues.queries import by_no, visible
from civmap.people.rules import Viewer
from civmap.store import ledger
from civmap.store.editing import one_at_a_time
from civmap.store.listing import one_of
from civmap.units.models import Unit

ISSUED_HERE = ("dispatch_sheet", "rectification")
OF_THE_UNIT = ("dispatched", "in_progress", "suspended", "rework")
MOST_ISSUES = 200
PRINT_LOCK = 360_204
WORDS = ("basis", "demand", "reply", "consequence", "signer", "office")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be issued: the kind, the issues by number, the unit where it is named, and own words."""

    kind: str
    issues: Sequence[str]
    unit: str | None = None
    words: tuple[tuple[str, str], ...] = ()
    level: int | None = None


def issue(session: Session, viewer: Viewer, order: Order, now: datetime) -> Notice:
    """Issue a dispatch sheet or a rectification notice about issues of one unit, kept as it went out.

    A supervision notice is made by supervising its one issue. Raise Forbidden, NotFound for an issue that is hidden,
    Invalid where the issues are of several units, NotAllowed where one is not in the hands of its unit.
    """
    if order.kind == "supervision":
        return _supervise(session, viewer, order, now)
    viewer.must("dispatch", "issue")
    if order.kind not in ISSUED_HERE:
        raise Invalid("notice_kind", field="kind", value=order.kind[:40], known=list(ISSUED_HERE))
    found = _issues(session, viewer, order.issues, now)
    unit = _unit(session, found, order.unit)
    facts: dict[str, Any] = {"unit_name": unit.name, **{name: said for name, said in order.words if said},
                             "lines": lines.of(session, [one.id for one in found], now)}
    facts.setdefault("signer", viewer.full_name or viewer.name)
    notice = issue_notice(session, viewer, order.kind, found, unit, None, now, facts)
    ledger.append(session, [ledger.Line(now, viewer.name, viewer.via, order.kind, "issue", one.issue_no,
                                        after={"notice": notice.number}) for one in found])
    return notice


def _supervise(session: Session, viewer: Viewer, order: Order, now: datetime) -> Notice:
    viewer.must("supervise", "issue")
    if order.level is None or len(order.issues) != 1:
        raise Invalid("notice_supervision", field="level" if order.level is None else "issues")
    row = by_no(session, viewer, order.issues[0], now)
    life.perform(session, viewer, row.issue_no, "supervise", {"level": order.level}, row.version, now)
    return of_issue(session, row)[-1]


def _issues(session: Session, viewer: Viewer, numbers: Sequence[str], now: datetime) -> list[Issue]:
    wanted = list(dict.fromkeys(numbers))
    if not 1 <= len(wanted) <= MOST_ISSUES:
        raise Invalid("notice_issues", field="issues", count=len(wanted), most=MOST_ISSUES)
    found = {one.issue_no: one for one in session.scalars(
        select(Issue).where(one_of(Issue.issue_no, wanted), visible(viewer, now)))}
    for no in wanted:
        if no not in found:
            raise NotFound("issue_not_found", field="issues", no=no)
    rows = sorted(found.values(), key=lambda one: one.id)
    idle = [one.issue_no for one in rows if one.unit_id is None or one.state not in OF_THE_UNIT]
    if idle:
        raise NotAllowed("notice_not_in_hand", field="issues", issues=idle[:10])
    return rows


def _unit(session: Session, found: Sequence[Issue], code: str | None) -> Unit:
    ids = {one.unit_id for one in found}
    units = list(session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.code)))
    if len(units) != 1 or (code and units[0].code != code):
        raise Invalid("notice_units", field="unit", units=[unit.code for unit in units])
    return units[0]


def note_print(session: Session, viewer: Viewer, notice: Notice, fmt: str, now: datetime) -> bool:
    """Write into the ledger that a notice is printed; tell whether it was printed in this form before (补打)."""
    one_at_a_time(session, PRINT_LOCK)
    before = any(entry.verb == "print" and (entry.after or {}).get("format") == fmt
                 for entry in ledger.history(session, "notice", notice.number))
    ledger.record(session, viewer.actor, "print", "notice", notice.number, at=now,
                  after={"format": fmt, "copy": before})
    return before
