"""The frame of an extract: its header's bounds, or what the data itself tells about the box it was cut by."""

import numpy as np

from civmap.founding.values import Frame, Relation, Spot, Way

CUT_SHARE = 0.85
MIN_WAYS = 60
GROW = 0.03
MAX_EXCESS = 3.0


def find(ways: list[Way], spots: list[Spot], relations: list[Relation],
         bounds: Frame | None) -> tuple[Frame, bool] | None:
    """Return the frame and whether the file itself names it; None where nothing has a place.

    An extract cut by a box holds whole ways: each reaches into the box. So the box is at least as large as what every
    way must touch. That estimate is taken where nearly all street length lies in it; else all streets count. Nodes
    alone (relations' seats, stops of a bus line) may lie anywhere; they count only where there are few ways.
    """
    bound = np.array([ref for relation in relations for kind, ref, _ in relation.members if kind == "n"], np.int64)
    bound = np.concatenate([bound, *(way.nodes for way in ways)])
    alone = ~np.isin(np.array([spot.id for spot in spots], np.int64), bound)
    boxes = _boxes([way for way in ways if "highway" in way.tags or "building" in way.tags])
    if len(boxes) < MIN_WAYS:
        boxes = _boxes([way for way in ways if "boundary" not in way.tags] or ways)
    free = np.array([(spot.lon, spot.lat) for spot in spots]).reshape(-1, 2)[alone]
    many = len(boxes) >= MIN_WAYS
    whole = _hull(boxes, free[:0] if many else free)
    if bounds is not None and (whole is None or _fits(bounds, whole)):
        return bounds, True
    if whole is None:
        return None
    if many:
        tight = _tight(boxes, whole)
        if tight is not None and _share_inside(ways, tight) >= CUT_SHARE:
            return tight, False
    return _grown(whole), False


def _boxes(ways: list[Way]) -> np.ndarray:
    return np.array([(*np.nanmin(way.lonlat, axis=0), *np.nanmax(way.lonlat, axis=0)) for way in ways]).reshape(-1, 4)


def _hull(boxes: np.ndarray, free: np.ndarray) -> Frame | None:
    corners = np.vstack([boxes[:, :2], boxes[:, 2:], free])
    if not len(corners):
        return None
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _fits(bounds: Frame, whole: Frame) -> bool:
    """Tell whether the header's bounds touch the data and are not wildly larger (a province's header on a city)."""
    apart = bounds[0] > whole[2] or bounds[2] < whole[0] or bounds[1] > whole[3] or bounds[3] < whole[1]
    wide = (bounds[2] - bounds[0]) > MAX_EXCESS * max(whole[2] - whole[0], 0.002)
    tall = (bounds[3] - bounds[1]) > MAX_EXCESS * max(whole[3] - whole[1], 0.002)
    return not apart and not (wide and tall and (bounds[2] - bounds[0]) > 0.3)


def _tight(boxes: np.ndarray, whole: Frame) -> Frame | None:
    low, high = boxes[:, 2:].min(axis=0), boxes[:, :2].max(axis=0)
    if not (low < high).all():
        return None
    pad = (high - low) * GROW
    west, south = np.maximum(low - pad, whole[:2])
    east, north = np.minimum(high + pad, whole[2:])
    return float(west), float(south), float(east), float(north)


def _share_inside(ways: list[Way], box: Frame) -> float:
    """Return the share of street vertices-to-vertices length whose middle lies in a box."""
    inside = total = 0.0
    for way in ways:
        if "highway" not in way.tags:
            continue
        step = np.diff(way.lonlat, axis=0)
        middle = way.lonlat[:-1] + step / 2
        length = np.nan_to_num(np.hypot(step[:, 0], step[:, 1]))
        held = (middle >= box[:2]).all(axis=1) & (middle <= box[2:]).all(axis=1)
        total += float(length.sum())
        inside += float(length[held].sum())
    return inside / total if total else 0.0


def _grown(box: Frame) -> Frame:
    """Give a frame of no width or height (one straight street) some ground around it."""
    pad_lon = max(0.0, 0.004 - (box[2] - box[0])) / 2 or 0.0002
    pad_lat = max(0.0, 0.004 - (box[3] - box[1])) / 2 or 0.0002
    return box[0] - pad_lon, box[1] - pad_lat, box[2] + pad_lon, box[3] + pad_lat


def clip(a: np.ndarray, b: np.ndarray, frame: Frame) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the part of a straight line that lies in a box (Liang and Barsky 1984), None where there is none."""
    step = b - a
    low, high = 0.0, 1.0
    for axis in (0, 1):
        if step[axis] == 0.0:
            if not frame[axis] <= a[axis] <= frame[axis + 2]:
                return None
            continue
        near, far = sorted(((frame[axis] - a[axis]) / step[axis], (frame[axis + 2] - a[axis]) / step[axis]))
        low, high = max(low, near), min(high, far)
    if low >= high:
        return None
    return (a if low == 0.0 else a + low * step), (b if high == 1.0 else a + high * step)
