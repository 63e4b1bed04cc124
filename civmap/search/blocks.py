"""Many short texts as one long one, in which a word is found at the speed of memory.

Each row is a line of bytes, its fields parted by tabs; a field that is no name begins with another sign. One sweep
tells where a word stands, and the bytes around it tell how well it fits: the whole of a name, its beginning, the
beginning of a word or of another field, or somewhere inside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

WHOLE, BEGINS, WORD, INSIDE = range(4)
MOST_HITS = 10_000
FIELD, LINE, SIDE, SPACE = 9, 10, 11, 32
_NONE = (np.zeros(0, np.int64), np.zeros(0, np.int8))


@dataclass(frozen=True, slots=True)
class Block:
    """Row i is the line that begins at `starts[i]`."""

    text: bytes
    starts: np.ndarray

    def row(self, number: int) -> bytes:
        """Return one row's line."""
        end = self.starts[number + 1] - 1 if number + 1 < len(self.starts) else len(self.text) - 1
        return self.text[self.starts[number]:end]


def aside(field: str) -> str:
    """Return a field marked as no name: an address, say."""
    return chr(SIDE) + field


def of_rows(rows: Iterable[Sequence[str]]) -> Block:
    """Return a block of rows of fields; empty fields are left out."""
    lines = [("\t" + "\t".join(field for field in fields if field) + "\t\n").encode() for fields in rows]
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    return Block(b"".join(lines), np.cumsum(sizes) - sizes)


def of_lines(lines: str, mark: str = "") -> Block:
    """Return a block of rows of one field each, given as lines; `mark` is what `aside` puts before a field."""
    text = f"\t{mark}{lines}\t\n".replace("\n", f"\t\n\t{mark}").removesuffix(f"\t{mark}").replace("\t\t\n", "\t\n")
    data = text.encode()
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == LINE)
    return Block(data, np.concatenate([[0], ends[:-1] + 1]).astype(np.int64))


def joined(parts: Sequence[Block]) -> Block:
    """Return several blocks as one, their rows one behind the other."""
    begins = np.cumsum([0, *(len(part.text) for part in parts)])
    starts = [part.starts + begin for part, begin in zip(parts, begins, strict=False)]
    return Block(b"".join(part.text for part in parts), np.concatenate([np.zeros(0, np.int64), *starts]))


def find(block: Block, word: str, rows: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that hold a word and how well it fits each, best field of a row; in order of rows.

    Only `rows` are looked at where they are given. Where more rows hold it than are worth having, those with a field
    that begins with it come before the others.
    """
    needle = word.encode()
    if not needle or not len(block.starts):
        return _NONE
    if rows is not None:
        return _find_among(block, needle, rows)
    places = _swept(block.text, needle)
    if len(places) >= MOST_HITS:
        begun = [place + 1 for place in _swept(block.text, b"\t" + needle)]
        places = begun if len(begun) >= MOST_HITS else sorted({*begun, *places})
    if not places:
        return _NONE
    at = np.array(places, np.int64)
    found = np.searchsorted(block.starts, at, side="right") - 1
    first = np.flatnonzero(np.diff(found, prepend=-1))
    return found[first], np.minimum.reduceat(_fits(block.text, at, len(needle)), first).astype(np.int8)


def _swept(text: bytes, needle: bytes) -> list[int]:
    places, at, find_next = [], text.find(needle), text.find
    while at >= 0 and len(places) < MOST_HITS:
        places.append(at)
        at = find_next(needle, at + 1)
    return places


def _fits(text: bytes, at: np.ndarray, length: int) -> np.ndarray:
    signs = np.frombuffer(text, np.uint8)
    before, after = signs[at - 1], signs[np.minimum(at + length, len(signs) - 1)]
    fits = np.full(len(at), INSIDE, np.int8)
    fits[(before == SPACE) | (before == SIDE)] = WORD
    fits[before == FIELD] = BEGINS
    fits[(before == FIELD) & (after == FIELD)] = WHOLE
    return fits


def _find_among(block: Block, needle: bytes, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found, fits = [], []
    for number in rows.tolist():
        line = block.row(number)
        if needle in line:
            found.append(number)
            fits.append(WHOLE if b"\t" + needle + b"\t" in line else BEGINS if b"\t" + needle in line
                        else WORD if b" " + needle in line or bytes([SIDE]) + needle in line else INSIDE)
    return np.array(found, np.int64), np.array(fits, np.int8)
