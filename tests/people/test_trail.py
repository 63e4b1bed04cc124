"""What the trail says of people: who was let in and kept out, and no whole phone number."""

import json

from civmap.people import actions
from civmap.people.models import Person
from civmap.store.ledger import history


def test_the_trail_of_a_person_never_holds_a_phone_number_or_a_secret(session, cast, now):
    actions.add(session, cast["admin"], "wang", "inspector", now=now, phone="13912345678")
    actions.set_active(session, cast["admin"], "wang", False, now)
    added, kept_out = history(session, "person", "wang")
    assert (kept_out.before["is_active"], kept_out.after["is_active"]) == (True, False)
    written = json.dumps([added.after, kept_out.before, kept_out.after])
    assert "139****5678" in written and "13912345678" not in written
    assert session.query(Person).filter_by(name="wang").one().password_hash not in written
