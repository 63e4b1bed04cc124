"""What this process holds of the city in memory: the mirror of its rows, and the tiles over it."""

from civmap.mirror.following import Mirror
from civmap.tiles.serving import Tiles
from civmap.web import desk


def tiles() -> Tiles:
    """Return the tiles of this process over its mirror; both are made when first asked for."""
    kept = desk.held()
    with desk.OPENING:
        if kept.get("tiles") is None:
            kept["tiles"] = Tiles(Mirror())
        return kept["tiles"]


def mirror() -> Mirror:
    """Return the mirror of this process."""
    return tiles().mirror
