"""Opening the city's database: SpatiaLite in one file by default, PostGIS on a server.

Each pragma answers a failure that was seen: see `engineering.md` §1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from civmap.errors import Unavailable

MINIMUM_SQLITE = (3, 51, 3)
OUR_MISTAKES = ("no such", "already exists", "syntax error", "has no column")
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000",
           "mmap_size=0", "cell_size_check=ON")


def open_engine(url: str) -> Engine:
    """Return an engine for a SpatiaLite file or a PostGIS database; raise Unavailable where a part is missing."""
    if make_url(url).get_backend_name() == "sqlite":
        return _spatialite(url)
    return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8)


def _spatialite(url: str) -> Engine:
    import pyproj  # noqa: F401 - SQLite loads extensions with global symbols: PROJ of the wheel must be there before
    from pysqlite3 import dbapi2  # mod_spatialite brings Debian's, or the process ends in "double free or corruption"

    if dbapi2.sqlite_version_info < MINIMUM_SQLITE:
        raise Unavailable("sqlite_too_old", found=dbapi2.sqlite_version, wanted="3.51.3")
    engine = create_engine(url, module=dbapi2, pool_size=8, max_overflow=8, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.enable_load_extension(True)
        try:
            connection.load_extension("mod_spatialite")
        except dbapi2.OperationalError as problem:
            raise Unavailable("spatialite_missing", problem=str(problem)) from problem
        finally:
            connection.enable_load_extension(False)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        writes = connection.get_execution_options().get("civmap_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def prepare_spatial(engine: Engine, central_epsg: int = 4548) -> None:
    """Give an empty database its spatial tables; do nothing where they are there."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        return
    with engine.execution_options(civmap_writes=True).begin() as connection:
        known = connection.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'spatial_ref_sys'")).scalar()
        if known:
            return
        connection.execute(text("SELECT InitSpatialMetaData(0, 'WGS84')"))
        for epsg in (4490, central_epsg):
            connection.execute(text("SELECT InsertEpsgSrid(:epsg)"), {"epsg": epsg})


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session for reading; raise Unavailable where the database does not answer."""
    with translated(), Session(engine, autoflush=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session whose one transaction is committed at the end; nothing is kept where anything is raised."""
    bound = engine.execution_options(civmap_writes=True)
    with translated(), Session(bound, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def translated() -> Iterator[None]:
    """Turn a database that is locked or gone into Unavailable; a mistake of ours in a statement stays one."""
    try:
        yield
    except OperationalError as problem:
        if any(sign in str(problem.orig) for sign in OUR_MISTAKES):
            raise
        raise Unavailable("database_unavailable", problem=str(problem.orig)[:200]) from problem
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise Unavailable("database_unavailable", problem=str(problem.orig)[:200]) from problem
        raise
