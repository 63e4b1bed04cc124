"""Geometries as the databases keep them, for many at once: SpatiaLite's own blobs and PostGIS's EWKB."""

from typing import Any

import numpy as np
import shapely

from civmap.store.base import SRID

HEADER = np.dtype([("start", "u1"), ("order", "u1"), ("srid", "<i4"), ("box", "<f8", (4,)), ("end", "u1")])
SPOT = np.dtype([*HEADER.descr, ("type", "<i4"), ("xy", "<f8", (2,)), ("stop", "u1")])
EWKB = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("xy", "<f8", (2,))])
NOTHING = "\\N"
"""What stands for no value in the text of COPY."""


def _header(boxes: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    made = np.zeros(len(boxes), dtype)
    made["order"], made["srid"], made["box"], made["end"] = 1, SRID, boxes, 0x7C
    return made


def of_spots(spots: np.ndarray) -> tuple[list[bytes | None], np.ndarray]:
    """Return SpatiaLite's own blobs of (n, 2) lon/lat, None where there is no spot, and their boxes."""
    boxes = np.column_stack([spots, spots])
    made = _header(boxes, SPOT)
    made["type"], made["xy"], made["stop"] = 1, spots, 0xFE
    flat, size = made.tobytes(), SPOT.itemsize
    blobs: list[bytes | None] = [flat[at:at + size] for at in range(0, len(flat), size)]
    for place in np.flatnonzero(~np.isfinite(spots).all(1)).tolist():
        blobs[place] = None
    return blobs, boxes


def of_shapes(shapes: np.ndarray) -> tuple[list[bytes | None], np.ndarray]:
    """Return SpatiaLite's own blobs of shapes (None stays None), and their boxes."""
    boxes = shapely.bounds(shapes)
    heads, size = _header(boxes, HEADER).tobytes(), HEADER.itemsize
    bodies = shapely.to_wkb(shapes, byte_order=1, output_dimension=2)
    blobs = [None if body is None else heads[place * size:(place + 1) * size] + _entities(body) + b"\xfe"
             for place, body in enumerate(bodies)]
    return blobs, boxes


def _entities(body: bytes) -> bytes:
    """Return well-known binary as SpatiaLite writes it: parts of a collection begin with a mark of its own."""
    kind = body[1]
    if kind < 4:
        return body[1:]
    parts, at = [body[1:9]], 9
    while at < len(body):
        end = _end(body, at)
        parts.append(b"\x69" + body[at + 1:end])
        at = end
    return b"".join(parts)


def _end(body: bytes, at: int) -> int:
    """Return where a point, line or area that begins at a byte ends."""
    kind = body[at + 1]
    if kind == 1:
        return at + 21
    count, after = int.from_bytes(body[at + 5:at + 9], "little"), at + 9
    if kind == 2:
        return after + 16 * count
    for _ring in range(count):
        after += 4 + 16 * int.from_bytes(body[after:after + 4], "little")
    return after


def hex_of_spots(spots: np.ndarray) -> list[str]:
    """Return EWKB in hexadecimal of (n, 2) lon/lat."""
    made = np.zeros(len(spots), EWKB)
    made["order"], made["type"], made["srid"], made["xy"] = 1, 0x20000001, SRID, spots
    flat, size = made.tobytes().hex(), 2 * EWKB.itemsize
    told = [flat[at:at + size] for at in range(0, len(flat), size)]
    for place in np.flatnonzero(~np.isfinite(spots).all(1)).tolist():
        told[place] = NOTHING
    return told


def hex_of_shapes(shapes: np.ndarray) -> list[str]:
    """Return EWKB in hexadecimal of shapes."""
    told = shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True)
    return [NOTHING if one is None else one for one in told]


