"""Grids of a community: tiled by streets and water into cells of about a wished size, as one plan that fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city.models import Building, LandCover, StreetEdge
from civmap.errors import Conflict, Invalid
from civmap.geo.bulk import areas_m2
from civmap.geo.tiling import Cell, Ground, Wished, tiled
from civmap.people.rules import Viewer
from civmap.store.base import holds_at
from civmap.store.spatial import in_frame
from civmap.zones import places, plans, queries
from civmap.zones.models import Zone
from civmap.zones.plans import Plan, Wish

KIND, ESTATE, TILED, VERB = "grid", "estate", ("community", "subdistrict"), "tile"
RANKS = ((4, 0), (6, 1), (8, 2))
LAST_RANK = 11
"""Ranks of streets up to which one parts cells: no footpath, no stairs."""
INSIDE = 0.9
M2_OF_A_HOME = 95.0
LEVELS = 3
MOST_CELLS = 999
LEAST_M2 = 100.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """How large a grid shall be: one of the three. `replaces` retires the grids that are there."""

    size_m2: float | None = None
    households: float | None = None
    count: int | None = None
    replaces: bool = False
    keeps_estates: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """The cells, the plan that would write them, and whether households were guessed from the buildings."""

    community: Zone
    cells: tuple[Cell, ...]
    plan: Plan
    retired: tuple[str, ...]
    is_guessed: bool


def proposed(session: Session, viewer: Viewer, code: str, wishes: Wishes, now: datetime) -> Proposal:
    """Return the grids that a community would get; nothing is written.

    Raise NotFound, Invalid for a wish or a zone that cannot be tiled so, Conflict `grids_there` where the community
    has grids and nobody said that they are replaced, Forbidden as drawing does.
    """
    viewer.must("create", "zone")
    community = queries.by_code(session, viewer, code)
    if community.kind not in TILED:
        raise Invalid("not_tiled", field="community", code=code)
    known = grids_of(session, community, now)
    if known and not wishes.replaces:
        raise Conflict("grids_there", field="community", count=len(known), name=community.name or code)
    estates = _estates(session, community.geom, now) if wishes.keeps_estates else []
    homes = _buildings(session, community.geom)
    counts, is_guessed = _households(homes, community.households)
    wished = _wished(wishes, community, sum(counts))
    cells = tiled(_ground(session, community.geom, homes, counts, [one.geom for one in estates]), wished)
    if len(cells) > MOST_CELLS:
        raise Invalid("too_many_grids", field="size_m2", count=len(cells), most=MOST_CELLS)
    wanted = [Wish(one.code, None, {}) for one in known] + _wanted(session, community, cells, estates)
    plan = plans.planned(session, viewer, wanted, now)
    return Proposal(community, tuple(cells), plan, tuple(one.code for one in known), is_guessed)


def grids_of(session: Session, community: Zone, now: datetime) -> list[Zone]:
    """Return the grids that tile a community now."""
    return list(session.scalars(select(Zone).where(Zone.kind == KIND, Zone.parent_id == community.id,
                                                   holds_at(Zone, now)).order_by(Zone.id)))


def _wished(wishes: Wishes, community: Zone, households: float) -> Wished:
    named = [one for one in (wishes.size_m2, wishes.households, wishes.count) if one is not None]
    if len(named) != 1:
        raise Invalid("one_wish", field="size_m2", known=["size_m2", "households", "count"])
    size_m2 = areas_m2([community.geom])[0]
    if wishes.count is not None:
        wanted, wished = wishes.count, Wished(0.0, households > 0 and bool(community.households), wishes.count)
    elif wishes.households is not None:
        if households <= 0:
            raise Invalid("no_households", field="households", name=community.name or community.code)
        wanted, wished = round(households / wishes.households), Wished(wishes.households, by_households=True)
    else:
        wanted, wished = round(size_m2 / float(named[0])), Wished(float(named[0]))
    if wanted > MOST_CELLS or size_m2 / max(wanted, 1) < LEAST_M2:
        raise Invalid("too_many_grids", field="size_m2", count=wanted, most=MOST_CELLS)
    return wished


def _ground(session: Session, border: BaseGeometry, homes: Sequence[Any], counts: Sequence[float],
            estates: Sequence[BaseGeometry]) -> Ground:
    edges = session.execute(select(StreetEdge.geom, StreetEdge.highway, StreetEdge.layer).where(
        in_frame(StreetEdge.geom, *border.bounds)).order_by(StreetEdge.id)).all()
    ranked = [(edge.geom, rank) for edge in edges
              if edge.layer >= 0 and (rank := _rank(edge.highway)) is not None and edge.geom.intersects(border)]
    water = list(session.scalars(select(LandCover.geom).where(
        LandCover.kind == "water", in_frame(LandCover.geom, *border.bounds)).order_by(LandCover.id)))
    return Ground(border, [line for line, _ in ranked], [rank for _, rank in ranked], water,
                  [home.geom for home in homes], counts, estates)


def _rank(highway: str) -> int | None:
    """Return how much a street parts: 0 a main road … 3 a lane; None for what parts nothing."""
    known = dictionaries.osm_roads().get(highway)
    if known is None or known.rank > LAST_RANK:
        return None
    return next((mine for most, mine in RANKS if known.rank <= most), 3)


def _buildings(session: Session, border: BaseGeometry) -> list[Any]:
    rows = session.execute(select(Building.geom, Building.households, Building.levels).where(
        in_frame(Building.geom, *border.bounds)).order_by(Building.id)).all()
    shapely.prepare(border)
    return [row for row in rows if border.intersects(row.geom)]


def _households(homes: Sequence[Any], known: int | None) -> tuple[list[float], bool]:
    """Return the households of each building, guessed by floor space where none is known, and whether they were.

    Guesses add up to what the community says of itself, where it does.
    """
    if any(home.households for home in homes):
        return [float(home.households or 0) for home in homes], False
    floors = [size * (home.levels or LEVELS) for size, home in zip(
        areas_m2([home.geom for home in homes]), homes, strict=True)]
    whole = sum(floors)
    share = (known / whole if known and whole else 1 / M2_OF_A_HOME)
    return [floor * share for floor in floors], True


def _estates(session: Session, border: BaseGeometry, now: datetime) -> list[Zone]:
    """Return the closed estates that lie in a community, none over another one."""
    found: list[Zone] = []
    for zone in session.scalars(select(Zone).where(Zone.kind == ESTATE, in_frame(Zone.geom, *border.bounds),
                                                   holds_at(Zone, now)).order_by(Zone.id)):
        inside = zone.geom.intersection(border).area >= INSIDE * zone.geom.area
        if inside and not any(zone.geom.intersection(other.geom).area > 0 for other in found):
            found.append(zone)
    return found


def _wanted(session: Session, community: Zone, cells: Sequence[Cell], estates: Sequence[Zone]) -> list[Wish]:
    """Return the new grids in the order of their numbers; unit and parent are those of the community."""
    prefix = places.parent_prefix(session, community.id, KIND)
    wanted = []
    for number, cell in enumerate(cells, 1):
        estate = estates[cell.estate] if cell.estate is not None else None
        values: dict[str, Any] = {
            "kind": KIND, "name": f"{community.name}第{number}网格", "parent_id": community.id,
            "unit_id": community.unit_id, "households": round(cell.households) or None}
        if estate is not None:
            values |= {"name": f"{estate.name or estate.code}网格"}
        if prefix:
            values["code_prefix"] = prefix
        wanted.append(Wish(None, cell.shape, values))
    return wanted


def as_json(proposal: Proposal) -> dict[str, Any]:
    """Return the changes as every preview tells them, with the cells' own figures."""
    told = plans.as_json(proposal.plan)
    new = [change for change in told["changes"] if change["is_new"]]
    for change, cell in zip(new, proposal.cells, strict=True):
        change |= {"area_m2": round(cell.area_m2, 1), "households": round(cell.households),
                   "is_estate": cell.estate is not None}
    sizes = sorted(cell.area_m2 for cell in proposal.cells)
    return told | {"community": proposal.community.code, "retired": list(proposal.retired),
                   "households_guessed": proposal.is_guessed,
                   "figures": {"cells": len(sizes), "least_m2": round(sizes[0]), "most_m2": round(sizes[-1]),
                               "middle_m2": round(sizes[len(sizes) // 2]), "whole_m2": round(sum(sizes)),
                               "households": round(sum(cell.households for cell in proposal.cells))}}
