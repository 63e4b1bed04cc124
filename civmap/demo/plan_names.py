"""Names for everything: each is drawn from a pool once, so no two things of a kind are called the same."""

import math
import random
from collections.abc import Mapping

from civmap.demo.plan_ground import Ground, Street, chains

NUMBERS = "一二三四五六七八九十"


class Pool:
    """A shuffled heap of names; each is given out once."""

    def __init__(self, rng: random.Random, words: str) -> None:
        self._words = list(dict.fromkeys(words.split()))
        rng.shuffle(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def take(self) -> str:
        """Give out the next name; raise IndexError where the pool is empty."""
        return self._words.pop()


class People:
    """Invented persons: a surname and a given name each, no two alike, and a telephone number."""

    def __init__(self, rng: random.Random, names: Mapping) -> None:
        self._rng = rng
        self._surnames = names["surnames"].split()
        self._first, self._last = names["given_first"].split(), names["given_last"].split()
        self._taken: set[str] = set()
        self._phones: set[str] = set()

    def name(self) -> str:
        """Return a new full name."""
        while True:
            weight = self._rng.random() ** 1.7
            given = self._rng.choice(self._last)
            if self._rng.random() < 0.72:
                given = self._rng.choice(self._first) + given
            full = self._surnames[int(weight * len(self._surnames))] + given
            if full not in self._taken and len(set(full)) == len(full):
                self._taken.add(full)
                return full

    def mobile(self) -> str:
        """Return a new mobile number, of a range that is used in examples."""
        return self._new(lambda: "138" + "".join(str(self._rng.randrange(10)) for _ in range(8)))

    def landline(self) -> str:
        """Return a new land line of the area code 0799."""
        return self._new(lambda: f"0799-{self._rng.randrange(6100000, 6999999)}")

    def _new(self, draw) -> str:
        while True:
            number = draw()
            if number not in self._phones:
                self._phones.add(number)
                return number


def named_streets(rng: random.Random, ground: Ground, names: Mapping) -> list[Street]:
    """Return every street with its name: arterials from the recipe, the grown ones from the pools."""
    roads, lanes = Pool(rng, names["road_stems"]), Pool(rng, names["alley_stems"])
    taken: set[str] = set(ground.classes)
    streets: list[Street] = []
    for key, corners in chains(ground):
        class_, width = ground.classes[key]
        if not key.startswith("~"):
            name = key
        elif class_ == "alley":
            name = _lane_name(rng, ground, corners, lanes, streets, names, taken)
        else:
            name = roads.take() + _ending(rng, ground, corners, names)
        taken.add(name)
        streets.append(Street(key, name, class_, width, corners))
    return streets


def _ending(rng: random.Random, ground: Ground, corners: tuple[int, ...], names: Mapping) -> str:
    (ax, ay), (bx, by) = ground.spots[corners[0]], ground.spots[corners[-1]]
    lies_east_west = abs(math.atan((by - ay) / ((bx - ax) or 1e-9))) < math.pi / 4
    return rng.choice(names["road_ends"]["ew" if lies_east_west else "ns"].split())


def _lane_name(
    rng: random.Random, ground: Ground, corners: tuple[int, ...], lanes: Pool, streets: list[Street],
    names: Mapping, taken: set[str],
) -> str:  # fmt: skip
    """Return a lane's own name in the old town, else that of the street it leaves, numbered."""
    x, y = ground.spots[corners[len(corners) // 2]]
    is_old = -600 < x < 720 and -650 < y < 1150
    if is_old and len(lanes) and rng.random() < 0.93:
        return lanes.take() + rng.choice(names["alley_ends"].split())
    parents = [s for s in streets if s.road_class != "alley" and set(s.corners) & {corners[0], corners[-1]}]
    for parent in sorted(parents, key=lambda s: (len(s.corners), s.key)):
        for number in NUMBERS:
            if (name := f"{parent.name}{number}巷") not in taken:
                return name
    return lanes.take() + rng.choice(names["alley_ends"].split())
