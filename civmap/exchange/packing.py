"""Pieces of a long answer packed one by one, so that they can be kept and put together as one gzip stream.

Each piece ends with a full flush and looks back at nothing before it; only the checksum runs over all of them, and
those of two pieces give that of both (GF(2) arithmetic as in zlib's `crc32_combine`). Pure.
"""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 6
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
END = b"\x03\x00"
_POLYNOMIAL, _TOP = 0xEDB88320, 1 << 31


def _times(a: int, b: int) -> int:
    """Return the product of two polynomials modulo the checksum's, bits reflected."""
    found = 0
    while a:
        if a & _TOP:
            found ^= b
        a = (a << 1) & 0xFFFFFFFF
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
    return found


def _squares() -> tuple[int, ...]:
    found = [1 << 30]
    while len(found) < 32:
        found.append(_times(found[-1], found[-1]))
    return tuple(found)


_SQUARES = _squares()


def _behind(length: int) -> int:
    """Return by what a checksum is multiplied when so many bytes follow."""
    found, power = _TOP, 3
    while length:
        if length & 1:
            found = _times(_SQUARES[power & 31], found)
        length, power = length >> 1, power + 1
    return found


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes, packed; `digest` tells them from others."""

    packed: bytes
    length: int
    checksum: int
    factor: int
    digest: bytes


def piece(raw: bytes) -> Piece:
    """Return bytes as a piece."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)
    return Piece(packed, len(raw), zlib.crc32(raw), _behind(len(raw)), hashlib.blake2b(raw, digest_size=12).digest())


def stream(pieces: Sequence[Piece]) -> bytes:
    """Return pieces as one gzip stream."""
    checksum = length = 0
    for one in pieces:
        checksum, length = _times(one.factor, checksum) ^ one.checksum, length + one.length
    ends = checksum.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join([HEAD, *(one.packed for one in pieces), END, ends])


def unpacked(packed: bytes) -> bytes:
    """Return the bytes of a stream."""
    return zlib.decompress(packed, zlib.MAX_WBITS | 16)


def tag(pieces: Sequence[Piece]) -> str:
    """Return what tells these pieces from others."""
    return hashlib.blake2b(b"".join([one.digest for one in pieces]), digest_size=12).hexdigest()
