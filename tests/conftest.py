"""Databases, the town and the cast that every test speaks of."""

import os
from datetime import datetime

import pytest

from civmap.clock import parse_moment
from civmap.config import Settings
from civmap.store.database import open_engine, writing
from tests.support import clusters
from tests.support import town as town_plan

for name in [name for name in os.environ if name.startswith("CIVMAP_")]:
    del os.environ[name]

# Rooms whose tests share what takes long to make: each is run by one worker.
DEAR = ("tests/demo/", "tests/promises/test_packaging.py", "tests/founding/test_real_extracts.py")


def pytest_addoption(parser):
    parser.addoption("--database", choices=("spatialite", "postgis"), default="spatialite",
                     help="which database the tests run on")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out one test at a time, and the tests of a dear room together."""
    from xdist.scheduler import LoadScopeScheduling

    class ByRoom(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return next((room for room in DEAR if nodeid.startswith(room)), nodeid)

    return ByRoom(config, log)


def pytest_collection_modifyitems(config, items):
    if config.getoption("--database") == "postgis":
        chosen = [item for item in items if {"engine", "town", "empty_city"} & set(item.fixturenames)
                  and "browser" not in item.fixturenames and item.get_closest_marker("spatialite") is None]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen


@pytest.fixture(scope="session")
def databases(request, tmp_path_factory):
    """Give fresh databases, each a copy of one that was built once."""
    if request.config.getoption("--database") == "postgis":
        with clusters.postgis(tmp_path_factory.mktemp("cluster")) as source:
            yield source
    else:
        yield clusters.SpatialiteFiles(tmp_path_factory.mktemp("spatialite"))


@pytest.fixture(scope="session")
def routes(tmp_path_factory):
    """Give the application without a city: its routes take longer to build than most requests to answer."""
    from civmap.web.app import create_app

    return create_app(Settings.from_environ({"CIVMAP_HOME": str(tmp_path_factory.mktemp("nowhere"))}))


@pytest.fixture
def database_url(databases):
    """Give the address of a fresh database with the newest schema and nothing in it."""
    url = databases.fresh("empty")
    yield url
    databases.drop(url)


@pytest.fixture
def engine(databases):
    """Give a fresh database that holds the town and the cast."""
    url = databases.fresh("town")
    engine = open_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def session(engine):
    """Give an open write transaction on the town; it is committed when the test ends well."""
    with writing(engine) as session:
        yield session


@pytest.fixture
def town():
    """Give the names, codes and spots of the invented street."""
    return town_plan


@pytest.fixture
def cast(session):
    """Give the viewers of the town by first name: admin, dispatcher, inspector, handler, clerk, chief, shop …"""
    return town_plan.viewers(session)


@pytest.fixture
def now() -> datetime:
    """Give the moment at which the town's stories play: a Wednesday morning."""
    return parse_moment("2026-05-20T09:00:00+08:00")


@pytest.fixture
def settings(engine, tmp_path) -> Settings:
    """Give the settings of a server on the town."""
    url = engine.url.render_as_string(hide_password=False)
    return Settings.from_environ({"CIVMAP_HOME": str(tmp_path / "home"), "CIVMAP_DATABASE_URL": url,
                                  "CIVMAP_SECRET_KEY": "k" * 48})
