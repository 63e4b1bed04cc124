"""One layer at a time: our cells beside a KD-tree and GeoPandas, same spots, same answers counted."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from civmap.assignment.cells_city import City, empty_around, to_edge
from civmap.assignment.cells_grid import COVERS, cell_of
from civmap.assignment.cells_metric import scale_at
from civmap.assignment.cells_order import along
from civmap.assignment.cells_seats import nearest_seats, seats_of


@njit(cache=False, nogil=True)
def _laid(shapes, place, lon, lat, across, up, x, y, last):
    at = 0
    for vertex in range(shapes.start[place], shapes.start[place + 1]):
        x[at], y[at] = (shapes.lon[vertex] - lon) * across, (shapes.lat[vertex] - lat) * up
        last[at] = shapes.last[vertex]
        at += 1
    return at


@njit(cache=False, nogil=True)
def _holds(shapes, place, lon, lat):
    is_inside = False
    for at in range(shapes.start[place], shapes.start[place + 1] - 1):
        if shapes.last[at] or (shapes.lat[at] > lat) == (shapes.lat[at + 1] > lat):
            continue
        run, rise = shapes.lon[at + 1] - shapes.lon[at], shapes.lat[at + 1] - shapes.lat[at]
        if ((lon - shapes.lon[at]) * rise < (lat - shapes.lat[at]) * run) == (rise > 0):
            is_inside = not is_inside
    return is_inside


@njit(cache=False, nogil=True)
def zones_of(grid, shapes, kind, wanted, lons, lats):
    """Return for many spots an area of a kind that holds it, -1 where none does."""
    found = np.full(len(lons), -1)
    for spot in range(len(lons)):
        cell = cell_of(grid, lons[spot], lats[spot])
        if cell < 0:
            continue
        for item in range(grid.start[cell], grid.start[cell + 1]):
            place = grid.item[item]
            if kind[place] != wanted:
                continue
            if grid.covers[item] == COVERS or _holds(shapes, place, lons[spot], lats[spot]):
                found[spot] = place
                break
    return found


@njit(cache=False, nogil=True)
def streets_of(grid, shapes, lons, lats, most, around):
    """Return for many spots the nearest line within some metres, -1 where there is none."""
    found = np.full(len(lons), -1)
    for spot in range(len(lons)):
        cell, least = cell_of(grid, lons[spot], lats[spot]), most
        if cell < 0:
            continue
        across, up = scale_at(lats[spot])
        for item in range(grid.start[cell], grid.start[cell + 1]):
            place = grid.item[item]
            end = _laid(shapes, place, lons[spot], lats[spot], across, up, around.x, around.y, around.is_last)
            away = to_edge(around, 0, end, 0.0, 0.0)[0]
            if away < least:
                found[spot], least = place, away
    return found


def in_order(answer: Callable[..., np.ndarray], lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    """Answer spots in the order in which the product answers them, and give the answers back as the spots came."""
    order = along(lons, lats)
    found = np.empty(len(lons), np.int64)
    found[order] = answer(lons[order], lats[order])
    return found


def compare(city: City, ground: Any, at: np.ndarray, timed: Callable[[str, Callable[[], Any]], tuple[Any, float]],
            kind: int) -> None:
    """Print each layer's ratio; compiling is left out of the figures."""
    lons, lats = np.ascontiguousarray(at[:, 0]), np.ascontiguousarray(at[:, 1])
    _seats(city, lons, lats, timed)
    _areas(city, ground, lons, lats, timed, kind)
    _lines(city, ground, lons, lats, timed)


def _seats(city: City, lons: np.ndarray, lats: np.ndarray, timed: Any) -> None:
    from scipy.spatial import cKDTree

    known = np.flatnonzero(~np.isnan(city.seats.lon))
    flat = np.array([111_320 * np.cos(np.radians(lats.mean())), 110_800])
    cells, built = timed("cells of all seats", lambda: seats_of(
        city.seats.lon, city.seats.lat, [known], city.metric, 2000.0, 3.0))
    nearest_seats(cells, 0, city.metric, lons[:1], lats[:1])
    _, ours = timed("nearest seat, cells", lambda: in_order(
        lambda lon, lat: nearest_seats(cells, 0, city.metric, lon, lat)[0], lons, lats))
    tree, planted = timed("KD-tree of all seats", lambda: cKDTree(
        np.column_stack([city.seats.lon[known], city.seats.lat[known]]) * flat))
    _, theirs = timed("nearest seat, scipy cKDTree", lambda: tree.query(np.column_stack([lons, lats]) * flat))
    print(f"  nearest seat: {theirs / ours:.1f} × (with building {(theirs + planted) / (ours + built):.1f} ×)")


def _areas(city: City, ground: Any, lons: np.ndarray, lats: np.ndarray, timed: Any, kind: int) -> None:
    import geopandas

    zones_of(city.area_grid, city.area_shapes, city.areas.kind, kind, lons[:1], lats[:1])
    found, ours = timed("point in zone, cells", lambda: in_order(lambda lon, lat: zones_of(
        city.area_grid, city.area_shapes, city.areas.kind, kind, lon, lat), lons, lats))
    zones = geopandas.GeoDataFrame(geometry=ground.zones["frontage"].shapes, crs=4326)
    spots = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lons, lats), crs=4326)
    assert zones.sindex is not None
    joined, theirs = timed("point in zone, geopandas.sjoin", lambda: geopandas.sjoin(spots, zones, predicate="within"))
    print(f"  point in zone: {theirs / ours:.1f} ×, {int((found >= 0).sum())} and {joined.index.nunique()} inside")


def _lines(city: City, ground: Any, lons: np.ndarray, lats: np.ndarray, timed: Any) -> None:
    import geopandas

    around, most = empty_around(), 25.0
    streets_of(city.line_grid, city.line_shapes, lons[:1], lats[:1], most, around)
    found, ours = timed("nearest street, cells", lambda: in_order(lambda lon, lat: streets_of(
        city.line_grid, city.line_shapes, lon, lat, most, around), lons, lats))
    zone = 4534 + round((lons.mean() - 75) / 3)
    lines = geopandas.GeoDataFrame(geometry=ground.segments.shapes, crs=4326).to_crs(zone)
    spots = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lons, lats), crs=4326).to_crs(zone)
    assert lines.sindex is not None
    joined, theirs = timed("nearest street, geopandas.sjoin_nearest", lambda: geopandas.sjoin_nearest(
        spots, lines, max_distance=most))
    print(f"  nearest street: {theirs / ours:.1f} ×, {int((found >= 0).sum())} and {joined.index.nunique()} near one")
