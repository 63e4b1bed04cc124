"""Named things that addresses speak of, and the numbers that their own addresses tell of the streets."""

from collections import defaultdict
from collections.abc import Container, Iterable
from functools import cached_property
from typing import NamedTuple

from civmap.addresses.names import Lexicon, Parts
from civmap.addresses.numbers import Known
from civmap.addresses.reading import head, number_after, read, street_before_number

ONE_PLACE_M = 60.0
RANKS = {"point": 0, "estate": 1, "unit": 2, "shop": 3, "building": 4, "street": 5, "division": 6}


class Row(NamedTuple):
    """A thing as it is kept: where it is (degrees), how far it reaches, and what its own address says."""

    basis: str
    code: str | None
    name: str
    lon: float
    lat: float
    reach_m: float
    address: str | None = None


class Thing(NamedTuple):
    """A named thing: where it is in metres of the plane."""

    basis: str
    code: str | None
    name: str
    x: float
    y: float
    reach_m: float


class Things:
    """Things by their names, whole or in part; things of one name at one place are one; `but` these plain names."""

    def __init__(self, things: Iterable[Thing], but: Container[str] = ()) -> None:
        self.by_name: dict[str, list[Thing]] = defaultdict(list)
        for thing in sorted(things, key=lambda one: RANKS[one.basis]):
            plain = read(thing.name)
            if plain in but:
                continue
            same = self.by_name[plain]
            if len(plain) > 1 and len(same) < 200 and all(
                    abs(thing.x - one.x) + abs(thing.y - one.y) > ONE_PLACE_M for one in same):
                same.append(thing)
        self.lexicon = Lexicon(self.by_name, is_plain=True)

    @cached_property
    def parts(self) -> Parts:
        """Return the names by their parts: put together when first asked for."""
        return Parts(sorted(self.by_name))


def told_number(lexicon: Lexicon, address: str) -> tuple[str, int] | None:
    """Return the street and the house number that the address of a thing tells; a street may be unknown so far."""
    plain = read(address)
    for hit in lexicon.hits(plain):
        told = number_after(plain[hit.end:])
        if told:
            return hit.name, told[0]
    bare = head(plain, len(plain)).rest
    street = street_before_number(bare)
    told = number_after(bare[len(street):]) if street else None
    return (street, told[0]) if street and told else None


def numbers_of(lexicon: Lexicon, rows: Iterable[tuple[str, float, float]]) -> dict[str, list[Known]]:
    """Return the known house numbers by street, of addresses and their places in metres."""
    found: dict[str, list[Known]] = defaultdict(list)
    for address, x, y in rows:
        told = told_number(lexicon, address)
        if told:
            found[told[0]].append(Known(told[1], x, y))
    return dict(found)
