"""What is not covered in the town is found, measured and named."""

import pytest
from shapely import LineString, Polygon, box
from sqlalchemy import select

from civmap.coverage.queries import found
from civmap.errors import Invalid
from civmap.geo import coverage, facing
from civmap.units.models import Unit
from civmap.zones.models import Zone

M = 1 / 111_195
NEIGHBOUR = Polygon([(115.8572815, 28.6832723), (115.8574554, 28.6832737), (115.8574559, 28.6832286),
                     (115.8572819, 28.6832272)])


def test_two_old_zones_that_share_ground_are_listed_with_their_square_metres(session, cast, town, now):
    session.add(Zone(code="SB2", kind="frontage", geom=NEIGHBOUR, division=town.HEDONG))
    session.flush()
    seen = found(session, cast["admin"], now)
    assert [(row["a"], row["b"]) for row in seen["overlaps"]] == [("SB000001", "SB2")]
    assert seen["overlaps"][0]["area_m2"] == pytest.approx(10, abs=0.2)
    assert seen["zones_without_holder"] == ["SB2"]


def test_zones_that_only_touch_do_not_overlap(session, cast, now):
    assert found(session, cast["admin"], now, "subdistrict")["overlaps"] == []


def test_a_hole_between_the_communities_of_a_subdistrict_is_a_gap(session, cast, town, now):
    parent = session.scalar(select(Zone).where(Zone.code == town.HEDONG))
    west, south, east, north = parent.geom.bounds
    middle = (south + north) / 2
    session.add_all([
        Zone(code=town.HEDONG + "001", kind="community", geom=box(west, south, east, middle), parent_id=parent.id),
        Zone(code=town.HEDONG + "002", kind="community", geom=box(west, middle + 10 * M, east, north),
             parent_id=parent.id)])
    session.flush()
    gap, = found(session, cast["admin"], now, "community")["gaps"]
    width_m = (east - west) * 97_600
    assert gap["parent"] == town.HEDONG and gap["area_m2"] == pytest.approx(width_m * 10, rel=0.01)


def test_points_without_unit_and_expired_pledges_are_named(session, cast, now):
    zone = session.scalar(select(Zone).where(Zone.code == "SB000001"))
    zone.pledge_expires_on = now.date().replace(year=2025)
    session.flush()
    seen = found(session, cast["admin"], now)
    assert (seen["points_without_unit"], seen["expired_pledges"]) == (["P003"], ["SB000001"])
    assert seen["segments_without_chief"] == []


def test_the_side_of_the_street_that_no_zone_faces_is_measured(session, cast, now):
    sides = {row["side"]: row["length_m"] for row in found(session, cast["admin"], now)["uncovered_frontage"]}
    assert sides["right"] == pytest.approx(1000, abs=2)
    assert sides["left"] == pytest.approx(985, abs=2)


def test_a_kind_there_is_not_is_refused(session, cast, now):
    with pytest.raises(Invalid, match="choice_unknown"):
        found(session, cast["admin"], now, "kingdom")


def test_a_strip_narrower_than_thirty_centimetres_is_a_sliver():
    assert coverage.is_sliver(box(115.85, 28.68, 115.86, 28.68 + 0.2 * M))
    assert not coverage.is_sliver(box(115.85, 28.68, 115.86, 28.68 + 0.5 * M))


def test_overlapping_frontages_are_not_counted_twice_along_the_street():
    street = LineString([(115.85, 28.68), (115.86, 28.68)])
    shop = box(115.852, 28.68 + 5 * M, 115.853, 28.68 + 10 * M)
    once, twice = facing.bare([street], [shop], [0]), facing.bare([street], [shop, shop], [0, 0])
    left, right = once
    assert once == twice and (left.side, right.side) == ("left", "right") and right.length_m > left.length_m
    assert left.whole_m - left.length_m == pytest.approx(97.7, abs=0.2) and len(left.spans) == 2


def test_what_a_hidden_neighbour_covers_is_not_reported_as_a_gap(session, cast, town, now):
    parent = session.scalar(select(Zone).where(Zone.code == town.HEDONG))
    west, south, east, north = parent.geom.bounds
    middle, unit = (south + north) / 2, session.scalar(select(Unit.id).where(Unit.code == "HW-C"))
    session.add_all([
        Zone(code=town.HEDONG + "901", kind="grid", geom=box(west, south, east, middle), parent_id=parent.id,
             unit_id=unit, division=town.HEDONG),
        Zone(code=town.HEDONG + "902", kind="grid", geom=box(west, middle, east, north), parent_id=parent.id,
             division=town.HEDONG)])
    session.flush()
    assert found(session, cast["handler"], now, "grid")["gaps"] == []
    session.delete(session.scalar(select(Zone).where(Zone.code == town.HEDONG + "902")))
    session.flush()
    assert len(found(session, cast["handler"], now, "grid")["gaps"]) == 1
    assert found(session, cast["doctor"], now, "grid")["gaps"] == []


def test_a_stretch_of_no_length_is_no_line():
    street = LineString([(115.857, 28.683), (115.867, 28.683)])
    assert facing.stretch(street, 12.0, 12.0).is_empty and facing.stretch(street, 0.0, 0.0).is_empty
    part = facing.stretch(street, 10.0, 30.0)
    assert part.geom_type == "LineString" and part.length > 0
