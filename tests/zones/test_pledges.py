"""Pledges: their state follows from their days and a mark; signing, renewing, taking back leave lines in the ledger."""

from datetime import date, timedelta

import pytest

from civmap.errors import Forbidden, Invalid, NotAllowed, NotFound
from civmap.store.ledger import history
from civmap.units.models import Unit
from civmap.zones import pledge_rules as rules
from civmap.zones import pledge_terms, pledges, queries
from civmap.zones.pledges import Said
from tests.support.features import codes

TODAY = date(2026, 5, 20)


@pytest.mark.parametrize(("signed", "expires", "mark", "state"), [
    (None, None, None, "unsigned"), (date(2026, 5, 21), date(2027, 5, 20), None, "unsigned"),
    (date(2026, 1, 10), None, None, "signed"), (date(2025, 6, 1), date(2026, 6, 20), None, "signed"),
    (date(2025, 6, 1), date(2026, 6, 19), None, "expiring"), (date(2025, 5, 21), TODAY, None, "expiring"),
    (date(2025, 5, 20), date(2026, 5, 19), None, "expired"), (date(2025, 6, 1), date(2026, 5, 1), "void", "void"),
    (date(2026, 1, 10), date(2027, 1, 9), "changing", "changing"), (None, None, "strange", "unsigned")])
def test_a_state_follows_from_days_and_mark(signed, expires, mark, state):
    assert rules.state(signed, expires, mark, TODAY) == state


@pytest.mark.parametrize(("begins", "months", "ends"), [
    (date(2026, 1, 10), 12, date(2027, 1, 9)), (date(2026, 1, 31), 1, date(2026, 2, 27)),
    (date(2027, 11, 30), 3, date(2028, 2, 28)), (date(2026, 3, 1), 24, date(2028, 2, 29))])
def test_a_term_ends_the_day_before(begins, months, ends):
    assert rules.term(begins, months) == ends


def test_a_renewal_goes_on_from_the_last_day_while_the_pledge_holds():
    assert rules.renewed(date(2026, 6, 1), TODAY, 12) == date(2027, 6, 1)
    assert rules.renewed(date(2026, 5, 1), TODAY, 12) == date(2027, 5, 19)
    assert rules.number("MQSB", 2026, "MQSB-2026-00041") == "MQSB-2026-00042"


def states(session, viewer, now, **found):
    assert pledges.counts(session, viewer, now) == {**dict.fromkeys(rules.STATES, 0), **found}
    for state in rules.STATES:
        listed = queries.listed(session, viewer, on=now, filters={"pledge": state})
        assert len(listed) == found.get(state, 0), state


def test_the_life_of_a_pledge(session, cast, now):
    clerk, code = cast["clerk"], "SB000001"
    states(session, clerk, now, signed=1)
    states(session, clerk, now + timedelta(days=210), expiring=1)
    states(session, clerk, now + timedelta(days=240), expired=1)
    with pytest.raises(NotAllowed, match="pledge_not_now"):
        pledges.act(session, clerk, code, "sign", Said(), 1, now)
    with pytest.raises(Invalid, match="field_missing"):
        pledges.act(session, clerk, code, "changing", Said(), 1, now)
    zone = pledges.act(session, clerk, code, "changing", Said(reason="换店主"), 1, now)
    session.get(Unit, zone.unit_id).phone = known = zone.holder_phone
    assert known is not None
    states(session, clerk, now, changing=1)
    zone = pledges.act(session, clerk, code, "sign", Said(months=6, holder="小王"), zone.version, now)
    assert zone.holder_phone is None, "the number of the old holder is not the new one's"
    assert (zone.holder, zone.pledge_no, zone.pledge_signed_on, zone.pledge_expires_on, zone.pledge_mark) == (
        "小王", "MQSB-2026-00001", TODAY, date(2026, 11, 19), None)
    pledges.act(session, clerk, code, "undo", Said(), zone.version, now)
    states(session, clerk, now, changing=1)
    assert (zone.holder, zone.pledge_no, zone.pledge_signed_on) == ("小李", None, date(2026, 1, 10))
    assert zone.holder_phone == known
    with pytest.raises(NotAllowed, match="pledge_nothing_to_undo"):
        pledges.act(session, clerk, code, "undo", Said(), zone.version, now)
    assert [line.verb for line in history(session, "zone", code)] == ["pledge_changing", "pledge_sign", "pledge_undo"]
    assert history(session, "zone", code)[0].after["said"] == {"reason": "换店主"}


def test_many_are_renewed_at_once_by_those_who_may(session, cast, now):
    done, refused = pledges.act_on_many(session, cast["clerk"], ["SB000001"], "renew", Said(), now)
    assert (done, refused) == (["SB000001"], [])
    assert queries.by_code(session, cast["clerk"], "SB000001").pledge_expires_on == date(2028, 1, 9)
    with pytest.raises(NotFound):
        pledges.act_on_many(session, cast["clerk_west"], ["SB000001"], "renew", Said(), now)
    with pytest.raises(Forbidden):
        pledges.act_on_many(session, cast["shop"], ["SB000001"], "renew", Said(), now)
    assert codes(queries.listed(session, cast["shop"], on=now, filters={"pledge": "signed,expiring"})) == ["SB000001"]


def test_terms_that_cannot_be_read_are_refused():
    assert pledge_terms.read({"months": 24, "items": [{"name": "包市容", "words": "…"}]}).items == (("包市容", "…"),)
    assert pledge_terms.read(pledge_terms.as_value(pledge_terms.Terms())) == pledge_terms.Terms()
    for wrong in ("x", {"months": 0}, {"months": True}, {"fine": 500}, {"items": ["x"]}, {"clauses": "x"}):
        with pytest.raises(Invalid):
            pledge_terms.read(wrong)
