"""The frontage zones of streets, proposed and written: what is missing and what changed, nothing else.

What zones already hold stays theirs. A zone made here before is proposed again only where its front has grown, its
shop has moved, or a newcomer's door stands in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap import texts
from civmap.delimiting import customs
from civmap.delimiting.matching import Match, matched
from civmap.delimiting.surroundings import Surroundings, around, doors_of, segments_named
from civmap.errors import Invalid
from civmap.geo.frontage import Delimited, Doors, Free, Options, delimit
from civmap.geo.frontage_ground import Ground
from civmap.people.rules import Viewer
from civmap.store.editing import one_at_a_time
from civmap.units.models import Unit
from civmap.zones import carrying, plans
from civmap.zones.models import Zone
from civmap.zones.places import reach_of
from civmap.zones.plans import Plan, Wish

KIND, VERB = "frontage", "delimit"
SIDES = ("left", "right")


@dataclass(frozen=True)
class Edit:
    """What a person changed in a proposal: its ends along the street, its names, or that it is left out."""

    from_m: float | None = None
    to_m: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    leaves_out: bool = False


@dataclass(frozen=True)
class Asked:
    """Which streets (segments by code, whole roads by name), how, and what a person changed in the proposal."""

    segments: Sequence[str] = ()
    roads: Sequence[str] = ()
    sides: str = "both"
    rules: Mapping[str, Any] = field(default_factory=dict)
    every_m: float | None = None
    fills: bool = True
    extends: bool = False
    snow: bool = True
    with_shops: bool = True
    with_buildings: bool = True
    edits: Mapping[str, Edit] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One proposed zone: how it is named in edits, whose it is, and where it lies along its street."""

    key: str
    segment: str
    side: str
    from_m: float
    to_m: float
    depth_m: float
    unit: Unit | None
    values: Mapping[str, Any]
    holder: str | None = None
    door_no: str | None = None


@dataclass(frozen=True)
class Proposal:
    """The plan with a row per wished zone (in its order), what nobody has, and the shops that got no ground."""

    plan: Plan
    rows: list[Row]
    free: list[tuple[str, str, Free]]
    left_out: list[Unit]
    unchanged: int


def proposed(session: Session, viewer: Viewer, asked: Asked, now: datetime, lang: str = "zh") -> Proposal:
    """Return what delimiting would change; nothing is written.

    Raise Forbidden, NotFound for a segment or road, Invalid for rules, edits, or too many streets.
    """
    viewer.must("create", "zone")
    rules = customs.checked({**customs.frontage_of(session).value, **asked.rules})
    segments = segments_named(session, viewer, asked.segments, asked.roads, now)
    found = around(session, viewer, segments, rules, asked.sides, now)
    found = found if asked.with_buildings else replace(found, buildings=[], building_rows=[])
    shops = found.shops if asked.with_shops else []
    ours, theirs = _parted(found)
    made, doors, held = None, Doors, []
    for _ in range(2):
        taken = {zone.unit_id for zone in theirs if zone.unit_id is not None}
        homeless = [shop for shop in shops if shop.id not in taken]
        doors = doors_of(found, homeless)
        held = [zone.geom for zone in theirs]
        made = delimit(found.streets, doors, Ground(found.buildings, found.others, held), _options(asked, rules),
                       _moves(asked, found, homeless))
        matches = matched(made, doors, found, homeless, ours)
        bound = [zone for zone in ours if zone.id in matches.blocking]
        if not bound:
            break
        ours, theirs = [zone for zone in ours if zone not in bound], [*theirs, *bound]
    assert made is not None
    return _proposal(session, viewer, asked, found, homeless, made, matches, rules, now, lang)


def _parted(found: Surroundings) -> tuple[list[Zone], list[Zone]]:
    """Return the zones made for these streets before, and the zones of others, which stay as they are."""
    codes = set(found.codes)
    ours = [zone for zone in found.zones if zone.segment_code in codes and zone.depth_rule != "custom"]
    known = {zone.id for zone in ours}
    return ours, [zone for zone in found.zones if zone.id not in known]


def _options(asked: Asked, rules: Mapping[str, Any]) -> Options:
    return Options(rules["depth_rule"], rules["depth_m"], rules["usual_depth_m"], rules["usual_door_m"],
                   rules["most_gap_m"], rules["least_m"], rules["reach_m"], rules["recess_m"], asked.every_m,
                   asked.fills, asked.extends, asked.snow)


def _moves(asked: Asked, found: Surroundings, shops: Sequence[Unit]) -> dict[Any, tuple[float, float]]:
    numbers = {code: number for number, code in enumerate(found.codes)}
    doors = {shop.code: number for number, shop in enumerate(shops)}
    houses = {str(row[0]): number for number, row in enumerate(found.building_rows)}
    moves = {}
    for key, edit in asked.edits.items():
        if edit.from_m is None or edit.to_m is None:
            continue
        segment, side, what, piece = _read_key(key)
        if segment in numbers:
            door = doors.get(what[2:], -2) if what.startswith("s:") else -1
            house = houses.get(what[2:], -2) if what.startswith("b:") else -1
            moves[2 * numbers[segment] + SIDES.index(side), door, house, piece] = (edit.from_m, edit.to_m)
    return moves


def _read_key(key: str) -> tuple[str, str, str, int]:
    parts = key.split("|")
    if len(parts) != 4 or parts[1] not in SIDES or not parts[3].isdecimal():
        raise Invalid("frontage_key", field="edits", value=key[:80])
    return parts[0], parts[1], parts[2], int(parts[3])


def key_of(found: Surroundings, shops: Sequence[Unit], made: Delimited, at: int) -> str:
    """Return how a proposed zone is named: segment, side, shop or building, and which piece of it."""
    street, side = divmod(int(made.row[at]), 2)
    door, house = int(made.door[at]), int(made.building[at])
    what = f"s:{shops[door].code}" if door >= 0 else f"b:{found.building_rows[house][0]}" if house >= 0 else "-"
    return f"{found.codes[street]}|{SIDES[side]}|{what}|{int(made.piece[at])}"


def _proposal(session: Session, viewer: Viewer, asked: Asked, found: Surroundings, shops: Sequence[Unit],
              made: Delimited, matches: Match, rules: Mapping[str, Any], now: datetime, lang: str) -> Proposal:
    rows, wishes, is_within = [], [], reach_of(session, viewer, now)
    for at in matches.changed:
        if not is_within(matches.shape[at]):  # the street runs on beyond the clerk's territory: not theirs to delimit
            continue
        row = _row(found, shops, made, at, rules, lang)
        edit = asked.edits.get(row.key, Edit())
        if edit.leaves_out:
            continue
        zone = matches.zone.get(at)
        values = {**(row.values if zone is None else _own_columns(row.values)), **edit.values}
        known = {"holder": zone.holder, "door_no": zone.door_no} if zone is not None else {}
        said = {name: {**known, **values}.get(name) for name in ("holder", "door_no")}
        rows.append(replace(row, values=values, **said))
        wishes.append(Wish(zone.code if zone else None, matches.shape[at], values))
    wishes += [Wish(zone.code, None, {}) for zone in matches.replaced if is_within(zone.geom)]
    plan = plans.planned(session, viewer, wishes, now, rule="trim") if wishes else Plan(())
    free = [(found.codes[one.row // 2], SIDES[one.row % 2], one) for one in made.free]
    return Proposal(plan, rows, free, [shops[door] for door in made.left_out.tolist()], matches.unchanged)


def _own_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is written of a zone that is there already: its depth, not what people said of it."""
    return {name: values[name] for name in ("kind", "depth_rule", "depth_m", "snow_geom") if name in values}


def _row(found: Surroundings, shops: Sequence[Unit], made: Delimited, at: int, rules: Mapping[str, Any],
         lang: str) -> Row:
    street, hand = divmod(int(made.row[at]), 2)
    segment, side = found.segments[street], SIDES[hand]
    door, house = int(made.door[at]), int(made.building[at])
    unit = shops[door] if door >= 0 else None
    label = found.building_rows[house][1] if house >= 0 else None
    name = unit.name if unit else label or texts.say(lang, "frontage.zone_name", road=segment.road or segment.name,
                                                    side=texts.say(lang, f"frontage.side.{side}"),
                                                    at=round(float(made.low[at])))
    values: dict[str, Any] = {
        "kind": KIND, "name": name[:200], "segment_code": segment.code, "side": side,
        "depth_rule": rules["depth_rule"], "depth_m": round(float(made.depth[at]), 2)}
    if made.snow is not made.geom:
        values["snow_geom"] = made.snow[at]
    if unit is not None:
        values |= {"unit_id": unit.id, "holder": unit.holder, "door_no": unit.door_no, "holder_phone": unit.phone}
    return Row(key_of(found, shops, made, at), segment.code, side, float(made.low[at]), float(made.high[at]),
               float(made.depth[at]), unit, values)


def carry_out(session: Session, viewer: Viewer, proposal: Proposal, now: datetime) -> list[str]:
    """Write a proposal in the open transaction and return the codes of the zones written; raise as the plan does."""
    return carrying.carry_out(session, viewer, proposal.plan, now, VERB) if proposal.plan.changes else []


def locked(session: Session) -> None:
    """Let nobody else draw zones until the transaction ends."""
    one_at_a_time(session, carrying.DRAWING_KEY)
