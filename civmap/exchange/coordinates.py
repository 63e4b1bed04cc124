"""How coordinates are spelt: whatever stands in one cell or two becomes x (east) and y (north), as written.

Pure. Nothing is turned because it would fit better: only hemisphere letters, labels and, for metres, their size (in
Chinese surveying X is north) decide which of two numbers is east. What they mean as a place is for `settling`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from civmap.errors import Invalid
from civmap.exchange.angles import EAST, NORTH, Token, tokens, unreadable

SPELLINGS = ("number", "text", "dms", "dm", "degrees", "dashes", "colons", "packed", "science", "pair", "wkt", "json",
             "uri", "labelled", "metres", "metres_zone", "none")
MOST_DECIMALS = 9
METRE_DECIMALS = 5
_NORTHINGS = (1_900_000.0, 6_000_000.0)
_EASTINGS = (100_000.0, 900_000.0)
_ZONES = (13, 45)
_BLANK = " \t\r\n\u3000\ufeff\u200b\u00a0"
_NUMBER, _TEXT, _NONE = (SPELLINGS.index(name) for name in ("number", "text", "none"))
Floats = NDArray[np.float64]


class Spelled(NamedTuple):
    """Two coordinates as written: x east, y north (degrees or metres), how they are spelt and how finely.

    `decimals` are those of a degree, the finer of the two (metres count as five and more); `is_told` says that
    letters, labels or the size of metres told which is east.
    """

    x: float
    y: float
    spelling: str
    decimals: int
    is_told: bool = False


@dataclass(slots=True)
class Spots:
    """Coordinates of many rows: NaN where nothing stands or nothing can be read (`errors` says why)."""

    x: Floats
    y: Floats
    spelling: NDArray[np.int8]
    decimals: NDArray[np.int8]
    is_told: NDArray[np.bool_]
    errors: dict[int, Invalid] = field(default_factory=dict)


def read(first: Any, second: Any = None, *, is_packed: bool = False) -> Spelled:
    """Return what one cell or two say; raise Invalid `coordinates_missing`, `_half` or `_unreadable`.

    `is_packed` takes 1184612.35 as 118°46′12.35″: only the whole column can tell (`packed`).
    """
    one, two = _cell(first), _cell(second)
    if len(one) == 2 and (not two or [part[:1] for part in two] == [part[:1] for part in one]):
        return _pair(*one, first)
    if len(two) == 2 and not one:
        return _pair(*two, second)
    if not one and not two:
        raise Invalid("coordinates_missing", field="lon")
    if len(one) + len(two) == 1:
        raise Invalid("coordinates_half", field="lat" if one else "lon")
    if len(one) != 1 or len(two) != 1:
        raise unreadable(first if len(one) != 1 else second)
    if is_packed and one[0].spelling in ("number", "text") and two[0].spelling in ("number", "text"):
        return _ordered(_unpacked(one[0]), _unpacked(two[0]), first)
    return _ordered(one[0], two[0], first)


def zone_of(x: float) -> tuple[int, float] | None:
    """Return zone number and plain easting of metres east that begin with their Gauss–Krüger zone, or None."""
    zone, easting = divmod(x, 1e6) if math.isfinite(x) else (0, 0)
    return (int(zone), easting) if _ZONES[0] <= zone <= _ZONES[1] and _EASTINGS[0] <= easting <= _EASTINGS[1] else None


def _pair(one: Token, two: Token, cell: Any) -> Spelled:
    said = _ordered(one, two, cell)
    if said.spelling not in ("text", "number"):
        return said
    return said._replace(spelling="labelled" if one.axis or two.axis else "pair")


def _ordered(one: Token, two: Token, cell: Any) -> Spelled:
    """Put east first where letters, labels or the size of metres say so."""
    axes = {one.axis, two.axis}
    if one.axis == two.axis != "":
        raise unreadable(cell)
    is_told = bool(axes & {EAST, NORTH})
    if one.axis == NORTH or two.axis == EAST or (not is_told and (one.axis == "y" or two.axis == "x")):
        one, two = two, one
    in_metres = bool(_are_metres(one.value, two.value) or _are_metres(two.value, one.value))
    if not is_told and _are_metres(two.value, one.value):
        one, two = two, one
    decimals = max(one.decimals, two.decimals)
    if in_metres:
        spelling = "metres_zone" if zone_of(one.value) else "metres"
        return Spelled(one.value, two.value, spelling, min(MOST_DECIMALS, decimals + METRE_DECIMALS), True)
    spelling = two.spelling if one.spelling in ("number", "text") else one.spelling
    return Spelled(one.value, two.value, spelling, min(MOST_DECIMALS, decimals), is_told)


def _are_metres(x: Any, y: Any) -> Any:
    """Tell whether x is an easting and y a northing of China, by their size alone."""
    easting = np.mod(x, 1e6)
    zone = np.floor_divide(x, 1e6)
    is_east = (easting >= _EASTINGS[0]) & (easting <= _EASTINGS[1]) & (
        (zone == 0) | ((zone >= _ZONES[0]) & (zone <= _ZONES[1])))
    return is_east & (y >= _NORTHINGS[0]) & (y <= _NORTHINGS[1])


def _cell(cell: Any) -> list[Token]:
    if cell is None or isinstance(cell, bool | np.bool_):
        if cell is None:
            return []
        raise unreadable(cell)
    if isinstance(cell, int | float | np.integer | np.floating):
        value = _finite(cell)
        return [] if math.isnan(value) else [Token(value, "", "number", int(_decimals(np.array([value]))[0]))]
    if isinstance(cell, dict):
        return _geojson(cell)
    if isinstance(cell, list | tuple) and len(cell) == 2:
        return [part._replace(spelling="json") for half in cell for part in _cell(half)]
    if not isinstance(cell, str):
        raise unreadable(cell)
    return tokens(cell) if cell.strip(_BLANK) else []


def _geojson(cell: dict[str, Any]) -> list[Token]:
    place = cell.get("coordinates")
    if cell.get("type") != "Point" or not isinstance(place, list | tuple) or len(place) < 2:
        raise unreadable(cell)
    return [part._replace(spelling="json", axis=axis) for half, axis in zip(place[:2], (EAST, NORTH), strict=True)
            for part in _cell(half)]


def _finite(cell: Any) -> float:
    try:
        value = float(cell)
    except OverflowError as problem:
        raise unreadable(cell) from problem
    if math.isinf(value):
        raise unreadable(cell)
    return value


def _decimals(values: Floats) -> NDArray[np.int8]:
    """Return how many decimals numbers were written with, the noise of binary fractions aside."""
    found = np.full(len(values), MOST_DECIMALS, np.int8)
    left = np.arange(len(values))
    for count in (3, 4, 5, 6, 7, 8):
        rest = values[left]
        is_enough = np.abs(np.round(rest, count) - rest) <= 1e-10 * np.maximum(1.0, np.abs(rest) * 1e-4)
        found[left[is_enough]] = count
        left = left[~is_enough]
    for count in (2, 1, 0):
        left = np.flatnonzero(found == count + 1)
        rest = values[left]
        found[left[np.abs(np.round(rest, count) - rest) <= 1e-10]] = count
    return found


def _unpacked(token: Token) -> Token:
    degrees, rest = divmod(abs(token.value), 10_000)
    minutes, seconds = divmod(rest, 100)
    if minutes >= 60 or seconds >= 60.000001:
        raise unreadable(token.value)
    value = math.copysign(degrees + minutes / 60 + seconds / 3600, token.value)
    return Token(value, token.axis, "packed", 4 + token.decimals)


def packed(first: Sequence[Any], second: Sequence[Any]) -> bool:
    """Tell whether two columns hold degrees, minutes and seconds run together: every row must, and three at least."""
    x, y = (_plain_column(list(cells)[:2_000]) for cells in (first, second))
    both = ~np.isnan(x.values) & ~np.isnan(y.values)
    if both.sum() < 3:
        return False
    return all(_is_packed(column.values[both], low, high) for column, low, high in ((x, 73, 136), (y, 3, 54)))


def _is_packed(values: Floats, low: int, high: int) -> bool:
    degrees, minutes, seconds = values // 10_000, values // 100 % 100, values % 100
    return bool(((degrees >= low) & (degrees < high) & (minutes < 60) & (seconds < 60)).all())


class _Column(NamedTuple):
    """A column read the short way: values, decimals, spelling, and where the long way is needed."""

    values: Floats
    decimals: NDArray[np.int8]
    spelling: NDArray[np.int8]
    is_hard: NDArray[np.bool_]


def read_many(first: Sequence[Any], second: Sequence[Any] | None = None) -> Spots:
    """Return what two columns say, or one that holds both; the same as `read` says row by row."""
    size = len(first)
    other = [None] * size if second is None else second
    x, y = _plain_column(first), _plain_column(other)
    half = (np.isnan(x.values) & ~x.is_hard) ^ (np.isnan(y.values) & ~y.is_hard)
    slow = x.is_hard | y.is_hard | half
    is_packed = packed(first, other)
    if is_packed:
        slow |= ~np.isnan(x.values) & ~np.isnan(y.values)
    spots = _plain_spots(x, y, slow)
    for row in np.flatnonzero(slow).tolist():
        try:
            said = read(first[row], other[row], is_packed=is_packed)
        except Invalid as problem:
            spots.errors[row] = problem
            continue
        spots.x[row], spots.y[row] = said.x, said.y
        spots.decimals[row], spots.is_told[row] = said.decimals, said.is_told
        spots.spelling[row] = SPELLINGS.index(said.spelling)
    return spots


def _plain_spots(x: _Column, y: _Column, slow: NDArray[np.bool_]) -> Spots:
    """Return the rows where both cells are plain numbers; the rest as nothing, to be read one by one."""
    nothing = slow | np.isnan(x.values)
    east, north = np.where(nothing, np.nan, x.values), np.where(nothing, np.nan, y.values)
    decimals = np.where(nothing, 0, np.maximum(x.decimals, y.decimals)).astype(np.int8)
    spelling = np.where(nothing, _NONE, np.where(x.spelling == _NUMBER, y.spelling, x.spelling)).astype(np.int8)
    spots = Spots(east, north, spelling, decimals, np.zeros(len(nothing), np.bool_))
    if not (np.nanmax(np.abs(east), initial=0) >= _EASTINGS[0] and np.nanmax(np.abs(north), initial=0) >= 1e5):
        return spots
    turned = _are_metres(north, east)
    spots.x, spots.y = np.where(turned, north, east), np.where(turned, east, north)
    metres = _are_metres(spots.x, spots.y)
    zoned = metres & (spots.x >= 1e6)
    spots.spelling[metres] = SPELLINGS.index("metres")
    spots.spelling[zoned] = SPELLINGS.index("metres_zone")
    spots.decimals[metres] = np.minimum(MOST_DECIMALS, spots.decimals[metres] + METRE_DECIMALS)
    spots.is_told[metres] = True
    return spots


def _plain_column(cells: Sequence[Any]) -> _Column:
    listed = cells.tolist() if isinstance(cells, np.ndarray) else list(cells)
    size = len(listed)
    if set(map(type, listed)) <= {float, type(None)}:
        values = np.array(listed, dtype=np.float64)
        hard = np.isinf(values)
        values[hard] = np.nan
        return _Column(values, _decimals(np.nan_to_num(values)), np.full(size, _NUMBER, np.int8), hard)
    values, decimals = np.full(size, np.nan), np.zeros(size, np.int8)
    spelling, hard = np.full(size, _NUMBER, np.int8), np.zeros(size, np.bool_)
    numbers = [row for row, cell in enumerate(listed) if type(cell) in (float, int) and abs(cell) < 1e300]
    values[numbers] = [listed[row] for row in numbers]
    decimals[numbers] = _decimals(values[numbers])
    for row, cell in enumerate(listed):
        if type(cell) is str:
            text = cell.strip(_BLANK)
            if len(text) < 40 and text.isascii() and text.replace(".", "", 1).isdigit():
                values[row], spelling[row] = float(text), _TEXT
                decimals[row] = min(MOST_DECIMALS, len(text.partition(".")[2]))
            else:
                hard[row] = bool(text)
        elif cell is not None and np.isnan(values[row]):
            hard[row] = True
    return _Column(values, decimals, spelling, hard)
