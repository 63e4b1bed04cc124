"""Boards with a QR code: one live key per thing, unguessable, ended when asked."""

import pytest

from civmap.city import placards
from civmap.errors import Forbidden, Invalid
from civmap.store.ledger import history


def test_a_thing_keeps_its_one_key_until_it_is_ended(session, cast, now):
    board = placards.placard_for(session, cast["admin"], "segment", "S9", now)
    assert placards.placard_for(session, cast["inspector"], "segment", "S9", now).key == board.key
    assert len(board.key) == 22 and placards.by_key(session, board.key) is board
    assert placards.address_of("https://city.example/", board) == f"https://city.example/board/{board.key}"

    assert placards.end(session, cast["admin"], "segment", "S9", now)
    assert not placards.end(session, cast["admin"], "segment", "S9", now)
    assert placards.by_key(session, board.key) is None
    other = placards.placard_for(session, cast["admin"], "segment", "S9", now)
    assert other.key != board.key
    assert [line.verb for line in history(session, "segment", "S9")] == ["placard", "end_placard", "placard"]
    assert board.key not in str([line.after for line in history(session, "segment", "S9")])


def test_only_who_may_edit_a_thing_makes_or_ends_its_key(session, cast, now):
    with pytest.raises(Forbidden):
        placards.placard_for(session, cast["inspector"], "zone", "Z9", now)
    with pytest.raises(Forbidden):
        placards.end(session, cast["shop"], "zone", "Z9", now)
    with pytest.raises(Invalid) as refused:
        placards.placard_for(session, cast["admin"], "issue", "WT1", now)
    assert refused.value.code == "placard_kind"
    assert placards.by_key(session, "") is None and placards.by_key(session, "x" * 400) is None
