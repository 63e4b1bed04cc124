"""What looks wrong in rows that lie somewhere: outside the city, few decimals, far from the address, copied spots."""

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from civmap.errors import CivmapError, Invalid
from civmap.exchange.coordinates import Spots
from civmap.exchange.settling_degrees import DEGREE_SYSTEMS, Judged, question
from civmap.exchange.settling_ground import Ground, plain
from civmap.geo import datums

if TYPE_CHECKING:
    from civmap.exchange.settling import File, Settled

_HAN = re.compile(r"[\u4e00-\u9fff]")
_CHAIN = re.compile(r"店|银行|超市|便利|药|宾馆|咖啡|茶|餐|饭|邮政|邮局|移动|联通|电信|彩票|快递|烟酒|"
                    r"美发|美容|公厕|厕所|停车场")
COARSE, USUAL = 3, 5
FAR_M, FAR_PLACE_M = 300.0, 1000.0
ROUGH_ROWS = 8
MOST_FAR, SEVERAL = 0.25, 20
"""Where more rows lie far from what they name, the names of the table are not to be relied on, and no row is told."""
MANY = 50_000
"""In longer tables only rows that were looked at closely are compared with their addresses."""


def outside(found: "Settled", file: "File", rows: NDArray[np.intp]) -> None:
    """Say what rows that fall outside the frame may mean: another system, a slip of the pen, another place."""
    left = rows
    if file.wish == "auto":
        left = _other_system(found, file, rows)
    left = _slipped(found, file, left)
    frame = ", ".join(f"{edge:.4f}" for edge in file.frame)
    for row in left.tolist():
        found.errors[row] = Invalid("outside_city", field="lon", lon=f"{file.x[row]:.6f}", lat=f"{file.y[row]:.6f}",
                                    frame=frame)


def _other_system(found: "Settled", file: "File", rows: NDArray[np.intp]) -> NDArray[np.intp]:
    done = np.zeros(len(rows), bool)
    for name in DEGREE_SYSTEMS:
        lon, lat = datums.to_degrees(name, file.x[rows], file.y[rows])
        good = datums.inside(lon, lat, file.frame) & ~done
        for at in np.flatnonzero(good).tolist():
            row = int(rows[at])
            found.errors[row] = Invalid("coordinates_other_system", field="lon", x=f"{file.x[row]:.6f}",
                                        y=f"{file.y[row]:.6f}", crs=name, lon=f"{lon[at]:.6f}", lat=f"{lat[at]:.6f}")
            found.alternatives[row] = [(name, float(lon[at]), float(lat[at]))]
        done |= good
    return rows[~done]


def _slipped(found: "Settled", file: "File", rows: NDArray[np.intp]) -> NDArray[np.intp]:
    done = np.zeros(len(rows), bool)
    meant = np.array([found.system[row] if found.system[row] in datums.DEGREES else "wgs84" for row in rows], object)
    for name in set(meant.tolist()):
        mine = np.flatnonzero(meant == name)
        codes, lon, lat = datums.slips(file.x[rows[mine]], file.y[rows[mine]], file.frame, name)
        for at in np.flatnonzero(codes).tolist():
            row = int(rows[mine[at]])
            found.errors[row] = Invalid(datums.SLIPS[codes[at]], field="lon", lon=f"{lon[at]:.6f}",
                                        lat=f"{lat[at]:.6f}", crs=name)
            found.alternatives[row] = [(name, float(lon[at]), float(lat[at]))]
        done[mine] = codes > 0
    return rows[~done]


def look(found: "Settled", file: "File", spots: Spots, ground: Ground, judgements: list[Judged]) -> None:
    """Warn about rows that lie in the city and yet look wrong; what is an error already is left alone."""
    _coarse(found, spots)
    far = _far(found, file, ground, judgements)
    if len(found.lon) <= MANY:
        far |= _copied(found, file, far)


def _warn(found: "Settled", row: int, error: CivmapError) -> None:
    if row not in found.errors:
        found.warnings.setdefault(row, error)


def _coarse(found: "Settled", spots: Spots) -> None:
    """Warn of rows with few decimals where others have more.

    A table that has three throughout says so once (`coarse` of the evidence), unless rows may be half a kilometre off.
    """
    placed = np.isfinite(found.lon)
    degrees = placed & datums.look_like_degrees(spots.x, spots.y)
    coarse = np.flatnonzero(degrees & (spots.decimals <= COARSE))
    fine = int((degrees & (spots.decimals >= USUAL)).sum())
    if fine <= len(coarse):
        found.coarse = len(coarse)
        rough = coarse[spots.decimals[coarse] < COARSE]
        coarse = rough if len(rough) >= ROUGH_ROWS else rough[:0]
    for row in coarse.tolist():
        reach_m = round(0.5 * 111_000 / 10.0 ** int(spots.decimals[row]) * 1.1, -1)
        _warn(found, row, Invalid("coordinates_coarse", field="lon", decimals=int(spots.decimals[row]),
                                  reach_m=int(reach_m)))


def _far(found: "Settled", file: "File", ground: Ground, judgements: list[Judged]) -> set[int]:
    """Warn of rows that lie far from the road or place they name, whichever way they are read."""
    told: set[int] = set()
    for judged in judgements:
        looked = judged.looked
        if looked is None:
            continue
        readings = looked.readings
        place = np.column_stack([found.lon[looked.rows], found.lat[looked.rows]])
        with np.errstate(invalid="ignore"):
            own = np.abs(readings - place[:, None]).sum(axis=2).argmin(axis=1)
        road = looked.road_m[np.arange(len(own)), own]
        place_m = looked.place_m[np.arange(len(own)), own]
        with np.errstate(invalid="ignore"):
            near = (road <= FAR_M) | (place_m <= FAR_M)
            own_name = np.array([_is_own(file.names[row]) for row in looked.rows.tolist()], bool)
            far = (road > FAR_M) | ((place_m > FAR_PLACE_M) & (looked.places == 1) & own_name)
        lost = np.flatnonzero(far & ~near & np.isfinite(place[:, 0]))
        if len(lost) > MOST_FAR * max(int(np.isfinite(road).sum() + np.isfinite(place_m).sum()), SEVERAL):
            continue
        for at in lost.tolist():
            row = int(looked.rows[at])
            distance = np.nanmin([road[at], place_m[at]])
            _warn(found, row, Invalid("address_far", field="lon", distance_m=round(float(distance)),
                                      address=(file.addresses[row] or file.names[row] or "")[:60]))
            told.add(row)
    return told


def _is_own(name: str | None) -> bool:
    """Tell whether a name is one place's own: four signs of Chinese at least, and no branch of a chain."""
    return bool(name) and len(_HAN.findall(name or "")) >= 4 and not _CHAIN.search(name or "")


def _copied(found: "Settled", file: "File", far: set[int]) -> set[int]:
    """Warn of rows of different names at the very same spot, where none of them is known to belong there."""
    spots: dict[tuple[float, float], list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isfinite(found.lon)).tolist():
        if file.names[row]:
            spots[(float(found.lon[row]), float(found.lat[row]))].append(row)
    told: set[int] = set()
    for rows in spots.values():
        if len({plain(file.names[row] or "") for row in rows}) < 2 or len({file.addresses[row] for row in rows}) < 2:
            continue
        for row in rows:
            if row in far:
                other = next(one for one in rows if one != row)
                found.warnings[row] = Invalid("same_spot", field="lon", other=(file.names[other] or "")[:40])
                told.add(row)
    return told


__all__ = ["look", "outside", "question"]
