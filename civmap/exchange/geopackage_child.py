"""A program of its own: reads one layer of a GeoPackage by plain SQL; `geopackage_child.py FILE LAYER SHAPES`.

Only real tables that `gpkg_contents` names; no view, no virtual table, no trigger, no function of the file's own runs.
"""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from civmap.exchange import shapes, telling

PIECE, PIECE_BYTES = 2_000, 4 << 20
ENVELOPES = (0, 32, 48, 48, 64)
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_FUNCTION}


def main(path: Path, wanted: str, kinds: str) -> None:
    """Tell the layer."""
    telling.limit(shapes.MAPPED_BYTES)
    try:
        file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        file.text_factory = lambda text: text.decode("utf-8", "replace")
        for order in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "cache_size=-8000", "mmap_size=0"):
            file.execute(f"PRAGMA {order}")
        file.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
        _read(file, wanted, kinds)
    except (sqlite3.Error, UnicodeError, ValueError, OverflowError):
        telling.refuse("file_damaged")


def _read(file: sqlite3.Connection, wanted: str, kinds: str) -> None:
    tables = {name for name, order in file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
              if not (order or "").upper().lstrip().startswith("CREATE VIRTUAL")}
    if "gpkg_contents" not in tables:
        telling.refuse("sqlite_not_gpkg")
    named = [name for name, in file.execute("SELECT table_name FROM gpkg_contents WHERE data_type IN "
                                            "('features', 'attributes', 'aspatial') ORDER BY rowid") if name in tables]
    if wanted and wanted not in named:
        telling.refuse("sheet_not_found", sheet=wanted, known=named)
    if not named:
        telling.refuse("no_layer")
    has_shapes = "gpkg_geometry_columns" in tables
    layer = wanted or (_first_of(file, named, kinds) if kinds and has_shapes else None) or named[0]
    where = _geometry_column(file, layer) if has_shapes else None
    columns = [(name, str(kind).upper()) for _, name, kind, _, _, key in file.execute(
        f"PRAGMA table_info({_quoted(layer)})") if name != (where or ("", 0))[0]
        and not (key and name.lower() in ("fid", "ogc_fid", "id", "gid", "objectid"))]
    if len(columns) > telling.MOST_KEYS:
        telling.refuse("too_many_columns", row=1, most=telling.MOST_KEYS)
    total, = file.execute(f"SELECT count(*) FROM {_quoted(layer)}").fetchone()
    telling.tell({"sheets": named, "sheet": layer, "total": total, "headings": [name for name, _ in columns],
                  "crs": _system(file, where[1]) if where else None})
    left = _tell_rows(file, layer, where[0] if where else None, columns)
    telling.end(shapes_left=left)


def _first_of(file: sqlite3.Connection, named: list[str], kinds: str) -> str | None:
    said = dict(file.execute("SELECT table_name, upper(geometry_type_name) FROM gpkg_geometry_columns"))
    wanted = {kind.upper().removeprefix("MULTI") for kind in kinds.split(",")}
    return next((name for name in named if str(said.get(name, "-")).removeprefix("MULTI") in wanted), None)


def _geometry_column(file: sqlite3.Connection, layer: str) -> tuple[str, int] | None:
    found = file.execute("SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?",
                         (layer,)).fetchone()
    return (str(found[0]), int(found[1])) if found else None


def _system(file: sqlite3.Connection, number: int) -> str | None:
    if number in (0, -1):
        return None
    found = file.execute("SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
                         "WHERE srs_id = ?", (number,)).fetchone()
    if found is None:
        return None
    if str(found[0]).upper() == "EPSG":
        return f"EPSG:{int(found[1])}"
    return shapes.system(str(found[2] or ""))


def _tell_rows(file: sqlite3.Connection, layer: str, where: str | None, columns: list[tuple[str, str]]) -> int:
    asked = ", ".join(_quoted(name) for name in ([where] if where else []) + [name for name, _ in columns]) or "1"
    count = left = 0
    for piece in _pieces(file.execute(f"SELECT {asked} FROM {_quoted(layer)}")):
        cells: list[Any] = list(zip(*piece, strict=True))
        geometries: list[Any] = [None] * len(piece)
        if where:
            told = cells.pop(0)
            geometries = shapes.geojson([_plain_wkb(blob) for blob in told])
            left += sum(shape is None and blob is not None and not _is_empty(blob)
                        for shape, blob in zip(geometries, told, strict=True))
        telling.tell({"n": count + 1, "c": [geometries, *([_plain(cell, kind) for cell in column] for column, (_, kind)
                                                         in zip(cells, columns, strict=False))]})
        count += len(piece)
    return left


def _pieces(found: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    piece: list[tuple[Any, ...]] = []
    weight = 0
    for row in found:
        piece.append(row)
        weight += len(row[0]) if isinstance(row[0], bytes) else 100
        if len(piece) >= PIECE or weight > PIECE_BYTES:
            yield piece
            piece, weight = [], 0
    if piece:
        yield piece


def _plain_wkb(blob: Any) -> bytes | None:
    """Return the geometry inside a GeoPackage blob; None for none, or one that says it is empty."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        return None
    flags = blob[3]
    kind = flags >> 1 & 7
    return None if flags & 16 or kind >= len(ENVELOPES) else blob[8 + ENVELOPES[kind]:]


def _is_empty(blob: Any) -> bool:
    return isinstance(blob, bytes) and len(blob) > 3 and bool(blob[3] & 16)


def _plain(cell: Any, kind: str) -> Any:
    if isinstance(cell, bytes):
        return None
    if kind == "BOOLEAN" and cell in (0, 1):
        return bool(cell)
    return cell if not isinstance(cell, float) or cell - cell == 0 else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
