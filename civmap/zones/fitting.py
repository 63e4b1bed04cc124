"""Fit wished zones into what lies around them: corners shared with every neighbour, no ground taken twice.

Everybody who writes a zone comes through here. A neighbour's shape stays; it gains a corner wherever a new edge ends
on its own (the same corner, bit for bit), and so do the zones above and below it whose border runs there.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civmap.errors import Conflict, Invalid
from civmap.geo import contest
from civmap.geo.contest import Shared
from civmap.geo.measure import area_m2
from civmap.geo.overlay import SNAP_M, is_wide, way_out
from civmap.geo.validity import STORED_DECIMALS, rounded
from civmap.geo.weave import weave
from civmap.store.spatial import in_frame
from civmap.zones import rules
from civmap.zones.models import Zone

Rule = Literal["refuse", "trim"]
Span = tuple[Any, Any]
MOST_NEIGHBOURS = 2000
MOST_SHOWN = 50
MARGIN = 2e-6
REACHES_M = (SNAP_M, 3 * SNAP_M)


class Want(NamedTuple):
    """A shape that is wished, the ground that its zone holds already, and what to call it."""

    geom: BaseGeometry
    before: BaseGeometry | None = None
    code: str | None = None


class Stood(NamedTuple):
    """A zone beside what is wished, as it stands."""

    id: int
    code: str
    name: str
    kind: str
    version: int
    valid_to: datetime | None
    geom: BaseGeometry


class Fit(NamedTuple):
    """The wished shapes as they will be kept, in order, and the neighbours that gain corners."""

    shapes: list[BaseGeometry]
    followers: list[tuple[Stood, BaseGeometry]]


def fit(session: Session, kind: str, span: Span, wants: Sequence[Want], exclude: Collection[int] = (),
        rule: Rule = "refuse") -> Fit:
    """Return wished shapes of one kind as they fit among those that hold in a span, some ids left out.

    With `trim`, ground that others hold is left to them. Raise Conflict `zone_overlap` with `overlaps` (zone, name,
    area_m2, geometry) and, for one wish, `suggestion`: a geometry that is accepted as it stands, or None. Raise Invalid
    where shapes are too many or too complex.
    """
    if not rules.forbids_overlap(kind):
        return Fit([want.geom for want in wants], [])
    around = stood_around(session, kind, span, [want.geom for want in wants], exclude)
    return fitted(kind, wants, around, rule)


def fitted(kind: str, wants: Sequence[Want], around: Sequence[Stood], rule: Rule = "refuse") -> Fit:
    """Do as `fit` among zones that were read before."""
    for reach in REACHES_M:
        found, beside = _fitted(kind, wants, around, rule, reach)
        if contest.fits(found.shapes, beside):
            return found
    raise Conflict("zones_too_tight", field="geometry", place=_spot(found.shapes[0]))


def _spot(shape: BaseGeometry) -> dict[str, float]:
    spot = shape.representative_point()
    return {"lon": round(spot.x, 7), "lat": round(spot.y, 7)}


def _fitted(kind: str, wants: Sequence[Want], around: Sequence[Stood], rule: Rule,
            reach_m: float) -> tuple[Fit, list[BaseGeometry]]:
    guides = _guides(wants, [zone.geom for zone in around if zone.kind == kind], rule)
    shapes = [*(want.geom for want in wants), *(zone.geom for zone in around), *guides]
    woven = weave(shapes, [False] * len(wants) + [True] * (len(around) + len(guides)), reach_m)
    new, beside = woven[:len(wants)], woven[len(wants):len(wants) + len(around)]
    same = [place for place, zone in enumerate(around) if zone.kind == kind]
    own = [beside[place] for place in same]
    new = _settled(wants, new, [around[place] for place in same], own, rule)
    gained = [(zone, shape) for zone, shape in zip(around, beside, strict=True) if shape is not zone.geom]
    return Fit(new, gained), own


def _guides(wants: Sequence[Want], beside: Sequence[BaseGeometry], rule: Rule) -> list[BaseGeometry]:
    """Return the old shapes whose edges hold new ones in place: not those that are to be sewn to a neighbour first.

    An imported zone may lie on its neighbours, or touch them without a common corner. Edges that hold are not cut by
    each other; where shared ground stays shared, they need not be.
    """
    held = [want.before for want in wants if want.before is not None]
    loose = contest.loose(held, beside, over_ground=rule == "trim")
    return [shape for place, shape in enumerate(held) if place not in loose]


def holding(followers: Sequence[tuple[Stood, BaseGeometry]], now: datetime) -> list[tuple[Stood, BaseGeometry]]:
    """Return the followers that have not ended: what is past stays as it was."""
    return [each for each in followers if each[0].valid_to is None or each[0].valid_to > now]


def stood_around(session: Session, kind: str, span: Span, shapes: Sequence[BaseGeometry],
                 exclude: Collection[int] = ()) -> list[Stood]:
    """Return the zones that share linework with a kind, meet the shapes' boxes and hold at some moment of a span."""
    west, south, east, north = shapely.total_bounds(contest.array_of(shapes))
    begins_at, ends_at = span
    statement = select(Zone.id, Zone.code, Zone.name, Zone.kind, Zone.version, Zone.valid_to, Zone.geom).where(
        Zone.kind.in_(rules.shares_lines(kind)),
        in_frame(Zone.geom, west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN))
    if begins_at is not None:
        statement = statement.where(or_(Zone.valid_to.is_(None), Zone.valid_to > begins_at))
    if ends_at is not None:
        statement = statement.where(or_(Zone.valid_from.is_(None), Zone.valid_from < ends_at))
    left_out = set(exclude)
    most = MOST_NEIGHBOURS * max(1, len(shapes) // 4) + len(left_out)
    found = [Stood(*row) for row in session.execute(statement.order_by(Zone.id).limit(most + 1))]
    found = [zone for zone in found if zone.id not in left_out]
    if len(found) > most - len(left_out):
        raise Invalid("zone_over_too_many", field="geometry", most=most)
    return _met(found, shapes)


def _met(found: list[Stood], shapes: Sequence[BaseGeometry]) -> list[Stood]:
    """Return the zones whose own box meets the box of one of the shapes."""
    if not found:
        return []
    boxes = shapely.bounds(contest.array_of(shapes)) + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN])
    tree = shapely.STRtree(shapely.box(*boxes.T))
    places = tree.query(contest.array_of([zone.geom for zone in found]))[0]
    return [found[place] for place in np.unique(places).tolist()]


def _settled(wants: Sequence[Want], new: list[BaseGeometry], zones: Sequence[Stood], beside: Sequence[BaseGeometry],
             rule: Rule) -> list[BaseGeometry]:
    """Return the shapes without the ground of others; raise Conflict where that is more than a hair."""
    shared = contest.shared_ground(new, beside)
    gained = [_gained(each.shape, wants) for each in shared]
    taken = [each for each, new_ground in zip(shared, gained, strict=True) if rule == "refuse" and is_wide(new_ground)]
    if taken:
        raise _refusal([(zones[each.second].code, zones[each.second].name, each.shape) for each in taken],
                       suggestion(new[0], beside) if len(wants) == 1 else None)
    if rule == "refuse":
        shared = [each for each, new_ground in zip(shared, gained, strict=True)
                  if not is_wide(each.shape) or not new_ground.is_empty]
    new = _left(new, shared, beside)
    among = contest.shared_among(new)
    taken = [each for each in among if rule == "refuse" and is_wide(each.shape)]
    if taken:
        raise _refusal([(wants[each.first].code or "", wants[each.second].code or "", each.shape) for each in taken],
                       None)
    for each in among:
        new[each.second] = contest.without(new[each.second], [new[each.first]])
    return [_kept(shape) for shape in new]


def _gained(shape: BaseGeometry, wants: Sequence[Want]) -> BaseGeometry:
    """Return the ground that none of the wishing zones held before: old zones that overlap may be reshaped."""
    held = [want.before for want in wants if want.before is not None and want.before.intersects(shape)]
    return contest.without(shape, held) if held else shape


def _left(new: list[BaseGeometry], shared: Sequence[Shared], beside: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    left = list(new)
    takers: dict[int, list[BaseGeometry]] = {}
    for each in shared:
        takers.setdefault(each.first, []).append(beside[each.second])
    for place, taken in takers.items():
        left[place] = contest.without(left[place], taken)
    return [shape if shape is before else contest.wide_parts(shape)
            for shape, before in zip(left, new, strict=True)]


def _kept(shape: BaseGeometry) -> BaseGeometry:
    if shape.is_empty or area_m2(shape) < rules.LEAST_M2:
        raise Invalid("area_too_small", field="geometry", least=rules.LEAST_M2)
    return shape


def suggestion(drawn: BaseGeometry, others: Sequence[BaseGeometry]) -> BaseGeometry | None:
    """Return the largest part of a woven area outside all others, which is accepted as it stands, or None."""
    met = [other for other in others if other.intersects(drawn)]
    parts = shapely.get_parts(contest.wide_parts(contest.without(drawn, met)))
    whole = [part for part in parts if part.area > 0]
    largest = max(whole, key=lambda part: part.area, default=None)
    if largest is None or area_m2(largest) < rules.LEAST_M2:
        return None
    return largest if largest.is_valid else way_out(drawn, others)


def _refusal(shared: list[tuple[str, str, BaseGeometry]], way: BaseGeometry | None) -> Conflict:
    overlaps: list[dict[str, Any]] = [
        {"zone": code, "name": name, "area_m2": round(area_m2(shape), 2),
         "geometry": rounded(shape, STORED_DECIMALS)} for code, name, shape in shared]
    overlaps.sort(key=lambda each: -each["area_m2"])
    first = overlaps[0]
    return Conflict("zone_overlap", field="geometry", overlaps=overlaps[:MOST_SHOWN], count=len(overlaps),
                    neighbour=first["name"] or first["zone"], zone=first["zone"], area_m2=f"{first['area_m2']:.1f}",
                    suggestion=None if way is None else rounded(way, STORED_DECIMALS))
