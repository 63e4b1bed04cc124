"""Reading one tile out of a PMTiles archive (version 3), in a file of our own or at an address, by byte ranges."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from civmap.errors import Unreachable

Ranged = Callable[[int, int], bytes | None]
HEADER_BYTES = 127
MOST_DIRECTORY = 4 * 1024 * 1024
MOST_TILE = 2 * 1024 * 1024
DEPTH = 4
KEPT_DIRECTORIES = 64
SEEN_SECONDS = 3_600.0
MEDIA = {TileType.MVT: "application/vnd.mapbox-vector-tile", TileType.PNG: "image/png",
         TileType.JPEG: "image/jpeg", TileType.WEBP: "image/webp"}


class Archive:
    """One archive: its header and the directories that were read are kept until the file is another one."""

    def __init__(self, ranged: Ranged, mark: Any = None) -> None:
        self._ranged = ranged
        self.mark = mark
        self.read_at = time.monotonic()
        self._directories: OrderedDict[tuple[int, int], list[Entry]] = OrderedDict()
        self._lock = threading.Lock()
        head = ranged(0, HEADER_BYTES)
        try:
            self._header: dict[str, Any] = dict(deserialize_header(head or b""))
        except Exception as problem:  # the library raises what its bytes make it raise
            raise Unreachable("ground_not_an_archive") from problem
        if self._header["tile_type"] not in MEDIA or self._header["internal_compression"] != Compression.GZIP:
            raise Unreachable("ground_not_an_archive")

    @property
    def media(self) -> str:
        """Return the media type of the tiles."""
        return MEDIA[self._header["tile_type"]]

    @property
    def is_vector(self) -> bool:
        """Tell whether the tiles are vectors."""
        return self._header["tile_type"] == TileType.MVT

    @property
    def is_gzipped(self) -> bool:
        """Tell whether the tiles are stored gzipped."""
        return self._header["tile_compression"] == Compression.GZIP

    @property
    def zooms(self) -> tuple[int, int]:
        """Return the lowest and the highest zoom."""
        return self._header["min_zoom"], self._header["max_zoom"]

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile as it is stored, None where the archive has none; raise Unreachable where it cannot be read."""
        wanted = zxy_to_tileid(z, x, y)
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(DEPTH):
            found = find_tile(self._directory(offset, length), wanted)
            if found is None:
                return None
            if found.run_length:
                if found.length > MOST_TILE:
                    raise Unreachable("ground_too_large")
                return self._ranged(self._header["tile_data_offset"] + found.offset, found.length)
            offset, length = self._header["leaf_directory_offset"] + found.offset, found.length
        return None

    def _directory(self, offset: int, length: int) -> list[Entry]:
        with self._lock:
            if (offset, length) in self._directories:
                self._directories.move_to_end((offset, length))
                return self._directories[offset, length]
        data = self._ranged(offset, length) if length <= MOST_DIRECTORY else None
        try:
            entries = deserialize_directory(data or b"")
        except Exception as problem:  # as above
            raise Unreachable("ground_not_an_archive") from problem
        with self._lock:
            self._directories[offset, length] = entries
            while len(self._directories) > KEPT_DIRECTORIES:
                self._directories.popitem(last=False)
        return entries


def in_file(file: Path) -> Ranged:
    """Return a reader of a file's byte ranges; the file may be replaced between two readings."""
    def ranged(offset: int, length: int) -> bytes | None:
        try:
            with file.open("rb") as opened:
                opened.seek(offset)
                return opened.read(length)
        except OSError as problem:
            raise Unreachable("ground_not_an_archive") from problem

    return ranged
