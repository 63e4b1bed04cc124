"""Degrees of three systems: which one each row of a file was written in, by groups that say the same."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from civmap.errors import CivmapError, Invalid
from civmap.exchange.settling_ground import Ground, lying, pattern, spiral
from civmap.geo import datum_odds, datums
from civmap.geo.datum_odds import CLEAR, SURE, Evidence, Weighed, weigh

if TYPE_CHECKING:
    from civmap.exchange.settling import File

Floats = NDArray[np.float64]
DEGREE_SYSTEMS = datums.DEGREES
UNSAID = (0.62, 0.23, 0.15)
ANGLES = (0.94, 0.04, 0.02)
"""Nobody copies degrees, minutes and seconds out of a web map: they come from a receiver or a survey."""
SAID, DOUBTED = 0.97, 0.6
USUAL = 0.3
"""Numbers that no one tells the system of are WGS 84 while this is at least as likely: what a plain table holds."""
MIXED = 0.99
FEW = 3
PATTERN_FROM, PATTERN_MOST = 5, 100
BULK, SAMPLE = 20_000, 4_000
CALM = 0.985


@dataclass(slots=True)
class Judged:
    """What became of some rows of a file: spots, the system of each, questions, and how the groups were weighed."""

    rows: NDArray[np.intp]
    lon: Floats
    lat: Floats
    system: NDArray[np.object_]
    names: tuple[str, ...]
    errors: dict[int, CivmapError] = field(default_factory=dict)
    warnings: dict[int, CivmapError] = field(default_factory=dict)
    alternatives: dict[int, list[tuple[str, float, float]]] = field(default_factory=dict)
    groups: list["Group"] = field(default_factory=list)
    looked: "Looked | None" = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that say the same of their system: what they say, what was taken, how likely each is, how it stands.

    `state`: said, detected, wished, unsaid (nothing tells, and nothing speaks against WGS 84), doubtful, contradicted.
    """

    said: str | None
    taken: str
    odds: tuple[float, ...]
    state: str
    size: int
    informed: int


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows looked at closely: their readings (n × K × 2, degrees) and distances to what they name (n × K)."""

    rows: NDArray[np.intp]
    readings: Floats
    road_m: Floats
    place_m: Floats
    places: Floats
    patterns: Floats
    weighed: Weighed


def judged(file: "File", rows: NDArray[np.intp], ground: Ground) -> Judged:
    """Return where rows of degrees lie: a sample first where there are very many, all of them where it is mixed."""
    group, saids = _groups(file, rows)
    if len(rows) > BULK:
        part = np.linspace(0, len(rows) - 1, SAMPLE).astype(np.intp)
        looked, groups = _weighed(file, rows[part], group[part], saids, ground)
        if _calm(looked, groups, group[part]):
            answer = _placed(file, rows, _taken(groups, group), groups)
            answer.looked = looked
            _contradict(file, answer, group, groups)
            return answer
    looked, groups = _weighed(file, rows, group, saids, ground)
    answer = _placed(file, rows, _taken(groups, group), groups)
    answer.looked = looked
    _contradict(file, answer, group, groups)
    _single_rows(file, answer, group, groups, looked)
    return answer


def _calm(looked: Looked, groups: list[Group], group: NDArray[np.intp]) -> bool:
    """Tell whether a sample is of one system in every group, so that the rest need not be looked at row by row."""
    if not looked.weighed.is_informed.any():
        return True
    own = looked.weighed.rows[np.arange(len(group)), _taken(groups, group)]
    pure = all(one.state != "doubtful" and max(share) > CALM for one, share in
               zip(groups, looked.weighed.shares.tolist(), strict=True) if one.size)
    return pure and bool((own < CLEAR).mean() < 1 - CALM)


def _groups(file: "File", rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], list[tuple[str | None, bool]]]:
    """Return each row's group and what the groups say: the system (of degrees) and whether they write angles."""
    labels: dict[tuple[str | None, bool], int] = {}
    found = np.zeros(len(rows), np.intp)
    angles = file.is_angle[rows]
    for at, row in enumerate(rows.tolist()):
        said = file.said[row]
        key = (degrees_of(said.system) if said else None, bool(angles[at]))
        found[at] = labels.setdefault(key, len(labels))
    return found, list(labels)


def degrees_of(system: str) -> str | None:
    """Return which of the three systems of degrees a said system is; None for one that says nothing of degrees."""
    return "wgs84" if system in ("wgs84", "cgcs2000") else system if system in datums.DEGREES else None


def _weighed(file: "File", rows: NDArray[np.intp], group: NDArray[np.intp], saids: list[tuple[str | None, bool]],
             ground: Ground) -> tuple[Looked, list[Group]]:
    x, y = file.x[rows], file.y[rows]
    readings = np.stack([np.column_stack(datums.to_degrees(name, x, y)) for name in datums.DEGREES], axis=1)
    prior = np.array([prior_of(said, is_angle) for said, is_angle in saids])
    looked = look(file, rows, readings, group, prior, ground)
    sizes = np.bincount(group, minlength=len(saids))
    groups = [decided(file.wish, said, looked.weighed.groups[number], int(sizes[number]),
                       int(looked.weighed.informed[number])) for number, (said, _) in enumerate(saids)]
    return looked, groups


def look(file: "File", rows: NDArray[np.intp], readings: Floats, group: NDArray[np.intp], prior: Floats,
         ground: Ground) -> Looked:
    """Return what the city says of rows under each of their readings (n × K × 2)."""
    xy = ground.xy(readings)
    addresses, names = [file.addresses[row] for row in rows.tolist()], [file.names[row] for row in rows.tolist()]
    road_m = ground.road_m(addresses, xy)
    place_m, places = ground.place_m(names, xy)
    inside = np.column_stack([datums.inside(readings[:, number, 0], readings[:, number, 1], file.frame)
                              for number in range(readings.shape[1])])
    nowhere = ~inside.any(axis=1)
    width, height = max(0.2, file.frame[2] - file.frame[0]), max(0.2, file.frame[3] - file.frame[1])
    near = datums.inside(readings[:, 0, 0], readings[:, 0, 1], (
        file.frame[0] - width, file.frame[1] - height, file.frame[2] + width, file.frame[3] + height))
    road_m[nowhere], place_m[nowhere] = np.nan, np.nan
    patterns = np.array([_pattern(ground, xy[(group == number) & ~nowhere]) for number in range(len(prior))])
    return Looked(rows, readings, road_m, place_m, places, patterns,
                  weigh(Evidence(road_m, place_m, places, inside, near, group, prior, patterns)))


def _pattern(ground: Ground, xy: Floats) -> Floats:
    count = xy.shape[1]
    if len(xy) < PATTERN_FROM or not ground.has_streets:
        return np.zeros(count)
    xy = xy[np.linspace(0, len(xy) - 1, min(len(xy), PATTERN_MOST)).astype(np.intp)]
    offsets = np.nanmedian(xy - xy[:, :1], axis=0)
    readings = np.moveaxis(xy, 1, 0)
    return datum_odds.pattern_odds(*pattern(readings, spiral(offsets), lying(ground)), len(xy))


def prior_of(said: str | None, is_angle: bool) -> tuple[float, ...]:
    """Return how likely each of the three systems is before anything is compared."""
    if said is None:
        return ANGLES if is_angle else UNSAID
    return tuple(SAID if name == said else (1 - SAID) / 2 for name in datums.DEGREES)


def decided(wish: str, said: str | None, odds: Floats, size: int, informed: int, usual: float = USUAL) -> Group:
    """Return the verdict on rows that say the same: obeyed, said, detected, left as WGS 84, or asked."""
    names = datums.DEGREES
    told = tuple(float(part) for part in odds)
    best = int(np.argmax(odds))
    if wish != "auto":
        return Group(said, wish, told, "wished", size, informed)
    if said is not None:
        own = odds[names.index(said)]
        state = "contradicted" if own < 1 - SURE and odds[best] >= SURE else "said" if own >= DOUBTED else "doubtful"
        return Group(said, said, told, state, size, informed)
    if odds[best] >= SURE:
        return Group(None, names[best], told, "detected", size, informed)
    is_usual = odds[0] >= usual
    return Group(None, "wgs84" if is_usual else names[best], told, "unsaid" if is_usual else "doubtful", size, informed)


def _taken(groups: list[Group], group: NDArray[np.intp]) -> NDArray[np.intp]:
    known = {"cgcs2000": 0, **{name: number for number, name in enumerate(datums.DEGREES)}}
    return np.array([known.get(one.taken, 0) for one in groups], np.intp)[group]


def _placed(file: "File", rows: NDArray[np.intp], taken: NDArray[np.intp], groups: list[Group]) -> Judged:
    lon, lat = file.x[rows].copy(), file.y[rows].copy()
    system = np.full(len(rows), "wgs84", object)
    for number, name in enumerate(datums.DEGREES):
        mine = taken == number
        if number and mine.any():
            lon[mine], lat[mine] = datums.to_degrees(name, lon[mine], lat[mine])
            system[mine] = name
    if file.wish != "auto" and file.wish not in datums.DEGREES:
        system[:] = file.wish
    return Judged(rows, lon, lat, system, datums.DEGREES, groups=groups)


def _contradict(file: "File", answer: Judged, group: NDArray[np.intp], groups: list[Group]) -> None:
    """Ask about every row of a group that is doubted as a whole; where the person chose, only warn."""
    for number, one in enumerate(groups):
        best = datums.DEGREES[int(np.argmax(one.odds))]
        mine = np.flatnonzero(group == number)
        if one.state in ("contradicted", "doubtful"):
            code = "datum_contradicted" if one.state == "contradicted" else "datum_doubtful"
            lon, lat = datums.to_degrees(best, file.x[answer.rows[mine]], file.y[answer.rows[mine]])
            for row, east, north in zip(answer.rows[mine].tolist(), lon.tolist(), lat.tolist(), strict=True):
                answer.errors[row] = question(code, one.said, best, east, north)
                answer.alternatives[row] = readings_of(file, row)
        elif one.state == "wished" and one.odds[_taken([one], np.zeros(1, np.intp))[0]] < 1 - SURE:
            for row in answer.rows[mine].tolist():
                answer.warnings[row] = question("datum_contradicted", one.taken, best, None, None)


def _single_rows(file: "File", answer: Judged, group: NDArray[np.intp], groups: list[Group], looked: Looked) -> None:
    """Find the rows that do not go with their group: taken where the file is mixed and they are sure, else asked."""
    odds, taken = looked.weighed.rows, _taken(groups, group)
    own = odds[np.arange(len(odds)), taken]
    best = odds.argmax(axis=1)
    calm = np.array([one.state in ("said", "detected", "unsaid", "wished") for one in groups])[group]
    against = calm & (best != taken) & (own < 1 - CLEAR)
    unsaid = np.array([one.state in ("detected", "unsaid") for one in groups])[group]
    several = {name: int((against & (best == number)).sum()) >= FEW for number, name in enumerate(datums.DEGREES)}
    asked = calm & (own < CLEAR) & ~(
        np.array([one.state in ("unsaid", "wished") for one in groups])[group] & (best == taken))
    asked |= unsaid & _mixed(group, against, len(groups)) & _silent(looked) & (own < SURE)
    for at in np.flatnonzero(asked).tolist():
        row, name = int(answer.rows[at]), datums.DEGREES[best[at]]
        lon, lat = looked.readings[at, best[at]].tolist()
        one = groups[group[at]]
        if unsaid[at] and best[at] != taken[at] and odds[at, best[at]] >= MIXED and several[name]:
            answer.lon[at], answer.lat[at], answer.system[at] = lon, lat, name
        elif one.state == "wished":
            answer.warnings.setdefault(row, question("datum_contradicted", one.taken, name, None, None))
        else:
            code = "datum_contradicted" if one.said and best[at] != taken[at] else "datum_doubtful"
            answer.errors[row] = question(code, one.said, name, lon, lat)
            answer.alternatives[row] = readings_of(file, row)


def _mixed(group: NDArray[np.intp], against: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Tell which rows are of a group where several rows are surely of another system."""
    return (np.bincount(group[against], minlength=count) >= FEW)[group]


def _silent(looked: Looked) -> NDArray[np.bool_]:
    """Tell which rows name nothing that the city knows."""
    return ~(np.isfinite(looked.road_m).any(axis=1) | np.isfinite(looked.place_m).any(axis=1))


def question(code: str, said: str | None, best: str, lon: float | None, lat: float | None) -> CivmapError:
    """Return the doubt about a row's system, with the spot that would be accepted."""
    facts: dict[str, Any] = {"said": said, "crs": best}
    if lon is not None and lat is not None and np.isfinite(lon) and np.isfinite(lat):
        facts |= {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}
    return Invalid(code, field="lon", **facts)


def readings_of(file: "File", row: int) -> list[tuple[str, float, float]]:
    """Return the spots a row of degrees may mean inside the frame, by system."""
    x, y = np.array([file.x[row]]), np.array([file.y[row]])
    found = []
    for name in datums.DEGREES:
        lon, lat = datums.to_degrees(name, x, y)
        if datums.inside(lon, lat, file.frame)[0]:
            found.append((name, float(lon[0]), float(lat[0])))
    return found
