"""Keeps a serving process small: glibc gives every thread its own heap, and eight of them hold twice the memory."""

import ctypes

M_ARENA_MAX = -8
ARENAS = 2


def share_heaps() -> bool:
    """Let all threads share two heaps; return whether the C library here knows that (glibc does, musl needs none)."""
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError):
        return False
