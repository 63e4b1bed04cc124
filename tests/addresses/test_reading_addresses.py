"""How written addresses are taken apart, in a table."""

import pytest

from civmap.addresses.names import Lexicon
from civmap.addresses.places import said
from civmap.addresses.reading import aside, number_after, read, street_before_number

pytestmark = pytest.mark.spatialite
STREETS = Lexicon(["中山路", "中山东路", "长江路", "珠江路", "汉中路", "县前街", "市民大道"])


@pytest.mark.parametrize(("text", "divisions", "streets"), [
    ("江苏省南京市玄武区汉中路（江苏旁）363号", ("江苏省", "南京市", "玄武区"), ["汉中路"]),
    ("南京市玄武区新街口街道中山东路100号", ("南京市", "玄武区", "新街口街道"), ["中山东路"]),
    ("中山路 / 长江路", (), ["中山路", "长江路"]),
    ("云溪区市民大道1号", ("云溪区",), ["市民大道"]),
    ("县前街5号", (), ["县前街"]),
    ("金陵小区3号", (), []),
    ("市民广场", (), []),
])
def test_divisions_and_streets_of_a_text(text: str, divisions: tuple[str, ...], streets: list[str]) -> None:
    """A street's own letters are never taken for a division, nor 小区 for one."""
    asked = said(STREETS, text)
    assert (asked.divisions, [hit.name for hit in asked.hits]) == (divisions, streets)


@pytest.mark.parametrize(("text", "number"), [
    ("３６３号", 363), ("１００－１０６号", 100), ("一百二十三号", 123), ("十五号", 15), ("622弄7号", 622), ("63", 63),
    ("(江苏旁)363号", 363), ("3楼", None), ("2标段", None), ("0号", None),
])
def test_a_house_number_is_read_and_nothing_else_for_one(text: str, number: int | None) -> None:
    """Floors and parts of a road are no house numbers."""
    told = number_after(read(text))
    assert (told[0] if told else None) == number


@pytest.mark.parametrize(("text", "east", "north", "across"), [
    ("以北50米", 0, 50, False), ("东北100米", 70.71, 70.71, False), ("往西约30余米路边", -30, 0, False),
    ("对面", 0, 0, True), ("东侧", 15, 0, False), ("", 0, 0, False),
])
def test_what_stands_behind_a_place_moves_it(text: str, east: float, north: float, across: bool) -> None:
    """Directions with metres move a place; whatever moves or blurs it widens its reach."""
    told = aside(text)
    assert (told.east_m, told.north_m, told.is_across) == (pytest.approx(east, abs=0.01),
                                                           pytest.approx(north, abs=0.01), across)
    assert (told.reach_m > 0) == bool(text)


def test_a_street_nobody_knows_is_read_before_its_number() -> None:
    """The first kind of street before the number ends the name."""
    assert street_before_number("凤阳路415号") == "凤阳路"
    assert street_before_number("淮海中路622弄7号") == "淮海中路"
    assert street_before_number("凤阳路") is None
