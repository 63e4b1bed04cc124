"""A program of its own that writes layers by GDAL: `python -m civmap.exchange.vector_child DRIVER FOLDER`.

The layers come as JSON on standard input, shapes as WKB in hexadecimal. pandas and GeoPandas, which pyogrio would load
though nothing here needs them, are kept out: that is half a second of every export.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

OPTIONS = {"GPKG": {"VERSION": "1.2"}}
"""What GIS programs of some years ago read without a warning."""


def main(driver: str, folder: Path) -> None:
    """Write the layers of the standard input into files of a folder."""
    for name in ("geopandas", "pandas", "pyarrow"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    from pyogrio import raw

    for layer in json.load(sys.stdin):
        columns = [_column(values) for values in layer["columns"]]
        shapes = np.array([None if one is None else bytes.fromhex(one) for one in layer["shapes"]], object)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a layer without a named system: said where the file is offered
            raw.write(str(folder / layer["file"]), shapes, [values for values, _mask in columns], layer["fields"],
                      field_mask=[mask for _values, mask in columns], layer=layer["layer"], driver=driver,
                      geometry_type=_type(layer), crs=layer["crs"], promote_to_multi=_is_mixed(layer),
                      append=layer["is_next"], encoding="UTF-8",
                      layer_metadata={"DESCRIPTION": layer["mark"]} if layer.get("mark") else None,
                      dataset_options=None if layer["is_next"] else OPTIONS.get(driver))


def _column(values: list[Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """Return values as an array of their common type, and which of them are none."""
    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    missing = np.array([value is None for value in values])
    for kind, dtype in ((frozenset({bool}), np.bool_), (frozenset({int}), np.int64),
                        (frozenset({int, float}), np.float64)):
        if kinds and kinds <= kind:
            filled = np.array([0 if value is None else value for value in values], dtype)
            return filled, missing if missing.any() else None
    return np.array([None if value is None else str(value) for value in values], object), None


def _is_mixed(layer: dict[str, Any]) -> bool:
    """Tell whether a layer holds shapes of several parts (their WKB says type 4, 5 or 6)."""
    return any(one and one[2:10] in ("04000000", "05000000", "06000000") for one in layer["shapes"])


def _type(layer: dict[str, Any]) -> str:
    kind = str(layer["geometry"])
    return f"Multi{kind}" if _is_mixed(layer) and not kind.startswith("Multi") else kind


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
