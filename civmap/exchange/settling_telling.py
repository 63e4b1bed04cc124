"""What a person is shown of how a file's system was found: shares, a sentence's code, samples under each reading."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from civmap import texts
from civmap.exchange.settling_degrees import Group, Judged, Looked
from civmap.geo import datums

if TYPE_CHECKING:
    from civmap.exchange.settling import File, Settled

SAMPLES = 12
WORST = ("doubtful", "contradicted", "unsaid", "wished", "detected", "said")


def evidence(found: "Settled", file: "File", judgements: list[Judged]) -> dict[str, Any]:
    """Return the evidence as JSON: `found`, `shares`, `is_sure`, `code` with `facts`, `groups`, `samples`.

    The sentence is the catalogue's `datum.<code>` and the names are `system.<system>`: see `worded`.
    """
    placed = [system for system in found.system if system is not None]
    counts = Counter(placed)
    groups = [group for judged in judgements for group in judged.groups]
    state = next((state for state in WORST if any(group.state == state for group in groups)), "nothing")
    asked = any(group.state == "wished" and error.code == "datum_contradicted" for group in groups
                for error in list(found.warnings.values())[:1])
    main = max(counts, key=lambda name: counts[name], default=None)
    return {
        "found": main, "shares": [{"system": name, "rows": rows} for name, rows in
                                  sorted(counts.items(), key=lambda item: -item[1])],
        "is_sure": state in ("said", "detected", "nothing") or (state == "wished" and not asked),
        "code": "wish_doubted" if state == "wished" and asked else state,
        "facts": {"system": main, "rows": len(placed), "informed": sum(group.informed for group in groups)},
        "groups": [{"said": group.said, "taken": group.taken, "state": group.state, "rows": group.size,
                    "informed": group.informed, "odds": [round(one, 4) for one in group.odds]} for group in groups],
        "samples": [sample for judged in judgements if judged.looked is not None
                    for sample in _samples(file, judged.looked, judged.names)][:SAMPLES]}


def of_shapes(system: str, group: Group | None, names: list[str], corners: list[list[float]],
              state: str) -> dict[str, Any]:
    """Return the evidence of a file of shapes: the same members, samples being corners under each reading."""
    state = group.state if group else state
    samples = []
    for x, y in corners[::max(1, len(corners) // SAMPLES)][:SAMPLES]:
        spots = {name: datums.to_degrees(name, np.array([x]), np.array([y])) for name in names}
        samples.append({"row": None, "name": "", "near": None, "as": {
            name: [round(float(lon[0]), 6), round(float(lat[0]), 6)] for name, (lon, lat) in spots.items()
            if np.isfinite(lon[0]) and np.isfinite(lat[0])}})
    groups = [] if group is None else [{"said": group.said, "taken": group.taken, "state": group.state,
                                        "rows": group.size, "informed": group.informed,
                                        "odds": [round(one, 4) for one in group.odds]}]
    return {"found": system, "shares": [], "is_sure": state in ("said", "detected", "nothing", "wished"), "code": state,
            "facts": {"system": system, "rows": 0, "informed": 0}, "groups": groups, "samples": samples}


def worded(told: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return evidence with the sentence (`message`) and the systems' names in a language."""
    facts = {**told["facts"], "system": system_name(lang, told["found"])}
    return {**told, "message": texts.say(lang, f"datum.{told['code']}", **facts),
            "shares": [{**share, "name": system_name(lang, share["system"])} for share in told["shares"]]}


def system_name(lang: str, system: str | None) -> str:
    """Return a coordinate system as people call it: GCJ-02(高德、腾讯), EPSG:4549."""
    if system is None:
        return "—"
    return texts.say(lang, f"system.{system}") if texts.has(lang, f"system.{system}") else system


def _samples(file: "File", looked: Looked, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return rows that tell most: spread over the file, those whose readings differ most in what they lie near."""
    known = np.isfinite(looked.place_m).all(axis=1) | np.isfinite(looked.road_m).all(axis=1)
    rows = np.flatnonzero(known) if known.any() else np.arange(len(looked.rows))
    if not len(rows):
        return []
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), SAMPLES)).astype(np.intp))]
    return [_sample(file, looked, names, int(at)) for at in rows]


def _sample(file: "File", looked: Looked, names: tuple[str, ...], at: int) -> dict[str, Any]:
    row = int(looked.rows[at])
    spots = {name: [round(float(part), 6) for part in looked.readings[at, number]]
             for number, name in enumerate(names) if np.isfinite(looked.readings[at, number]).all()}
    by_place = bool(np.isfinite(looked.place_m[at]).all())
    far = looked.place_m[at] if by_place else looked.road_m[at]
    near = None
    if np.isfinite(far).all():
        near = {"what": "place" if by_place else "road",
                "name": ((file.names[row] if by_place else file.addresses[row]) or "")[:60],
                "distance_m": {name: round(float(far[number])) for number, name in enumerate(names) if name in spots}}
    return {"row": row, "name": (file.names[row] or file.addresses[row] or "")[:60], "as": spots, "near": near}
