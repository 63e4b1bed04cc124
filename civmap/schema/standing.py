"""Whether a database has the newest schema, asked without loading Alembic, which costs half a second at every start."""

from sqlalchemy import Engine, inspect, text

from civmap.resources import PACKAGE

VERSIONS = PACKAGE / "store" / "migrations" / "versions"


def newest() -> str:
    """Return the number of the newest migration: the digits its file name begins with."""
    return max(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*_*.py"))


def present(engine: Engine) -> str | None:
    """Return the number of the migration a database is at, None for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_newest(engine: Engine) -> bool:
    """Tell whether nothing is left to migrate."""
    return present(engine) == newest()
