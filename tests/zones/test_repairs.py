"""Old zones that were imported over others, or beside them without a common corner, fit once they are repaired."""

import numpy as np
import pytest
import shapely

from civmap.people.rules import OFFICE
from civmap.zones import cuts, moves
from civmap.zones.carrying import carry_out
from civmap.zones.models import Zone
from tests.support import town

METRE = np.array((1 / 97_700, 1 / 111_200))
TURN = np.array([[np.cos(0.4), np.sin(0.4)], [-np.sin(0.4), np.cos(0.4)]])
LINE = [(6.0, -9.0), (6.0, 12.0)]


def _at(*spots):
    return np.round(np.array((115.8600, 28.6838)) + (np.array(spots) @ TURN) * METRE, 7)


def _imported(session, **boxes):
    for code, (west, south, east, north) in boxes.items():
        ground = shapely.Polygon(_at((west, south), (east, south), (east, north), (west, north)))
        session.add(Zone(code=code, name=code, kind="frontage", geom=shapely.orient_polygons(ground),
                         division=town.HEDONG, valid_from=town.FOUNDED))
    session.flush()


def _shapes(session, *codes):
    session.expire_all()
    return [zone.geom for zone in session.query(Zone).filter(Zone.code.in_(codes), Zone.valid_to.is_(None))]


def _all_fit(shapes):
    seven = shapely.transform(np.array(shapes), lambda xy: np.round(xy, 7))
    return shapely.coverage_is_valid(np.array(shapes)) and shapely.coverage_is_valid(seven)


@pytest.mark.parametrize("planted", [(3.3, 2.1, 12.7, 7.4), (3.3, -4.0, 12.7, 2.2), (2.0, 4.0, 20.0, 8.0)])
def test_a_trimmed_zone_shares_every_corner_with_those_it_lay_over(session, now, planted):
    _imported(session, OLD3=(0, 0, 8, 5), OLD4=(8, 0, 16, 5), PLANT=planted)
    carry_out(session, OFFICE, moves.trim(session, OFFICE, "PLANT", now).plan, now, "trim")
    assert _all_fit(_shapes(session, "OLD3", "OLD4", "PLANT"))


def test_halves_share_every_corner_with_each_other(session, now):
    _imported(session, OLD3=(0, 0, 8, 5), PLANT=(5.1, 1.3, 14.2, 7.7))
    carry_out(session, OFFICE, moves.halve(session, OFFICE, "PLANT", "OLD3", now).plan, now, "halve")
    assert _all_fit(_shapes(session, "OLD3", "PLANT"))


def test_a_zone_that_touches_others_without_a_common_corner_is_sewn_to_them_when_split(session, now):
    _imported(session, OLD3=(0, 0, 8, 5), OLD4=(8, 0, 16, 5), PLANT=(3.3, 4.995, 12.7, 9))
    assert not _all_fit(_shapes(session, "OLD3", "OLD4", "PLANT"))
    line = {"type": "LineString", "coordinates": _at(*LINE).tolist()}
    codes = carry_out(session, OFFICE, cuts.split_by_line(session, OFFICE, "PLANT", line, now).plan, now, "split")
    assert _all_fit(_shapes(session, "OLD3", "OLD4", *codes))
