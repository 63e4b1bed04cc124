"""Curves of the drawing board: smooth lines through points, parallels, ribbons and the gentle bending of everything."""

import math
import random
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

Bend = tuple[float, float, float, float, float]  # amplitude x, amplitude y, wave number x, wave number y, phase


def smooth(points: Sequence[Sequence[float]], step_m: float = 45.0, closed: bool = False) -> np.ndarray:
    """Return a Catmull-Rom curve through the points, sampled about every `step_m` metres, as (n, 2)."""
    p = np.asarray(points, dtype=float)
    p = np.vstack([p[-1], p, p[0], p[1]]) if closed else np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    pieces = []
    for i in range(1, len(p) - 2):
        n = max(2, round(float(np.hypot(*(p[i + 1] - p[i]))) / step_m))
        t = np.linspace(0, 1, n, endpoint=False)[:, None]
        a, b, c, d = p[i - 1], p[i], p[i + 1], p[i + 2]
        pieces.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    pieces.append(p[-2][None, :])
    return np.vstack(pieces)


def normals(line: np.ndarray) -> np.ndarray:
    """Return the unit normals (to the left) of a polyline at its vertices, as (n, 2)."""
    tangent = np.gradient(line, axis=0)
    tangent /= np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    return np.column_stack([-tangent[:, 1], tangent[:, 0]])


def ribbon(line: np.ndarray, half_m: np.ndarray) -> Polygon:
    """Return the band about a polyline with a half width per vertex."""
    n = normals(line) * half_m[:, None]
    return Polygon(np.vstack([line + n, (line - n)[::-1]]))


def parallel(line: np.ndarray, distance_m: float | np.ndarray) -> np.ndarray:
    """Return the polyline moved to its left by a distance (negative: right)."""
    return line + normals(line) * np.reshape(distance_m, (-1, 1))


class Warp:
    """Bend the whole board smoothly, except near a line that must keep its surveyed place."""

    def __init__(self, rng: random.Random, fixed: LineString, amplitude_m: float = 15.0) -> None:
        self.fixed = fixed
        self.bends: list[Bend] = []
        for wave_m in (700, 1000, 1500, 2300):
            angle, turn = rng.uniform(0, math.pi), rng.uniform(0, 2 * math.pi)
            size = amplitude_m * wave_m / 1100
            k = 2 * math.pi / wave_m
            bend = (math.sin(turn) * size, math.cos(turn) * size, k * math.cos(angle), k * math.sin(angle))
            self.bends.append((*bend, rng.uniform(0, 2 * math.pi)))

    def __call__(self, board: np.ndarray) -> np.ndarray:
        """Return the bent places of (n, 2) board points, rounded to 0.1 mm."""
        away = np.clip((shapely.distance(shapely.points(board), self.fixed) - 70) / 450, 0, 1)
        mask = (away * away * (3 - 2 * away))[:, None]
        shift = np.zeros_like(board)
        for dx, dy, kx, ky, phase in self.bends:
            wave = np.sin(board[:, 0] * kx + board[:, 1] * ky + phase)
            shift += wave[:, None] * np.array([dx, dy])
        return np.round(board + shift * mask, 4)
