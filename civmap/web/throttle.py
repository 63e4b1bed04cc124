"""Slows down guessing of passwords: by address and name together, and by address alone, in the process's memory."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

PER_NAME = "8 per minute; 60 per hour"
PER_ADDRESS = "60 per minute"
limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="fixed-window", headers_enabled=False)


def _address_and_name() -> str:
    return f"{get_remote_address()} {request.form.get('name', '')[:64].casefold()}"


def _has_failed(response: Response) -> bool:
    return response.status_code >= 400


def guessing(view: Callable[..., Any]) -> Callable[..., Any]:
    """Limit the failed attempts of a view that takes a name and a password."""
    by_name = limiter.limit(PER_NAME, key_func=_address_and_name, methods=["POST"], deduct_when=_has_failed)
    by_address = limiter.limit(PER_ADDRESS, methods=["POST"], deduct_when=_has_failed)
    return by_address(by_name(view))


def add_to(app: Flask) -> None:
    """Give the application its limiter."""
    limiter.init_app(app)
