"""Keeps a serving process small: glibc gives every thread its own heap, and eight of them hold twice the memory."""

import ctypes

from flask import Flask, Response

M_ARENA_MAX = -8
ARENAS = 2
LARGE_BYTES = 50_000


def share_heaps() -> bool:
    """Let all threads share two heaps; return whether the C library here knows that (glibc does, musl needs none)."""
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError):
        return False


def give_back() -> None:
    """Hand memory that is free inside the process back to the machine, after an answer that took much of it."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return


def add_to(app: Flask) -> None:
    """Give memory back after every large answer."""

    @app.after_request
    def _after(response: Response) -> Response:
        if (response.content_length or 0) > LARGE_BYTES:
            response.call_on_close(give_back)
        return response
