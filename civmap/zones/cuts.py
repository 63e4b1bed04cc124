"""Split a zone by lines or into parts of equal workload, and give a strip of it to a neighbour."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from civmap.errors import Conflict, Invalid
from civmap.geo import contest, cutting, partition
from civmap.geo.measure import area_m2
from civmap.geo.validity import STORED_DECIMALS, rounded
from civmap.people.rules import Viewer
from civmap.zones import places, rules
from civmap.zones.models import Zone
from civmap.zones.plans import Wish, planned
from civmap.zones.subjects import Proposal, area_of, beside, called, line_of, part_of, subject

MOST_PARTS, MOST_PIECES = 50, 300


def split_by_line(session: Session, viewer: Viewer, code: str, line: Any, now: datetime,
                  names: Sequence[str] = ()) -> Proposal:
    """Cut a zone along a drawn line; the piece with the old middle keeps the code, the others become zones.

    A line that nearly crosses is drawn on straight. Raise Conflict `line_does_not_cross` with `place` and, where
    drawing on farther would help, `repair`: the line that does.
    """
    row = subject(session, viewer, code, now)
    drawn = line_of(session, line)
    return _along(session, viewer, row, drawn, now, names)


def split_by_streets(session: Session, viewer: Viewer, code: str, streets: Sequence[BaseGeometry], now: datetime,
                     names: Sequence[str] = ()) -> Proposal:
    """Cut a zone along the middle of streets; raise Conflict `line_does_not_cross` where none crosses it."""
    row = subject(session, viewer, code, now)
    near = [line for line in streets if line.intersects(row.geom)]
    if not near:
        raise Conflict("street_not_in_zone", field="segment", code=code)
    merged = shapely.line_merge(shapely.MultiLineString(list(shapely.get_parts(contest.array_of(near)))))
    return _along(session, viewer, row, merged, now, names)


def _along(session: Session, viewer: Viewer, row: Zone, drawn: BaseGeometry, now: datetime,
           names: Sequence[str]) -> Proposal:
    lines = [cutting.reaching(row.geom, line) for line in shapely.get_parts(drawn)]
    found = cutting.cut(row.geom, lines)
    parts = _grouped(row.geom, found)
    if len(parts) < 2:
        raise _not_across(row, drawn)
    if len(parts) > MOST_PIECES:
        raise Invalid("shapes_too_complex", field="line")
    middle = row.geom.representative_point()
    keeper = min(range(len(parts)), key=lambda place: parts[place].distance(middle))
    return _split(session, viewer, row, parts, keeper, now, names, lines)


def _grouped(area: BaseGeometry, found: cutting.Cut) -> list[BaseGeometry]:
    """Return the pieces of a cut; parts of a multipart area that no line crossed stay with the largest piece."""
    if area.geom_type == "Polygon":
        return found.pieces
    singles = contest.array_of([part for part in shapely.get_parts(found.whole)])
    of_part = shapely.STRtree(singles).query([piece.representative_point() for piece in found.pieces], "within")
    owner = dict(zip(*of_part.tolist(), strict=True))
    many = [piece for place, piece in enumerate(found.pieces)
            if sum(other == owner.get(place) for other in owner.values()) > 1]
    whole = [piece for piece in found.pieces if all(piece is not other for other in many)]
    if not many:
        return [area]
    many.sort(key=lambda piece: -piece.area)
    return [contest.together([many[0], *whole]), *many[1:]]


def _not_across(row: Zone, drawn: BaseGeometry) -> Conflict:
    longest = max(shapely.get_parts(drawn), key=lambda part: part.length)
    farther = cutting.reaching(row.geom, longest, np.inf)
    way = len(_grouped(row.geom, cutting.cut(row.geom, [farther]))) > 1
    end = shapely.get_point(longest, -1)
    near = end if row.geom.intersects(end) else shapely.shortest_line(row.geom, longest).centroid
    return Conflict("line_does_not_cross", field="line", code=row.code,
                    place={"lon": round(near.x, 7), "lat": round(near.y, 7)},
                    repair=rounded(farther, STORED_DECIMALS) if way else None)


def split_in_parts(session: Session, viewer: Viewer, code: str, parts: int, load: partition.Load, now: datetime,
                   streets: Sequence[BaseGeometry] = (), names: Sequence[str] = ()) -> Proposal:
    """Cut a zone into parts of equal workload, along streets where they cross it; the largest keeps the code.

    Raise Invalid for a number of parts that cannot be, Conflict `zone_not_divisible` where the shape allows none.
    """
    row = subject(session, viewer, code, now)
    if not 2 <= parts <= MOST_PARTS:
        raise Invalid("number_out_of_range", field="parts", value=str(parts), low="2", high=str(MOST_PARTS))
    found = partition.parts_of(row.geom, parts, load, streets)
    if len(found) != parts:
        raise Conflict("zone_not_divisible", field="parts", code=code, parts=parts, found=len(found))
    keeper = max(range(parts), key=lambda place: found[place].area)
    return _split(session, viewer, row, found, keeper, now, names, notes=_few(load, row.geom, parts))


def _few(load: partition.Load, area: BaseGeometry, parts: int) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return what to tell where there is less to share out than there are parts: some are then cut by their ground."""
    if load.spots is None:
        return ()
    here = load.within(area).spots
    count = 0 if here is None else len(here)
    return (("fewer_than_parts", {"count": count, "parts": parts}),) if count < parts else ()


def _split(session: Session, viewer: Viewer, row: Zone, parts: Sequence[BaseGeometry], keeper: int, now: datetime,
           names: Sequence[str], lines: Sequence[BaseGeometry] = (), *,
           notes: tuple[tuple[str, dict[str, Any]], ...] = ()) -> Proposal:
    small = min(parts, key=lambda part: part.area)
    if area_m2(small) < rules.LEAST_M2:
        raise Invalid("area_too_small", field="line", least=rules.LEAST_M2)
    others = _west_to_east([part for place, part in enumerate(parts) if place != keeper])
    first: dict[str, Any] = {"households": None} if row.households else {}
    snow = _snow(row.snow_geom, lines, [parts[keeper], *others])
    if row.snow_geom is not None:
        first["snow_geom"] = snow[0]
    wishes = [Wish(row.code, parts[keeper], first)]
    for number, part in enumerate(others):
        name = names[number] if number < len(names) else None
        wishes.append(Wish(None, part, {**part_of(session, row, number + 2, name), "snow_geom": snow[number + 1]}))
    if row.kind == "frontage":
        notes = (*notes, ("holder_keeps_one_part", {"code": row.code}))
    return Proposal(planned(session, viewer, wishes, now), notes)


def _snow(snow: BaseGeometry | None, lines: Sequence[BaseGeometry],
          parts: Sequence[BaseGeometry]) -> list[BaseGeometry | None]:
    """Return the ground that each part clears of snow: that of the whole, cut by the same lines."""
    found: list[list[BaseGeometry]] = [[] for _ in parts]
    if snow is not None:
        farther = [cutting.reaching(snow, line, np.inf) for line in lines]
        for piece in cutting.cut(snow, farther).pieces if farther else [snow]:
            middle = piece.representative_point()
            found[min(range(len(parts)), key=lambda place: parts[place].distance(middle))].append(piece)
    return [contest.together(pieces) if pieces else None for pieces in found]


def _west_to_east(parts: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return areas in the order in which serial numbers are given: rows from north to south, each west to east."""
    middles = [places.middle(part) for part in parts]
    tall = max((part.bounds[3] - part.bounds[1] for part in parts), default=1.0)
    rows = [-round((lat - middles[0][1]) / tall) for _, lat in middles]
    order = sorted(range(len(parts)), key=lambda place: (rows[place], middles[place]))
    return [parts[place] for place in order]


def give(session: Session, viewer: Viewer, code: str, to: str, strip: Any, now: datetime, *,
         is_line: bool) -> Proposal:
    """Give a neighbour what a line cuts off beside it, or what an area covers; raise Conflict where that is nothing."""
    row, taker = subject(session, viewer, code, now), subject(session, viewer, to, now)
    if row.kind != taker.kind or row.id == taker.id:
        raise Conflict("zones_of_two_kinds", field="to", code=to)
    if is_line:
        drawn = line_of(session, strip)
        found = cutting.cut(row.geom, [cutting.reaching(row.geom, line) for line in shapely.get_parts(drawn)])
        if len(found.pieces) < 2:
            raise _not_across(row, drawn)
        pieces = found.pieces
        gift = _gift(pieces, taker.geom)
    else:
        drawn = area_of(session, strip, "area")
        pieces = cutting.cut(row.geom, [drawn.boundary]).pieces
        gift = [piece for piece in pieces if drawn.contains(piece.representative_point())]
    rest = [piece for piece in pieces if all(piece is not other for other in gift)]
    if not gift or not rest:
        raise Conflict("nothing_to_give", field="line" if is_line else "area", code=code)
    woven_taker = cutting.cut(taker.geom, [contest.together(gift).boundary]).whole
    grown, apart = cutting.given([woven_taker], gift)
    if apart:
        raise Conflict("zones_not_adjacent", field="to", zones=[code, to], apart=called(taker))
    return Proposal(planned(session, viewer, [Wish(code, contest.together(rest), {}), Wish(to, grown[0], {})], now))


def _gift(pieces: Sequence[BaseGeometry], taker: BaseGeometry) -> list[BaseGeometry]:
    """Return the smallest piece that lies along the taker."""
    beside_it = [piece for piece in pieces if cutting.shared_edge(piece, taker) > 0]
    return [min(beside_it, key=lambda piece: piece.area)] if beside_it else []


__all__ = ["beside", "give", "split_by_line", "split_by_streets", "split_in_parts"]
