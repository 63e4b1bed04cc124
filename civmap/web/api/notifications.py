"""What concerns the one who asks: notes from the ledger, and how far they have been read."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from civmap import clock, dictionaries, texts
from civmap.inbox import notifications
from civmap.inbox.notifications import Note
from civmap.issues.queries import names
from civmap.issues.told import full_names
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Body, Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

SHOWN = 50


class NotesQuery(BaseModel):
    """How many; 0 asks for the count of new ones alone."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=0, le=notifications.MOST)] = SHOWN


class NotesOut(Loose):
    """Notes, newest first; `new` counts those that were not read yet, `newest` is the line to mark as read."""

    new: int
    newest: int
    items: list[dict[str, Any]]


class Read(Body):
    """Up to which line; without one everything there is now."""

    line: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


@operation("GET", "/notifications", summary="What concerns me", permission=SIGNED_IN, tag="inbox", query=NotesQuery,
           answers={200: NotesOut})
def listed(desk: Desk, query: NotesQuery) -> Answer:
    """Answer what happened to issues that concern the viewer."""
    return Answer(facts(desk, query.limit))


def facts(desk: Desk, limit: int = SHOWN) -> dict[str, Any]:
    """Return the notes as programs and the page read them."""
    if not limit:
        return {"new": notifications.unread(desk.session, desk.viewer, desk.now), "newest": 0, "items": []}
    found = notifications.newest(desk.session, desk.viewer, desk.now, limit)
    known = names(desk.session, [note.issue for note in found])
    people = full_names(desk.session, {note.who for note in found})
    items = [_note(desk, note, known, people) for note in found]
    return {"new": notifications.unread(desk.session, desk.viewer, desk.now),
            "newest": found[0].line if found else 0, "items": items}


def _note(desk: Desk, note: Note, known: Any, people: dict[str, str]) -> dict[str, Any]:
    row = note.issue
    unit = known.units.get(row.unit_id or 0)
    point, segment = known.points.get(row.point_id or 0), known.segments.get(row.segment_id or 0)
    place = point or segment
    return {"line": note.line, "at": clock.iso(note.at), "kind": note.told.kind, "level": note.told.level,
            "title": title(desk.lang, note), "issue_no": row.issue_no, "state": row.state,
            "class_name": dictionaries.issue_classes()[row.class_code].name(desk.lang),
            "place": place.name if place else "", "unit_name": unit.name if unit else None,
            "who": people.get(note.who, note.who) if note.who != "clock" else None, "is_new": note.is_new,
            "href": f"/issues/{row.issue_no}"}


def title(lang: str, note: Note) -> str:
    """Return what happened, in words."""
    plea = texts.say(lang, f"ledger.verb.{note.told.plea}") if note.told.plea else ""
    return texts.say(lang, f"happening.{note.told.kind}", level=note.told.level or "", plea=plea)


@operation("POST", "/notifications/read", summary="I have read it", permission=SIGNED_IN, tag="inbox", body=Read,
           answers={200: NotesOut})
def read(desk: Desk, body: Read) -> Answer:
    """Remember up to which line the viewer has read."""
    line = notifications.mark_read(desk.session, desk.viewer, body.line)
    return Answer({"new": notifications.unread(desk.session, desk.viewer, desk.now), "newest": line, "items": []})
