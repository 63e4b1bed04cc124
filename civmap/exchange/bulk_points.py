"""Inspection points by the hundred thousand: which rows are plainly good, which of them are new, and their saving."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.dictionaries import point_type
from civmap.errors import Invalid
from civmap.exchange import coordinates
from civmap.exchange.bulk_columns import Column, Words, numbers, texts
from civmap.exchange.intake import Keeper
from civmap.exchange.seen import Seen
from civmap.exchange.sheets import Portion
from civmap.geo.echo import TOLERANCE_DEGREES
from civmap.geo.validity import STORED_DECIMALS
from civmap.points.models import InspectionPoint
from civmap.store import bulk, wide
from civmap.store.ledger import row_facts
from civmap.units.queries import resolve
from civmap.zones.dividing import Divider

LENGTHS = {"code": 64, "name": 200, "address": 200, "street": 100, "open_hours": 200, "note": 2_000}
WORDS = ("type", "unit", "is_declared")
PLACES = ("lon", "lat")
ASIDE = ("serial", "contact", "phone")
"""Columns that only help people to read a row."""
BAD_IN_CODES = " /\\?#%"
KNOWN = ("code", "name", "type", "unit_id", "address", "street", "is_declared", "open_hours", "note", "division")
PLAIN_SPELLINGS = [coordinates.SPELLINGS.index(name) for name in ("number", "text")]
MOST_LINES = 100
"""So many wide lines are held back at most."""
NOT_PLAIN, UNCHANGED, CREATED = 0, 1, 2


class Points:
    """Takes the plain rows of a table of points."""

    table = InspectionPoint.__tablename__

    def __init__(self, keeper: Keeper, count: int) -> None:
        self.keeper, self.session, self.desk = keeper, keeper.session, keeper.desk
        self.runs: list[bulk.Run] = []
        self._lines: list[wide.Folded] = []
        self._words = {"type": Words(self._type), "unit": Words(self._unit), "is_declared": Words(self._flag)}
        self._divider = Divider(self.session, self.desk.frame)
        self._is_empty = self.session.query(InspectionPoint.id).first() is None
        self._loading = bulk.loading(self.session, InspectionPoint, count)
        self._facts = {name: None for name in row_facts(InspectionPoint())} | {"version": 1}

    @staticmethod
    def fits(keeper: Keeper) -> bool:
        """Tell whether the columns of a table can be read at once, by somebody who may make and change points."""
        fields = set(keeper.desk.columns)
        return ({"code", "name", "type", *PLACES} <= fields and fields <= {*LENGTHS, *WORDS, *PLACES, *ASIDE}
                and hasattr(keeper.desk.placer, "many") and not keeper.desk.reader.same
                and keeper.viewer.may("create", "point") and keeper.viewer.may("edit", "point"))

    def __enter__(self) -> "Points":
        self._load = self._loading.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._loading.__exit__(kind, error, trace)
        if error is None:
            self._tell()

    def wait(self) -> None:
        """Return when the connection is free for rows that go by themselves."""
        self._load.wait()

    def rows(self, portion: Portion, start: int, seen: Seen, is_plain: np.ndarray) -> np.ndarray:
        """Keep the plain rows of a portion; tell of each row whether it was, and what became of it."""
        columns = self._columns(portion)
        for name, column in columns.items():
            is_plain = is_plain & column.is_plain
            if name in ("code", "name", "type") and None in column.values:
                is_plain &= np.fromiter((value is not None for value in column.values), np.bool_, len(is_plain))
        spots, is_placed = self._spots(portion, start)
        is_plain = is_plain & is_placed
        marks, is_fresh = seen.fresh(columns["code"].values)
        is_plain &= is_fresh
        divisions = np.full(len(is_plain), None, object)
        divisions[is_plain] = self._divider.codes(spots[is_plain])
        if self.keeper.viewer.territory:
            within = str(self.keeper.viewer.territory)
            is_plain &= np.fromiter(((code or "").startswith(within) for code in divisions), np.bool_, len(is_plain))
        values = {("unit_id" if name == "unit" else name): column.values for name, column in columns.items()}
        did = self._compared(values | {"division": divisions.tolist()}, spots, is_plain)
        seen.add(marks[did > 0], portion.numbers[did > 0])
        self._make(values, spots, divisions, np.flatnonzero(did == CREATED))
        return did

    def _columns(self, portion: Portion) -> dict[str, Column]:
        found = {}
        for name, place in self.desk.columns.items():
            if name in LENGTHS:
                found[name] = texts(portion.columns[place], LENGTHS[name], BAD_IN_CODES if name == "code" else "")
            elif name in WORDS:
                found[name] = self._words[name].read(portion.columns[place])
        codes = found["code"]
        if "." in codes.values or ".." in codes.values:
            codes.is_plain[[place for place, code in enumerate(codes.values) if code in (".", "..")]] = False
        return found

    def _spots(self, portion: Portion, start: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, 2) lon/lat and which of them are plain numbers that lie where they should."""
        cells = [portion.columns[self.desk.columns[name]] for name in PLACES]
        x, y = numbers(cells[0]), numbers(cells[1])
        is_plain = np.ones(len(portion.numbers), np.bool_)
        if x is None or y is None:
            said = coordinates.read_many(*cells)
            x, y, is_plain = said.x, said.y, np.isin(said.spelling, PLAIN_SPELLINGS) & ~said.is_told
            is_plain = is_plain & np.isfinite(x) & np.isfinite(y)
        lon, lat, is_placed = self.desk.placer.many(start, x, y)  # type: ignore[attr-defined]
        return np.round(np.column_stack([lon, lat]), STORED_DECIMALS), is_plain & is_placed

    def _compared(self, values: Mapping[str, list[Any]], spots: np.ndarray, is_plain: np.ndarray) -> np.ndarray:
        """Tell of each plain row whether it is new or just as it is kept; one that differs goes by itself."""
        did = np.where(is_plain, CREATED, NOT_PLAIN)
        if self._is_empty:
            return did
        self._load.wait()
        codes = values["code"]
        known = _kept(self.session, [codes[place] for place in np.flatnonzero(is_plain).tolist()])
        if not known:
            return did
        names = [name for name in KNOWN if name in values]
        kept_at = [KNOWN.index(name) for name in names]
        columns = [values[name] for name in names]
        xy = spots.tolist()
        for place in np.flatnonzero(is_plain).tolist():
            kept = known.get(codes[place])
            if kept is None:
                continue
            lon, lat = xy[place]
            is_same = (lon - kept[-2]) ** 2 + (lat - kept[-1]) ** 2 <= (0.99 * TOLERANCE_DEGREES) ** 2 and all(
                (column[place] is None and name != "division") or column[place] == kept[at]
                for name, column, at in zip(names, columns, kept_at, strict=True))
            did[place] = UNCHANGED if is_same and self.keeper.viewer.sees_all else NOT_PLAIN
        return did

    def _make(self, values: Mapping[str, list[Any]], spots: np.ndarray, divisions: np.ndarray,
              places: np.ndarray) -> None:
        if not len(places):
            return
        chosen = {name: column if len(places) == len(column) else [column[place] for place in places.tolist()]
                  for name, column in values.items()}
        declared = chosen.get("is_declared")
        made = {**chosen, "is_declared": True if declared is None else [flag is not False for flag in declared],
                "division": divisions[places].tolist(), "geom": spots[places], "version": 1}
        self.runs += self._load.add(len(places), made)
        self._lines += wide.folded("point", "code", {**self._facts, **made})
        if len(self._lines) >= MOST_LINES:
            self._tell()

    def _tell(self) -> None:
        """Write down what was made."""
        self._load.wait()
        wide.append(self.session, self.keeper.viewer.actor, "point", self._lines, self.keeper.now)
        self._lines.clear()

    def _type(self, cell: Any) -> str:
        return point_type(self.desk.kind.readers["type"](cell)).code

    def _flag(self, cell: Any) -> bool:
        return bool(self.desk.kind.readers["is_declared"](cell))

    def _unit(self, cell: Any) -> int:
        written = self.desk.kind.readers["unit"](cell)
        if len(written) > LENGTHS["name"] or not written.isprintable():
            raise Invalid("unknown_unit", field="unit")
        self._load.wait()
        return resolve(self.session, written).id


def _kept(session: Session, codes: list[Any]) -> dict[str, tuple[Any, ...]]:
    """Return the points of some codes as they are kept: `KNOWN` columns, then lon and lat."""
    if not codes:
        return {}
    columns = ", ".join(f"p.{name}" for name in KNOWN)
    raw = session.connection().connection.driver_connection
    told = f"SELECT {columns}, ST_X(p.geom), ST_Y(p.geom)"
    if session.get_bind().dialect.name == "sqlite":
        rows = raw.execute(f"{told} FROM json_each(?) AS one CROSS JOIN inspection_point AS p ON p.code = one.value",
                           (json.dumps(codes, ensure_ascii=False),))
        at = KNOWN.index("is_declared")
        return {row[0]: (*row[:at], bool(row[at]), *row[at + 1:]) for row in rows}
    return {row[0]: row for row in raw.execute(f"{told} FROM inspection_point AS p WHERE p.code = ANY(%s)", (codes,))}

