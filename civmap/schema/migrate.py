"""Bring a database to the newest schema, on SpatiaLite and PostGIS alike."""

from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from civmap.resources import PACKAGE
from civmap.schema.tables import metadata
from civmap.store.database import prepare_spatial

FOLDER = PACKAGE / "store" / "migrations"


def configured(connection: Connection | None = None, **options: Any) -> Config:
    """Return Alembic's settings; no file, no logging of its own."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes.update(connection=connection, metadata=metadata, options=options)
    return config


def newest() -> str:
    """Return the number of the newest migration."""
    return str(ScriptDirectory.from_config(configured()).get_current_head())


def present(engine: Engine) -> str | None:
    """Return the number of the migration a database is at, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, central_epsg: int = 4548) -> None:
    """Build or bring up to date every table, in one transaction."""
    prepare_spatial(engine, central_epsg)
    with engine.execution_options(civmap_writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(360198)"))
        command.upgrade(configured(connection), "head")
