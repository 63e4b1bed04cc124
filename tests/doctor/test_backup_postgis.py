"""A city on PostGIS goes into one file and comes back into an empty database."""

import uuid

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support.command import Civmap


@pytest.fixture
def blank(engine):
    """Give the address of a database with nothing in it; skip where the suite runs on SpatiaLite."""
    if engine.dialect.name != "postgresql":
        pytest.skip("this is about PostGIS")
    name = f"blank_{uuid.uuid4().hex}"
    where = {"host": engine.url.query["host"], "user": engine.url.username, "dbname": "postgres", "autocommit": True}
    with psycopg.connect(**where) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield make_url(engine.url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(**where) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_postgis_city_comes_back_with_every_row(civmap, blank, tmp_path):
    civmap.json("person", "token", "dispatcher")
    kept = civmap.json("backup", tmp_path / "town.zip")
    other = Civmap(tmp_path / "other", blank)
    done = other.json("restore", tmp_path / "town.zip")
    assert (done["counts"], done["ledger_lines"]) == (kept["counts"], 1)
    assert other.json("ledger", "verify")["lines"] == 1
    assert other.json("assign", "--at", "115.8570,28.6830", "--class", "E0102")["unit"]
    assert "不会被覆盖" in other.refused("restore", tmp_path / "town.zip")
    assert "另一种数据库" in Civmap(tmp_path / "third").refused("restore", tmp_path / "town.zip")
