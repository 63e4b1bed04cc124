"""From written numbers to the right places, or to an honest question: which system a file's coordinates are in.

What the person chose is obeyed and doubted aloud. Else what the file says is used unless the city contradicts it;
where it says nothing the system is detected from what is known of the city (`settling_ground`) by the odds of
`geo.datum_odds`. A file that nothing speaks against is WGS 84, told as unsure; else its rows ask (`datum_doubtful`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from civmap.errors import CivmapError, Invalid
from civmap.exchange import settling_metres, settling_signs, settling_telling
from civmap.exchange.coordinates import SPELLINGS, Spots
from civmap.exchange.settling_degrees import Judged, judged
from civmap.exchange.settling_ground import Ground
from civmap.geo import crs as systems
from civmap.geo import datums
from civmap.geo.validity import STORED_DECIMALS, Frame
from civmap.people.rules import Viewer

AUTO = "auto"
Floats = NDArray[np.float64]
_ANGLES = frozenset(SPELLINGS.index(name) for name in ("dms", "dm", "dashes", "colons"))


@dataclass(slots=True)
class Settled:
    """Where the rows lie (NaN: nowhere), in which system each was written, and what a person must hear of.

    `errors` keep a row out, `warnings` do not; both by the row's index. An error's facts `lon`, `lat` are the spot that
    would be accepted, `alternatives` the other spots that a row may mean. `evidence` is JSON; `coarse` counts rows of
    few decimals in a table that has no finer ones.
    """

    lon: Floats
    lat: Floats
    system: NDArray[np.object_]
    errors: dict[int, CivmapError] = field(default_factory=dict)
    warnings: dict[int, CivmapError] = field(default_factory=dict)
    alternatives: dict[int, list[tuple[str, float, float]]] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    coarse: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """What a file brings: numbers, what each row says of them, addresses and names, and the person's wish."""

    x: Floats
    y: Floats
    said: list[datums.Said | None]
    is_angle: NDArray[np.bool_]
    addresses: Sequence[str | None]
    names: Sequence[str | None]
    wish: str
    frame: Frame


def settle(session: Session, viewer: Viewer, spots: Spots, said: Sequence[str | None] | str | None,
           addresses: Sequence[Any] | None, names: Sequence[Any] | None, crs: str, frame: Frame) -> Settled:
    """Return where the spots of a table lie, and the questions they leave open; see `Settled`.

    `said` is the file's own word (a heading in brackets) or a column of words, `crs` the person's (`auto`: none).
    Raise Invalid `crs_unknown`.
    """
    wish = check_crs(crs)
    count = len(spots.x)
    file = File(spots.x, spots.y, _said(said, count), np.isin(spots.spelling, list(_ANGLES)),
                _texts(addresses, count), _texts(names, count), wish, frame)
    found = Settled(np.full(count, np.nan), np.full(count, np.nan), np.full(count, None, object))
    some = np.isfinite(file.x) & np.isfinite(file.y)
    zero = some & (file.x == 0) & (file.y == 0)
    found.errors.update({row: Invalid("coordinates_zero", field="lon") for row in np.flatnonzero(zero).tolist()})
    told = some & ~zero
    in_metres = told & datums.look_like_metres(file.x, file.y)
    if wish.startswith("EPSG:"):
        in_metres = told
    ground = Ground(session, viewer, _box(file, told, frame))
    judgements: list[Judged] = []
    for rows, judge in ((np.flatnonzero(told & ~in_metres), judged),
                        (np.flatnonzero(in_metres), settling_metres.judged)):
        if len(rows):
            judgement = judge(file, rows, ground)
            judgements.append(judgement)
            _take(found, file, judgement)
    settling_signs.look(found, file, spots, ground, judgements)
    found.evidence = {**settling_telling.evidence(found, file, judgements), "coarse": found.coarse}
    return found


def check_crs(name: str) -> str:
    """Return the coordinate system's name as used inside, `auto` included; raise Invalid for an unknown one."""
    return AUTO if name.strip().lower() == AUTO else systems.check_name(name)


def _take(found: Settled, file: File, judged: Judged) -> None:
    """Put the spots of a judgement in their rows; what falls outside the frame is a question with a way out."""
    rows = judged.rows
    lon, lat = np.round(judged.lon, STORED_DECIMALS), np.round(judged.lat, STORED_DECIMALS)
    good = datums.inside(lon, lat, file.frame)
    found.lon[rows[good]], found.lat[rows[good]] = lon[good], lat[good]
    found.system[rows] = judged.system
    found.errors.update(judged.errors)
    found.warnings.update(judged.warnings)
    found.alternatives.update(judged.alternatives)
    lost = rows[~good]
    lost = lost[[row not in judged.errors for row in lost.tolist()]] if len(lost) else lost
    if len(lost):
        settling_signs.outside(found, file, lost)
    for row in judged.errors:
        found.lon[row] = found.lat[row] = np.nan


def _said(said: Sequence[str | None] | str | None, count: int) -> list[datums.Said | None]:
    if said is None or isinstance(said, str):
        return [datums.said(said) if said else None] * count
    return [datums.said(str(word)) if word else None for word in said]


def _texts(words: Sequence[Any] | None, count: int) -> Sequence[str | None]:
    if words is None:
        return [None] * count
    return [str(word) if word not in (None, "") else None for word in words]


def _box(file: File, told: NDArray[np.bool_], frame: Frame) -> Frame:
    """Return the part of the frame where the spots lie, roughly: a country's frame is not read whole."""
    if frame[2] - frame[0] < 2 and frame[3] - frame[1] < 2:
        return frame
    near = told & datums.inside(file.x, file.y, frame)
    if not near.any():
        return frame if not told.any() else _middle(frame)
    west, east = np.percentile(file.x[near], [2, 98])
    south, north = np.percentile(file.y[near], [2, 98])
    return float(west), float(south), float(east), float(north)


def _middle(frame: Frame) -> Frame:
    lon, lat = (frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2
    return lon, lat, lon, lat
