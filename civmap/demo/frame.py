"""The drawing board of the demo: a plane in metres about an origin, and the way from it to lon, lat."""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import shapely
from pyproj import Transformer

ZONE_CRS = 4548  # 3-degree Gauss-Krüger zone of longitude 117, see domain.md §6
DECIMALS = 9  # the precision at which the store keeps coordinates

Spot = tuple[float, float]


@cache
def _transformers() -> tuple[Transformer, Transformer]:
    there = Transformer.from_crs(4326, ZONE_CRS, always_xy=True)
    back = Transformer.from_crs(ZONE_CRS, 4326, always_xy=True)
    return there, back


class Frame:
    """Turn board metres into (lon, lat) and back; equal board points give equal lon, lat."""

    def __init__(self, origin: Sequence[float]) -> None:
        self.origin = (float(origin[0]), float(origin[1]))
        self._east, self._north = _transformers()[0].transform(*self.origin)

    def to_board(self, spots: Iterable[Sequence[float]]) -> np.ndarray:
        """Return an (n, 2) array of metres east and north for (lon, lat) pairs."""
        lonlat = np.asarray(list(spots), dtype=float)
        east, north = _transformers()[0].transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack([east - self._east, north - self._north])

    def to_ground(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return the shape in EPSG:4326, rounded to the stored nine decimals."""
        return shapely.transform(shape, self._lonlat)

    def to_spot(self, x_m: float, y_m: float) -> Spot:
        """Return (lon, lat) of one board point."""
        lon, lat = self._lonlat(np.array([[x_m, y_m]]))[0]
        return float(lon), float(lat)

    def _lonlat(self, board: np.ndarray) -> np.ndarray:
        lon, lat = _transformers()[1].transform(board[:, 0] + self._east, board[:, 1] + self._north)
        return np.round(np.column_stack([lon, lat]), DECIMALS)
