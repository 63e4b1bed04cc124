"""QR codes by the hundred: segno draws one of a size, the others of that size differ from it in their data only.

segno takes 2 ms for a code; a round has a thousand stops. Its tables and its pattern are used here, and the error
correction is worked out for all codes at once. A test holds each code to be the very one that segno makes.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import segno
from segno import consts

LEVEL, MASK = "m", 3
_ERROR = consts.ERROR_LEVEL_M
_EXP = np.array([*consts.GALIOS_EXP[:255], *consts.GALIOS_EXP[:255]], np.uint8)
_LOG = np.array([consts.GALIOS_LOG[value] for value in range(256)], np.int64)
MOST_VERSION = 20
DATA = (consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT, consts.TYPE_FORMAT_DARK, consts.TYPE_FORMAT_LIGHT)
"""What is told by segno to be data, or format: of the latter it names one square too many."""


def matrices(told: Sequence[str]) -> list[np.ndarray]:
    """Return the squares (1 dark) of the codes of ASCII texts, all of the size that the longest needs."""
    if not told:
        return []
    bodies = [text.encode("ascii") for text in told]
    version = _version(max(map(len, bodies)))
    blocks = [block for part in consts.ECC[version][_ERROR] for block in [part] * part.num_blocks]
    data = _data(bodies, version, sum(block.num_data for block in blocks))
    bits = np.unpackbits(_interleaved(data, blocks), axis=1)
    template, rows, columns = _pattern(version)
    missing = len(rows) - bits.shape[1]
    bits = np.pad(bits, ((0, 0), (0, missing)))
    made = np.repeat(template[None], len(told), axis=0)
    made[:, rows, columns] = bits ^ ((rows + columns) % 3 == 0)
    return list(made)


def _version(longest: int) -> int:
    for version in range(1, MOST_VERSION + 1):
        if longest * 8 + 4 + _count_bits(version) <= consts.SYMBOL_CAPACITY[version][_ERROR]:
            return version
    raise ValueError(f"{longest} bytes are too many for a code on paper")


def _count_bits(version: int) -> int:
    return 8 if version < 10 else 16


def _data(bodies: Sequence[bytes], version: int, size: int) -> np.ndarray:
    """Return the codewords of each text: byte mode, its length, its bytes, padding."""
    made = np.zeros((len(bodies), size), np.uint8)
    for place, body in enumerate(bodies):
        bits = f"0100{len(body):0{_count_bits(version)}b}" + "".join(f"{byte:08b}" for byte in body)
        bits += "0000"  # byte mode always ends within a byte: the terminator fills it
        words = int(bits, 2).to_bytes(len(bits) // 8, "big")
        padded = words + b"\0" + bytes((0xEC, 0x11)) * size  # the zero is segno's way
        made[place] = np.frombuffer(padded[:size], np.uint8)
    return made


def _interleaved(data: np.ndarray, blocks: Sequence[consts.EC]) -> np.ndarray:
    """Return the codewords of all blocks dealt in turn, their error correction after them."""
    starts = np.cumsum([0, *(block.num_data for block in blocks)])
    parts = [data[:, start:start + block.num_data] for start, block in zip(starts, blocks, strict=False)]
    checks = [_corrections(part, block.num_total - block.num_data) for part, block in zip(parts, blocks, strict=True)]
    columns = [part[:, [place]] for groups in (parts, checks) for place in range(max(one.shape[1] for one in groups))
               for part in groups if place < part.shape[1]]
    return np.concatenate(columns, axis=1)


def _corrections(data: np.ndarray, count: int) -> np.ndarray:
    """Return the remainders of the Reed–Solomon division, for all rows at once."""
    powers = np.array(_generator(count), np.int64)
    rest = np.zeros((len(data), count), np.uint8)
    for place in range(data.shape[1]):
        factor = data[:, place] ^ rest[:, 0]
        rest = np.concatenate([rest[:, 1:], np.zeros((len(rest), 1), np.uint8)], axis=1)
        rest ^= np.where(factor[:, None] == 0, 0, _EXP[_LOG[factor][:, None] + powers]).astype(np.uint8)
    return rest


@cache
def _generator(count: int) -> tuple[int, ...]:
    """Return the powers of the generator's coefficients below the leading one."""
    poly = [1]
    for power in range(count):
        shifted = [*poly, 0]
        for place, value in enumerate(poly):
            if value:
                shifted[place + 1] ^= int(_EXP[_LOG[value] + power])
        poly = shifted
    return tuple(int(_LOG[value]) for value in poly[1:])


@cache
def _pattern(version: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a code of a size, and its data squares in the order in which bits fill them."""
    drawn = segno.make("a", version=version, error=LEVEL, mask=MASK, micro=False, boost_error=False)
    kinds = np.array(list(drawn.matrix_iter(border=0, verbose=True)))
    size = len(kinds)
    is_data = np.isin(kinds, DATA)
    is_data[8, :9] = is_data[:9, 8] = is_data[8, size - 8:] = is_data[size - 8:, 8] = False
    order: list[tuple[int, int]] = []
    up = True
    for right in range(size - 1, 0, -2):
        pair = right - (right <= 6)
        rows = range(size - 1, -1, -1) if up else range(size)
        order += [(row, column) for row in rows for column in (pair, pair - 1) if is_data[row, column]]
        up = not up
    spots = np.array(order)
    return np.array(drawn.matrix, np.uint8), spots[:, 0], spots[:, 1]
