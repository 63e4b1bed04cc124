"""Names found in a text, whole, as parts, misspelt and by their sound, at the speed of a look-up."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from civmap.addresses.spelling import has_han, readings
from civmap.segments.written import folded, stem

SAME, VARIANT, SOUNDS_ALIKE, MISSPELT = 1.0, 0.85, 0.75, 0.65
"""How sure a reading of a name is: the very name, without its 路, by its sound, one letter of it wrong."""
KINDS = "路街巷道弄里"
MOST_PARTS = 400


class Hit(NamedTuple):
    """A known name in a text, and where it begins and ends."""

    name: str
    start: int
    end: int


class Lexicon:
    """Names to be found in texts: leftmost first, the longest of those that begin at one place."""

    def __init__(self, names: Iterable[str], *, is_plain: bool = False) -> None:
        self.by_fold: dict[str, str] = {}
        for name in sorted({name for name in names if name}):
            self.by_fold.setdefault(name if is_plain else folded(name), name)
        self._starts: dict[str, list[str]] = defaultdict(list)
        for plain in self.by_fold:
            if len(plain) > 1:
                self._starts[plain[:2]].append(plain)
        for same in self._starts.values():
            same.sort(key=len, reverse=True)

    def hits(self, text: str) -> list[Hit]:
        """Return the names that a plain text holds, none over another."""
        found, at, last, starts = [], 0, len(text) - 1, self._starts
        while at < last:
            plain = next((one for one in starts.get(text[at:at + 2], ()) if text.startswith(one, at)), None)
            if plain is None:
                at += 1
                continue
            found.append(Hit(self.by_fold[plain], at, at + len(plain)))
            at += len(plain)
        return found


class Likeness:
    """Names of streets found again without their 路, by sound, or with one letter wrong."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.exact = lexicon.by_fold
        self._stems: dict[str, list[str]] = defaultdict(list)
        self._sounds: dict[str, list[str]] = defaultdict(list)
        self._holed: dict[str, list[str]] = defaultdict(list)
        for plain in self.exact:
            self._stems[stem(plain)].append(plain)
            if has_han(plain):
                self._sounds[sound(plain)].append(plain)
            if len(plain) > 2:
                for hole in _holes(plain):
                    self._holed[hole].append(plain)
        self._kept: dict[str, list[tuple[str, float]]] = {}

    def readings(self, written: str) -> list[tuple[str, float]]:
        """Return the names that a plain written one may mean and how sure each is; the very name keeps others away."""
        found = self._kept.get(written)
        if found is None:
            if len(self._kept) > 50_000:
                self._kept.clear()
            found = self._kept[written] = self._read(written)
        return found

    def _read(self, written: str) -> list[tuple[str, float]]:
        if written in self.exact:
            return [(self.exact[written], SAME)]
        if len(written) < 2 or len(written) > 14:
            return []
        best: dict[str, float] = {}
        heard = sound(written) if has_han(written) else ""
        tries = [(self._stems.get(stem(written), ()), VARIANT), (self._sounds.get(heard, ()), SOUNDS_ALIKE)]
        if written[-1] not in KINDS:
            tries += [(self._sounds.get(heard + readings(kind)[0], ()), SOUNDS_ALIKE - 0.1) for kind in "路街巷"]
        if len(written) > 2:
            tries += [(self._holed.get(hole, ()), MISSPELT) for hole in _holes(written)]
        for names, score in tries:
            sure = score if len(names) < 2 else score * 0.8
            for plain in names:
                best[plain] = max(sure, best.get(plain, 0.0))
        ranked = sorted(best.items(), key=lambda one: (-one[1], abs(len(one[0]) - len(written)), one[0]))[:4]
        return [(self.exact[plain], score) for plain, score in ranked]


def _holes(plain: str) -> list[str]:
    """Return a name with each one of its letters replaced by a blank: two that differ in one letter share one."""
    return [f"{plain[:at]}\0{plain[at + 1:]}" for at in range(len(plain) - (plain[-1] in KINDS))]


@lru_cache(maxsize=50_000)
def sound(plain: str) -> str:
    """Return how a name is read, without tones, each character in its commonest reading."""
    return " ".join(readings(sign)[0] for sign in plain)


class Parts:
    """Names found by a part of them: 市博物馆 finds 南京市博物馆."""

    def __init__(self, plains: list[str]) -> None:
        self.plains = plains
        self._pairs: dict[str, list[int]] = defaultdict(list)
        for number, plain in enumerate(plains):
            for pair in {plain[at:at + 2] for at in range(len(plain) - 1)}:
                self._pairs[pair].append(number)

    def holding(self, part: str) -> list[int]:
        """Return the numbers of the names that hold a part of two letters or more, at most some hundreds."""
        pairs = {part[at:at + 2] for at in range(len(part) - 1)}
        lists = sorted((self._pairs.get(pair, []) for pair in pairs), key=len)
        if not lists or not lists[0]:
            return []
        return [number for number in lists[0][:5 * MOST_PARTS] if part in self.plains[number]][:MOST_PARTS]

    def like(self, written: str) -> list[tuple[int, float]]:
        """Return the names that share most pairs of letters with a written one, and the share (0..1), best first."""
        pairs = {written[at:at + 2] for at in range(len(written) - 1)}
        if len(pairs) < 2:
            return []
        counts: dict[int, int] = defaultdict(int)
        for pair in pairs:
            same = self._pairs.get(pair, ())
            if len(same) <= MOST_PARTS:
                for number in same:
                    counts[number] += 1
        found = [(number, 2 * count / (len(pairs) + max(1, len(self.plains[number]) - 1)))
                 for number, count in counts.items() if count > 1]
        return sorted(found, key=lambda one: (-one[1], one[0]))[:4]
