"""How a zone or segment stood is kept whenever it changes, and what never held or never changed costs nothing."""

from datetime import timedelta

from sqlalchemy import select

from civmap.segments import actions as segment_actions
from civmap.store.past import Past, remember
from civmap.zones import actions
from civmap.zones.models import Zone
from tests.support.features import frame

AFTER = frame(115.8600, 28.6900, 115.8604, 28.6901)
DAY = timedelta(days=1)


def spans(session, code):
    session.flush()
    zone = session.scalar(select(Zone).where(Zone.code == code))
    mine = select(Past).where(Past.kind == "zone", Past.thing_id == zone.id)
    return list(session.scalars(mine.order_by(Past.until_at)))


def changed(session, viewer, now, code="SB000001", geometry=None, **properties):
    zone = session.scalar(select(Zone).where(Zone.code == code))
    body = {"type": "Feature", "geometry": geometry, "properties": properties}
    return actions.replace(session, viewer, code, body, zone.version, now)


def test_each_change_leaves_the_span_before_it_without_a_phone_number(session, cast, now):
    changed(session, cast["admin"], now, holder="小王")
    changed(session, cast["admin"], now, name="小王面馆")
    changed(session, cast["admin"], now + DAY, geometry=AFTER)
    changed(session, cast["admin"], now + 2 * DAY, holder_phone="13800000000")
    first, second = spans(session, "SB000001")
    assert (first.from_at, first.until_at, first.facts["holder"]) == (None, now, "小李")
    assert (second.from_at, second.until_at, second.facts["name"]) == (now, now + DAY, "小王面馆")
    assert not any("phone" in name or "13912345678" in str(value) for name, value in first.facts.items())


def test_a_zone_that_ended_keeps_the_time_in_which_it_did_not_hold_once_it_holds_again(session, cast, now):
    zone = session.scalar(select(Zone).where(Zone.code == "SB000001"))
    actions.retire(session, cast["admin"], "SB000001", zone.version, now)
    assert spans(session, "SB000001") == []
    changed(session, cast["admin"], now + DAY, valid_to=None)
    stood, absent = spans(session, "SB000001")
    assert (stood.until_at, stood.is_absent, stood.is_own) == (now, False, False)
    assert (absent.from_at, absent.until_at, absent.is_absent) == (now, now + DAY, True)


def test_a_segment_is_kept_with_its_chiefs(session, cast, now):
    body = {"type": "Feature", "geometry": None, "properties": {"chief3": "周四"}}
    assert segment_actions.replace(session, cast["admin"], "LD0001", body, 1, now).version == 2
    [past] = session.scalars(select(Past).where(Past.kind == "segment"))
    assert [chief["name"] for chief in past.facts["chiefs"]] == ["赵总", "钱一", "孙二", "李三"]


def test_many_rows_are_kept_at_once(session, now):
    rows = list(session.scalars(select(Zone)))
    assert remember(session, "zone", rows, now) == len(rows)
    assert remember(session, "zone", rows, now) == 0
    assert remember(session, "point", rows, now) == 0

