"""Tiles drawn in GCJ-02, brought to where WGS 84 has them: each of our tiles is woven from theirs over a fine mesh.

The shift differs from place to place by up to 0.3 %, so that no single displacement of a tile is right at every zoom;
over a mesh of 16 × 16 cells the error stays below half a metre in a tile of any zoom from 10 on (tested).
"""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from civmap.geo import crs

SIZE = 256
CELLS = 16
Piece = Callable[[int, int, int], bytes | None]


def nodes(z: int, x: int, y: int) -> NDArray[np.float64]:
    """Return where the corners of a tile's mesh lie among the tiles in GCJ-02: (17, 17, 2) pixels of the world at z.

    The tile itself is one of WGS 84 in Web Mercator (EPSG:3857); rows run down, columns to the right.
    """
    world = SIZE * 2.0**z
    steps = np.linspace(0.0, SIZE, CELLS + 1)
    right, down = np.meshgrid(x * SIZE + steps, y * SIZE + steps)
    lon = right / world * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * down / world))))
    lon, lat = crs.wgs84_to_gcj02(lon, lat)
    return np.stack([(lon + 180.0) / 360.0 * world,
                     (1.0 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2.0 * world], axis=-1)


def shifted(piece: Piece, z: int, x: int, y: int) -> bytes | None:
    """Return the tile in WGS 84 as WebP, woven from pieces in GCJ-02; None where none of them holds anything."""
    mesh = nodes(z, x, y)
    first = np.floor(mesh.reshape(-1, 2).min(axis=0) / SIZE).astype(int)
    last = np.ceil(mesh.reshape(-1, 2).max(axis=0) / SIZE).astype(int) - 1
    columns, rows = range(first[0], last[0] + 1), range(first[1], last[1] + 1)
    whole = Image.new("RGBA", (len(columns) * SIZE, len(rows) * SIZE))
    is_empty = True
    for column in columns:
        for row in rows:
            data = piece(z, column % 2**z, row) if 0 <= row < 2**z else None
            if data:
                is_empty = False
                with Image.open(io.BytesIO(data)) as image:
                    whole.paste(image.convert("RGBA").resize((SIZE, SIZE)) if image.size != (SIZE, SIZE)
                                else image.convert("RGBA"), ((column - first[0]) * SIZE, (row - first[1]) * SIZE))
    if is_empty:
        return None
    woven = whole.transform((SIZE, SIZE), Image.Transform.MESH, _quads(mesh - first * SIZE), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    woven.save(out, "WEBP", quality=90, method=2)
    return out.getvalue()


def _quads(mesh: NDArray[np.float64]) -> list[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
    """Return, for each cell of our tile, its box and the four corners (NW, SW, SE, NE) it is drawn from."""
    step = SIZE // CELLS
    around = ((0, 0), (1, 0), (1, 1), (0, 1))
    return [((column * step, row * step, (column + 1) * step, (row + 1) * step),
             tuple(float(number) for down, right in around for number in mesh[row + down, column + right]))
            for row in range(CELLS) for column in range(CELLS)]
