"""Sending the outbox of a phone that cannot send it itself: the file that its outbox page gives out.

Each entry goes through the same door, in its person's name and with the keys that the phone gave it: what the phone or
another device has sent already is answered again and not done twice.
"""

import base64
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import click

from civmap.cli import frame
from civmap.errors import BadInput, CivmapError

FORMAT, MOST_MB = "civmap-outbox", 200
ABOUT_PHOTO = ("kind", "taken_at", "lon", "lat", "accuracy_m", "pair_id")
NEEDED = ("id", "key", "person", "verb")


class Refused(NamedTuple):
    """What the city said no to: the stable code and the sentence."""

    code: str
    sentence: str


@frame.command("outbox")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def outbox(file: Path) -> None:
    """Send an outbox file that a phone has given out: reports, feedback and checks with their photos, each once."""
    entries = _read(file)
    with frame.reading():
        pass  # a city must be there, in the schema of this release
    told = [_told(entry, result) for entry, result in _sent(entries)]
    frame.answer({"sent": sum(one["ok"] for one in told), "refused": sum(not one["ok"] for one in told),
                  "entries": told}, lambda: [_line(one) for one in told])
    if not all(one["ok"] for one in told):
        raise SystemExit(1)


def _read(file: Path) -> list[dict[str, Any]]:
    """Return the entries of a file; raise BadInput where it is no outbox."""
    if file.stat().st_size > MOST_MB * 1024 * 1024:
        raise BadInput("outbox_file", field="file", name=file.name)
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        entries = said["entries"] if said["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise BadInput("outbox_file", field="file", name=file.name) from problem
    if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
        raise BadInput("outbox_file", field="file", name=file.name)
    return [entry for entry in entries if entry.get("state") != "sent"]


def _is_entry(entry: Any) -> bool:
    return (isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in NEEDED)
            and isinstance(entry.get("body"), dict) and isinstance(entry.get("photos"), list)
            and all(isinstance(photo, dict) for photo in entry["photos"]))


def _sent(entries: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Mapping[str, Any] | Refused]]:
    from civmap.web.app import create_app

    chosen = frame.settings()
    with frame.database(chosen) as engine:
        client = create_app(chosen, engine).test_client()
        tokens: dict[str, str | Refused] = {}
        for entry in entries:
            person = entry["person"]
            if person not in tokens:
                tokens[person] = _token(person)
            token = tokens[person]
            if isinstance(token, Refused):
                yield entry, token
                continue
            try:
                yield entry, _delivered(_Door(client, token), entry)
            except _No as problem:
                yield entry, problem.why


def _token(name: str) -> str | Refused:
    from civmap import clock
    from civmap.people import actions
    from civmap.people.rules import OFFICE

    try:
        with frame.writing() as session:
            return actions.add_token(session, OFFICE, name, 1, clock.now())[0]
    except CivmapError as problem:
        return Refused(problem.code, frame.sentence(frame.language(), problem))


class _No(Exception):
    """The city refused; `why` says what."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why.sentence)
        self.why = why


class _Door:
    """The interface of the city, in a person's name."""

    def __init__(self, client: Any, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": frame.language()}

    def post(self, path: str, key: str, etag: str | None = None, **body: Any) -> Mapping[str, Any]:
        """Send a write with its key; raise _No."""
        own = {"Idempotency-Key": key, **({"If-Match": etag} if etag else {})}
        answer = self.client.post(f"/api/v1{path}", headers=self.headers | own, **body)
        said: Mapping[str, Any] = answer.get_json(silent=True) or {}
        if answer.status_code >= 400:
            raise _No(Refused(str(said.get("code", answer.status_code)), str(said.get("detail") or said.get("title"))))
        return said


def _delivered(door: _Door, entry: dict[str, Any]) -> Mapping[str, Any]:
    number = entry.get("issue_no")
    if entry["verb"] == "report":
        answer: Mapping[str, Any] = {"issue_no": number}
        if not number:
            answer = door.post("/issues", entry["key"], json=entry["body"])
        _photos(door, str(answer["issue_no"]), entry["photos"])
        return answer
    if entry["verb"] == "visit":
        return _visited(door, entry)
    if not isinstance(number, str):
        raise _No(Refused("outbox_file", entry["id"]))
    ids = _photos(door, number, entry["photos"])
    body = entry["body"] | ({"photos": ids} if ids else {})
    return door.post(f"/issues/{quote(number, safe='')}/{quote(entry['verb'], safe='')}", entry["key"],
                     entry.get("etag"), json=body)


def _visited(door: _Door, entry: dict[str, Any]) -> Mapping[str, Any]:
    """Send a visit, then the photos of its fails, each to the issue that its item became."""
    answer = door.post("/visits", entry["key"], json=entry["body"])
    numbers = {one["item"]: one["issue_no"] for one in answer["issues"]}
    for photo in entry["photos"]:
        if photo.get("item") in numbers:
            _photos(door, numbers[photo["item"]], [photo])
    return answer


def _photos(door: _Door, number: str, photos: list[dict[str, Any]]) -> list[int]:
    ids = []
    for photo in photos:
        if not photo.get("id"):
            about = {name: str(photo[name]) for name in ABOUT_PHOTO if photo.get(name) is not None}
            try:
                picture = base64.b64decode(photo.get("base64") or "", validate=True)
            except ValueError:
                picture = b""
            photo = door.post(f"/issues/{quote(number, safe='')}/photos", str(photo.get("key")),
                              data={**about, "file": (io.BytesIO(picture), "photo.jpg")})
        ids.append(int(photo["id"]))
    return ids


def _told(entry: dict[str, Any], result: Mapping[str, Any] | Refused) -> dict[str, Any]:
    common = {"id": entry["id"], "person": entry["person"], "verb": entry["verb"]}
    if isinstance(result, Refused):
        return common | {"ok": False, "issue_no": entry.get("issue_no"), "code": result.code, "why": result.sentence}
    point = {"point": result["point"]} if entry["verb"] == "visit" else {}
    return common | {"ok": True, "issue_no": result.get("issue_no"), "state": result.get("state")} | point


def _line(one: dict[str, Any]) -> str:
    verb = frame.say(f"pages.verb.{one['verb']}") if frame.has(f"pages.verb.{one['verb']}") else one["verb"]
    what = one["issue_no"] or one.get("point") or "—"
    return frame.say("cli.outbox.sent" if one["ok"] else "cli.outbox.refused", verb=verb, no=what,
                     person=one["person"], why=one.get("why", ""))


COMMANDS = {"outbox": outbox}
