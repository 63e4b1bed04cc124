"""Where the rows of a whole table lie: its coordinates settled together, its addresses looked up where it has none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.addresses import asking
from civmap.errors import CivmapError, Invalid
from civmap.exchange import cells, coordinates, kinds, places, settling
from civmap.exchange.coordinates import Spots
from civmap.exchange.kinds import Kind
from civmap.exchange.settling import Settled
from civmap.exchange.settling_shapes import SettledShapes, positions, settle_shapes
from civmap.exchange.sheets import Table
from civmap.geo.validity import STORED_DECIMALS, Frame
from civmap.people.rules import Viewer

SPOT_FIELDS = ("lon", "lat", "lonlat", "geometry")
LEAST_SCORE, MOST_REACH_M, MOST_LOOKED_UP = 0.6, 200.0, 20_000
SHAPES_SAMPLED = 600
Tell = Callable[[int, int], None]


def of_spots(kind: Kind) -> bool:
    """Tell whether the things of a kind lie at one spot each."""
    return kind.geometries == ("Point",)


def spot_cells(columns: Mapping[str, int], row: Sequence[Any]) -> tuple[Any, Any]:
    """Return the one or two cells of a row that say where it lies: lon and lat, else both in one, else a geometry."""
    def cell(name: str) -> Any:
        column = columns.get(name, len(row))
        return row[column] if column < len(row) and not cells.is_blank(row[column]) else None

    if (lon := cell("lon")) is not None or cell("lat") is not None:
        return lon, cell("lat")
    return (cell("lonlat") if cell("lonlat") is not None else cell("geometry")), None


@dataclass
class Placed:
    """The places of a table's rows by their index, as they were settled together."""

    settled: Settled
    unreadable: Mapping[int, CivmapError]
    crs: str
    frame: Frame
    offers: dict[int, CivmapError] = field(default_factory=dict)

    def point(self, index: int, _first: Any, _second: Any) -> dict[str, Any]:
        """Return the GeoJSON point of the row at an index; raise Invalid with what would be accepted."""
        error = self.unreadable.get(index) or self.offers.get(index) or self.settled.errors.get(index)
        if error is not None:
            others = self.settled.alternatives.get(index)
            if others and "alternatives" not in error.facts:
                error.facts["alternatives"] = [
                    {"system": name, "lon": float(lon), "lat": float(lat)} for name, lon, lat in others]
            raise error
        lon, lat = float(self.settled.lon[index]), float(self.settled.lat[index])
        if not (np.isfinite(lon) and np.isfinite(lat)):
            raise Invalid("coordinates_missing", field="lon")
        return {"type": "Point", "coordinates": [round(lon, STORED_DECIMALS), round(lat, STORED_DECIMALS)]}

    def warning(self, index: int) -> CivmapError | None:
        """Return what a person should hear of a row that is taken all the same."""
        return self.settled.warnings.get(index)

    def offer(self, index: int) -> CivmapError | None:
        """Return the refusal of a row without coordinates that knows a place by its address."""
        return self.offers.get(index)

    def system(self, index: int) -> str | None:
        """Return in which system a row was written."""
        found = self.settled.system[index] if index < len(self.settled.system) else None
        return str(found) if found else None

    def shape(self, _index: int, geometry: dict[str, Any]) -> dict[str, Any]:
        """Return a GeoJSON geometry in lon/lat; raise Invalid."""
        return places.shape(geometry, self.crs, self.frame)

    def many(self, start: int, x: np.ndarray, _y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return lon and lat of rows from an index on, and which of them are placed without any question."""
        end = start + len(x)
        lon, lat = self.settled.lon[start:end], self.settled.lat[start:end]
        plain = np.isfinite(lon) & np.isfinite(lat)
        for found in (self.unreadable, self.settled.errors, self.settled.warnings):
            asked = np.fromiter(found, np.int64, len(found))
            plain[asked[(asked >= start) & (asked < end)] - start] = False
        return np.round(lon, STORED_DECIMALS), np.round(lat, STORED_DECIMALS), plain


@dataclass
class ShapesPlaced:
    """The places of the rows of a file of lines or areas: all written in one system."""

    settled: SettledShapes

    def point(self, _index: int, first: Any, second: Any) -> dict[str, Any]:
        """Return the GeoJSON point that one cell or two say; raise Invalid."""
        said = coordinates.read(first, second)
        return self.settled.shape({"type": "Point", "coordinates": [said.x, said.y]})

    def warning(self, _index: int) -> CivmapError | None:
        """Return the doubt about the system that a person chose."""
        return self.settled.warning

    def offer(self, _index: int) -> CivmapError | None:
        """Return nothing: no address is looked up."""
        return None

    def system(self, _index: int) -> str | None:
        """Return the one system."""
        return self.settled.system

    def shape(self, _index: int, geometry: dict[str, Any]) -> dict[str, Any]:
        """Return a GeoJSON geometry in lon/lat; raise Invalid."""
        return self.settled.shape(geometry)


def shapes_placed(session: Session, viewer: Viewer, table: Table, columns: Mapping[str, int], crs: str,
                  frame: Frame) -> ShapesPlaced:
    """Settle the system of a table of lines or areas by a sample; raise Invalid for a system nobody knows."""
    return ShapesPlaced(settle_shapes(session, viewer, _shapes(table, columns), said_of(table, columns), crs, frame))


def _shapes(table: Table, columns: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    column = columns.get("geometry")
    for row in table.sample(SHAPES_SAMPLED) if column is not None else ():
        cell = row.cells[column] if column is not None and column < len(row.cells) else None
        if not cells.is_blank(cell):
            with suppress(CivmapError):
                found = cells.geometry(cell)
                positions(found)
                yield found


def placed(session: Session, viewer: Viewer, kind: Kind, table: Table, columns: Mapping[str, int], crs: str,
           frame: Frame, tell: Tell = lambda done, total: None) -> Placed:
    """Settle the coordinates of a table; raise Invalid for a system nobody knows."""
    said = said_of(table, columns)
    spots, words = _read(table, columns, tell)
    systems = words["crs"] if "crs" in columns and any(words["crs"]) else said
    settled = settling.settle(session, viewer, spots, systems, words.get("address"), words.get("name"), crs, frame)
    found = Placed(settled, dict(spots.errors), crs, frame)
    _look_up(session, viewer, found, spots, words)
    return found


def said_of(table: Table, columns: Mapping[str, int]) -> str | None:
    """Return what the file or its headings say of the coordinate system."""
    return table.crs or kinds.crs_of([table.headings[columns[name]] for name in SPOT_FIELDS[:3] if name in columns])


def _read(table: Table, columns: Mapping[str, int], tell: Tell) -> tuple[Spots, dict[str, list[Any]]]:
    """Return the spots of all rows as written, and the words beside them."""
    parts: list[Spots] = []
    columns = {**columns, **({"name": columns["point"]} if "point" in columns and "name" not in columns else {})}
    words: dict[str, list[Any]] = {name: [] for name in ("crs", "address", "name") if name in columns}
    done = 0
    for portion in table.portions():
        parts.append(_spots(portion.columns, columns, len(portion.numbers)))
        for name, found in words.items():
            found.extend(str(cell) if not cells.is_blank(cell) else None for cell in portion.columns[columns[name]])
        done += len(portion.numbers)
        tell(done, table.count)
    return _joined(parts), words


def _spots(found: Sequence[np.ndarray], columns: Mapping[str, int], count: int) -> Spots:
    present = [name for name in SPOT_FIELDS if name in columns]
    if present == ["lon", "lat"]:
        return coordinates.read_many(found[columns["lon"]], found[columns["lat"]])
    if len(present) == 1 and present[0] in ("lonlat", "geometry"):
        return coordinates.read_many(found[columns[present[0]]])
    if not present:
        return coordinates.read_many([None] * count)
    pairs = [spot_cells(columns, [column[row] for column in found]) for row in range(count)]
    return coordinates.read_many([first for first, _ in pairs], [second for _, second in pairs])


def _joined(parts: Sequence[Spots]) -> Spots:
    if not parts:
        return coordinates.read_many([])
    errors: dict[int, Invalid] = {}
    start = 0
    for part in parts:
        errors.update({start + row: error for row, error in part.errors.items()})
        start += len(part.x)
    names = ("x", "y", "spelling", "decimals", "is_told")
    return Spots(*(np.concatenate([getattr(part, name) for part in parts]) for name in names), errors)


def _look_up(session: Session, viewer: Viewer, found: Placed, spots: Spots, words: Mapping[str, list[Any]]) -> None:
    """Offer rows without coordinates the place that their address means, where that is sure enough."""
    lacking = [row for row in np.flatnonzero(np.isnan(spots.x)).tolist() if row not in spots.errors]
    lacking += [row for row, error in found.settled.errors.items() if error.code == "coordinates_zero"]
    texts = {row: text for row in lacking[:MOST_LOOKED_UP] if (text := _words(words, row))}
    if not texts:
        return
    answers = asking.gazetteer(session, viewer).find_many(list(texts.values()), 3)
    for row, answer in zip(texts, answers, strict=True):
        good = [place for place in answer if place.score >= LEAST_SCORE and place.reach_m <= MOST_REACH_M]
        if good:
            code = found.settled.errors[row].code if row in found.settled.errors else "coordinates_missing"
            found.offers[row] = Invalid(
                code, field="lon", lon=round(good[0].lon, 7), lat=round(good[0].lat, 7),
                score=round(good[0].score, 2), reach_m=round(good[0].reach_m), name=good[0].name,
                alternatives=[{"name": place.name, "lon": round(place.lon, 7), "lat": round(place.lat, 7),
                               "score": round(place.score, 2), "reach_m": round(place.reach_m)}
                              for place in good[1:]])


def _words(words: Mapping[str, list[Any]], row: int) -> str | None:
    return next((words[name][row] for name in ("address", "name") if name in words and words[name][row]), None)
