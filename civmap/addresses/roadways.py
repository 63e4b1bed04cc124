"""What a text says by streets: a crossing, a stretch, a house number, or the street alone."""

import re
from collections.abc import Iterator
from itertools import pairwise, product
from typing import TYPE_CHECKING

from civmap.addresses.names import Hit
from civmap.addresses.places import Said
from civmap.addresses.reading import JUNCTION, Aside, is_junction, number_after
from civmap.addresses.streets import Met, middle_of
from civmap.addresses.weighing import Candidate

if TYPE_CHECKING:
    from civmap.addresses.gazetteer import Gazetteer

_AND = re.compile(r"^(?:路?口?[,、/&+×x|]|[与和及跟同]|交|相?交于|,?近|路口|\(近?|(?:路?口)?)$")
_NEAR = re.compile(r"^[,(]?(?:靠近|临近|近|靠)$")
_TO = re.compile(r"^(?:路口|口)?(?:-|~|至|到)$")
_FROM = re.compile(r"^[(,]?(?:[从自由])?$")
_NUMBERED = re.compile(r"^第?\d{1,5}(?:[-/、,.之至~]\d{1,5})*(?:号|弄|#)?")
_PAIR = re.compile(rf"^(.{{2,10}}?)[与和/、及跟&×](.{{2,10}}?)(?:{JUNCTION}|$|(?=[东南西北]))")
_DOOR = re.compile(r"^(.{2,10}?)第?(\d{1,5})(?:号|弄|$)")
_TAIL = re.compile(r"(?:附近|旁边?|对面|沿线|沿街|全线|全段|[东南西北中上下]段|路段)$")
_OTHER = re.compile(r"[新老旧小大前后上下东南西北中]$")
CROSSING, ADJACENT, TOLD_NEAR, STRETCH, STREET = 0.96, 0.85, 0.6, 0.93, 0.93
BARE_NUMBER = 0.95
ACROSS_M = 12.0


class Roadways:
    """Reads streets in texts against the streets of a gazetteer."""

    def __init__(self, gazetteer: "Gazetteer") -> None:
        self.gazetteer, self.streets = gazetteer, gazetteer.streets

    def crossings(self, asked: Said) -> Iterator[Candidate]:
        """Yield the crossings that a text names, and the middles of stretches."""
        hits, plain = asked.hits, asked.plain
        for at in range(len(hits) - 2):
            one, two, three = hits[at:at + 3]
            if _FROM.match(plain[one.end:two.start]) and _TO.match(plain[two.end:three.start]):
                yield from self._stretch(one.name, two.name, three.name)
                return
        for one, two in pairwise(hits):
            if one.name != two.name:
                yield from self._crossing(asked, one, two)

    def _crossing(self, asked: Said, one: Hit, two: Hit) -> Iterator[Candidate]:
        between = _NUMBERED.sub("", asked.plain[one.end:two.start])
        rest = asked.plain[two.end:]
        near = _NEAR.match(between)
        if near:
            base = TOLD_NEAR
        elif _AND.match(between):
            base = CROSSING if between or is_junction(rest) else ADJACENT
        elif _TO.match(between):
            base = ADJACENT * 0.9
        else:
            return
        if number_after(rest) and not is_junction(rest):
            base *= 0.6
        yield from self._met(one.name, two.name, base * _apart(asked, one), asked.after(two.end), 80.0 if near else 0.0)

    def _met(self, one: str, two: str, base: float, beside: Aside, more_m: float = 0.0) -> Iterator[Candidate]:
        met = self.streets.meeting(one, two)
        sure = [each for each in met if each.sure >= 1.0]
        share = 1.0 if len(met) < 2 else 1 / max(1, len(sure or met))
        for each in sure or met:
            x, y = self._moved((one, two), each, beside)
            reach = each.reach_m + more_m + beside.reach_m
            yield Candidate(x, y, base * each.sure * share, "crossing", f"{one}与{two}路口{beside.words}", reach)

    def _moved(self, roads: tuple[str, ...], spot: Met, beside: Aside) -> tuple[float, float]:
        """Return a spot moved by what the text says, back onto one of the streets where that is near."""
        x, y = spot.x + beside.east_m, spot.y + beside.north_m
        if beside.east_m or beside.north_m:
            on = [there for there in (self.streets.on(road, x, y) for road in roads) if there]
            if on:
                return min(on, key=lambda there: (there[0] - x) ** 2 + (there[1] - y) ** 2)
        return x, y

    def _stretch(self, road: str, start: str, end: str) -> Iterator[Candidate]:
        line = self.streets.stretch(road, start, end)
        if line is not None:
            middle = middle_of(self.streets.plane.to_metres(line))
            yield Candidate(middle.x, middle.y, STRETCH, "street", f"{road}({start}-{end})", middle.reach_m)

    def numbered(self, asked: Said) -> Iterator[Candidate]:
        """Yield where the house numbers of a text must be."""
        for hit in asked.hits:
            told = number_after(asked.plain[hit.end:])
            if told:
                number, end, is_signed = told
                sure = _apart(asked, hit) * (1.0 if is_signed else BARE_NUMBER)
                yield from self._numbered(hit.name, number, sure, asked.after(hit.end + end))

    def _numbered(self, road: str, number: int, sure: float, beside: Aside) -> Iterator[Candidate]:
        door = self.gazetteer.door(road, number)
        if door is None:
            return
        x, y = door.x + beside.east_m, door.y + beside.north_m
        if beside.is_across and (foot := self.streets.on(road, x, y)):
            x, y = 2 * foot[0] - x, 2 * foot[1] - y
        name, reach = f"{road}{number}号{beside.words}", door.reach_m + beside.reach_m
        yield Candidate(x, y, door.sure * sure, "number", name, reach)

    def alone(self, asked: Said, found: list[Candidate]) -> Iterator[Candidate]:
        """Yield the middles of the streets that a text names and that no crossing speaks of."""
        if any(one.basis == "crossing" and one.score > 0.5 for one in found):
            return
        share = 1.0 if len({hit.name for hit in asked.hits}) < 2 else 0.6
        for hit in asked.hits:
            yield from self._middle(hit.name, STREET * share * _apart(asked, hit) * _goes_on(asked, hit))

    def _middle(self, road: str, sure: float) -> Iterator[Candidate]:
        middle = self.streets.middle(road)
        if middle is not None:
            yield Candidate(middle.x, middle.y, sure, "street", road, middle.reach_m)
            return
        known = self.gazetteer.known(road)
        if known:
            x, y = sum(one.x for one in known) / len(known), sum(one.y for one in known) / len(known)
            reach = max(((one.x - x) ** 2 + (one.y - y) ** 2) ** 0.5 for one in known) + 400
            yield Candidate(x, y, sure * 0.65, "street", road, reach)

    def misspelt(self, asked: Said) -> Iterator[Candidate]:
        """Yield what a text may mean whose streets are written without 路, by sound, or with a letter wrong."""
        pair, door = _PAIR.match(asked.rest), _DOOR.match(asked.rest)
        if pair:
            beside = asked.after(asked.start + pair.end())
            for (one, sure), (two, also) in product(self._like(pair[1]), self._like(pair[2])):
                yield from self._met(one, two, CROSSING * sure * also, beside)
        elif not asked.hits and door:
            beside = asked.after(asked.start + door.end())
            for road, sure in self._like(door[1]):
                yield from list(self._numbered(road, int(door[2]), sure, beside)) or self._middle(road, sure * 0.9)
        elif not asked.hits:
            for road, sure in self._like(_TAIL.sub("", asked.rest)):
                yield from self._middle(road, sure * 0.9)

    def _like(self, written: str) -> list[tuple[str, float]]:
        return self.gazetteer.likeness.readings(written.strip("()[],;:"))


def _apart(asked: Said, hit: Hit) -> float:
    """Return how sure it is that a name in a text is a street of its own: 新上海路 may be another than 上海路."""
    before = asked.plain[asked.start:hit.start] if hit.start > asked.start else ""
    return 0.6 if before and len(before) == 1 and _OTHER.search(before) else 1.0


def _goes_on(asked: Said, hit: Hit) -> float:
    """Return how sure it is that a street's name is not the beginning of another name: 上海路站."""
    rest = asked.plain[hit.end:]
    if not rest or not "\u4e00" <= rest[0] <= "\u9fff" or _TAIL.match(rest) or is_junction(rest):
        return 1.0
    return 0.8
