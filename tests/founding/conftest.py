"""Tiny invented extracts: a sheet of paper whose squares are about 10 m wide, drawn in a few words."""

import gzip
from html import escape
from pathlib import Path

import pytest

from civmap.founding import extract, survey

WEST, SOUTH, STEP = 117.0, 28.0, 0.0001
"""One square is 9.8 m from west to east and 11.1 m from south to north."""


class Sheet:
    """Collects nodes, ways and relations; a node is called by its square (x, y), so ways through it share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.squares: dict[tuple[float, float], int] = {}
        self.tags: dict[int, dict[str, str]] = {}
        self.extra: list[tuple[int, float, float]] = []
        self.ways: list[tuple[int, list[int], dict[str, str]]] = []
        self.relations: list[tuple[int, list[tuple[str, int, str]], dict[str, str]]] = []
        self.missing: set[int] = set()

    def node(self, x: float, y: float, **tags: str) -> int:
        """Return the node at a square, new or known."""
        number = self.squares.setdefault((x, y), len(self.squares) + 1)
        self.tags.setdefault(number, {}).update(_keys(tags))
        return number

    def way(self, *squares: tuple[float, float], **tags: str) -> int:
        """Draw a way through squares and return its id."""
        number = 1000 + len(self.ways)
        self.ways.append((number, [self.node(*square) for square in squares], _keys(tags)))
        return number

    def street(self, name: str, *squares: tuple[float, float], highway: str = "residential", **tags: str) -> int:
        """Draw a street; an empty name makes it nameless."""
        return self.way(*squares, highway=highway, **({"name": name} if name else {}), **tags)

    def relation(self, *members: tuple[str, int, str], **tags: str) -> int:
        """Bind members together and return the relation's id."""
        number = 5000 + len(self.relations)
        self.relations.append((number, list(members), _keys(tags)))
        return number

    def text(self, bounds: tuple[float, float, float, float] | None = None) -> str:
        """Return the sheet as OSM XML; `bounds` in squares."""
        parts = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="sheet">']
        if bounds:
            (west, south), (east, north) = place(bounds[0], bounds[1]), place(bounds[2], bounds[3])
            parts.append(f'<bounds minlon="{west:.7f}" minlat="{south:.7f}" maxlon="{east:.7f}" maxlat="{north:.7f}"/>')
        for square, number in self.squares.items():
            if number not in self.missing:
                lon, lat = place(*square)
                parts.append(f'<node id="{number}" version="1" lon="{lon:.7f}" lat="{lat:.7f}">'
                             f'{_tags(self.tags[number])}</node>')
        for number, nodes, tags in self.ways:
            inner = "".join(f'<nd ref="{node}"/>' for node in nodes)
            parts.append(f'<way id="{number}" version="1">{inner}{_tags(tags)}</way>')
        for number, members, tags in self.relations:
            kinds = {"n": "node", "w": "way", "r": "relation"}
            inner = "".join(f'<member type="{kinds[kind]}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
            parts.append(f'<relation id="{number}" version="1">{inner}{_tags(tags)}</relation>')
        return "\n".join([*parts, "</osm>"])

    def file(self, name: str = "sheet.osm", bounds: tuple[float, float, float, float] | None = None) -> Path:
        """Write the sheet and return the file."""
        path = self.folder / name
        data = self.text(bounds).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def extract(self, bounds: tuple[float, float, float, float] | None = None) -> extract.Extract:
        """Return what reading the sheet gives."""
        return extract.read(self.file(bounds=bounds))

    def ground(self, bounds: tuple[float, float, float, float] | None = None) -> survey.Ground:
        """Return the ground that the sheet describes."""
        return survey.survey(self.file(bounds=bounds))


def place(x: float, y: float) -> tuple[float, float]:
    """Return the lon, lat of a square."""
    return round(WEST + x * STEP, 7), round(SOUTH + y * STEP, 7)


def _keys(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}


def _tags(tags: dict[str, str]) -> str:
    return "".join(f'<tag k="{escape(key)}" v="{escape(value)}"/>' for key, value in tags.items())


@pytest.fixture
def sheet(tmp_path):
    """Give an empty sheet."""
    return Sheet(tmp_path)


@pytest.fixture
def square():
    """Give the function from squares to lon, lat."""
    return place
