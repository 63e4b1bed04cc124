"""Commands about messages that leave the house: what waits, sending it now, letting it be tried again."""

from typing import Any

import click

from civmap.cli import frame

SHOWN = 50


@click.group("messages")
def messages() -> None:
    """See the outbox and carry it."""


@messages.command("list", cls=frame.Command)
@click.option("--all", "with_sent", is_flag=True, help="Also what was sent.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=SHOWN, show_default=True, metavar="N")
def listed(with_sent: bool, limit: int) -> None:
    """List messages, the oldest that waits first: how often they were tried, and why they wait."""
    from sqlalchemy import select

    from civmap.messages.models import Message
    from civmap.messages.outbox import waiting_since

    asked = select(Message).order_by(Message.sent_at.is_not(None), Message.id).limit(limit)
    with frame.reading() as session:
        rows = session.scalars(asked if with_sent else asked.where(Message.sent_at.is_(None))).all()
        count, oldest, _reason = waiting_since(session)
        items = [_shown(row) for row in rows]
    frame.answer({"waiting": count, "oldest": _iso(oldest), "items": items}, lambda: [
        frame.say("cli.messages.waiting", count=count), *(_line(item) for item in items)])


def _shown(row: Any) -> dict[str, Any]:
    return {"id": row.id, "channel": row.channel, "key": row.key, "subject": row.subject, "tries": row.tries,
            "created_at": _iso(row.created_at), "next_try_at": _iso(row.next_try_at), "sent_at": _iso(row.sent_at),
            "last_error": row.last_error}


def _iso(moment: Any) -> str | None:
    from civmap.clock import iso

    return iso(moment)


def _line(item: dict[str, Any]) -> str:
    state = item["sent_at"] or item["last_error"] or "…"
    return f"{item['id']}  {item['channel']}  {item['subject']}  ×{item['tries']}  {state}"


@messages.command("send", cls=frame.Command)
def send() -> None:
    """Write what happened into the outbox and hand over what is due, once; the server does it by itself."""
    from civmap.errors import Conflict, Invalid
    from civmap.messages import carrying

    settings = frame.settings()
    if not settings.channels:
        raise Invalid("messages_off", field="CIVMAP_MESSAGES")
    with frame.database(settings) as engine, carrying.alone(settings) as is_alone:
        if not is_alone:
            raise Conflict("messages_carried", field="CIVMAP_HOME")
        done = carrying.carry(engine, settings)
    told = {"written": done.written, "sent": done.sent, "failed": done.failed}
    frame.answer(told, lambda: [frame.say("cli.messages.done", **told)])


@messages.command("retry", cls=frame.Command)
@click.argument("ids", nargs=-1, type=click.IntRange(1))
def retry(ids: tuple[int, ...]) -> None:
    """Let what waits (or some of it) be tried at the next round, not later."""
    from civmap import clock
    from civmap.messages import outbox

    with frame.writing() as session:
        count = outbox.retry(session, clock.now(), ids)
    frame.answer({"count": count}, lambda: [frame.say("cli.messages.retry", count=count)])


COMMANDS = {"messages": messages}
