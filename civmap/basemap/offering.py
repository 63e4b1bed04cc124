"""The tiles of every ground behind one door: the city's own archive, other archives, other hosts, shifted or not."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from civmap.basemap.fetching import Fetcher
from civmap.basemap.reading import SEEN_SECONDS, Archive, in_file
from civmap.basemap.shelf import NoShelf, Shelf
from civmap.errors import CivmapError, NotFound, Unreachable
from civmap.grounds.sources import ARCHIVE, OFFLINE, PLAIN, Ground

SHELF = "ground-cache"
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile as it goes out."""

    data: bytes
    media: str
    is_gzipped: bool = False


def media_of(data: bytes) -> str | None:
    """Return the media type of an image by its first bytes; what its host says about it is not trusted."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((media for magic, media in _MAGIC if data.startswith(magic)), None)


class Offer:
    """The grounds of one process: `grounds` by settings, the city's own archive at `basemap`.

    Tiles of other hosts stay on a shelf in `home`; one that is not `is_kept` asks anew each time.
    """

    def __init__(self, home: Path, basemap: Path, grounds: tuple[Ground, ...], is_kept: bool = True) -> None:
        self.grounds = {ground.id: ground for ground in grounds}
        self._basemap = basemap
        self._shelf: Shelf | NoShelf = Shelf(home / SHELF) if is_kept else NoShelf()
        self._fetcher = Fetcher()
        self._archives: dict[str, Archive] = {}
        self._lock = threading.Lock()

    def ground(self, name: str) -> Ground:
        """Return a ground by its name; raise NotFound for one that the settings do not offer."""
        if name not in self.grounds:
            raise NotFound("ground_not_found", name=name[:40], known=list(self.grounds))
        return self.grounds[name]

    def facts(self, ground: Ground) -> dict[str, Any]:
        """Return how a ground is drawn; an archive is opened for it. Raise Unreachable where it cannot be read.

        A city without a basemap of its own has the plain ground in its place: that is no failure.
        """
        if ground.kind == PLAIN or (ground.kind == OFFLINE and not self._basemap.is_file()):
            return {"id": ground.id, "form": "plain", "parts": 0, "min_zoom": 0, "max_zoom": 22}
        if ground.kind not in (ARCHIVE, OFFLINE):
            return {"id": ground.id, "form": "raster", "parts": len(ground.parts), "min_zoom": ground.min_zoom,
                    "max_zoom": ground.max_zoom}
        archive = self._archive(ground)
        low, high = archive.zooms
        return {"id": ground.id, "form": "vector" if archive.is_vector else "raster", "parts": 1, "min_zoom": low,
                "max_zoom": high}

    def tile(self, ground: Ground, part: int, z: int, x: int, y: int) -> Tile | None:
        """Return one tile, None where its ground has nothing there; raise Unreachable, Unavailable or NotFound."""
        if ground.kind in (ARCHIVE, OFFLINE):
            archive = self._archive(ground)
            data = archive.tile(z, x, y)
            return Tile(data, archive.media, archive.is_gzipped) if data else None
        if not 0 <= part < len(ground.parts) or not ground.min_zoom <= z <= ground.max_zoom:
            raise NotFound("ground_tile_not_found", name=ground.id)
        data = self._shifted(ground, part, z, x, y) if ground.is_gcj02 else self._piece(ground, part, z, x, y)
        return Tile(data, media_of(data) or "") if data else None

    def _shifted(self, ground: Ground, part: int, z: int, x: int, y: int) -> bytes | None:
        from civmap.basemap import shifting

        of = f"wgs84:{ground.parts[part]}"
        kept = self._shelf.get(of, z, x, y)
        if kept is None:
            kept = shifting.shifted(lambda *at: self._piece(ground, part, *at), z, x, y) or b""
            self._shelf.put(of, z, x, y, kept)
        return kept or None

    def _piece(self, ground: Ground, part: int, z: int, x: int, y: int) -> bytes | None:
        """Return what a ground's host has for a tile: from the shelf, from the host, or stale when the host fails."""
        of = ground.parts[part]
        kept = self._shelf.get(of, z, x, y)
        if kept is not None:
            return kept or None
        try:
            data = self._fetcher.get(ground.address(part, z, x, y), of) or b""
            if data and media_of(data) is None:
                raise Unreachable("ground_not_an_image", name=ground.id)
        except CivmapError:
            kept = self._shelf.get(of, z, x, y, stale=True)
            if kept:
                return kept
            raise
        self._shelf.put(of, z, x, y, data)
        return data or None

    def _archive(self, ground: Ground) -> Archive:
        place = str(self._basemap) if ground.kind == OFFLINE else ground.parts[0]
        is_remote = place.startswith(("http://", "https://"))
        mark = None if is_remote else _stamp(Path(place))
        with self._lock:
            held = self._archives.get(ground.id)
            if held and held.mark == mark and (not is_remote or held.read_at > time.monotonic() - SEEN_SECONDS):
                return held
        if not is_remote and mark is None:
            raise NotFound("no_basemap")
        opened = Archive((lambda offset, length: self._fetcher.get(place, place, (offset, length))) if is_remote
                         else in_file(Path(place)), mark)
        with self._lock:
            self._archives[ground.id] = opened
        return opened


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
