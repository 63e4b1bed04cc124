"""Splitting a road segment, joining several, taking that back, and where other streets cross one."""

from collections.abc import Sequence
from typing import Annotated, Any

from flask import request
from pydantic import Field

from civmap.errors import Invalid
from civmap.issues import segmenting
from civmap.segments import crossings, parting, undoing
from civmap.segments import queries as segments
from civmap.segments.models import RoadSegment
from civmap.segments.parting import Plan, Where
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, Longitude, Loose, Swappable, Text
from civmap.web.api.operations import operation
from civmap.web.api.zone_bodies import PreviewQuery
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones.queries import division_at

EDITS = ("edit", "segment")
Versions = Annotated[dict[str, int], Field(max_length=parting.MOST_JOINED)]


class SplitBody(Exact):
    """Where to split: a metre from the beginning, a spot (the nearest crossing), or the street that crosses there."""

    at_m: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    lon: Longitude | None = None
    lat: Swappable | None = None
    crossing: Text | None = None
    versions: Versions | None = None


class JoinBody(Exact):
    """Which segments become one; `keep` keeps its code, else the first."""

    segments: Annotated[list[Code], Field(min_length=1, max_length=parting.MOST_JOINED)]
    keep: Code | None = None
    versions: Versions | None = None


class UndoBody(Exact):
    """The segments of one split or join, as its answer named them in `changes`."""

    segments: Annotated[list[Code], Field(min_length=1, max_length=parting.MOST_JOINED)]


class SegmentChange(Loose):
    """What becomes of one segment."""

    segment: str
    before_m: float | None
    after_m: float | None
    geometry: dict[str, Any]
    is_new: bool
    is_retired: bool


class SegmentChanges(Loose):
    """Every segment that changes; `segments` are the codes that hold afterwards, once it is written."""

    changes: list[SegmentChange]
    segments: list[str] | None = None


class CrossingList(Loose):
    """The streets that meet a segment, along it."""

    crossings: list[dict[str, Any]]
    length_m: float


def _where(body: SplitBody) -> Where:
    spot = (body.lon, body.lat) if body.lon is not None and body.lat is not None else None
    said = [body.at_m is not None, spot is not None, bool(body.crossing)]
    if said.count(True) != 1 or (spot is None) != (body.lon is None and body.lat is None):
        raise Invalid("split_where", field="at_m")
    return Where(body.at_m, spot, body.crossing)


def _answer(desk: Desk, plan: Plan, is_preview: bool, status: int) -> Answer:
    told = parting.as_json(plan)
    if is_preview:
        return Answer(told)
    held = parting.carry_out(desk.session, desk.viewer, plan, desk.now, _division(desk))
    return _written(desk, [change.code for change in plan.changes], held, told, status)


def _written(desk: Desk, codes: Sequence[str], held: list[RoadSegment], told: dict[str, Any], status: int) -> Answer:
    moved = segmenting.follow(desk.session, desk.viewer, codes, held, desk.now)
    desk.session.flush()
    return Answer({**told, "segments": [row.code for row in held], "moved": moved,
                   "versions": {row.code: row.version for row in held}}, status)


def _division(desk: Desk) -> parting.DivisionAt:
    return lambda lon, lat: division_at(desk.session, lon, lat)


@operation("GET", "/segments/{code}/crossings", summary="Where other streets meet a road segment", tag="segments",
           permission=SIGNED_IN, answers={200: CrossingList})
def crossings_of(desk: Desk, code: str) -> Answer:
    """Answer the named crossings of a segment with their metres along it."""
    row = segments.by_code(desk.session, desk.viewer, code)
    size, least = segments.length_of(row), parting.LEAST_M
    found = [{"name": each.name, "at_m": round(each.at_m, 1)}
             for each in crossings.of_segment(desk.session, row, desk.now) if least <= each.at_m <= size - least]
    return Answer({"crossings": found, "length_m": round(size, 1)})


@operation("POST", "/segments/{code}/split", summary="Split a road segment by chainage, at a spot or at a crossing",
           permission=EDITS, tag="segments", query=PreviewQuery, body=SplitBody,
           answers={200: SegmentChanges, 201: SegmentChanges}, may_preview=True)
def split(desk: Desk, code: str, query: PreviewQuery, body: SplitBody) -> Answer:
    """Split: the first part keeps the code; open issues and frontage zones follow by place."""
    plan = parting.plan_split(desk.session, desk.viewer, code, _where(body), desk.now,
                              versions.seen(request, code, body.versions))
    return _answer(desk, plan, query.preview, 201)


@operation("POST", "/segments/join", summary="Join road segments that touch end to end", permission=EDITS,
           tag="segments", query=PreviewQuery, body=JoinBody, answers={200: SegmentChanges}, may_preview=True)
def join(desk: Desk, query: PreviewQuery, body: JoinBody) -> Answer:
    """Join: one keeps its code, the others end now."""
    plan = parting.plan_join(desk.session, desk.viewer, body.segments, body.keep, desk.now, body.versions)
    return _answer(desk, plan, query.preview, 200)


@operation("POST", "/segments/undo", summary="Take back the newest split or join of some segments", permission=EDITS,
           tag="segments", body=UndoBody, answers={200: SegmentChanges})
def undo(desk: Desk, body: UndoBody) -> Answer:
    """Put the segments back as they were; refused where one was changed since."""
    held = undoing.undo(desk.session, desk.viewer, body.segments, desk.now, _division(desk))
    return _written(desk, body.segments, held, {"changes": []}, 200)
