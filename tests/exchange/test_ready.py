"""Whole layers that are kept ready are, byte for byte, what would have been read: for everybody, after any write."""

import pytest
from sqlalchemy import select

from civmap.exchange import gather, ready
from civmap.exchange.gather import Narrowing
from civmap.issues.models import Issue
from civmap.mirror.following import Mirror
from civmap.points.models import InspectionPoint
from civmap.store import ledger
from civmap.store.ledger import Actor
from civmap.units.models import Unit
from civmap.zones.models import Zone
from tests.support import crowd, town

FILTERS = {"points": ({}, {"type": "PT07"}), "segments": ({}, {"class": "branch"}),
           "zones": ({}, {"kind": "frontage"}, {"issue_class": "E0115"})}


@pytest.fixture
def crowded(session, now):
    crowd.build(session, now, zones=140, points=70, issues=200)
    ledger.record(session, Actor("test"), "survey", "city", "360199", at=now)
    session.flush()
    return session


FEW = ("leader", "clerk", "handler", "doctor", "chief", "discipline")


def agree(mirror, session, cast, now, names=FEW, most=1):
    """Compare several people's layers; return how many different ones there were."""
    seen = set()
    for viewer in map(cast.get, names):
        for kind, several in FILTERS.items():
            for filters in several[:most]:
                asked = Narrowing(filters=filters)
                read = "".join(gather.collection(gather.parts(session, viewer, kind, asked, now, "zh"))).encode()
                kept = ready.layer(mirror, session, viewer, kind, asked, now)
                assert ready.plain(kept) == read, (viewer.name, kind, filters)
                seen.add((ready.tag(kept), read))
    assert len({tag for tag, _read in seen}) == len(seen)
    return len(seen)


def _write(session, now, row, kind, key, **values):
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    ledger.record(session, Actor("test"), "edit", kind, key, at=now)
    session.flush()
    session.expire_all()


def test_everybody_is_sent_what_they_would_have_been_read_after_every_write(crowded, cast, now):
    mirror = Mirror()
    assert agree(mirror, crowded, cast, now, cast, 3) > 20
    blocks = mirror.beside["blocks"]
    point = crowded.scalars(select(InspectionPoint).where(InspectionPoint.code == "P001")).one()
    border = crowded.scalars(select(Zone).where(Zone.code == town.HEDONG)).one()
    frontage = crowded.scalars(select(Zone).where(Zone.code == "SB000001")).one()
    unit = crowded.scalars(select(Unit).where(Unit.code == "HW-C")).one()
    issue = crowded.scalars(select(Issue).where(Issue.state == "dispatched")).first()
    _write(crowded, now, frontage, "zone", "SB000001", parent_id=border.id, holder_phone="13100001111")
    agree(mirror, crowded, cast, now)
    _write(crowded, now, border, "zone", town.HEDONG, name="河东新街道")
    agree(mirror, crowded, cast, now)
    _write(crowded, now, unit, "unit", "HW-C", phone="13700002222", name="环卫一所")
    agree(mirror, crowded, cast, now)
    _write(crowded, now, point, "point", "P001", unit_id=unit.id, note="后门")
    agree(mirror, crowded, cast, now)
    kept = len(blocks)
    _write(crowded, now, issue, "issue", issue.issue_no, state="closed", closed_at=now, ended_at=now)
    agree(mirror, crowded, cast, now)
    assert 0 < len(blocks) - kept < kept / 2  # most blocks hold nothing of that issue and are sent again as they are
    _write(crowded, now, point, "point", "P001", valid_to=now)
    agree(mirror, crowded, cast, now)


def test_what_is_no_whole_layer_of_today_is_read(crowded, cast, now):
    for asked in (Narrowing(q="医院"), Narrowing(status=("open",)), Narrowing(on=now), Narrowing(limit=3),
                  Narrowing(by="open"), Narrowing(bbox=(115, 28, 116, 29)), Narrowing(filters={"code": "P001"})):
        assert ready.layer(Mirror(), crowded, cast["leader"], "points", asked, now) is None
    assert ready.layer(Mirror(), crowded, cast["leader"], "issues", Narrowing(), now) is None
