"""What a line of the ledger means, and who is told."""

import pytest

from civmap.issues import happenings
from civmap.issues.happenings import Happening
from civmap.people.rules import Viewer

UNIT = 4


@pytest.mark.parametrize("verb, after, told", [
    ("report", {"state": "reported"}, None), ("file", {"state": "filed"}, None), ("acknowledge", {}, None),
    ("dispatch", {"state": "dispatched"}, Happening("given")), ("return", {}, Happening("returned")),
    ("feedback", {"state": "resolved"}, Happening("answered")), ("feedback", {"state": "closed"}, Happening("closed")),
    ("check", {"state": "rework"}, Happening("rework")), ("check", {"state": "closed"}, Happening("closed")),
    ("supervise", {"said": {"level": 1, "why": "remind"}}, Happening("due", 1)),
    ("supervise", {"supervision_level": 3}, Happening("supervised", 3)),
    ("extend", {"plea": {"kind": "extension", "state": "asked"}}, Happening("plea_asked", plea="extend")),
    ("appeal", {"plea": {"kind": "appeal", "state": "granted"}}, Happening("plea_granted", plea="appeal")),
    ("suspend", {"state": "suspended", "plea": None}, Happening("suspended")),
    ("suspend", {"plea": {"kind": "suspension", "state": "refused"}}, Happening("plea_refused", plea="suspend")),
    ("resume", None, Happening("resumed")), ("photo", {}, None)])
def test_a_line_tells_one_thing_or_nothing(verb, after, told):
    assert happenings.of(verb, after) == told


def viewer(role, unit=None, name="li"):
    return Viewer(name, role, 1, unit_id=unit, unit_ids=frozenset({unit} if unit else ()))


@pytest.mark.parametrize("told, who", [
    (Happening("given"), "handler head shop"), (Happening("returned"), "office"),
    (Happening("answered"), "finder"), (Happening("rework"), "handler head shop"),
    (Happening("closed"), "finder handler head shop"), (Happening("rejected"), "finder"),
    (Happening("plea_asked", plea="extend"), "head"), (Happening("plea_asked", plea="suspend"), "office head"),
    (Happening("plea_seconded", plea="extend"), "office"), (Happening("plea_refused"), "handler head shop"),
    (Happening("due", 1), "handler head shop"), (Happening("supervised", 2), "handler head shop"),
    (Happening("supervised", 3), "office handler head shop leader discipline")])
def test_it_is_told_to_those_it_concerns(told, who):
    cast = {"office": viewer("dispatcher"), "finder": viewer("inspector", name="finder"),
            "handler": viewer("unit_handler", UNIT), "head": viewer("unit_head", UNIT), "shop": viewer("shop", UNIT),
            "other": viewer("unit_handler", 9), "leader": viewer("leader"), "discipline": viewer("discipline")}
    assert [name for name, one in cast.items() if happenings.concerns(one, told, UNIT, "finder")] == who.split()
