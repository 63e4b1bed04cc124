"""Operations on zones: split, merge, reshape, fill, give, trim, halve. Each shows first what would change."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import request

from civmap import texts
from civmap.errors import Invalid, Stale
from civmap.issues import divisions
from civmap.store.editing import one_at_a_time
from civmap.web import versions, workloads
from civmap.web.api import zone_bodies as bodies
from civmap.web.api.operations import operation
from civmap.web.api.zone_previews import new_columns
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS, one
from civmap.web.replies import Answer
from civmap.zones import cuts, moves, unions
from civmap.zones.carrying import DRAWING_KEY, carry_out
from civmap.zones.plans import as_json, stale_ones
from civmap.zones.subjects import Proposal, subject

Work = Callable[[], Proposal]


def answered(desk: Desk, query: Any, seen: dict[str, int], verb: str, work: Work, status: int = 200) -> Answer:
    """Show what a piece of work would change, or write it: one transaction, a ledger line for each zone."""
    if not query.preview:
        one_at_a_time(desk.session, DRAWING_KEY)
    must_be_current(desk, seen)
    proposal = work()
    told = {**as_json(proposal.plan), "notes": _said(desk, proposal)}
    if query.preview:
        return Answer(told)
    codes = carry_out(desk.session, desk.viewer, proposal.plan, desk.now, verb)
    for kind, box in proposal.plan.moved().items():
        divisions.follow(desk.session, kind, desk.now, box)
    desk.session.flush()
    return Answer({**told, "zones": codes, "undo": {"path": "/zones/undo", "body": {"zones": codes}}}, status)


def _said(desk: Desk, proposal: Proposal) -> list[dict[str, str]]:
    return [{"code": code, "message": texts.say(desk.lang, f"note.{code}", **facts)} for code, facts in proposal.notes]


def must_be_current(desk: Desk, seen: dict[str, int]) -> None:
    """Refuse where a zone has changed since it was seen; raise Stale with the row as it is now."""
    for code in stale_ones(desk.session, seen):
        kind = KINDS["zones"]
        row = kind.queries.by_code(desk.session, desk.viewer, code)
        raise Stale("stale_edit", current=one(desk, "zones", row), version=row.version)


def _seen(code: str | None, sent: dict[str, int] | None) -> dict[str, int]:
    return versions.seen(request, code, sent)


def _register(path: str, summary: str, body: Any, work: Callable[..., Answer]) -> None:
    operation("POST", path, summary=summary, permission=("edit", "zone"), tag="zones", query=bodies.PreviewQuery,
              body=body, answers={200: bodies.ZoneChanges, 201: bodies.ZoneChanges}, may_preview=True)(work)


def split(desk: Desk, code: str, query: Any, body: bodies.SplitBody) -> Answer:
    """Split a zone one of four ways."""
    ways = {"line": body.line, "parts": body.parts, "segment": body.segment, "road": body.road}
    if sum(value is not None for value in ways.values()) != 1:
        raise Invalid("split_one_way", field="line")
    session, viewer, now, names = desk.session, desk.viewer, desk.now, body.names or []

    def work() -> Proposal:
        if body.line is not None:
            return cuts.split_by_line(session, viewer, code, body.line, now, names)
        row = subject(session, viewer, code, now)
        if body.parts is not None:
            return cuts.split_in_parts(session, viewer, code, body.parts, workloads.of(desk, row.geom, body.by), now,
                                       workloads.streets_in(session, row.geom), names)
        streets = workloads.street(desk, row.geom, body.segment, body.road)
        return cuts.split_by_streets(session, viewer, code, streets, now, names)

    return answered(desk, query, _seen(code, body.versions), "split", work, 201)


def merge(desk: Desk, query: Any, body: bodies.MergeBody) -> Answer:
    """Make one zone of several."""
    return answered(desk, query, _seen(None, body.versions), "merge",
                    lambda: unions.merge(desk.session, desk.viewer, body.zones, body.keep, desk.now))


def reshape(desk: Desk, code: str, query: Any, body: bodies.ReshapeBody) -> Answer:
    """Give a zone another shape; its neighbours follow."""
    return answered(desk, query, _seen(code, body.versions), "reshape", lambda: moves.reshape(
        desk.session, desk.viewer, code, body.geometry, body.neighbours, desk.now))


def fill(desk: Desk, query: Any, body: bodies.FillBody) -> Answer:
    """Give the gap around a spot to a zone, or make it one."""
    return answered(desk, query, _seen(None, body.versions), "fill", lambda: unions.fill(
        desk.session, desk.viewer, body.kind, (body.lon, body.lat), body.to, desk.now), 200 if body.to else 201)


def give(desk: Desk, code: str, query: Any, body: bodies.GiveBody) -> Answer:
    """Give a strip of a zone to its neighbour."""
    if (body.line is None) == (body.area is None):
        raise Invalid("give_one_way", field="line")
    return answered(desk, query, _seen(code, body.versions), "give", lambda: cuts.give(
        desk.session, desk.viewer, code, body.to, body.line or body.area, desk.now, is_line=body.line is not None))


def trim(desk: Desk, code: str, query: Any, body: bodies.TrimBody) -> Answer:
    """Take away from a zone what others hold too."""
    return answered(desk, query, _seen(code, body.versions), "trim",
                    lambda: moves.trim(desk.session, desk.viewer, code, desk.now))


def halve(desk: Desk, query: Any, body: bodies.HalveBody) -> Answer:
    """Cut contested ground in half (对半分)."""
    by_pair, by_feature = bool(body.a and body.b), bool(body.feature and body.with_)
    if by_pair == by_feature:
        raise Invalid("halve_one_way", field="a")

    def work() -> Proposal:
        if body.feature is None:
            return moves.halve(desk.session, desk.viewer, str(body.a), str(body.b), desk.now)
        return moves.halve_drawn(desk.session, desk.viewer, new_columns(desk, body.feature), _codes(body.with_),
                                 desk.now)

    return answered(desk, query, _seen(None, body.versions), "halve", work, 201 if by_feature else 200)


def _codes(value: str | Sequence[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


_register("/zones/{code}/split", "Split a zone by a line, into equal parts, or by a street", bodies.SplitBody, split)
_register("/zones/merge", "Merge zones that lie along each other", bodies.MergeBody, merge)
_register("/zones/{code}/reshape", "Reshape a zone, its neighbours following", bodies.ReshapeBody, reshape)
_register("/zones/fill", "Fill the gap around a spot", bodies.FillBody, fill)
_register("/zones/{code}/give", "Give a strip of a zone to its neighbour", bodies.GiveBody, give)
_register("/zones/{code}/trim", "Take away from a zone what others hold too", bodies.TrimBody, trim)
_register("/zones/halve", "Cut contested ground in half", bodies.HalveBody, halve)
