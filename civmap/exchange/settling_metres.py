"""Metres of a projection: which zone and datum rows were written in, taken where told or where the city agrees."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from civmap.errors import Invalid
from civmap.exchange import settling_degrees
from civmap.exchange.settling_degrees import Group, Judged, Looked
from civmap.exchange.settling_ground import Ground
from civmap.geo import crs as systems
from civmap.geo import datums
from civmap.geo.datum_odds import SURE
from civmap.geo.validity import Frame

if TYPE_CHECKING:
    from civmap.exchange.settling import File

Floats = NDArray[np.float64]
MOST_SYSTEMS = 4
FIRST = 0.9
NEAR_ROAD_M, NEAR_PLACE_M = 150.0, 250.0
AGREES = 2.3
MANY = 5_000


def judged(file: "File", rows: NDArray[np.intp], ground: Ground) -> Judged:
    """Return where rows of metres lie; rows that nothing tells the system of ask, with the likeliest as way out."""
    answer = Judged(rows, np.full(len(rows), np.nan), np.full(len(rows), np.nan),
                    np.full(len(rows), None, object), ())
    labels: dict[Any, list[int]] = {}
    for at, row in enumerate(rows.tolist()):
        labels.setdefault(file.said[row], []).append(at)
    for said, members in labels.items():
        _group(file, answer, np.array(members, np.intp), said, ground)
    return answer


def _group(file: "File", answer: Judged, mine: NDArray[np.intp], said: datums.Said | None, ground: Ground) -> None:
    rows = answer.rows[mine]
    if file.wish != "auto":
        _as_wished(file, answer, mine)
        return
    east, north = datums.east_first(file.x[rows], file.y[rows])
    names = candidates(file.frame, east, north, said)
    if not names:
        answer.lon[mine], answer.lat[mine] = file.x[rows], file.y[rows]
        return
    part = np.linspace(0, len(rows) - 1, min(len(rows), MANY)).astype(np.intp)
    readings = np.stack([np.column_stack(datums.to_degrees(name, east[part], north[part])) for name in names], axis=1)
    alike = np.zeros(len(part), np.intp)
    looked = settling_degrees.look(file, rows[part], readings, alike, prior_of_metres(names, said), ground)
    best = int(np.argmax(looked.weighed.groups[0]))
    is_told = said is not None and (said.is_metres or said.system == "cgcs2000") and not datums.is_old(names[best])
    agrees = _agrees(looked, best)
    answer.lon[mine], answer.lat[mine] = datums.to_degrees(names[best], east, north)
    answer.system[mine] = names[best]
    odds = tuple(float(one) for one in looked.weighed.groups[0])
    is_sure = odds[best] >= SURE and (agrees or is_told)
    answer.groups.append(Group(said.system if said else None, names[best], odds,
                               ("said" if is_told else "detected") if is_sure else "doubtful", len(rows),
                               int(looked.weighed.informed[0])))
    if answer.looked is None:
        answer.looked, answer.names = looked, tuple(names)
    if not is_sure:
        _ask(file, answer, mine, names, east, north, best)


def candidates(frame: Frame, east: Floats, north: Floats, said: datums.Said | None) -> list[str]:
    """Return the systems in which most of some rows fall into the frame."""
    counts: dict[str, int] = {}
    some = np.unique(np.linspace(0, len(east) - 1, min(len(east), 15)).astype(np.intp))
    for at in some.tolist():
        for name in datums.metre_systems(east[at], north[at], frame, said):
            counts[name] = counts.get(name, 0) + 1
    most = max(counts.values(), default=0)
    return [name for name, count in counts.items() if count >= most / 2][:MOST_SYSTEMS]


def prior_of_metres(names: list[str], said: datums.Said | None) -> Floats:
    """Return how likely each system is before anything is compared (1 × K): the first before the others."""
    if len(names) == 1:
        return np.ones((1, 1))
    first = 0.6 if said and said.system in datums.OLD else FIRST
    return np.array([[first, *[(1 - first) / (len(names) - 1)] * (len(names) - 1)]])


def _agrees(looked: Looked, best: int) -> bool:
    """Tell whether what rows name lies where they lie: most of those that name anything."""
    road, place = looked.road_m[:, best], looked.place_m[:, best]
    known = np.isfinite(road) | np.isfinite(place)
    with np.errstate(invalid="ignore"):
        near = (road <= NEAR_ROAD_M) | (place <= NEAR_PLACE_M)
    if known.any():
        return bool(near[known].mean() >= 0.5)
    return bool(looked.patterns[0, best] >= AGREES)


def _as_wished(file: "File", answer: Judged, mine: NDArray[np.intp]) -> None:
    rows = answer.rows[mine]
    x, y = file.x[rows], file.y[rows]
    if file.wish.startswith("EPSG:") and datums.look_like_metres(x, y).any():
        x, y = datums.east_first(x, y)
    name = file.wish
    if name == "cgcs2000":
        x, y = datums.east_first(x, y)
        fitting = datums.metre_systems(float(x[0]), float(y[0]), file.frame, datums.Said("cgcs2000", None, True))
        name = fitting[0] if fitting else f"EPSG:{systems.gauss_kruger_epsg((file.frame[0] + file.frame[2]) / 2)}"
    answer.lon[mine], answer.lat[mine] = datums.to_degrees(name, x, y)
    answer.system[mine] = name
    answer.groups.append(Group(None, name, (1.0,), "wished", len(rows), 0))


def _ask(file: "File", answer: Judged, mine: NDArray[np.intp], names: list[str], east: Floats, north: Floats,
         best: int) -> None:
    spots = [datums.to_degrees(name, east, north) for name in names]
    for place, at in enumerate(mine.tolist()):
        row = int(answer.rows[at])
        lon, lat = float(spots[best][0][place]), float(spots[best][1][place])
        if not datums.inside(np.array([lon]), np.array([lat]), file.frame)[0]:
            continue
        answer.errors[row] = Invalid("coordinates_other_system", field="lon", x=f"{file.x[row]:.2f}",
                                     y=f"{file.y[row]:.2f}", crs=names[best], lon=f"{lon:.6f}", lat=f"{lat:.6f}")
        answer.alternatives[row] = [(name, float(one[0][place]), float(one[1][place]))
                                    for name, one in zip(names, spots, strict=True)]
