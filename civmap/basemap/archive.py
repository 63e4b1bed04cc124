"""The tiles in one PMTiles file, which the page reads by byte ranges; written beside and then moved into place."""

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from civmap.basemap.drawing import LAYERS, Drawing
from civmap.basemap.tiles import pyramid

LOW_ZOOM = 10
HIGH_ZOOM = 15
LARGE_KM2 = 2_500.0
"""Beyond this ground the finest zoom is left out: it would make four times as many tiles."""


def zooms(frame: tuple[float, float, float, float]) -> tuple[int, int]:
    """Return the coarsest and the finest zoom for a frame; the page enlarges the finest tiles further."""
    west, south, east, north = frame
    km2 = (east - west) * (north - south) * 111.3 * 110.6 * 0.87
    return LOW_ZOOM, HIGH_ZOOM - (km2 > LARGE_KM2)


def write(path: Path, drawing: Drawing, *, name: str = "", attribution: str = "",
          progress: Callable[[float], None] | None = None) -> int:
    """Write a city's basemap and return how many tiles it has; nothing is left behind where it fails."""
    low, high = zooms(drawing.frame)
    made = [(zxy_to_tileid(zoom, column, row), data)
            for zoom, column, row, data in pyramid(drawing.finished(), drawing.frame, low, high)]
    if progress:
        progress(0.8)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            with _writer(file) as writer:
                for tile, data in sorted(made):
                    writer.write_tile(tile, gzip.compress(data, 6, mtime=0))
                writer.finalize(_header(drawing, low, high), _metadata(name, attribution, low, high))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    if progress:
        progress(1.0)
    return len(made)


@contextmanager
def _writer(file: BinaryIO) -> Iterator[Writer]:
    """Give a writer whose own temporary file is closed even where it is never finished."""
    writer = Writer(file)
    try:
        yield writer
    finally:
        writer.tile_f.close()


def _header(drawing: Drawing, low: int, high: int) -> dict[str, object]:
    west, south, east, north = (round(value * 10_000_000) for value in drawing.frame)
    return {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_zoom": low, "max_zoom": high,
            "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north, "center_zoom": 14,
            "center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2}


def _metadata(name: str, attribution: str, low: int, high: int) -> dict[str, object]:
    fields = {"kind": "String", "name": "String"}
    layers = [{"id": layer, "fields": fields, "minzoom": low, "maxzoom": high} for layer in LAYERS]
    return {"name": name, "format": "pbf", "type": "baselayer", "attribution": attribution, "vector_layers": layers}
