"""Whether a geometry that comes back is only the kept one as it was exported, at 7 decimals, and so no change."""

import json
from collections.abc import Mapping
from typing import Any

from shapely.geometry.base import BaseGeometry

from civmap.geo.validity import rounded

TOLERANCE_DEGREES = 7.2e-8


def same_shape(kept: BaseGeometry | None, sent: BaseGeometry | None) -> bool:
    """Tell whether a sent geometry is the kept one, but for rounding to 7 decimals and the direction of rings."""
    if kept is None or sent is None:
        return kept is sent
    return kept.equals_exact(sent, TOLERANCE_DEGREES) or kept.normalize().equals_exact(
        sent.normalize(), TOLERANCE_DEGREES)


def without_echo(feature: Any, kept: BaseGeometry | None) -> Any:
    """Return a feature without its geometry where that is exactly the exported form of the kept one.

    An area that is valid at 9 decimals may be none at 7: sent back untouched, it must not be refused.
    """
    if kept is None or not isinstance(feature, Mapping) or "geometry" not in feature:
        return feature
    if json.dumps(feature["geometry"]) != json.dumps(rounded(kept)):
        return feature
    return {name: value for name, value in feature.items() if name != "geometry"}
