"""The outbox: lines of the ledger become messages, each once per channel, and stay until their carrier took them.

How far the ledger has been read is kept per channel, in one transaction with the messages that were written: whatever
happens in between, no line is passed over and none is told twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from civmap import clock, dictionaries, texts
from civmap.channels import Channel
from civmap.city.models import Custom
from civmap.issues import happenings
from civmap.issues.happenings import without_phones
from civmap.issues.models import Issue
from civmap.issues.queries import names
from civmap.messages import rules
from civmap.messages.models import Message
from civmap.store import ledger
from civmap.store.ledger import Entry

CURSOR = "messages_cursor"
AT_ONCE = 500
EXCERPT = 80
LONGEST_TITLE = 200


def is_behind(session: Session, channels: Sequence[Channel]) -> bool:
    """Tell whether the ledger holds lines that were not looked at for one of the channels, or a channel is new."""
    kept = session.scalar(select(Custom.value).where(Custom.name == CURSOR)) or {}
    newest = ledger.last_id(session)
    return set(kept) != {one.name for one in channels} or any(place != newest for place in kept.values())


def collect(session: Session, channels: Sequence[Channel], city: str, base: str | None, lang: str,
            now: datetime) -> int:
    """Write the messages of the lines that came since; a channel that is new begins with what comes from now on."""
    row = session.scalar(select(Custom).where(Custom.name == CURSOR).with_for_update())
    if row is None:
        row = Custom(name=CURSOR, value={}, changed_at=now, changed_by="carrier")
        session.add(row)
    newest = ledger.last_id(session)
    places = {one.name: min(row.value.get(one.name, newest), newest) for one in channels}
    lines, reached = _lines(session, min(places.values(), default=newest), newest)
    written = _write(session, channels, places, lines, (city, base, lang), now) if lines else 0
    row.value, row.changed_at = {name: max(place, reached) for name, place in places.items()}, now
    session.flush()
    return written


def forget(session: Session) -> None:
    """Forget how far was read: with no channel left there is nothing to catch up with later."""
    row = session.scalar(select(Custom).where(Custom.name == CURSOR))
    if row is not None:
        session.delete(row)


def _lines(session: Session, after: int, newest: int) -> tuple[list[Any], int]:
    columns = (Entry.id.label("line"), Entry.at, Entry.verb, Entry.after, Entry.hash, Issue.id, Issue.issue_no,
               Issue.class_code, Issue.description, Issue.address, Issue.unit_id, Issue.point_id, Issue.segment_id,
               Issue.due_at)
    lines = list(session.execute(
        select(*columns).join(Issue, and_(Entry.kind == "issue", Issue.issue_no == Entry.key))
        .where(Entry.id > after, Entry.id <= newest, Entry.verb.in_(happenings.VERBS))
        .order_by(Entry.id).limit(AT_ONCE)))
    return lines, lines[-1].line if len(lines) == AT_ONCE else newest


def _write(session: Session, channels: Sequence[Channel], places: dict[str, int], lines: Sequence[Any],
           said: tuple[str, str | None, str], now: datetime) -> int:
    known, written = names(session, lines), 0
    for line in lines:
        told = happenings.of(line.verb, line.after)
        unit = known.units.get(line.unit_id or 0)
        for channel in channels:
            if told is None or line.line <= places[channel.name] or not rules.wants(
                    channel, told, unit.code if unit else None):
                continue
            key = f"{told.kind}:{line.issue_no}:{line.hash[:24]}"
            if session.scalar(select(Message.id).where(Message.channel == channel.name, Message.key == key)):
                continue
            subject, body = _words(line, told, known, *said)
            session.add(Message(channel=channel.name, key=key, recipient=", ".join(channel.to)[:200], subject=subject,
                                body=body, created_at=now, next_try_at=now, tries=0))
            written += 1
    return written


def _words(line: Any, told: happenings.Happening, known: Any, city: str, base: str | None,
           lang: str) -> tuple[str, str]:
    unit = known.units.get(line.unit_id or 0)
    place = known.points.get(line.point_id or 0) or known.segments.get(line.segment_id or 0)
    plea = texts.say(lang, f"ledger.verb.{told.plea}") if told.plea else ""
    what = texts.say(lang, f"happening.{told.kind}", level=told.level or "", plea=plea)
    named = dictionaries.issue_classes()[line.class_code].name(lang)
    subject = texts.say(lang, "message.subject", city=city, what=what, name=named, no=line.issue_no)
    rows = (("place", place.name if place else line.address), ("unit", unit.name if unit else None),
            ("due", f"{clock.to_office(line.due_at):%Y-%m-%d %H:%M}" if line.due_at else None),
            ("said", without_phones(line.description)[:EXCERPT]))
    body = [subject, *(texts.say(lang, f"message.{name}", value=value) for name, value in rows if value)]
    return subject[:LONGEST_TITLE], "\n".join([*body, *([f"{base}/issues/{line.issue_no}"] if base else [])])


def due(session: Session, channel: str, now: datetime, most: int) -> list[Message]:
    """Return the messages of a channel that may be sent now, in the order in which things happened.

    While the first that waits rests after a failure, the channel rests: nothing overtakes it in an outage.
    """
    waiting = select(Message).where(Message.channel == channel, Message.sent_at.is_(None)).order_by(Message.id)
    first = session.scalar(waiting.where(Message.tries < rules.PATIENT).limit(1))
    if first is not None and first.next_try_at is not None and first.next_try_at > now:
        return []
    return list(session.scalars(waiting.where(or_(Message.next_try_at.is_(None), Message.next_try_at <= now))
                                .limit(most)))


def claim(session: Session, message: Message, now: datetime) -> bool:
    """Take a message to send it; False where another carrier has it."""
    done = session.execute(update(Message).where(
        Message.id == message.id, Message.sent_at.is_(None), Message.tries == message.tries)
        .values(tries=message.tries + 1, next_try_at=now + rules.LEASE))
    return bool(done.rowcount)


def sent(session: Session, message_id: int, now: datetime) -> None:
    """Remember that a message has been taken."""
    session.execute(update(Message).where(Message.id == message_id).values(
        sent_at=now, next_try_at=None, last_error=None))


def failed(session: Session, message_id: int, tries: int, reason: str, now: datetime) -> None:
    """Keep the reason why a message was not taken, and when it is tried again."""
    session.execute(update(Message).where(Message.id == message_id).values(
        last_error=reason, next_try_at=rules.next_try(tries, now)))


def retry(session: Session, now: datetime, ids: Sequence[int] = ()) -> int:
    """Let what waits be tried at once; return how many."""
    which = Message.id.in_(ids) if ids else Message.sent_at.is_(None)
    done = session.execute(update(Message).where(which, Message.sent_at.is_(None)).values(next_try_at=now))
    return int(done.rowcount)


def waiting_since(session: Session) -> tuple[int, datetime | None, str | None]:
    """Return how many messages wait, since when the oldest does, and why."""
    count, oldest = session.execute(select(func.count(), func.min(Message.created_at)).where(
        Message.sent_at.is_(None))).one()
    reason = session.scalar(select(Message.last_error).where(
        Message.sent_at.is_(None), Message.last_error.is_not(None)).order_by(Message.id).limit(1))
    return count, oldest, reason
