"""Where a place lies seen from a spot, in metres, in compiled code: the plane that `rules` works in, without PROJ.

Gauss's mid-latitude series with its second-order terms, its coefficients as polynomials in latitude over the city.
Against Karney's geodesics it errs by less than `error_m`: 1e-8 m within 3 km, 1e-5 m at 20 km (tested).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.polynomial import chebyshev

from civmap.assignment.cells_kept import settle

settle()

inner = njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False, forceinline=True)
"""Compile what only compiled code calls and what makes no array: without wrappers and without counting references.

Each call hands over a city of sixty arrays: counting who holds them takes a hundred times longer than the rules.
"""
DEGREE, THIRD_DEGREE, THIRD_ORDER = 6, 3, 3  # of the first three rows, and of the third-order terms from row 3 on
SEMI_MAJOR, FLATTENING = 6378137.0, 1 / 298.257223563


class Metric(NamedTuple):
    """The coefficients, a row each, as polynomials of (latitude - middle) / half."""

    table: np.ndarray
    middle: float
    half: float


def metric_of(south: float, north: float) -> Metric:
    """Return the metric of a band of latitudes."""
    middle, half = (south + north) / 2, max((north - south) / 2, 0.05)
    nodes = chebyshev.chebpts1(DEGREE + 5)
    values = _coefficients(np.radians(middle + half * nodes))
    table = np.zeros((len(values), DEGREE + 1))
    for number, row in enumerate(values):
        degree = DEGREE if number < THIRD_ORDER else THIRD_DEGREE
        table[number, :degree + 1] = chebyshev.cheb2poly(chebyshev.chebfit(nodes, row, degree))
    return Metric(table, middle, half)


def _coefficients(lat: np.ndarray) -> np.ndarray:
    """Return the nine coefficients of Gauss's mid-latitude series for differences in degrees."""
    e2 = FLATTENING * (2 - FLATTENING)
    sin, cos = np.sin(lat), np.cos(lat)
    tan2, eta2 = (sin / cos) ** 2, e2 / (1 - e2) * cos ** 2
    normal, v2, rad = SEMI_MAJOR / np.sqrt(1 - e2 * sin ** 2), 1 + eta2, np.pi / 180
    east = normal * cos
    return np.array([
        east * rad,
        normal / v2 * rad,
        sin * rad,
        east / (24 * v2 ** 2) * (1 + eta2 - 9 * eta2 * tan2 + eta2 ** 2) * rad ** 3,
        -normal / 24 * cos * sin ** 2 * rad ** 3,
        -normal / 24 / v2 * cos ** 2 * (2 + 3 * tan2 + 2 * eta2) * rad ** 3,
        normal / 8 / v2 ** 3 * (eta2 - tan2 * eta2 + eta2 ** 2) * rad ** 3,
        sin / (24 * v2 ** 2) * (3 + 2 * eta2 - 2 * eta2 ** 2) * rad ** 3,
        sin * cos ** 2 / 12 * (1 + eta2) * rad ** 3,
    ])


@njit(cache=True, inline="always")
def _at(table, row, degree, u):
    value = table[row, degree]
    for power in range(degree - 1, -1, -1):
        value = value * u + table[row, power]
    return value


@njit(cache=True)
def offset(metric, lon0, lat0, lon, lat):
    """Return (east, north) in metres of a place seen from a spot: azimuthal equidistant."""
    dlon, dlat, t = lon - lon0, lat - lat0, metric.table
    u = (0.5 * (lat + lat0) - metric.middle) / metric.half
    lon2, lat2 = dlon * dlon, dlat * dlat
    east = dlon * (_at(t, 0, DEGREE, u) + _at(t, 3, THIRD_DEGREE, u) * lat2 + _at(t, 4, THIRD_DEGREE, u) * lon2)
    north = dlat * (_at(t, 1, DEGREE, u) + _at(t, 5, THIRD_DEGREE, u) * lon2 + _at(t, 6, THIRD_DEGREE, u) * lat2)
    turn = 0.5 * dlon * (_at(t, 2, DEGREE, u) + _at(t, 7, THIRD_DEGREE, u) * lat2 + _at(t, 8, THIRD_DEGREE, u) * lon2)
    turn2 = turn * turn
    sin = turn * (1 - turn2 / 6 * (1 - turn2 / 20))
    cos = 1 - turn2 / 2 * (1 - turn2 / 12 * (1 - turn2 / 30))
    return east * cos - north * sin, north * cos + east * sin


@inner
def scale_at(lat):
    """Return the metres of a degree of longitude and of latitude, as `geo.measure.NearPlane` has them."""
    e2 = FLATTENING * (2 - FLATTENING)
    sine, cosine = np.sin(np.radians(lat)), np.cos(np.radians(lat))
    flat = 1 - e2 * sine * sine
    degree = np.pi / 180 * SEMI_MAJOR
    return degree * cosine / np.sqrt(flat), degree * (1 - e2) / flat ** 1.5


@inner
def metres(metric, lon0, lat0, lon, lat):
    """Return the metres between two spots."""
    east, north = offset(metric, lon0, lat0, lon, lat)
    return np.sqrt(east * east + north * north)


@njit(cache=True)
def error_m(away):
    """Return by how many metres `offset` may err for a place so far away."""
    return 1e-8 + 4 * away * (away / SEMI_MAJOR) ** 4
