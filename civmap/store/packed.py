"""A whole R*Tree at once, packed by NumPy into the nodes that SQLite keeps: a tenth of what row by row takes.

SQLite keeps an R*Tree in three plain tables: nodes (a count and cells of an id and four 32-bit edges), the parent of
each node, and the leaf of each row. Node 1 is the root and says how deep the tree is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

HEAD, CELL_BYTES = 4, 24
FILL = 0.9
"""How full nodes are: some room stays for what comes later."""
CELL = np.dtype([("id", ">i8"), ("box", ">f4", (4,))])


@dataclass(frozen=True, slots=True)
class Tree:
    """The rows of the three tables: (number, bytes), (number, parent) and (row, leaf)."""

    nodes: Iterable[tuple[int, bytes]]
    parents: list[tuple[int, int]]
    rows: np.ndarray
    leaves: np.ndarray


def edges(boxes: np.ndarray) -> np.ndarray:
    """Return (n, 4) west, south, east, north as xmin, xmax, ymin, ymax in 32 bits, never smaller than they were."""
    exact = np.asarray(boxes, np.float64)[:, [0, 2, 1, 3]]
    found = exact.astype(np.float32)
    for column, far in ((0, -np.inf), (2, -np.inf), (1, np.inf), (3, np.inf)):
        is_inside = (found[:, column] > exact[:, column]) if far < 0 else (found[:, column] < exact[:, column])
        found[is_inside, column] = np.nextafter(found[is_inside, column], np.float32(far))
    return found


def order(boxes: np.ndarray, most: int) -> np.ndarray:
    """Return the order that puts neighbours together: upright slices of the plane, each from south to north."""
    slices = max(1, round(np.sqrt(len(boxes) / most)))
    middle_x, middle_y = boxes[:, 0] + boxes[:, 1], boxes[:, 2] + boxes[:, 3]
    rank = np.empty(len(boxes), np.int64)
    rank[np.argsort(middle_x, kind="stable")] = np.arange(len(boxes))
    return np.lexsort((middle_y, rank * slices // len(boxes)))


def tree(ids: np.ndarray, boxes: np.ndarray, node_bytes: int) -> Tree:
    """Return the tree of rows (ids and `edges`) for nodes of a size."""
    most = (node_bytes - HEAD) // CELL_BYTES
    chosen = order(boxes, most) if len(ids) else np.zeros(0, np.int64)
    ids, boxes = np.asarray(ids, np.int64)[chosen], boxes[chosen]
    levels = list(_levels(ids, boxes, most, max(2, int(most * FILL))))
    first = 2
    starts = [1] * len(levels)
    for depth in range(len(levels) - 1):
        starts[depth] = first
        first += len(levels[depth][2])
    nodes: list[Iterator[tuple[int, bytes]]] = []
    parents: list[tuple[int, int]] = []
    for depth, (cells, part, sizes) in enumerate(levels):
        below = cells if depth == 0 else cells + starts[depth - 1]
        is_root = depth == len(levels) - 1
        nodes.append(_node_rows(below, part, sizes, starts[depth], node_bytes, depth if is_root else 0))
        if depth:
            owners = np.repeat(np.arange(len(sizes)) + starts[depth], sizes)
            parents += zip(below.tolist(), owners.tolist(), strict=True)
    leaves = np.repeat(np.arange(len(levels[0][2])) + starts[0], levels[0][2])
    return Tree(chain.from_iterable(nodes), parents, ids, leaves)


def _levels(ids: np.ndarray, boxes: np.ndarray, most: int, fill: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield cells, boxes and node sizes from the leaves up; the cells of upper levels are numbers of nodes below."""
    cells = ids
    while True:
        count = 1 if len(cells) <= most else -(-len(cells) // fill)
        cuts = np.linspace(0, len(cells), count + 1).astype(np.int64)
        sizes = np.diff(cuts)
        yield cells, boxes, sizes
        if count == 1:
            return
        low, high = np.minimum.reduceat(boxes, cuts[:-1]), np.maximum.reduceat(boxes, cuts[:-1])
        boxes = np.column_stack([low[:, 0], high[:, 1], low[:, 2], high[:, 3]])
        cells = np.arange(count)


def _node_rows(cells: np.ndarray, boxes: np.ndarray, sizes: np.ndarray, first: int, node_bytes: int,
               depth: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    for number, size in enumerate(sizes.tolist(), start=first):
        written = np.empty(size, CELL)
        written["id"], written["box"] = cells[at:at + size], boxes[at:at + size]
        head = depth.to_bytes(2, "big") + size.to_bytes(2, "big")
        yield number, (head + written.tobytes()).ljust(node_bytes, b"\0")
        at += size
