"""What the doctor looks at on the machine: settings, folders, disk, keys, calendar and how phones reach us."""

import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

from civmap import clock
from civmap.calendar import WorkCalendar
from civmap.config import LOOPBACK, Settings
from civmap.doctor.findings import Finding

LEAST_FREE_MB = 1024
TIGHT_FREE_MB = 5 * 1024
YEAR_AHEAD = timedelta(days=60)


def look(settings: Settings) -> Iterator[Finding]:
    """Yield what is wrong or worth knowing on the machine."""
    if settings.frozen_now is not None:
        yield Finding("clock_frozen", "error", {"at": clock.iso(settings.frozen_now)})
    yield from _home(settings)
    yield from _secret_key(settings)
    yield from _phones(settings)
    if not settings.basemap.is_file():
        yield Finding("basemap_missing", "warning", {"file": settings.basemap})


def _home(settings: Settings) -> Iterator[Finding]:
    if not settings.home.is_dir() or not os.access(settings.home, os.W_OK):
        yield Finding("home_not_writable", "error", {"folder": settings.home})
        return
    free_mb = shutil.disk_usage(settings.home).free // 1024 // 1024
    if free_mb < TIGHT_FREE_MB:
        yield Finding("disk_full" if free_mb < LEAST_FREE_MB else "disk_tight",
                      "error" if free_mb < LEAST_FREE_MB else "warning", {"free_mb": free_mb})


def _secret_key(settings: Settings) -> Iterator[Finding]:
    file = settings.home / "secret_key"
    if file.is_file() and file.stat().st_mode & 0o077:
        yield Finding("secret_key_open", "error", {"file": file, "mode": oct(file.stat().st_mode & 0o777)})


def _phones(settings: Settings) -> Iterator[Finding]:
    """Phones give position, camera and offline work only over HTTPS or on localhost."""
    has_tls = settings.tls_cert is not None or settings.trusted_proxy is not None
    public = urlsplit(settings.public_url) if settings.public_url else None
    if public is None:
        yield Finding("public_url_missing", "warning")
    elif public.scheme != "https" and public.hostname not in LOOPBACK:
        yield Finding("public_url_not_https", "warning", {"url": settings.public_url})
    elif public.scheme == "https" and not has_tls:
        yield Finding("https_not_served", "warning", {"url": settings.public_url})
    if public is None and not has_tls:
        yield Finding("https_missing", "warning")


def unknown_years(today: date, known: WorkCalendar) -> Iterator[Finding]:
    """Yield the year whose days off nobody has said: this one, and the next when it is less than 60 days away."""
    if not known.knows(today.year):
        yield Finding("calendar_unknown_year", "error", {"year": today.year})
    if date(today.year + 1, 1, 1) - today <= YEAR_AHEAD and not known.knows(today.year + 1):
        yield Finding("calendar_unknown_year", "warning", {"year": today.year + 1})
