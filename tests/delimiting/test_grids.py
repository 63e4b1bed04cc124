"""A community is tiled with grids in one transaction: coded, exact, and its parent shares every vertex."""

import json

import pytest
import shapely
from shapely import LineString, box
from sqlalchemy import select

from civmap.city.models import Building, LandCover, StreetEdge
from civmap.coverage.queries import found
from civmap.delimiting import grids
from civmap.delimiting.grids import Wishes
from civmap.errors import Conflict, Forbidden, Invalid
from civmap.geo.coverage import backwards, fabric, joined
from civmap.store.ledger import Entry
from civmap.units.models import Unit
from civmap.zones.carrying import carry_out
from civmap.zones.models import Zone

COMMUNITY = "360199006777"


@pytest.fixture
def community(session, town):
    """A community of about 400 × 330 m with two streets, a pond, some buildings and an estate."""
    unit = session.scalar(select(Unit.id).where(Unit.code == "HW-C"))
    west, south, east, north = border = (115.8601, 28.6901, 115.8642, 28.6931)
    zone = Zone(code=COMMUNITY, name="望江社区", kind="community", geom=shapely.orient_polygons(box(*border)),
                unit_id=unit, division=town.HEDONG)
    session.add_all([
        zone,
        Zone(code="XQ000777", name="望江花园", kind="estate", division=town.HEDONG,
             geom=shapely.orient_polygons(box(115.8603, 28.6903, 115.8614, 28.6911))),
        StreetEdge(name="望江路", highway="primary", from_node=1, to_node=2, length_m=500,
                   geom=LineString([(west - 1e-3, 28.6914), (115.862, 28.6916), (east + 1e-3, 28.6913)])),
        StreetEdge(name="里弄", highway="residential", from_node=3, to_node=4, length_m=400,
                   geom=LineString([(115.862, south - 1e-3), (115.8621, north + 1e-3)])),
        LandCover(name="塘", kind="water", geom=box(115.8632, 28.6921, 115.8639, 28.6926)),
        *(Building(households=30, levels=6, geom=box(x, y, x + 2e-4, y + 1e-4))
          for x in (115.8606, 115.8612, 115.8627, 115.8634) for y in (28.6905, 28.6918, 28.69195, 28.6927))])
    session.flush()
    return zone


def write(session, viewer, now, **wishes):
    proposal = grids.proposed(session, viewer, COMMUNITY, Wishes(**wishes), now)
    return carry_out(session, viewer, proposal.plan, now, grids.VERB), proposal


def standing(session, now):
    return [zone for zone in session.scalars(select(Zone).where(Zone.kind == "grid", Zone.code.startswith(COMMUNITY))
                                             .order_by(Zone.code)) if zone.valid_to is None]


def test_a_community_is_tiled_exactly_and_its_grids_are_coded_and_inherit_its_unit(session, cast, now, community):
    codes, proposal = write(session, cast["admin"], now, size_m2=12_000)
    cells = standing(session, now)
    assert [zone.code for zone in cells] == [f"{COMMUNITY}{n:03d}" for n in range(1, len(cells) + 1)]
    assert set(codes) >= {zone.code for zone in cells} and len(cells) == len(proposal.cells) > 7
    shapes = [zone.geom for zone in cells]
    assert shapely.coverage_is_valid(shapes)
    session.refresh(community)
    rim = backwards(fabric(shapely.orient_polygons([community.geom])))
    assert len(joined(fabric(shapely.orient_polygons(shapes)), rim).lone()) == 0
    assert {(zone.parent_id, zone.unit_id) for zone in cells} == {(community.id, community.unit_id)}
    assert [zone.name for zone in cells if "花园" in zone.name] == ["望江花园网格"]
    assert found(session, cast["admin"], now, "grid")["gaps"] == [] == found(session, cast["admin"], now)["overlaps"]
    lines = session.scalars(select(Entry.verb).where(Entry.kind == "zone", Entry.key.in_(codes))).all()
    assert lines.count("create") == len(cells)


def test_grids_that_are_there_are_replaced_only_on_request_and_numbers_go_on(session, cast, now, community):
    write(session, cast["admin"], now, count=6)
    with pytest.raises(Conflict, match="grids_there"):
        write(session, cast["admin"], now, count=4)
    _codes, proposal = write(session, cast["admin"], now, households=110, replaces=True)
    assert len(proposal.retired) == 6 and not proposal.is_guessed
    assert sum(cell.households for cell in proposal.cells) == 16 * 30
    assert standing(session, now)[0].code == f"{COMMUNITY}007"
    assert found(session, cast["admin"], now, "grid")["gaps"] == []


def test_what_cannot_be_tiled_is_refused(session, cast, now, community):
    for wishes in ({}, {"size_m2": 900.0, "count": 3}, {"size_m2": 100.0}):
        with pytest.raises(Invalid):
            grids.proposed(session, cast["admin"], COMMUNITY, Wishes(**wishes), now)
    with pytest.raises(Invalid, match="not_tiled"):
        grids.proposed(session, cast["admin"], "XQ000777", Wishes(count=3), now)
    with pytest.raises(Forbidden):
        grids.proposed(session, cast["inspector"], COMMUNITY, Wishes(count=3), now)


def test_a_preview_writes_nothing_and_says_what_the_grids_would_be(session, cast, now, community):
    told = grids.as_json(grids.proposed(session, cast["admin"], COMMUNITY, Wishes(count=5), now))
    json.dumps(told, allow_nan=False)
    new = [change for change in told["changes"] if change["is_new"]]
    assert len(new) == told["figures"]["cells"] == 5 and all(change["households"] >= 0 for change in new)
    assert standing(session, now) == []
