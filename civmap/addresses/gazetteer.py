"""The gazetteer of one viewer: every way in which a text can name a place is tried, and the answers are weighed."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from shapely import Point, STRtree
from shapely.geometry.base import BaseGeometry

from civmap.addresses.names import Lexicon, Likeness
from civmap.addresses.naming import Naming
from civmap.addresses.numbers import Door, Doors, Known
from civmap.addresses.places import Said, said
from civmap.addresses.reading import read
from civmap.addresses.roadways import Roadways
from civmap.addresses.streets import Streets
from civmap.addresses.things import Row, Thing, Things, numbers_of
from civmap.addresses.weighing import OUTSIDE, Candidate, weighed

LONGEST = 200
ENOUGH, WEAK = 0.75, 0.45
SOME_M = 60.0


class Place(NamedTuple):
    """A place that a text may mean: degrees, how likely it lies within `reach_m` metres, and what that rests on."""

    lon: float
    lat: float
    score: float
    basis: str
    name: str
    reach_m: float
    code: str | None = None


class Gazetteer:
    """Streets, their numbers and the things along them, for one viewer at one moment."""

    def __init__(self, streets: Streets, rows: Iterable[Row], borders: Iterable[tuple[str, BaseGeometry]] = (),
                 city: str = "") -> None:
        self.streets, self.city = streets, city
        rows = list(rows)
        flat = [streets.flat(row.lon, row.lat) for row in rows]
        told = [(row.address, *spot) for row, spot in zip(rows, flat, strict=True) if row.address]
        self.numbers = numbers_of(Lexicon(streets.names), told)
        self.lexicon = Lexicon([*streets.names, *self.numbers])
        self.things = Things((Thing(row.basis, row.code, row.name, *spot, row.reach_m)
                              for row, spot in zip(rows, flat, strict=True)), self.lexicon.by_fold)
        self.likeness = Likeness(self.lexicon)
        self.roads, self.naming = Roadways(self), Naming(self)
        self.borders: dict[str, list[BaseGeometry]] = {}
        for name, area in borders:
            self.borders.setdefault(name, []).append(area)
        self._doors: dict[str, Doors | None] = {}

    @cached_property
    def ground(self) -> tuple[STRtree, list[Thing]]:
        """Return the named things by where they are, without divisions and streets: put together when first asked."""
        near = [thing for same in self.things.by_name.values() for thing in same
                if thing.basis not in ("division", "street")]
        return STRtree([Point(thing.x, thing.y) for thing in near]), near

    def roads_in(self, text: str) -> list[str]:
        """Return the names of the streets that a text holds, longest first."""
        found = {hit.name for hit in self.lexicon.hits(read(text[:LONGEST]))}
        return sorted(found, key=lambda name: (-len(name), name))

    def doors(self, road: str) -> Doors | None:
        """Return the known numbers of a street, None where there are none."""
        if road not in self._doors:
            known = self.numbers.get(road)
            self._doors[road] = Doors(known, self.streets.axis(road)) if known else None
        return self._doors[road]

    def door(self, road: str, number: int) -> Door | None:
        """Return where a house number of a street must be, None where nothing tells."""
        doors = self.doors(road)
        return doors.place(number) if doors else None

    def known(self, road: str) -> list[Known]:
        """Return the known numbers of a street."""
        return self.numbers.get(road, [])

    def find(self, text: str, limit: int = 5, near: tuple[float, float] | None = None) -> list[Place]:
        """Return the places that a text may mean, best first; `near` (lon, lat) decides between equals."""
        if not text or not text.strip():
            return []
        asked = said(self.lexicon, text[:LONGEST])
        found = self._found(asked)
        wished = self.streets.flat(*near) if near else None
        ranked = weighed(self._within(asked, found), wished, limit)
        return [self._place(one) for one in ranked]

    def find_many(self, texts: Iterable[str | None], limit: int = 1) -> list[list[Place]]:
        """Return the places of many texts, in their order; a text that comes again is answered once."""
        kept: dict[str, list[Place]] = {}
        return [kept[text] if text in kept else kept.setdefault(text, self.find(text, limit))
                for text in (one or "" for one in texts)]

    def _found(self, asked: Said) -> list[Candidate]:
        found = [*self.naming.whole(asked), *self.roads.crossings(asked), *self.roads.numbered(asked)]
        if not any(one.score >= ENOUGH and one.reach_m <= SOME_M * 4 for one in found):
            found += self.roads.misspelt(asked) if not found else []
        found += self.naming.beside(asked)
        found += self.roads.alone(asked, found)
        if not any(one.score >= WEAK for one in found):
            found += self.naming.likely(asked)
        return found

    def _within(self, asked: Said, found: list[Candidate]) -> list[Candidate]:
        """Let the divisions that a text names decide: what lies outside them is less likely."""
        doubt = 1.0
        if self.city.endswith("市") and any(one.endswith("市") for one in asked.divisions):
            doubt = 1.0 if any(self.city.startswith(one) for one in asked.divisions) else 0.75
        areas = [area for name in asked.divisions for area in self.borders.get(name, ())]
        if areas and len(found) > 1:
            xy = np.array([self.streets.degrees(one.x, one.y) for one in found])
            inside = np.any([shapely.contains_xy(area, xy[:, 0], xy[:, 1]) for area in areas], axis=0)
            if inside.any() and not inside.all():
                return [_scaled(one, doubt * (1.0 if is_in else OUTSIDE))
                        for one, is_in in zip(found, inside.tolist(), strict=True)]
        return found if doubt == 1.0 else [_scaled(one, doubt) for one in found]

    def _place(self, one: Candidate) -> Place:
        lon, lat = self.streets.degrees(one.x, one.y)
        return Place(lon, lat, round(one.score, 2), one.basis, one.name, round(one.reach_m, 0), one.code)


def _scaled(one: Candidate, factor: float) -> Candidate:
    return replace(one, score=one.score * factor)

