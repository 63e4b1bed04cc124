"""An extract becomes a working city in one transaction, on both databases."""

import pytest
import shapely
from sqlalchemy import func, select

from civmap.city.models import Building, City, LandCover, StreetEdge
from civmap.city.queries import the_city
from civmap.errors import Conflict, Invalid
from civmap.founding.actions import basemap_laid, found_city
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store.database import open_engine, reading, writing
from civmap.store.ledger import Actor, Entry, verify_all
from civmap.units.models import Unit
from civmap.zones.models import Zone

ACTOR = Actor("admin")
FRAME = (0, 0, 100, 100)


@pytest.fixture
def empty_city(database_url):
    """Give a database with the newest schema and nothing in it."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def ground(sheet):
    """Give a small town: two streets, a hospital, a park with a pond, a house, a subdistrict with a community."""
    sheet.street("人民路", (0, 50), (50, 50), (100, 50), highway="primary")
    sheet.street("建设路", (50, 0), (50, 50), (50, 100), highway="secondary")
    sheet.node(20, 45, amenity="hospital", name="市医院")
    sheet.way((60, 60), (90, 60), (90, 90), (60, 90), (60, 60), leisure="park", name="中心公园")
    sheet.way((70, 70), (80, 70), (80, 80), (70, 80), (70, 70), natural="water", name="碧湖")
    sheet.way((10, 10), (20, 10), (20, 20), (10, 20), (10, 10), building="yes", name="市府楼")
    ring = sheet.way((5, 5), (95, 5), (95, 95), (5, 95), (5, 5))
    part = sheet.way((55, 55), (95, 55), (95, 95), (55, 95), (55, 55))
    seat = sheet.node(12, 40, name="河东街道办事处", office="government")
    sheet.relation(("w", ring, "outer"), ("n", seat, "admin_centre"), type="boundary", boundary="administrative",
                   admin_level="8", name="河东街道")
    sheet.relation(("w", part, "outer"), type="boundary", boundary="administrative", admin_level="10", name="湖畔社区")
    return sheet.ground(bounds=FRAME)


def _found(engine, now, ground, **more):
    with writing(engine) as session:
        return found_city(session, ACTOR, "试城", "360199", now=now, ground=ground, source="sheet.osm", **more)


def test_everything_the_extract_gave_is_stored_and_counted(empty_city, now, ground):
    counts = _found(empty_city, now, ground)
    assert {key: counts[key] for key in ("streets", "segments", "zones", "buildings", "water", "green")} == {
        "streets": 2, "segments": 4, "zones": 2, "buildings": 1, "water": 1, "green": 1}
    with reading(empty_city) as session:
        stored = {model: session.scalar(select(func.count()).select_from(model))
                  for model in (StreetEdge, RoadSegment, InspectionPoint, Zone, Building, LandCover)}
        assert stored == {StreetEdge: 4, RoadSegment: 4, InspectionPoint: counts["points"], Zone: 2, Building: 1,
                          LandCover: 2}
        assert the_city(session).frame == pytest.approx((117.0, 28.0, 117.01, 28.01))
        assert "OpenStreetMap" in the_city(session).attribution


def test_candidates_are_not_declared_and_everything_knows_its_division(empty_city, now, ground):
    _found(empty_city, now, ground)
    with reading(empty_city) as session:
        points = session.scalars(select(InspectionPoint)).all()
        assert not any(point.is_declared for point in points)
        by_name = {point.name: point.division for point in points}
        assert by_name["市医院"] == "360199001"
        assert by_name["中心公园"] == "360199001001"
        assert all(segment.division.startswith("360199") for segment in session.scalars(select(RoadSegment)))


def test_a_subdistrict_has_the_unit_that_answers_last_and_its_communities_below_it(empty_city, now, ground):
    _found(empty_city, now, ground)
    with reading(empty_city) as session:
        zones = {zone.name: zone for zone in session.scalars(select(Zone))}
        unit = session.scalar(select(Unit))
        assert (unit.name, unit.kind, unit.territory) == ("河东街道", "subdistrict", "360199001")
        assert zones["河东街道"].unit_id == unit.id
        assert zones["湖畔社区"].parent_id == zones["河东街道"].id
        assert zones["湖畔社区"].code == "360199001001"
        assert not zones["河东街道"].is_partial
        assert unit.seat is not None


def test_every_object_leaves_a_line_and_the_chain_holds(empty_city, now, ground):
    counts = _found(empty_city, now, ground)
    with reading(empty_city) as session:
        kinds = dict(session.execute(select(Entry.kind, func.count()).group_by(Entry.kind)).all())
        assert kinds == {"city": 2, "unit": 1, "zone": 2, "segment": 4, "point": counts["points"]}
        survey = session.scalar(select(Entry).where(Entry.verb == "survey"))
        assert survey.after["source"] == "sheet.osm"
        assert survey.after["buildings"] == 1
        assert verify_all(session)[1] is None


def test_a_second_founding_is_refused_and_changes_nothing(empty_city, now, ground, tmp_path):
    _found(empty_city, now, ground)
    basemap = tmp_path / "basemap.pmtiles"
    basemap.write_bytes(b"the first one")
    with pytest.raises(Conflict) as refused, basemap_laid(basemap, ground, "试城"):
        _found(empty_city, now, ground)
    assert refused.value.code == "city_exists"
    assert basemap.read_bytes() == b"the first one"
    assert [file.name for file in tmp_path.glob("basemap*")] == ["basemap.pmtiles"]
    with reading(empty_city) as session:
        assert session.scalar(select(func.count()).select_from(City)) == 1
        assert session.scalar(select(func.count()).select_from(RoadSegment)) == 4


def test_an_unusable_division_code_is_refused_before_anything_is_written(empty_city, now, ground):
    with writing(empty_city) as session, pytest.raises(Invalid):
        found_city(session, ACTOR, "试城", "abc", now=now, ground=ground)
    with reading(empty_city) as session:
        assert session.scalar(select(func.count()).select_from(City)) == 0


def test_a_city_without_an_extract_is_empty_and_has_its_frame(empty_city, now):
    with writing(empty_city) as session:
        counts = found_city(session, ACTOR, "空城", "360199", now=now, frame=(117.0, 28.0, 117.1, 28.1))
    assert counts == {"streets": 0, "segments": 0, "points": 0, "zones": 0, "buildings": 0, "water": 0, "green": 0,
                      "skipped": []}
    with reading(empty_city) as session:
        assert the_city(session).frame == (117.0, 28.0, 117.1, 28.1)


def test_what_is_stored_is_what_was_found_at_nine_decimals(empty_city, now, ground):
    _found(empty_city, now, ground)
    with reading(empty_city) as session:
        for segment in session.scalars(select(RoadSegment)):
            found = next(one for one in ground.segments if one.code == segment.code)
            assert shapely.hausdorff_distance(segment.geom, found.line) < 1e-8
        zones = session.scalars(select(Zone)).all()
        assert all(zone.geom.is_valid for zone in zones)


def test_the_basemap_is_laid_when_the_founding_ends_well(ground, tmp_path):
    with basemap_laid(tmp_path / "basemap.pmtiles", ground, "试城"):
        assert not (tmp_path / "basemap.pmtiles").exists()
    assert (tmp_path / "basemap.pmtiles").read_bytes().startswith(b"PMTiles")
