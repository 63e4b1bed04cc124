"""The ways by which messages may leave the house, as the administrator's setting names them; off where it names none.

`CIVMAP_MESSAGES` is a JSON list, or the path of a file that holds one:
`[{"name": "office", "kind": "wecom", "url": "https://…", "events": ["given"], "units": ["HW-C"]}]`. Kinds: wecom and
dingtalk (robots; dingtalk with `secret` signs), webhook (`secret` signs), email (`host`, `port`, `user`, `password`,
`from`, `to`). Addresses are https; plain http only for this very machine. Secrets are never shown and never logged.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from civmap.errors import Invalid

SETTING = "CIVMAP_MESSAGES"
ROBOTS = ("wecom", "dingtalk", "webhook")
KINDS = (*ROBOTS, "email")
EVENTS = ("given", "returned", "answered", "rework", "closed", "rejected", "plea_asked", "plea_seconded",
          "plea_granted", "plea_refused", "suspended", "resumed", "due", "supervised", "reopened")
USUAL = frozenset({"given", "returned", "rework", "plea_granted", "plea_refused", "due", "supervised"})
FIELDS = {"name", "kind", "url", "secret", "events", "units", "host", "port", "tls", "user", "password", "from", "to"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST = 20
_NAME = re.compile(r"[a-z0-9_-]{1,20}")
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


@dataclass(frozen=True, slots=True)
class Channel:
    """One way out: what goes there, and how to reach it; its secrets are no part of how it is shown."""

    name: str
    kind: str
    events: frozenset[str] = USUAL
    units: frozenset[str] = frozenset()
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    host: str = ""
    port: int = 465
    tls: str = "ssl"
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    sender: str = ""
    to: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must never be written down: the address with its key, the secret, name and password."""
        parts = urlsplit(self.url)
        return tuple(one for one in (self.url, parts.query, parts.path.strip("/"), self.secret, self.password) if one)


def channels_of(text: str) -> tuple[Channel, ...]:
    """Read the setting; raise Invalid naming what is wrong and where, without repeating a secret."""
    if not text.strip():
        return ()
    rows = _loaded(text.strip())
    if not isinstance(rows, list) or len(rows) > MOST or not all(isinstance(row, Mapping) for row in rows):
        raise Invalid("setting_messages", field=SETTING, place="[…]")
    found = tuple(_channel(row, number) for number, row in enumerate(rows, 1))
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise Invalid("setting_messages", field=SETTING, place="name")
    return found


def _loaded(text: str) -> Any:
    try:
        return json.loads(text if text.startswith("[") else Path(text).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise Invalid("setting_messages", field=SETTING, place="JSON") from problem


def _channel(row: Mapping[str, Any], number: int) -> Channel:
    def refuse(name: str) -> Invalid:
        return Invalid("setting_messages", field=SETTING, place=f"{number}. {name}")

    unknown = sorted(set(row) - FIELDS)
    if unknown:
        raise refuse(str(unknown[0])[:20])
    name, kind = row.get("name"), row.get("kind")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise refuse("name")
    if kind not in KINDS:
        raise refuse("kind")
    events, units = (_texts(row, key, refuse) for key in ("events", "units"))
    if not set(events) <= set(EVENTS):
        raise refuse("events")
    own = _mail(row, refuse) if kind == "email" else _robot(row, refuse)
    return Channel(name, kind, frozenset(events) or USUAL, frozenset(units), **own)


def _texts(row: Mapping[str, Any], key: str, refuse: Any) -> list[str]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise refuse(key)
    return value


def _robot(row: Mapping[str, Any], refuse: Any) -> dict[str, Any]:
    url, secret = row.get("url"), row.get("secret", "")
    if not isinstance(url, str) or not isinstance(secret, str):
        raise refuse("url" if not isinstance(url, str) else "secret")
    try:
        parts = urlsplit(url)
        is_reachable = bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError as problem:
        raise refuse("url") from problem
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not is_reachable or not url.isascii() or not url.isprintable() or " " in url:
        raise refuse("url")
    return {"url": url, "secret": secret}


def _mail(row: Mapping[str, Any], refuse: Any) -> dict[str, Any]:
    host, port, tls = row.get("host"), row.get("port", 465), row.get("tls", "ssl")
    if not isinstance(host, str) or not host or not isinstance(port, int) or not 0 < port < 65_536:
        raise refuse("host" if not isinstance(host, str) or not host else "port")
    if tls not in ("ssl", "starttls", "none") or (tls == "none" and host not in LOOPBACK):
        raise refuse("tls")
    to, sender = _texts(row, "to", refuse), row.get("from")
    if not to or not all(_ADDRESS.fullmatch(one) for one in to):
        raise refuse("to")
    if not isinstance(sender, str) or not _ADDRESS.fullmatch(sender):
        raise refuse("from")
    user, password = row.get("user", ""), row.get("password", "")
    if not isinstance(user, str) or not isinstance(password, str):
        raise refuse("password")
    return {"host": host, "port": port, "tls": tls, "to": tuple(to), "sender": sender, "user": user,
            "password": password}
