"""The page of one thing: its facts, the open issues on it, what was done to it, and where it lies."""

from typing import Any

import shapely
from flask import render_template
from sqlalchemy import select

from civmap import texts
from civmap.clock import iso
from civmap.geo.measure import frame_around
from civmap.maps import shell
from civmap.people.models import Person
from civmap.store import ledger
from civmap.web import headers, kinds
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS, Narrowing
from civmap.web.listing import named_rows
from civmap.web.map import ground_facts

AROUND_M = 180.0
MOST_ISSUES = 20
SEES_TRAIL = ("admin", "dispatcher", "inspector", "leader", "subdistrict_clerk")


def show(desk: Desk, kind: str, code: str, **more: Any) -> str:
    """Return the page of one point, segment, zone or unit; raise NotFound where it is missing or hidden."""
    room = KINDS[kind]
    row = room.queries.by_code(desk.session, desk.viewer, code)
    feature = kinds.one(desk, kind, row)
    named_rows(desk, kind, [feature["properties"]])
    open_ones = kinds.collect(desk, "issues", Narrowing(filters={room.one: code, "open": "true"}, limit=MOST_ISSUES))
    issues = named_rows(desk, "issues", [found["properties"] for found in open_ones.features])
    trail = entries(desk, room.one, code) if desk.viewer.role in SEES_TRAIL else []
    return render_template(f"{kind}/show.html", item=feature["properties"], issues=issues, entries=trail,
                           **small_map(desk, kind, feature), **more)


def small_map(desk: Desk, kind: str, feature: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return `shell` and `page` of a small map around a feature; both None where it has no place."""
    if feature["geometry"] is None:
        return {"shell": None, "page": None}
    west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
    lower, upper = frame_around((west, south), AROUND_M), frame_around((east, north), AROUND_M)
    bounds = [lower[0], lower[1], upper[2], upper[3]]
    page = {**ground_facts(desk), "bounds": bounds, "kind": kind, "feature": feature, "lang": desk.lang, **more}
    return {"shell": shell.build(tuple(bounds), nonce=headers.nonce()), "page": page}


def entries(desk: Desk, kind: str, key: str) -> list[dict[str, Any]]:
    """Return the ledger lines of one thing as pages show them, oldest first."""
    lines = [{"at": iso(entry.at), "who": entry.who, "via": entry.via, "verb": entry.verb, "after": entry.after}
             for entry in ledger.history(desk.session, kind, key)]
    return named_entries(desk, lines)


def named_entries(desk: Desk, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the readable names of verb, person and way beside the lines of a ledger."""
    found = desk.session.execute(select(Person.name, Person.full_name).where(
        Person.name.in_({line["who"] for line in lines})))
    names = {name: full for name, full in found}
    for line in lines:
        line["who_name"] = names.get(line["who"]) or line["who"]
        line["verb_name"] = _said(desk.lang, f"ledger.verb.{line['verb']}", line["verb"])
        line["via"] = _said(desk.lang, f"ledger.via.{line['via']}", line["via"])
    return lines


def _said(lang: str, key: str, otherwise: str) -> str:
    return texts.say(lang, key) if texts.has(lang, key) else otherwise
