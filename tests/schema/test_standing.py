"""The quick look at the schema says what the migrations say."""

from civmap.schema import migrate, standing
from civmap.store.database import open_engine


def test_the_quick_look_agrees_with_the_migrations(engine):
    assert standing.newest() == migrate.newest()
    assert standing.present(engine) == migrate.present(engine)
    assert standing.is_newest(engine)


def test_an_empty_database_is_at_no_migration(tmp_path):
    empty = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert standing.present(empty) is None
    assert not standing.is_newest(empty)
    empty.dispose()
