"""The demo district of one working day, planned once and built once for all tests of its room."""

from datetime import date
from types import SimpleNamespace

import pytest

from civmap.calendar import WorkCalendar
from civmap.config import Settings
from civmap.demo import build as building
from civmap.demo.plan_demo import demo
from civmap.demo.recipe import recipe
from civmap.store.database import open_engine, writing

SEED, DAY = 7, date(2026, 5, 22)


@pytest.fixture(scope="session")
def plan():
    """Give the plan of the demo of a Friday."""
    return demo(SEED, DAY, recipe(), WorkCalendar())


@pytest.fixture(scope="session")
def empty_city(databases):
    """Give the address of an empty database that lives as long as the tests of this room."""
    url = databases.fresh("empty")
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def built(plan, empty_city, tmp_path_factory):
    """Give the built demo: engine, address, home, settings, counts and the steps that were told."""
    home = tmp_path_factory.mktemp("demo")
    settings = Settings.from_environ({"CIVMAP_HOME": str(home), "CIVMAP_DATABASE_URL": empty_city,
                                      "CIVMAP_SECRET_KEY": "k" * 48})
    engine, steps = open_engine(empty_city), []
    with pytest.MonkeyPatch.context() as patch, writing(engine) as session:
        patch.setattr(building, "demo", lambda *wanted: plan)
        counts = building.build(session, settings, SEED, DAY, lambda step, share: steps.append((step, share)))
    yield SimpleNamespace(engine=engine, url=empty_city, home=home, settings=settings, counts=counts, steps=steps)
    engine.dispose()
