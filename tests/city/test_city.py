"""The one city of a database."""

import pytest

from civmap.city import actions, queries
from civmap.errors import Conflict, Invalid, NotFound
from civmap.people.rules import OFFICE
from civmap.store.database import open_engine, reading, writing
from civmap.store.ledger import history

FRAME = (115.8, 28.6, 115.9, 28.7)


@pytest.fixture
def empty_city(database_url):
    engine = open_engine(database_url)
    with writing(engine) as session:
        yield session
    engine.dispose()


def test_an_empty_database_says_that_there_is_no_city(empty_city):
    with pytest.raises(NotFound) as refused:
        queries.the_city(empty_city)
    assert refused.value.code == "no_city"


def test_a_city_is_founded_once(empty_city, now):
    city = actions.found(empty_city, OFFICE.actor, "示例区", "360199", FRAME, now=now)
    assert queries.frame_of(empty_city) == city.frame == FRAME
    assert [line.verb for line in history(empty_city, "city", "360199")] == ["found"]
    with pytest.raises(Conflict) as refused:
        actions.found(empty_city, OFFICE.actor, "另一区", "360198", FRAME, now=now)
    assert (refused.value.code, refused.value.facts["name"]) == ("city_exists", "示例区")


NO_CITIES = (
    ("", "360199", FRAME, "field_missing"), ("a", "3601", FRAME, "city_division_unreadable"),
    ("a", "36019x", FRAME, "territory_unreadable"), ("a", "360199", (115.8, 28.6, 115.8, 28.7), "frame_unusable"),
    ("a", "360199", (28.6, 115.8, 28.7, 115.9), "frame_outside_china"),
    ("a", "360199", (float("nan"), 1, 2, 3), "frame_unusable"))


def test_a_city_that_cannot_be_is_refused(empty_city, now):
    for name, division, frame, code in NO_CITIES:
        with pytest.raises(Invalid) as refused:
            actions.found(empty_city, OFFICE.actor, name, division, frame, now=now)
        assert refused.value.code == code


def test_the_town_is_a_city(engine):
    with reading(engine) as session:
        assert queries.the_city(session).name == "示例区"
