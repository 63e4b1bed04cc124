"""The frontage zones of a street in the town: from shops and buildings, again only what is missing, edits, refusals."""

import numpy as np
import pytest
import shapely
from sqlalchemy import select

from civmap.city.models import Building
from civmap.delimiting import answers, customs, frontage
from civmap.delimiting.frontage import Asked, Edit
from civmap.errors import Forbidden, Invalid, NotFound
from civmap.geo.bulk import areas_m2
from civmap.geo.measure import NearPlane
from civmap.segments.models import RoadSegment
from civmap.store.ledger import history
from civmap.units.models import Unit
from civmap.zones.models import Zone
from tests.support import town

START = town.ROAD.coords[0]
PLANE = NearPlane((START[0] + town.ROAD.coords[1][0]) / 2, (START[1] + town.ROAD.coords[1][1]) / 2)
ALONG = np.diff(np.array(town.ROAD.coords) * PLANE.scale, axis=0)[0]
ALONG = ALONG / np.hypot(*ALONG)


def spot(along, off):
    """Return the lon/lat of a place along River Street, `off` metres to its right (south)."""
    xy = np.array(START) * PLANE.scale + along * ALONG + off * np.array([ALONG[1], -ALONG[0]])
    return tuple(np.round(xy / PLANE.scale, 9))


def shop(session, code, along, width, off=15.0):
    row = Unit(code=code, name=f"店{code}", kind="shop", seat=shapely.Point(spot(along, off)), categories=[],
               holder=f"主{code}", door_width_m=width, valid_from=town.FOUNDED)
    session.add(row)
    session.flush()
    return row


def run(session, who, now, **asked):
    told = Asked(**{"segments": ["LD0001"], "sides": "right", "fills": False, **asked})
    proposal = frontage.proposed(session, who, told, now)
    return answers.as_json(proposal), proposal


def written(session):
    rows = session.scalars(select(Zone).where(Zone.kind == "frontage", Zone.segment_code == "LD0001",
                                              Zone.side == "right", Zone.valid_to.is_(None)))
    return {row.holder or row.name: row for row in rows}


def test_shops_of_a_street_worked_example_and_again(session, cast, now):
    shop(session, "A", 106, 12), shop(session, "B", 124, 12)
    told, proposal = run(session, cast["clerk"], now)
    assert [(one["holder"], one["side"], one["after_m2"], one["frontage_m"], one["is_new"]) for one in told["changes"]
            ] == [("主A", "right", 75.0, 15.0, True), ("主B", "right", 75.0, 15.0, True)]
    assert [(one["side"], round(one["from_m"]), round(one["to_m"])) for one in told["uncovered"]] == [
        ("right", 0, 100), ("right", 130, 1000)]
    codes = frontage.carry_out(session, cast["clerk"], proposal, now)
    kept = written(session)
    assert areas_m2([kept["主A"].geom, kept["主A"].snow_geom]) == pytest.approx([75, 225], abs=0.02)
    assert shapely.coverage_is_valid([row.geom for row in kept.values()])
    assert [line.verb for line in history(session, "zone", codes[0])] == ["create"]
    again, _ = run(session, cast["clerk"], now)
    assert (again["changes"], again["unchanged"]) == ([], 2)
    shop(session, "C", 140, 8)
    grown, proposal = run(session, cast["clerk"], now)
    assert [(one["holder"], one["is_new"], one["after_m2"]) for one in grown["changes"]] == [
        ("主B", False, pytest.approx(90, abs=0.1)), ("主C", True, pytest.approx(55, abs=0.1))]
    frontage.carry_out(session, cast["clerk"], proposal, now)
    assert shapely.coverage_is_valid([row.geom for row in written(session).values()])


def test_held_zone_stays_and_its_shop_is_not_asked_again(session, cast, now):
    before = session.scalar(select(Zone).where(Zone.code == "SB000001")).geom
    shop(session, "N", 8, 30, off=-14), shop(session, "M", 40, 6, off=-14)
    told, proposal = run(session, cast["clerk"], now, sides="left", rules={"most_gap_m": 100.0})
    frontage.carry_out(session, cast["clerk"], proposal, now)
    made = session.scalars(select(Zone).where(Zone.kind == "frontage", Zone.segment_code == "LD0001",
                                              Zone.valid_to.is_(None))).all()
    kept = session.scalar(select(Zone).where(Zone.code == "SB000001"))
    assert shapely.area(shapely.symmetric_difference(kept.geom, before)) * 1e10 < 0.01
    new = [zone.geom for zone in made if zone.code in {one["zone"] for one in told["changes"] if one["is_new"]}]
    assert len(new) == 2 and shapely.coverage_is_valid([*new, kept.geom])
    assert "LI" not in {one.get("unit") for one in told["changes"]}


def test_buildings_edits_and_rules(session, cast, now):
    for low, high in ((200, 220), (230, 250)):
        ring = [spot(low, 14), spot(high, 14), spot(high, 30), spot(low, 30)]
        session.add(Building(name=f"楼{low}", geom=shapely.Polygon(ring)))
    shop(session, "A", 205, None, off=16), shop(session, "B", 215, None, off=16)
    customs.save(session, cast["admin"], {"depth_rule": "fixed_m", "depth_m": 3}, 0, now)
    told, _ = run(session, cast["clerk"], now)
    assert [(one["name"], one["after_m2"]) for one in told["changes"]] == [
        ("店A", pytest.approx(30, abs=0.05)), ("店B", pytest.approx(45, abs=0.05)),
        ("楼230", pytest.approx(75, abs=0.05))]
    first, second, third = (one["key"] for one in told["changes"])
    edits = {first: Edit(200.0, 212.0, {"holder": "新人"}), second: Edit(212.0, 225.0), third: Edit(leaves_out=True)}
    told, _ = run(session, cast["clerk"], now, edits=edits)
    assert [(one["holder"], one["frontage_m"]) for one in told["changes"]] == [("新人", 12), ("主B", 13)]
    with pytest.raises(Invalid, match="frontage_move"):
        run(session, cast["clerk"], now, edits={first: Edit(200.0, 214.0)})
    with pytest.raises(Invalid, match="frontage_key"):
        run(session, cast["clerk"], now, edits={"nonsense": Edit(1.0, 2.0)})
    with pytest.raises(NotFound):
        run(session, cast["clerk"], now, segments=["LD9999"])
    with pytest.raises(Forbidden):
        run(session, cast["chief"], now)
    with pytest.raises(Invalid):
        customs.save(session, cast["admin"], {"widths": {"branch": 0}}, 1, now)


def test_a_street_alone_and_its_crossing(session, cast, now):
    cross = [spot(400, 0), spot(400, 80)]
    session.add(RoadSegment(code="LD0009", name="横街", road="横街", geom=shapely.LineString(cross), width_m=10,
                            division=town.HEDONG, valid_from=town.FOUNDED))
    session.flush()
    told, proposal = run(session, cast["dispatcher"], now, segments=["LD0001", "LD0009"], sides="both", fills=True)
    south = [one for one in told["changes"] if one["segment"] == "LD0001" and one["side"] == "right"]
    assert [round(one["frontage_m"]) for one in south] == [395, 595]
    frontage.carry_out(session, cast["dispatcher"], proposal, now)
    zones = [row.geom for row in session.scalars(select(Zone).where(Zone.kind == "frontage",
                                                                    Zone.valid_to.is_(None)))]
    assert shapely.coverage_is_valid([zone for zone in zones if zone.intersects(shapely.LineString(cross).buffer(.01))])
    again, _ = run(session, cast["dispatcher"], now, roads=["河东路", "横街"], segments=[], sides="both", fills=True)
    assert again["changes"] == []


def test_a_street_that_runs_beyond_the_territory_is_delimited_as_far_as_it_is_the_clerks(session, cast, now):
    session.add(RoadSegment(code="LD0008", name="跨界路", road="跨界路", width_m=10, division=town.HEDONG,
                            geom=shapely.LineString([(115.8530, 28.69), (115.8590, 28.69)]), valid_from=town.FOUNDED))
    for code, lon in (("E", 115.8580), ("W", 115.8540)):
        session.add(Unit(code=code, name=f"店{code}", kind="shop", seat=shapely.Point(lon, 28.6901), categories=[],
                         holder=f"主{code}", door_width_m=10, valid_from=town.FOUNDED))
    session.flush()
    proposals = {who: run(session, cast[who], now, segments=["LD0008"], sides="both")[0]
                 for who in ("clerk", "dispatcher")}
    told = {who: {one["holder"] for one in proposal["changes"]} for who, proposal in proposals.items()}
    assert told == {"clerk": {"主E"}, "dispatcher": {"主E", "主W"}}
