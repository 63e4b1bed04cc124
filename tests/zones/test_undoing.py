"""What was just done to zones is taken back as a whole, and done again; never over somebody's later change."""

from datetime import timedelta

import pytest
from shapely import box

from civmap.errors import Conflict
from civmap.people.rules import OFFICE
from civmap.zones import cuts, undoing
from civmap.zones.carrying import carry_out
from civmap.zones.models import Zone
from tests.support import town

GRID = box(115.8600, 28.6838, 115.8610, 28.6846)
LINE = {"type": "LineString", "coordinates": [[115.8604, 28.683], [115.8604, 28.686]]}


def _held(session):
    session.flush()
    return {zone.code: zone.geom for zone in session.query(Zone).filter_by(kind="grid")
            if zone.valid_to is None}


def test_a_split_is_taken_back_and_done_again_with_the_codes_it_wrote(session, now):
    session.add(Zone(code="360199006001001", name="河东第1网格", kind="grid", geom=GRID, division=town.HEDONG,
                     valid_from=town.FOUNDED))
    session.flush()
    proposal = cuts.split_by_line(session, OFFICE, "360199006001001", LINE, now, [])
    codes = carry_out(session, OFFICE, proposal.plan, now, "split")
    halves = _held(session)
    assert len(halves) == 2
    _plan, back = undoing.undo(session, OFFICE, codes, now + timedelta(minutes=1))
    assert {code: geom.equals(GRID) for code, geom in _held(session).items()} == {"360199006001001": True}
    undoing.undo(session, OFFICE, back, now + timedelta(minutes=2))
    assert {code: geom.equals(halves[code]) for code, geom in _held(session).items()} == dict.fromkeys(halves, True)
    with pytest.raises(Conflict, match="zones_changed_since"):
        undoing.undo(session, OFFICE, [*codes, "SB000001"], now + timedelta(minutes=3))
