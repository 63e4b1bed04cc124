"""What a text says by the name of a thing: whole, beside an address, as a part of the name, or almost."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from civmap.addresses.places import Said
from civmap.addresses.reading import COMPASS, Aside, aside
from civmap.addresses.things import Thing
from civmap.addresses.weighing import Candidate

if TYPE_CHECKING:
    from civmap.addresses.gazetteer import Gazetteer

_BRACKETS = re.compile(r"\([^()]*\)")
_BESIDE = re.compile(rf"(?:(?:以|往|向)?{COMPASS}(?:侧|边|面|门|方向)?(?:约?\d{{1,4}}(?:余|多)?(?:米|m))?"
                     r"|对面|对过|附近|周边|一带|旁边?|边上|隔壁|门口|门前|大门口?|正门|里面|内|外|处|院内)$")
_CUT = re.compile(r"第?\d{1,5}(?:[-/、,.之至~]\d{1,5})*(?:号|弄|#)|[(),;:]")
_UNIT = re.compile(r"(?:\d{1,3}|[a-z])(?:号?楼|栋|幢|座|单元|室|层|期).*$")
EXACT, INSIDE, PART, LIKE = 0.95, 0.86, 0.62, 0.7
FEWEST = 3


class Naming:
    """Reads names of things in texts against those of a gazetteer."""

    def __init__(self, gazetteer: "Gazetteer") -> None:
        self.things = gazetteer.things

    def whole(self, asked: Said) -> list[Candidate]:
        """Return the things whose name a text is, with or without its divisions and what stands beside."""
        tries = [asked.plain, asked.rest]
        if asked.divisions:
            tries.append(asked.divisions[-1] + asked.rest)
        tries.append(_BRACKETS.sub("", asked.rest))
        bare = _BESIDE.sub("", tries[-1])
        tries += [bare, _UNIT.sub("", bare)]
        for at, name in enumerate(dict.fromkeys(tries)):
            found = self.things.by_name.get(name)
            if found:
                beside = aside(tries[-3][len(bare):]) if at and name in (bare, tries[-1]) else Aside()
                return list(_told(found, EXACT, beside, unit_m=30.0 if name != bare and at > 3 else 0.0))
        return []

    def beside(self, asked: Said) -> Iterator[Candidate]:
        """Yield the things that a text names besides an address: 汉中路155号江苏省中医院."""
        for fragment in self._fragments(asked):
            bare = _BESIDE.sub("", _UNIT.sub("", fragment)) or fragment
            found = self.things.by_name.get(fragment) or self.things.by_name.get(bare)
            if found:
                yield from _told(found, EXACT * 0.97, aside(fragment[len(bare):]))
                continue
            hits = [hit for hit in self.things.lexicon.hits(fragment) if hit.end - hit.start >= FEWEST]
            if hits:
                hit = max(hits, key=lambda one: one.end - one.start)
                cover = (hit.end - hit.start) / len(bare)
                plain = fragment[hit.start:hit.end]
                yield from _told(self.things.by_name[plain], 0.3 + (INSIDE - 0.3) * min(1.0, cover) ** 1.5,
                                 aside(fragment[hit.end:]))

    def _fragments(self, asked: Said) -> list[str]:
        """Return the parts of a text beside its streets and numbers."""
        plain, at, parts = asked.plain, asked.start, []
        for hit in asked.hits:
            parts.append(plain[at:hit.start])
            at = hit.end
        parts.append(plain[at:])
        pieces = [piece for part in parts for piece in _CUT.split(part)]
        if not asked.hits:
            pieces = [asked.rest, *pieces]
        return [piece for piece in dict.fromkeys(pieces) if len(piece) >= FEWEST]

    def likely(self, asked: Said) -> Iterator[Candidate]:
        """Yield the things whose name holds a text, or shares most of its letters with it."""
        bare = _BESIDE.sub("", _BRACKETS.sub("", asked.rest)) or asked.rest
        if len(bare) < 2 or bare.isdigit():
            return
        parts = self.things.parts
        holding = [parts.plains[number] for number in parts.holding(bare)]
        count = sum(len(self.things.by_name[name]) for name in holding)
        for name in sorted(holding, key=len)[:6]:
            share = len(bare) / len(name)
            sure = (PART + 0.25 * share) / max(1.0, count ** 0.7)
            for thing in self.things.by_name[name][:6]:
                yield _candidate(thing, sure, Aside())
        if not holding:
            for number, share in parts.like(bare):
                if share >= 0.5:
                    yield from _told(self.things.by_name[parts.plains[number]], LIKE * share, Aside())


def _told(things: list[Thing], sure: float, beside: Aside, unit_m: float = 0.0) -> Iterator[Candidate]:
    """Yield things of one name; where several places bear it, each is as likely as the others."""
    for thing in things[:12]:
        yield _candidate(thing, sure / len(things) ** 0.9, beside, unit_m)


def _candidate(thing: Thing, sure: float, beside: Aside, more_m: float = 0.0) -> Candidate:
    return Candidate(thing.x + beside.east_m, thing.y + beside.north_m, sure, thing.basis, thing.name + beside.words,
                     thing.reach_m + beside.reach_m + more_m, thing.code)
