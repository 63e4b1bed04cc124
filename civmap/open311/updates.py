"""Updates of requests, out and in: the ledger's lines as other systems read them, their reports as verbs of ours.

Source: the `servicerequestupdates` extension of GeoReport v2 as FixMyStreet speaks it.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from civmap import clock, texts
from civmap.errors import Invalid
from civmap.inbox.feeds import verb_words
from civmap.issues import actions, photos, queries, rules
from civmap.issues.happenings import without_phones
from civmap.issues.models import Issue
from civmap.issues.photos import Developed
from civmap.open311.requests import MOST, span
from civmap.people.rules import Viewer
from civmap.store.ledger import Entry

STATUS_OF: Mapping[str, str] = {
    "reported": "OPEN", "verifying": "INVESTIGATING", "filed": "ACTION_SCHEDULED", "dispatched": "ACTION_SCHEDULED",
    "returned": "INTERNAL_REFERRAL", "in_progress": "IN_PROGRESS", "suspended": "ACTION_SCHEDULED",
    "resolved": "FIXED", "rework": "IN_PROGRESS", "closed": "CLOSED", "rejected": "NO_FURTHER_ACTION",
    "duplicate": "DUPLICATE"}
VERB_OF: Mapping[str, str] = {
    "INVESTIGATING": "acknowledge", "ACKNOWLEDGED": "acknowledge", "ACTION_SCHEDULED": "start", "IN_PROGRESS": "start",
    "FIXED": "feedback", "CLOSED": "feedback", "NOT_COUNCILS_RESPONSIBILITY": "return", "INTERNAL_REFERRAL": "return",
    "REFERRED": "return", "REOPEN": "reopen", "OPEN": "reopen"}
"""What another system's status asks of an issue here."""
TOLD = frozenset({"file", "reject", "duplicate", "dispatch", "acknowledge", "return", "start", "feedback", "check",
                  "suspend", "resume", "reopen", "verify"})
WORDS = {"feedback": "measure", "check": "opinion", "reject": "reason", "reopen": "reason"}
"""What somebody wrote that may be read outside, by verb."""


def asked(session: Session, viewer: Viewer, said: Mapping[str, str], now: datetime, lang: str) -> list[dict[str, Any]]:
    """Return what happened to the requests that a viewer sees between two moments, oldest first, at most 1,000."""
    start, end = span(said, now)
    lines = session.execute(
        select(Entry.id, Entry.at, Entry.verb, Entry.after, Issue.issue_no)
        .join(Issue, and_(Entry.kind == "issue", Issue.issue_no == Entry.key))
        .where(Entry.at >= start, Entry.at <= end, Entry.verb.in_(TOLD), queries.visible(viewer, now))
        .order_by(Entry.id).limit(MOST))
    return [told for line in lines if (told := _told(line, lang)) is not None]


def _told(line: Any, lang: str) -> dict[str, Any] | None:
    after = line.after or {}
    state = after.get("state") or rules.TO.get(line.verb)
    if state not in STATUS_OF:
        return None
    written = (after.get("said") or {}).get(WORDS.get(line.verb, ""), "")
    words = " ".join(part for part in (verb_words(line.verb, after, lang), written) if part)
    return {"update_id": str(line.id), "service_request_id": line.issue_no, "status": STATUS_OF[state],
            "updated_datetime": clock.iso(line.at), "description": without_phones(words), "media_url": None}


def take(session: Session, viewer: Viewer, said: Mapping[str, str], shots: list[Developed], folder: Path,
         now: datetime, lang: str) -> str:
    """Do what another system's update asks of an issue; return the number of the ledger's line that it left.

    Raise Invalid for a status nobody knows, and what the verb itself refuses (who may, whether it is allowed now).
    """
    status = (said.get("status") or "").strip().upper().replace(" ", "_").replace("-", "_")
    if status not in VERB_OF:
        raise Invalid("open311_update_status", field="status", value=status[:40], known=sorted(VERB_OF))
    number, words = (said.get("service_request_id") or "").strip(), (said.get("description") or "").strip()
    issue = queries.by_no(session, viewer, number[:64], now, for_change=True)
    verb = VERB_OF[status]
    body: dict[str, Any] = {}
    if verb == "feedback":
        kept = [photos.add(session, viewer, number, shot, {"kind": "after"}, folder, now).id for shot in shots]
        body = {"measure": words or texts.say(lang, "open311.fixed"), **({"photos": kept} if kept else {})}
    elif verb in ("return", "reopen"):
        body = {"reason": words}
    elif verb == "start" and words:
        body = {"plan": words}
    if verb == "start" and issue.state == "dispatched":
        issue = actions.perform(session, viewer, number, "acknowledge", {}, issue.version, now, lang)
    actions.perform(session, viewer, number, verb, body, issue.version, now, lang)
    session.flush()
    return str(session.scalars(select(Entry.id).where(Entry.kind == "issue", Entry.key == issue.issue_no)
                               .order_by(Entry.id.desc()).limit(1)).one())
