"""A private city to try a table on: what it would do is told exactly, and nobody's writing waits.

SpatiaLite: a copy of the file through the backup interface, which only reads. PostGIS: a transaction that is rolled
back and takes neither the lock of the ledger nor that of drawing.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from civmap.store.database import open_engine, translated
from civmap.store.ledger import REHEARSAL

Tell = Callable[[int, int], None]


@contextmanager
def private(engine: Engine, copy: Path, tell: Tell = lambda done, total: None) -> Iterator[Session]:
    """Give a session in which everything may be tried; nothing of it is kept."""
    if engine.dialect.name != "sqlite":
        with translated(), Session(engine, expire_on_commit=False) as session:
            session.info[REHEARSAL] = True
            yield session
            session.rollback()
        return
    _copied(engine, copy, tell)
    twin = open_engine(f"sqlite:///{copy}")
    try:
        with translated(), Session(twin.execution_options(civmap_writes=True), expire_on_commit=False) as session:
            session.info[REHEARSAL] = True
            session.execute(text("PRAGMA cache_size=-32000"))
            yield session
            session.rollback()
    finally:
        twin.dispose()
        for path in (copy, Path(f"{copy}-wal"), Path(f"{copy}-shm"), Path(f"{copy}-journal")):
            path.unlink(missing_ok=True)


def _copied(engine: Engine, copy: Path, tell: Tell) -> None:
    from pysqlite3 import dbapi2

    copy.unlink(missing_ok=True)
    with closing(engine.raw_connection()) as here, closing(dbapi2.connect(str(copy))) as there:
        there.execute("PRAGMA synchronous=OFF")
        here.driver_connection.backup(  # type: ignore[union-attr]
            there, pages=-1, progress=lambda _status, left, total: tell(total - left, total))
