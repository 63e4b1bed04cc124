"""The settings: read once from the environment, checked, and refused with a sentence that says what to write."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from civmap import clock
from civmap.channels import Channel, channels_of
from civmap.errors import Invalid
from civmap.grounds.reading import grounds_of
from civmap.grounds.sources import Ground

TILES_FROM = 2000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NAMES = (
    "CIVMAP_HOME",
    "CIVMAP_DATABASE_URL",
    "CIVMAP_SECRET_KEY",
    "CIVMAP_LANG",
    "CIVMAP_PUBLIC_URL",
    "CIVMAP_TLS_CERT",
    "CIVMAP_TLS_KEY",
    "CIVMAP_TRUSTED_PROXY",
    "CIVMAP_BASEMAPS",
    "CIVMAP_BASEMAP_NOTE",
    "CIVMAP_TILES_FROM",
    "CIVMAP_MESSAGES",
    "CIVMAP_NOW",
    "CIVMAP_TESTING",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the administrator decided, after checking."""

    home: Path
    database_url: str
    secret_key: str
    lang: str
    public_url: str | None
    tls_cert: Path | None
    tls_key: Path | None
    trusted_proxy: str | None
    grounds: tuple[Ground, ...]
    frozen_now: datetime | None
    tiles_from: int = TILES_FROM
    channels: tuple[Channel, ...] = ()

    @property
    def is_embedded(self) -> bool:
        """Tell whether the database is the SpatiaLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def photos(self) -> Path:
        """Return the folder of the photos."""
        return self.home / "photos"

    @property
    def basemap(self) -> Path:
        """Return the file of the offline basemap."""
        return self.home / "basemap.pmtiles"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the settings; raise Invalid naming the first setting that is wrong and what to write."""
        environ = os.environ if environ is None else environ
        _refuse_unknown(environ)
        home = Path(environ.get("CIVMAP_HOME") or "var").expanduser().resolve()
        tls_cert, tls_key = _tls(environ)
        return cls(
            home=home,
            database_url=_database_url(environ, home),
            secret_key=_secret_key(environ, home),
            lang=_lang(environ),
            public_url=_public_url(environ),
            tls_cert=tls_cert,
            tls_key=tls_key,
            trusted_proxy=environ.get("CIVMAP_TRUSTED_PROXY") or None,
            grounds=grounds_of(environ.get("CIVMAP_BASEMAPS", ""), environ.get("CIVMAP_BASEMAP_NOTE", ""), home),
            frozen_now=_frozen(environ),
            tiles_from=_tiles_from(environ),
            channels=channels_of(environ.get("CIVMAP_MESSAGES", "")),
        )


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    for name in environ:
        if name.startswith("CIVMAP_") and name not in NAMES:
            raise Invalid("setting_unknown", field=name, name=name, known=list(NAMES))


def _database_url(environ: Mapping[str, str], home: Path) -> str:
    url = environ.get("CIVMAP_DATABASE_URL") or f"sqlite:///{home / 'civmap.sqlite'}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")) or url in ("sqlite:///", "sqlite:///:memory:"):
        raise Invalid("setting_database_url", field="CIVMAP_DATABASE_URL", value=url.split("@")[-1])
    return url


def _secret_key(environ: Mapping[str, str], home: Path) -> str:
    key = environ.get("CIVMAP_SECRET_KEY")
    if key:
        if len(key) < 32:
            raise Invalid("setting_secret_key", field="CIVMAP_SECRET_KEY", length=len(key))
        return key
    file = home / "secret_key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text(encoding="ascii").strip()
        with os.fdopen(handle, "w", encoding="ascii") as out:
            key = secrets.token_urlsafe(48)
            out.write(key)
        return key
    except OSError as problem:
        raise Invalid("setting_home", field="CIVMAP_HOME", path=home, problem=problem.strerror) from problem


def _tiles_from(environ: Mapping[str, str]) -> int:
    text = environ.get("CIVMAP_TILES_FROM") or str(TILES_FROM)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid("setting_tiles_from", field="CIVMAP_TILES_FROM", value=text)
    return int(text)


def _lang(environ: Mapping[str, str]) -> str:
    lang = environ.get("CIVMAP_LANG") or "zh"
    if lang not in ("zh", "en"):
        raise Invalid("setting_lang", field="CIVMAP_LANG", value=lang)
    return lang


def _public_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("CIVMAP_PUBLIC_URL")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("setting_public_url", field="CIVMAP_PUBLIC_URL", value=url)
    return url.rstrip("/")


def _tls(environ: Mapping[str, str]) -> tuple[Path | None, Path | None]:
    cert, key = environ.get("CIVMAP_TLS_CERT"), environ.get("CIVMAP_TLS_KEY")
    if not cert and not key:
        return None, None
    for name, value in (("CIVMAP_TLS_CERT", cert), ("CIVMAP_TLS_KEY", key)):
        if not value or not Path(value).is_file():
            raise Invalid("setting_tls", field=name, name=name, value=value or "")
    return Path(cert or ""), Path(key or "")


def _frozen(environ: Mapping[str, str]) -> datetime | None:
    text = environ.get("CIVMAP_NOW")
    if not text:
        return None
    if environ.get("CIVMAP_TESTING") != "1":
        raise Invalid("setting_now_outside_tests", field="CIVMAP_NOW")
    try:
        return clock.parse_moment(text)
    except ValueError as problem:
        raise Invalid("setting_now", field="CIVMAP_NOW", value=text) from problem


def check_listening(settings: Settings, host: str) -> None:
    """Refuse a frozen clock on an address that others reach; raise Invalid."""
    if settings.frozen_now is not None and host not in LOOPBACK:
        raise Invalid("setting_now_not_loopback", field="CIVMAP_NOW", host=host)
