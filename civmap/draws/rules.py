"""How points are chosen: the blind draw by quota, weight and seed. Pure; the seed is the only chance there is.

A draw is weighted sampling without replacement (Efraimidis & Spirakis, 2006): every point gets u^(1/w), u between 0
and 1 from SHA-256 over seed and code, w the weight of its street, and the largest of a type are drawn. The order of
rows and the database do not matter, and a point that comes or goes elsewhere moves no more than its own place.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from civmap import dictionaries
from civmap.errors import CivmapError, Invalid
from civmap.fields import number, plain_text, refuse, whole

MANDATORY, QUOTA = "mandatory", "quota"
MOST_QUOTA = 10_000
MOST_WEIGHT = 1_000_000.0
MOST_DAYS = 3_650
MOST_SEED = 64


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a street counts: what was written, and the division codes and street names that it means."""

    written: str
    weight: float
    divisions: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()

    def closeness(self, division: str, street: str) -> int:
        """Return how closely this speaks of a place: its street before its community before its subdistrict; or 0."""
        named = 100 if street and street in self.streets else 0
        return max([named, *(len(code) for code in self.divisions if division.startswith(code))])


@dataclass(frozen=True, slots=True)
class Wish:
    """What a draw is asked for: how many of which type, which streets count how much, and who was seen too lately."""

    quota: Mapping[str, int]
    is_mandatory: bool = False
    weights: tuple[Weight, ...] = ()
    not_seen_days: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A declared point that may be drawn; `unseen_days` are the whole days since the last visit, None without one."""

    code: str
    type: str
    division: str = ""
    street: str = ""
    unseen_days: int | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A point of a draw: why it is in, and whether it would have been left out as seen lately."""

    code: str
    type: str
    why: str
    is_recent: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """A type that has fewer points to draw than were wanted."""

    type: str
    wanted: int
    got: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something that whoever reads a draw should know: a code with the facts of its sentence."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pool:
    """What there was to draw from of one type: declared points, those seen lately, those in streets that weigh 0.

    `available` is how many are left to be drawn; of a mandatory type that is taken as a whole these are all.
    """

    declared: int
    recent: int
    excluded: int
    available: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What a draw gives."""

    picks: tuple[Pick, ...]
    shortfall: tuple[Lack, ...]
    notes: tuple[Note, ...]
    pool: Mapping[str, Pool]


def read_quota(written: Iterable[tuple[Any, Any]]) -> dict[str, int]:
    """Return the quota by type code; raise Invalid or Several for unknown or repeated types and absurd numbers."""
    found: dict[str, int] = {}
    problems: list[CivmapError] = []
    for name, count in written:
        try:
            code = dictionaries.point_type(plain_text(name, 100)).code
            if code in found:
                raise Invalid("draw_type_twice", value=str(name)[:40], type=code)
            found[code] = whole(0, MOST_QUOTA)(count)
        except CivmapError as problem:
            problem.field = "quota"
            problems.append(problem)
    refuse(problems)
    order = list(dictionaries.point_types())
    return {code: found[code] for code in sorted(found, key=order.index)}


def read_weights(written: Iterable[tuple[Any, Any]]) -> list[tuple[str, float]]:
    """Return street and weight as written; raise Invalid or Several for repeated streets and weights below zero."""
    found: dict[str, float] = {}
    problems: list[CivmapError] = []
    for name, weight in written:
        try:
            street = plain_text(name, 100)
            if not street:
                raise Invalid("draw_street_unknown", value="", near=[])
            if street in found:
                raise Invalid("draw_street_twice", value=street[:40], other=street[:40])
            found[street] = number(0, MOST_WEIGHT)(weight)
        except CivmapError as problem:
            problem.field = "weights"
            problems.append(problem)
    refuse(problems)
    return list(found.items())


def read_seed(written: Any) -> str:
    """Return the seed as text, exactly as it was given; raise Invalid for an empty or an endless one."""
    seed = str(written) if isinstance(written, int) else written
    if not isinstance(seed, str) or not seed.strip():
        raise Invalid("draw_seed_missing", field="seed")
    try:
        is_kept = plain_text(seed, MOST_SEED) == seed.strip()
    except Invalid as problem:
        problem.field = "seed"
        raise
    if not is_kept or len(seed) > MOST_SEED:
        raise Invalid("draw_seed_unusable", field="seed", most=MOST_SEED)
    return seed


def check(wish: Wish) -> None:
    """Refuse a draw that asks for nothing; raise Invalid."""
    if not wish.is_mandatory and not any(wish.quota.values()):
        raise Invalid("draw_quota_empty", field="quota")


def lot(seed: str, code: str, weight: float) -> float:
    """Return where a point stands in its type's order: the smaller, the sooner it is drawn.

    It is −ln(u) ÷ w, which orders like u^(1/w) from the largest on, and keeps its digits where w is small.
    """
    digest = hashlib.sha256(f"{seed}\x00{code}".encode()).digest()
    chance = (int.from_bytes(digest[:8], "big") + 0.5) / 2.0 ** 64
    return -math.log(chance) / weight


def weight_of(weights: Sequence[Weight], division: str, street: str) -> float:
    """Return the weight of a place: of what speaks of it most closely, 1 where nothing does."""
    near = [(one.closeness(division, street), -place, one.weight) for place, one in enumerate(weights)]
    closest = max(near, default=(0, 0, 1.0))
    return closest[2] if closest[0] else 1.0


def is_recent(wish: Wish, candidate: Candidate) -> bool:
    """Tell whether a point was seen within the days that a draw leaves out."""
    return candidate.unseen_days is not None and candidate.unseen_days < wish.not_seen_days


def draw(candidates: Iterable[Candidate], wish: Wish, seed: str) -> Sample:
    """Return the draw: mandatory points first, then each quota filled by lot; what is lacking is told, never filled."""
    by_type: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_type.setdefault(candidate.type, []).append(candidate)
    picks: list[Pick] = []
    lacks: list[Lack] = []
    notes: list[Note] = []
    pool: dict[str, Pool] = {}
    for kind in dictionaries.point_types().values():
        is_whole = wish.is_mandatory and kind.is_mandatory
        if kind.code not in wish.quota and not is_whole:
            continue
        there = by_type.get(kind.code, [])
        wanted = wish.quota.get(kind.code)
        found = _whole(there, wish) if is_whole else _by_lot(there, wish, seed, wanted or 0)
        picks += found
        if wanted is not None and len(found) < wanted:
            lacks.append(Lack(kind.code, wanted, len(found)))
        notes += _notes(kind.code, wish, is_whole, there, wanted)
        pool[kind.code] = _pool(there, wish, is_whole)
    return Sample(tuple(picks), tuple(lacks), tuple(notes), pool)


def _whole(there: Sequence[Candidate], wish: Wish) -> list[Pick]:
    ordered = sorted(there, key=lambda one: one.code)
    return [Pick(one.code, one.type, MANDATORY, is_recent(wish, one)) for one in ordered]


def _by_lot(there: Sequence[Candidate], wish: Wish, seed: str, wanted: int) -> list[Pick]:
    weighed = [(one, weight) for one in there if (weight := _weight(wish, one)) > 0 and not is_recent(wish, one)]
    ordered = sorted(weighed, key=lambda pair: (lot(seed, pair[0].code, pair[1]), pair[0].code))
    return [Pick(one.code, one.type, QUOTA) for one, _ in ordered[:wanted]]


def _pool(there: Sequence[Candidate], wish: Wish, is_whole: bool) -> Pool:
    recent = [is_recent(wish, one) for one in there]
    excluded = [_weight(wish, one) == 0 for one in there]
    barred = 0 if is_whole else sum(map(max, recent, excluded))
    return Pool(len(there), sum(recent), sum(excluded), len(there) - barred)


def _weight(wish: Wish, candidate: Candidate) -> float:
    return weight_of(wish.weights, candidate.division, candidate.street)


def _notes(kind: str, wish: Wish, is_whole: bool, there: Sequence[Candidate], wanted: int | None) -> list[Note]:
    """Return what a rule could not keep to where all points of a type are in."""
    if not is_whole:
        return []
    recent = sum(is_recent(wish, one) for one in there)
    weighed_out = sum(_weight(wish, one) == 0 for one in there)
    found = [
        (not there, Note("draw_mandatory_none", {"type": kind})),
        (wanted is not None and wanted < len(there),
         Note("draw_quota_below_mandatory", {"type": kind, "wanted": wanted, "got": len(there)})),
        (recent > 0, Note("draw_mandatory_recent", {"type": kind, "count": recent, "days": wish.not_seen_days})),
        (weighed_out > 0, Note("draw_mandatory_weighed_out", {"type": kind, "count": weighed_out})),
    ]
    return [note for holds, note in found if holds]
