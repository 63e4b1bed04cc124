"""Ask about draws: which a viewer may know, what there is to draw from, and whether a draw can be drawn again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, not_, select
from sqlalchemy.orm import Session

from civmap import dictionaries, texts
from civmap.city.covert import draws_seen
from civmap.clock import iso, parse_moment
from civmap.draws import rules
from civmap.draws.models import Draw, Drawn
from civmap.draws.rules import Candidate, Note, Sample, Weight, Wish
from civmap.draws.visits import unseen_days
from civmap.errors import NotFound
from civmap.people.models import Person
from civmap.people.rules import SEES_COVERT, Viewer
from civmap.points.models import InspectionPoint
from civmap.points.queries import visible as point_visible
from civmap.store.base import holds_at
from civmap.store.listing import Here
from civmap.units.queries import names as unit_names


def visible(viewer: Viewer) -> Any:
    """Return the condition of the draws a viewer sees: not hidden, and with a point that the viewer sees."""
    seen = draws_seen(viewer, Draw)
    if viewer.sees_all or viewer.role in SEES_COVERT:
        return seen
    some = exists().where(Drawn.draw_id == Draw.id, Drawn.point_id == InspectionPoint.id, point_visible(viewer))
    return and_(seen, some)


def by_code(session: Session, viewer: Viewer, code: str, *, for_change: bool = False, field: str = "draw") -> Draw:
    """Return a draw that a viewer sees; raise NotFound where it is missing or hidden."""
    wanted = select(Draw).where(Draw.code == code, visible(viewer))
    if for_change:
        wanted = wanted.with_for_update(of=Draw).execution_options(populate_existing=True)
    draw = session.scalar(wanted)
    if draw is None:
        raise NotFound("draw_not_found", field=field, code=code[:64])
    return draw


def listed(session: Session, viewer: Viewer, *, q: str | None = None, after: int | None = None,
           limit: int = 100) -> list[Draw]:
    """Return the draws a viewer sees, newest first."""
    asked = select(Draw).where(visible(viewer)).order_by(Draw.id.desc()).limit(limit)
    if after is not None:
        asked = asked.where(Draw.id < after)
    if q:
        asked = asked.where(Draw.code.icontains(q, autoescape=True) | Draw.name.icontains(q, autoescape=True))
    return list(session.scalars(asked))


def codes_of(session: Session, viewer: Viewer, draw: Draw) -> list[str]:
    """Return the codes of a draw's points that a viewer sees, in the order of the draw."""
    return [row.code for row in _rows(session, viewer, draw)]


def candidates(session: Session, viewer: Viewer, now: datetime, at: datetime, types: Iterable[str], *,
               with_days: bool = True) -> list[Candidate]:
    """Return the declared points of some types that hold now, with the days since the last visit as of a moment."""
    asked = select(InspectionPoint.id, InspectionPoint.code, InspectionPoint.type, InspectionPoint.division,
                   InspectionPoint.street).where(
        point_visible(viewer), holds_at(InspectionPoint, now), InspectionPoint.is_declared,
        InspectionPoint.type.in_(list(types)))
    rows = session.execute(asked.order_by(InspectionPoint.code)).all()
    ids = [row.id for row in rows]
    days = unseen_days(Here(session, viewer, now, at), ids) if with_days else [None] * len(ids)
    return [Candidate(row.code, row.type, row.division or "", row.street or "", seen)
            for row, seen in zip(rows, days, strict=True)]


def sampled(session: Session, viewer: Viewer, wish: Wish, seed: str, now: datetime, at: datetime) -> Sample:
    """Return what a draw gives over today's points, with visits as they were known at a moment."""
    types = set(wish.quota)
    if wish.is_mandatory:
        types |= {kind.code for kind in dictionaries.point_types().values() if kind.is_mandatory}
    there = candidates(session, viewer, now, at, types, with_days=wish.not_seen_days > 0)
    sample = rules.draw(there, wish, seed)
    return replace(sample, notes=(*sample.notes, *_not_declared(session, viewer, sample, now)))


def _not_declared(session: Session, viewer: Viewer, sample: Sample, now: datetime) -> list[Note]:
    """Return where a shortfall could be ended by declaring points that are there."""
    types = [lack.type for lack in sample.shortfall]
    rows = session.execute(select(InspectionPoint.type, func.count()).where(
        point_visible(viewer), holds_at(InspectionPoint, now), not_(InspectionPoint.is_declared),
        InspectionPoint.type.in_(types)).group_by(InspectionPoint.type).order_by(InspectionPoint.type)) if types else ()
    return [Note("draw_not_declared", {"type": kind, "count": count}) for kind, count in rows]


def wish_of(rule: Mapping[str, Any]) -> Wish:
    """Return the wish that is kept with a draw."""
    weights = tuple(Weight(one["street"], one["weight"], tuple(one["divisions"]), tuple(one["streets"]))
                    for one in rule["weights"])
    return Wish(dict(rule["quota"]), rule["mandatory"], weights, rule["not_seen_days"])


def rule_of(wish: Wish, given: Any, at: datetime, sample: Sample) -> dict[str, Any]:
    """Return what is kept with a draw, so that it can be drawn again and explained: seed as given, moment, pool."""
    return {
        "quota": dict(wish.quota), "mandatory": wish.is_mandatory, "not_seen_days": wish.not_seen_days,
        "weights": [{"street": one.written, "weight": one.weight, "divisions": list(one.divisions),
                     "streets": list(one.streets)} for one in wish.weights],
        "seed": given, "at": iso(at),
        "notes": [{"code": note.code, **note.facts} for note in sample.notes],
        "pool": {kind: asdict(pool) for kind, pool in sample.pool.items()},
        "recent": [pick.code for pick in sample.picks if pick.is_recent]}


class _Row(NamedTuple):
    code: str
    name: str
    type: str
    why: str
    address: str | None
    street: str | None
    division: str | None
    unit_id: int | None
    lon: float
    lat: float


def _rows(session: Session, viewer: Viewer, draw: Draw) -> list[_Row]:
    point = InspectionPoint
    found = session.execute(
        select(point.code, point.name, point.type, Drawn.why, point.address, point.street, point.division,
               point.unit_id, point.geom).join(Drawn, Drawn.point_id == point.id)
        .where(Drawn.draw_id == draw.id, point_visible(viewer)).order_by(Drawn.position))
    return [_Row(*row[:-1], round(row[-1].x, 7), round(row[-1].y, 7)) for row in found]


def said_of(rule: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """Return the notes of a draw in words."""
    return [_said(Note(note["code"], {name: fact for name, fact in note.items() if name != "code"}), lang)
            for note in rule.get("notes", ())]


def _said(note: Note, lang: str) -> dict[str, Any]:
    kind = dictionaries.point_types()[note.facts["type"]]
    facts = {**note.facts, "type": kind.name(lang)}
    return {"code": note.code, **note.facts, "message": texts.say(lang, f"draws.note.{note.code}", **facts)}


def lacks(shortfall: Iterable[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    """Return the shortfall with the types' names."""
    types = dictionaries.point_types()
    return [{**lack, "type_name": types[lack["type"]].name(lang)} for lack in shortfall]


def preview(session: Session, viewer: Viewer, sample: Sample, lang: str) -> dict[str, Any]:
    """Return a draw that is not kept, as programs read it: the points themselves stay unknown until it is drawn."""
    by_type: dict[str, int] = {}
    for pick in sample.picks:
        by_type[pick.type] = by_type.get(pick.type, 0) + 1
    mandatory = sum(pick.why == rules.MANDATORY for pick in sample.picks)
    return {"draw": None, "count": len(sample.picks), "mandatory": mandatory, "by_type": by_type,
            "pool": {kind: asdict(pool) for kind, pool in sample.pool.items()},
            "shortfall": lacks(({"type": one.type, "wanted": one.wanted, "got": one.got}
                                for one in sample.shortfall), lang),
            "notes": [_said(note, lang) for note in sample.notes]}


def summary(draw: Draw, viewer: Viewer, count: int) -> dict[str, Any]:
    """Return a draw as a line of a list."""
    return {"draw": draw.code, "name": draw.name, "seed": draw.rule.get("seed", draw.seed), "is_covert": draw.is_covert,
            "published_at": iso(draw.published_at), "made_at": iso(draw.made_at), "made_by": draw.made_by,
            "count": count, "shortfall": draw.shortfall}


def summaries(session: Session, viewer: Viewer, draws: Sequence[Draw]) -> list[dict[str, Any]]:
    """Return draws as lines of a list; each counts the points that the viewer sees."""
    counts: dict[int, int] = {}
    seen = select(Drawn.draw_id).join(InspectionPoint, Drawn.point_id == InspectionPoint.id).where(
        Drawn.draw_id.in_([draw.id for draw in draws]), point_visible(viewer))
    for draw_id in session.scalars(seen):
        counts[draw_id] = counts.get(draw_id, 0) + 1
    full = _full_names(session, {draw.made_by for draw in draws})
    return [{**summary(draw, viewer, counts.get(draw.id, 0)), "made_by_name": full.get(draw.made_by, draw.made_by)}
            for draw in draws]


def _full_names(session: Session, names: set[str]) -> dict[str, str]:
    rows = session.execute(select(Person.name, Person.full_name).where(Person.name.in_(names)))
    return {name: full for name, full in rows if full}


def told(session: Session, viewer: Viewer, draw: Draw, lang: str) -> dict[str, Any]:
    """Return a draw as programs and pages read it, with what of it this viewer sees."""
    rows = _rows(session, viewer, draw)
    types, units = dictionaries.point_types(), unit_names(session, {row.unit_id for row in rows if row.unit_id})
    recent = set(draw.rule.get("recent", ()))
    rule = draw.rule
    return {
        **summaries(session, viewer, [draw])[0], "points": [row.code for row in rows],
        "shortfall": lacks(draw.shortfall, lang), "notes": said_of(rule, lang),
        "rule": {"quota": rule["quota"], "mandatory": rule["mandatory"], "not_seen_days": rule["not_seen_days"],
                 "weights": {one["street"]: one["weight"] for one in rule["weights"]}, "at": rule["at"]},
        "pool": rule["pool"], "version": draw.version,
        "chosen": [{"code": row.code, "name": row.name, "type": row.type, "type_name": types[row.type].name(lang),
                    "why": row.why, "is_recent": row.code in recent, "lon": row.lon, "lat": row.lat,
                    "address": row.address, "street": row.street,
                    "unit_name": units[row.unit_id].name if row.unit_id in units else None} for row in rows]}


def proof(session: Session, viewer: Viewer, draw: Draw, now: datetime) -> dict[str, Any]:
    """Return whether the same seed over today's points draws the same, and what differs.

    Visits count as far as they were known when it was drawn; points as they are today.
    """
    wish = wish_of(draw.rule)
    again = sampled(session, viewer, wish, draw.seed, now, parse_moment(draw.rule["at"]))
    point = InspectionPoint
    kept = {row.code: row for row in session.execute(
        select(point.code, point.type, point.is_declared, holds_at(point, now).label("holds"), Drawn.why)
        .join(Drawn, Drawn.point_id == point.id).where(Drawn.draw_id == draw.id))}
    drawn = {pick.code for pick in again.picks}
    gone = [{"code": code, "reason": _why_gone(kept[code], wish)} for code in kept if code not in drawn]
    come = [{"code": pick.code, "type": pick.type} for pick in again.picks if pick.code not in kept]
    return {"is_same": not gone and not come, "gone": gone, "come": come, "checked_at": iso(now)}


def _why_gone(row: Any, wish: Wish) -> str:
    """Return why a point would not be drawn again."""
    if not row.holds:
        return "retired"
    if not row.is_declared:
        return "not_declared"
    is_whole = wish.is_mandatory and dictionaries.point_types()[row.type].is_mandatory
    if row.type not in wish.quota and not is_whole:
        return "other_type"
    return "others_came"
