"""Commands about people and what they do: the verbs of an issue, adding a person, giving a token."""

import hashlib
import json
import sys
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import BadInput, Invalid


@frame.command("issue")
@click.argument("verb")
@click.argument("number", metavar="NO")
@click.option("--body", default="{}", metavar="JSON", help="What the verb needs; - reads stdin.")
@click.option("--as", "person", metavar="PERSON", help="In whose name; default the office.")
@click.option("--if-match", "version", metavar="V", help="Only if this is still its version: 3 or v3.")
@click.option("--key", metavar="K", help="The same key and words again: the same answer, done once.")
def issue(verb: str, number: str, body: str, person: str | None, version: str | None, key: str | None) -> None:
    """Do a verb on an issue: verify, file, dispatch, feedback, check, suspend, extend, appeal, supervise, reopen …"""
    from civmap import clock

    said = _body(sys.stdin.read() if body == "-" else body)
    wanted, now = _version(version), clock.now()
    with frame.writing() as session:
        viewer = viewer_named(session, person)
        shown = _once(session, viewer, key, [verb, number, said, version], now,
                      lambda: _performed(session, viewer, verb, number, said, wanted, now))
    due = clock.parse_moment(shown["due_at"]) if shown["due_at"] else None
    frame.answer(shown, lambda: [frame.say(
        "cli.issue.done", no=shown["issue_no"], state=_state(shown["state"]),
        due=f"{clock.to_office(due):%Y-%m-%d %H:%M}" if due else "—")])


def _performed(session: Any, viewer: Any, verb: str, number: str, said: dict[str, Any], version: int | None,
               now: Any) -> dict[str, Any]:
    from civmap.issues import actions, queries, showing

    lang = frame.language()
    seen = queries.by_no(session, viewer, number, now).version if version is None else version
    row = actions.perform(session, viewer, number, verb, said, seen, now, lang)
    return showing.as_json(session, row, viewer, lang, now)


def _once(session: Any, viewer: Any, key: str | None, asked: list[Any], now: Any, work: Any) -> dict[str, Any]:
    """Do the work, or give the stored answer of this person's key."""
    if key is None:
        return work()
    from civmap.web import replies

    if not 1 <= len(key) <= replies.KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise BadInput("idempotency_key", field="--key", most=replies.KEY_LENGTH)
    digest = hashlib.sha256(json.dumps(["cli", *asked], sort_keys=True).encode()).hexdigest()
    return replies.once(session, viewer.person_id, key, digest, now, lambda: replies.Answer(work())).body


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    written = text.strip().strip('"').removeprefix("v")
    if not written.isdigit() or len(written) > 9:
        raise Invalid("if_match_unreadable", field="--if-match", value=text[:40])
    return int(written)


def _body(text: str) -> dict[str, Any]:
    from civmap.exchange import strict

    said = strict.loads(text, "--body")
    if not isinstance(said, dict):
        raise BadInput("body_not_object", field="body")
    return said


def _state(code: str) -> str:
    from civmap import dictionaries

    return dictionaries.issue_states()[code].name(frame.language())


def viewer_named(session: Any, person: str | None) -> Any:
    """Return the viewer in whose name a command works; the office without a name."""
    from civmap.people import queries
    from civmap.people.rules import OFFICE

    return OFFICE if person is None else queries.viewer_of(session, queries.by_name(session, person), "cli")


@click.group("person")
def person() -> None:
    """Add people and give their programs tokens."""


@person.command("add", cls=frame.Command)
@click.argument("name")
@click.option("--role", required=True, metavar="R", help="admin, dispatcher, inspector, unit_handler …")
@click.option("--unit", metavar="CODE", help="The unit the person belongs to.")
@click.option("--territory", metavar="DIVISION", help="Division code of what the person sees.")
@click.option("--segment", metavar="CODE", help="The road segment of a road chief.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of making one.")
def add(name: str, role: str, unit: str | None, territory: str | None, segment: str | None,
        password_stdin: bool) -> None:
    """Add a person; prints a one-time password unless one is given."""
    from civmap import clock
    from civmap.people import actions
    from civmap.people.rules import OFFICE

    password = _password() if password_stdin else None
    with frame.writing() as session:
        row, once = actions.add(session, OFFICE, name, role, now=clock.now(), unit=unit, territory=territory,
                                segment=segment, password=password)
        shown = {"name": row.name, "role": row.role, "unit": unit, "territory": row.territory,
                 "segment": row.segment_code, "password": once}
    frame.answer(shown, lambda: [frame.say("cli.person.added", name=name, role=role),
                                 *([frame.say("cli.person.once"), once] if once else [])])


def _password() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Invalid("password_stdin_empty", field="password")
    return line


@person.command("token", cls=frame.Command)
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, metavar="N",
              help="How long it is good.")
def token(name: str, days: int) -> None:
    """Give a program of a person a token; printed alone on the last line."""
    from civmap import clock
    from civmap.people import actions
    from civmap.people.rules import OFFICE

    with frame.writing() as session:
        secret, expires_at = actions.add_token(session, OFFICE, name, days, clock.now())
    frame.answer({"name": name, "token": secret, "expires_at": clock.iso(expires_at)},
                 lambda: [frame.say("cli.person.token", name=name, until=f"{clock.to_office(expires_at):%Y-%m-%d}"),
                          secret])


COMMANDS = {"issue": issue, "person": person}
