"""The store keeps what it is given, on both databases, and its chain notices every hand that touches it."""

import subprocess
import sys
from datetime import UTC, datetime
from threading import Thread

import pytest
from shapely import Point, box
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from civmap.errors import Unavailable
from civmap.schema import migrate
from civmap.schema.tables import metadata
from civmap.store import database, ledger, spatial
from civmap.store.database import open_engine, reading, writing
from civmap.units.models import Unit


def test_the_migrations_build_exactly_the_tables_of_the_models(database_url):
    engine = open_engine(database_url)
    assert migrate.present(engine) == migrate.newest()
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def ours(_item, _name, kind, reflected, _compare):
        return not (kind in ("table", "index") and reflected)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        differences = [row for row in compare_metadata(context, metadata)
                       if not (isinstance(row, tuple) and row[0] == "add_index" and row[1].name.startswith("idx_"))]
    engine.dispose()
    assert differences == []


def test_a_second_upgrade_changes_nothing(database_url):
    engine = open_engine(database_url)
    migrate.upgrade(engine)
    assert migrate.present(engine) == migrate.newest()
    engine.dispose()


def test_a_place_and_a_moment_come_back_as_they_went_in(session):
    unit = Unit(code="X", name="某单位", seat=Point(115.857123456, 28.683987654), categories=["城管"],
                valid_from=datetime(2026, 5, 20, 1, 2, 3, tzinfo=UTC))
    session.add(unit)
    session.flush()
    session.expire_all()
    again = session.scalar(select(Unit).where(Unit.code == "X"))
    assert again.seat.equals_exact(Point(115.857123456, 28.683987654), 0)
    assert again.valid_from == datetime(2026, 5, 20, 1, 2, 3, tzinfo=UTC)


def test_a_moment_without_time_zone_is_refused(session):
    session.add(Unit(code="X", name="x", valid_from=datetime(2026, 5, 20)))
    with pytest.raises(Exception, match="time zone"):
        session.flush()
    session.rollback()


def test_the_index_finds_what_lies_in_a_frame_and_what_meets_a_shape(session, town):
    near = select(Unit.code).where(spatial.in_frame(Unit.seat, 115.8530, 28.6825, 115.8580, 28.6865))
    assert set(session.scalars(near)) == {"HW-B", "HW-C", "LI"}
    met = select(Unit.code).where(spatial.intersects(Unit.seat, box(115.8530, 28.6825, 115.8540, 28.6835)))
    assert set(session.scalars(met)) == {"HW-C"}


def test_a_failed_transaction_keeps_nothing(engine):
    with pytest.raises(RuntimeError), writing(engine) as session:
        session.add(Unit(code="X", name="x"))
        session.flush()
        raise RuntimeError
    with reading(engine) as session:
        assert session.scalar(select(Unit).where(Unit.code == "X")) is None


def _write_lines(engine, who, count):
    for _ in range(count):
        with writing(engine) as session:
            ledger.record(session, ledger.Actor(who), "test", "unit", "X", at=datetime.now(UTC), after={"n": 1})


def test_many_writers_make_one_unbroken_chain(engine):
    writers = [Thread(target=_write_lines, args=(engine, f"w{number}", 10)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(ledger.Entry)) == 60
        assert ledger.verify_all(session) == (60, None)


@pytest.mark.parametrize("damage", [
    "UPDATE ledger_entry SET who = 'nobody' WHERE id = 3",
    "DELETE FROM ledger_entry WHERE id = 3",
    "UPDATE ledger_entry SET hash = 'x' WHERE id = 3",
])
def test_a_touched_line_is_noticed(engine, damage):
    _write_lines(engine, "w", 5)
    with writing(engine) as session:
        session.execute(text(damage))
    with reading(engine) as session:
        good, bad = ledger.verify_all(session)
    assert good == 2 and bad in (3, 4)


@pytest.mark.spatialite
def test_a_process_that_used_the_database_ends_cleanly(engine):
    script = ("from civmap.store.database import open_engine, reading\n"
              "from sqlalchemy import text\n"
              f"engine = open_engine({engine.url.render_as_string()!r})\n"
              "with reading(engine) as session:\n"
              "    assert session.execute(text('SELECT ST_AsText(seat) FROM unit')).fetchall()\n")
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_database_that_is_locked_is_unavailable_and_a_wrong_statement_is_not(engine):
    with pytest.raises(DBAPIError), reading(engine) as session:
        session.execute(text("SELECT nothing_like_this FROM unit"))


@pytest.mark.spatialite
def test_a_file_that_another_writer_holds_is_unavailable_after_a_while(engine, monkeypatch):
    monkeypatch.setattr(database, "PRAGMAS", ("busy_timeout=20",))
    impatient = open_engine(engine.url.render_as_string())
    with writing(engine) as session:
        session.execute(text("UPDATE unit SET name = name"))
        with pytest.raises(Unavailable), writing(impatient) as other:
            other.execute(text("SELECT 1"))
    impatient.dispose()
