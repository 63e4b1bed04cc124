"""Handing one message to a robot, a webhook or a mail server: https to the named host, no redirects, never for long."""

import base64
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from civmap.channels import Channel
from civmap.messages.models import Message

SECONDS = 10.0
MOST_BYTES = 65_536
LONGEST_REASON = 300


class Undelivered(Exception):
    """A message was not taken; the text says why and holds no secret."""


def send(channel: Channel, message: Message, now: datetime) -> None:
    """Hand a message over; raise Undelivered with the reason where it was not taken."""
    try:
        ADAPTERS[channel.kind](channel, message, now)
    except Undelivered as problem:
        raise Undelivered(_clean(channel, str(problem))) from None
    except Exception as problem:
        raise Undelivered(_clean(channel, f"{type(problem).__name__}: {problem}")) from None


def _clean(channel: Channel, reason: str) -> str:
    for secret in sorted(channel.secrets, key=len, reverse=True):
        reason = reason.replace(secret, "…")
    return " ".join(reason.split())[:LONGEST_REASON]


def _robot(channel: Channel, message: Message, now: datetime) -> None:
    body = {"msgtype": "text", "text": {"content": message.body}}
    answer = _post(channel.url + _signature(channel, now), body, {})
    if answer.get("errcode") != 0:
        raise Undelivered(f"errcode {answer.get('errcode')}: {answer.get('errmsg', '')}")


def _signature(channel: Channel, now: datetime) -> str:
    """Return what DingTalk asks for behind the address: the moment and its HMAC with the robot's secret."""
    if channel.kind != "dingtalk" or not channel.secret:
        return ""
    stamp = str(round(now.timestamp() * 1000))
    digest = hmac.new(channel.secret.encode(), f"{stamp}\n{channel.secret}".encode(), hashlib.sha256).digest()
    sign = "&" if "?" in channel.url else "?"
    return f"{sign}timestamp={stamp}&sign={quote(base64.b64encode(digest), safe='')}"


def _webhook(channel: Channel, message: Message, now: datetime) -> None:
    kind, number, _mark = message.key.split(":", 2)
    body = {"id": message.key, "event": kind, "issue_no": number, "title": message.subject, "text": message.body,
            "at": message.created_at.isoformat()}
    headers = {"Idempotency-Key": message.key}
    if channel.secret:
        digest = hmac.new(channel.secret.encode(), _written(body), hashlib.sha256).hexdigest()
        headers["X-Civmap-Signature"] = f"sha256={digest}"
    answer = _post(channel.url, body, headers)
    if answer.get("errcode", 0) != 0:
        raise Undelivered(f"errcode {answer['errcode']}: {answer.get('errmsg', '')}")


def _written(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _post(url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """Send JSON and return the answer's members; raise Undelivered for any status but 2xx, redirects too."""
    from http.client import HTTPConnection, HTTPSConnection

    parts = urlsplit(url)
    host, until = parts.hostname or "", time.monotonic() + 2 * SECONDS
    connection = (HTTPSConnection(host, parts.port, timeout=SECONDS, context=ssl.create_default_context())
                  if parts.scheme == "https" else HTTPConnection(host, parts.port, timeout=SECONDS))
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, _written(body), {
            "Content-Type": "application/json; charset=utf-8", "User-Agent": "civmap", **headers})
        answer = connection.getresponse()
        said = b""
        while len(said) < MOST_BYTES and (piece := answer.read1(4096)):
            said += piece
            if time.monotonic() > until:
                raise Undelivered("the answer takes too long")
        if not 200 <= answer.status < 300:
            raise Undelivered(f"HTTP {answer.status}")
        return _members(said)
    finally:
        connection.close()


def _members(said: bytes) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _mail(channel: Channel, message: Message, now: datetime) -> None:
    import smtplib
    from email.message import EmailMessage
    from email.utils import format_datetime

    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.subject, channel.sender, ", ".join(channel.to)
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.key.replace(':', '.')}@{channel.sender.split('@')[1]}>"
    mail.set_content(message.body)
    secure = ssl.create_default_context()
    opened = (smtplib.SMTP_SSL(channel.host, channel.port, timeout=SECONDS, context=secure) if channel.tls == "ssl"
              else smtplib.SMTP(channel.host, channel.port, timeout=SECONDS))
    with opened as server:
        if channel.tls == "starttls":
            server.starttls(context=secure)
        if channel.user:
            server.login(channel.user, channel.password)
        if refused := server.send_message(mail):
            raise Undelivered(f"refused for {', '.join(refused)}")


ADAPTERS: Mapping[str, Callable[[Channel, Message, datetime], None]] = {
    "wecom": _robot, "dingtalk": _robot, "webhook": _webhook, "email": _mail,
}
