"""The demo command: built once, as of a day, never over another city; its logins are printed."""

import pytest

from civmap import clock
from civmap.city.actions import found
from civmap.demo import build
from tests.support.command import Civmap

pytestmark = pytest.mark.spatialite


@pytest.fixture
def quickly(monkeypatch):
    """Found a demo city without its thousands of things; the real one has its own tests."""
    def founded(session, settings, seed, day, progress):
        progress("plan", 0.0)
        found(session, build.FOUNDER, build.NAME, "360199", (115.8, 28.6, 115.9, 28.7), now=clock.now(),
              is_demo=True, demo_seed=seed, demo_on=day)

    monkeypatch.setattr(build, "build", founded)


@pytest.fixture
def empty(tmp_path):
    """Give the command line where nothing is yet."""
    return Civmap(tmp_path / "home")


def test_the_demo_is_built_once_and_its_logins_are_told(empty, quickly):
    first = empty.json("demo", "--no-serve")
    assert (first["built"], first["on"], first["seed"]) == (True, "2026-05-20", build.SEED)
    assert {login["name"] for login in first["logins"]} == {
        "admin", "dispatcher", "inspector", "handler", "head", "clerk", "grid", "chief", "industry", "leader",
        "discipline", "shop"}
    assert empty.json("demo", "--no-serve")["built"] is False
    shown = empty.run("demo", "--no-serve")
    assert all(login["password"] in shown.stdout for login in first["logins"])


def test_a_demo_of_another_day_or_seed_is_kept_and_said_to_be_older(empty, quickly):
    empty.json("demo", "--no-serve", "--on", "2026-05-01", "--seed", "7")
    again = empty.run("demo", "--no-serve")
    assert again.exit_code == 0
    assert "2026-05-01" in again.stderr
    assert "CIVMAP_HOME" in again.stderr
    assert empty.json("demo", "--no-serve")["seed"] == 7


def test_the_demo_is_not_built_over_another_city(empty, quickly):
    empty.json("init", "--name", "真城", "--bbox", "115.8,28.6,115.9,28.7")
    assert "真城" in empty.refused("demo", "--no-serve")


def test_a_day_that_is_none_is_refused(empty, quickly):
    assert "2026-05-20" in empty.refused("demo", "--no-serve", "--on", "yesterday")
