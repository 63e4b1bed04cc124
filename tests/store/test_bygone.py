"""What is asked as of a day in the past is answered as zones and segments stood on that day, wherever it is asked."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from civmap.assignment import queries as assignment
from civmap.assignment.many import Ground
from civmap.exchange import gather, ordering
from civmap.mirror.following import Mirror
from civmap.mirror.places import mercator
from civmap.segments import actions as segment_actions
from civmap.segments import queries as segments
from civmap.tiles.building import Spot
from civmap.tiles.serving import Question, Tiles
from civmap.zones import actions
from civmap.zones import queries as zones
from civmap.zones.models import Zone
from tests.support.features import frame

ELSEWHERE = frame(115.8600, 28.6900, 115.8604, 28.6901)
DAY = timedelta(days=1)
CLASS = "outside_shop"


def changed(session, viewer, now, code="SB000001", geometry=None, **properties):
    zone = session.scalar(select(Zone).where(Zone.code == code))
    body = {"type": "Feature", "geometry": geometry, "properties": properties}
    return actions.replace(session, viewer, code, body, zone.version, now)


@pytest.fixture
def moved(session, cast, now):
    """Let the noodle shop's zone be given to another holder and unit today, and drawn elsewhere tomorrow."""
    changed(session, cast["admin"], now, holder="小王", name="小王面馆", unit="HD")
    changed(session, cast["admin"], now + DAY, geometry=ELSEWHERE, pledge_expires_on="2026-06-01")
    body = {"type": "Feature", "geometry": None, "properties": {"chief3": "周四", "unit": "QX"}}
    segment_actions.replace(session, cast["admin"], "LD0001", body, 1, now)
    session.flush()
    return now


def test_lists_tell_shape_name_holder_and_unit_of_the_day(session, cast, moved, town):
    viewer = cast["admin"]

    def told(at, **filters):
        asked = gather.Narrowing(filters={"kind": "frontage", **filters}, on=at)
        found = [part.feature() for part in gather.parts(session, viewer, "zones", asked, moved + 2 * DAY, "zh")]
        page = ordering.page(session, viewer, "zones", asked, moved + 2 * DAY, "zh", sort="area_m2")
        assert [part.code for part in page.parts] == [each["id"] for each in found]
        assert [part.properties["area_m2"] for part in page.parts] == [each["properties"]["area_m2"] for each in found]
        rows = zones.listed(session, viewer, on=at, filters={"kind": "frontage", **filters})
        assert [row.holder for row in rows] == [each["properties"]["holder"] for each in found]
        return [(each["properties"]["name"], each["properties"]["holder"], each["properties"]["unit"],
                 round(each["properties"]["area_m2"]), each["properties"]["holder_phone"]) for each in found]

    assert told(moved - DAY) == [("小李面馆", "小李", "LI", 75, None)]
    assert told(moved) == [("小王面馆", "小王", "HD", 75, None)]
    assert told(moved + DAY) == [("小王面馆", "小王", "HD", 433, "13912345678")]
    assert told(moved - DAY, unit="HD") == [] and len(told(moved, unit="HD")) == 1
    assert told(moved, within="115.859,28.689;115.861,28.689;115.861,28.691;115.859,28.691") == []
    assert len(told(moved + DAY, q="小王")) == 1 and told(moved - DAY, q="小王") == []

    def chiefs(at):
        [row] = segments.features(session, viewer, on=at, filters={"unit": "HD" if at < moved else "QX"})
        return [chief["name"] for chief in row["properties"]["chiefs"]]

    assert chiefs(moved - DAY)[-1] == "李三" and chiefs(moved)[-1] == "周四"
    [part] = gather.parts(session, viewer, "segments", gather.Narrowing(on=moved - DAY), moved + DAY, "zh")
    assert (part.properties["unit"], part.properties["chiefs"][3]["name"]) == ("HD", "李三")


def test_who_answers_is_asked_of_the_zones_of_the_day(session, moved, town):
    def answered(at):
        one = assignment.answer(session, town.SPOT_NOODLES, CLASS, on=at)
        many = Ground.of(session, at).answer(town.SPOT_NOODLES, CLASS)
        assert (one.unit, one.basis, one.distance_m) == (many.unit, many.basis, many.distance_m)
        return one.unit.code, one.basis

    assert answered(moved - DAY) == ("LI", "frontage")
    assert answered(moved) == ("HD", "frontage")
    assert answered(moved + DAY)[1] != "frontage"


def test_tiles_show_the_map_of_the_day_and_leave_the_present_as_it_is(session, cast, moved):
    tiles, now = Tiles(Mirror()), moved + 2 * DAY

    def at(spot, on):
        return b"SB000001" in tiles.tile(session, cast["admin"], Question("zones", {}, on), spot, now).plain

    here, there = (Spot(18, *np.floor(mercator(np.array([spot]))[0] * 2**18).astype(int).tolist())
                   for spot in ((115.8572, 28.68325), (115.8602, 28.69005)))
    assert (at(here, moved), at(there, moved)) == (True, False)
    assert (at(here, None), at(there, None)) == (False, True)
    changed(session, cast["admin"], now, name="小李面馆总店")
    assert (at(here, moved), at(there, moved), at(there, None)) == (True, False, True)
