"""The plan as rows of the store: units first, then places by their units, then the ground."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from shapely.geometry import Point

from civmap.assignment.models import Duty
from civmap.demo.plan_answers import OWNERS, office_of
from civmap.demo.plan_demo import Demo
from civmap.demo.plan_shops import Shop
from civmap.demo.plan_units import community_code
from civmap.geo.measure import GEOD
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.units.models import Unit
from civmap.zones.models import Zone

Ids = Mapping[str, int]  # code -> id
TERRITORIES = ("subdistrict", "community", "grid")


class Rows:
    """Make the rows of a plan; everything holds from the founding on."""

    def __init__(self, plan: Demo, founded_at: datetime) -> None:
        self._plan, self._since = plan, founded_at
        self._ground, self._spot = plan.town.frame.to_ground, plan.town.frame.to_spot

    def units(self) -> list[Unit]:
        """Return the units without their parents, which are known only when these have numbers."""
        return [
            Unit(code=u.code, name=u.name, kind=u.kind, seat=Point(self._spot(*u.spot)), categories=list(u.categories),
                 territory=u.territory or None, phone=u.phone, head_person=u.head, liaison=u.liaison,
                 address=u.address, valid_from=self._since)
            for u in self._plan.units
        ]  # fmt: skip

    def set_parents(self, units: list[Unit]) -> None:
        """Name every unit's parent."""
        ids = {unit.code: unit.id for unit in units}
        for unit, plan in zip(units, self._plan.units, strict=True):
            unit.parent_id = ids[plan.parent] if plan.parent else None

    def duties(self, units: Ids) -> list[Duty]:
        """Return the table of professional owners."""
        return [Duty(class_code=code, category=category, territory="", unit_id=units[unit], valid_from=self._since)
                for code, category, unit in OWNERS]  # fmt: skip

    def points(self, units: Ids) -> list[InspectionPoint]:
        """Return the inspection points."""
        return [
            InspectionPoint(
                code=p.code, type=p.type, name=p.name, geom=Point(self._spot(*p.spot)),
                outline=None if p.outline is None else self._ground(p.outline), unit_id=units[p.unit],
                address=p.address, street=p.street, division=p.division, is_declared=p.is_declared,
                open_hours=p.hours or None, surroundings_m=p.surroundings_m, valid_from=self._since,
            )
            for p in self._plan.points
        ]  # fmt: skip

    def segments(self, units: Ids) -> list[RoadSegment]:
        """Return the road segments with their chiefs."""
        found = []
        for s in self._plan.town.segments:
            middle = s.line.interpolate(0.5, normalized=True)
            grid = self._plan.town.where.at(middle.x, middle.y, "grid")
            chiefs = [SegmentChief(level=c.level, name=c.name, title=c.title, phone=c.phone)
                      for c in self._plan.chiefs[s.code]]  # fmt: skip
            found.append(RoadSegment(
                code=s.code, name=s.name, road=s.street.name, road_class=s.road_class, geom=self._ground(s.line),
                width_m=s.street.width_m, side="both", unit_id=units[self._plan.holders[s.code]],
                from_name=s.from_name, to_name=s.to_name, division=grid.code if grid else None, chiefs=chiefs,
                valid_from=self._since,
            ))  # fmt: skip
        return found

    def territories(self, kind: str, units: Ids, zones: Ids) -> list[Zone]:
        """Return the zones of one territorial level; the level above must be there already."""
        return [
            Zone(code=a.code, name=a.name, kind=a.kind, geom=self._ground(a.shape), division=a.code,
                 unit_id=units[office_of(a.code)], parent_id=zones.get(a.parent), valid_from=self._since)
            for a in self._plan.town.areas
            if a.kind == kind
        ]  # fmt: skip

    def estates(self, units: Ids, zones: Ids) -> list[Zone]:
        """Return the estates."""
        found = []
        for e in self._plan.estates:
            middle = e.shape.representative_point()
            grid = self._plan.town.where.at(middle.x, middle.y, "grid")
            unit = e.property_code or community_code(e.community)
            found.append(Zone(
                code=e.code, name=e.name, kind="estate", geom=self._ground(e.shape), unit_id=units[unit],
                parent_id=zones.get(e.community), division=grid.code if grid else e.community, households=e.households,
                adopting_unit_id=units[e.adopter] if e.adopter else None, valid_from=self._since,
            ))  # fmt: skip
        return found

    def frontages(self, units: Ids, zones: Ids) -> list[Zone]:
        """Return the frontage zones."""
        return [self._frontage(shop, units, zones) for shop in self._plan.shops]

    def _frontage(self, shop: Shop, units: Ids, zones: Ids) -> Zone:
        middle = shop.zone.centroid
        grid = self._plan.town.where.at(middle.x, middle.y, "grid")
        signed, expires = shop.pledge or (None, None)
        return Zone(
            code=f"SB-{shop.number:04d}", name=shop.name, kind="frontage",
            geom=self._ground(shop.zone), unit_id=units[f"SH-{shop.number:04d}"],
            parent_id=zones.get(grid.parent) if grid else None, division=grid.code if grid else None,
            holder=shop.holder, holder_phone=shop.phone, door_no=shop.address, segment_code=shop.segment.code,
            side=shop.side, depth_rule="kerb", depth_m=shop.depth_m, valid_from=self._since,
            pledge_no=f"MQSB-{shop.number:04d}" if signed else None, pledge_signed_on=signed,
            pledge_expires_on=expires,
        )  # fmt: skip

    def street_edges(self) -> Iterator[dict[str, Any]]:
        """Yield the routable network, `length_m` geodesic."""
        for e in self._plan.town.edges:
            line = self._ground(e.line)
            lon, lat = zip(*line.coords, strict=True)
            yield {"name": e.name, "highway": e.highway, "from_node": e.from_node, "to_node": e.to_node,
                   "is_oneway": e.is_oneway, "may_walk": True, "may_cycle": True, "may_drive": e.may_drive,
                   "width_m": e.width_m, "layer": int(e.is_bridge), "length_m": round(GEOD.line_length(lon, lat), 3),
                   "geom": line}  # fmt: skip

    def buildings(self) -> Iterator[dict[str, Any]]:
        """Yield the buildings."""
        for h in self._plan.town.houses:
            yield {"name": None, "kind": h.kind, "levels": h.levels, "geom": self._ground(h.shape)}

    def land(self) -> Iterator[dict[str, Any]]:
        """Yield water and green under these words, other land under its use."""
        for c in self._plan.covers:
            yield {"name": c.name or None, "kind": c.kind if c.layer == "land" else c.layer,
                   "geom": self._ground(c.shape)}  # fmt: skip
