"""Real databases for tests: a SpatiaLite file copied per test, or a private PostGIS cluster on a unix socket."""

import os
import pwd
import shutil
import subprocess
import uuid
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from civmap.schema import migrate
from civmap.store.database import open_engine, writing
from tests.support import town

POSTGRES = Path("/usr/lib/postgresql/15/bin")
# Nothing of a test's cluster outlives it; a copy of a template is made four times as fast where no log is kept.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
             "autovacuum=off")


def _build(url: str, name: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine)
    if name == "town":
        with writing(engine) as session:
            town.build(session)
    engine.dispose()


class SpatialiteFiles:
    """Copies of SpatiaLite files that were built once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.built: set[str] = set()

    def fresh(self, name: str) -> str:
        """Return the address of a fresh copy."""
        source = self.folder / f"{name}.sqlite"
        if name not in self.built:
            _build(f"sqlite:///{source}", name)
            self.built.add(name)
        copy = self.folder / f"{uuid.uuid4().hex}.sqlite"
        shutil.copyfile(source, copy)
        return f"sqlite:///{copy}"

    def drop(self, url: str) -> None:
        """Remove a copy."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


class PostgisCluster:
    """Databases of a private cluster, copied from templates that were built once."""

    def __init__(self, socket: Path, user: str) -> None:
        self.socket, self.user = socket, user
        self.built: set[str] = set()

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{self.user}@/{name}?host={self.socket}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(host=str(self.socket), user=self.user, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def fresh(self, name: str) -> str:
        """Return the address of a fresh copy."""
        template = f"template_{name}"
        if name not in self.built:
            self._run(f"CREATE DATABASE {template}")
            _build(self._url(template), name)
            self.built.add(name)
        copy = f"copy_{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {copy} TEMPLATE {template} STRATEGY FILE_COPY")
        return self._url(copy)

    def drop(self, url: str) -> None:
        """Remove a copy."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@contextmanager
def postgis(folder: Path):
    """Start a cluster without network for the time of a test run; as root it runs under the postgres user."""
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid} if os.geteuid() == 0 else {}
    home = Path("/tmp") / f"civmap-pg-{uuid.uuid4().hex[:8]}"
    home.mkdir(mode=0o700)
    os.chown(home, owner.pw_uid, owner.pw_gid)
    data, log = home / "data", home / "log"
    run = {"check": True, "cwd": home, "stdout": subprocess.DEVNULL, **as_owner}
    try:
        subprocess.run([POSTGRES / "initdb", "-D", data, "-U", owner.pw_name, "-A", "trust", "-E", "UTF8",
                        "--no-locale", "-N"], **run)
        settings = " ".join(f"-c {setting}" for setting in FORGETFUL)
        options = f"-k {home} -h '' -c max_connections=60 {settings}"
        subprocess.run([POSTGRES / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"], **run)
        yield PostgisCluster(home, owner.pw_name)
    finally:
        subprocess.run([POSTGRES / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **(run | {"check": False}))
        shutil.rmtree(home, ignore_errors=True)
