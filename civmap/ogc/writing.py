"""Features as they are sent to /ogc: in any of its coordinate systems, whole (PUT) or in parts (merge-patch)."""

from collections.abc import Mapping, Sequence
from typing import Any

from civmap.errors import BadInput, Invalid
from civmap.ogc.layers import LIST, Layer
from civmap.ogc.systems import LONLAT, System, find, read_in

KEPT = ("code", "valid_from", "valid_to")
"""What a feature that replaces another one need not repeat: a life does not end because a program left it out."""


def system_of(known: Sequence[System], header: str | None) -> System:
    """Return the system that `Content-Crs` names; raise BadInput for another one."""
    if not header:
        return LONLAT
    try:
        return find(known, header.strip().removeprefix("<").removesuffix(">"), "Content-Crs")
    except Invalid as problem:
        raise BadInput(problem.code, field=problem.field, **problem.facts) from problem


def taken(layer: Layer, known: Sequence[System], header: str | None, feature: Any) -> Any:
    """Return a sent feature in lon/lat; what is not even a feature comes back as it is, for the gate behind."""
    system = system_of(known, header)
    if not isinstance(feature, Mapping) or "geometry" not in feature:
        return feature
    return {**feature, "geometry": read_in(system, feature["geometry"])}


def whole(layer: Layer, feature: Any) -> Any:
    """Return a feature that replaces another one: what it does not say is emptied. Raise Invalid without a geometry."""
    if not isinstance(feature, Mapping) or not isinstance(feature.get("properties"), Mapping | None):
        return feature
    if "geometry" not in feature or (feature["geometry"] is None and layer.kind != "units"):
        raise Invalid("geometry_missing", field="geometry", wanted=(layer.shape,))
    empty = {name: [] if found.sort == LIST else None for name, found in layer.properties.items()
             if found.is_written and name not in KEPT}
    return {**feature, "properties": {**empty, **(feature.get("properties") or {})}}


def partial(layer: Layer, patch: Any) -> Any:
    """Return a merge-patch as a feature that says only what changes; raise Invalid where it is none."""
    if not isinstance(patch, Mapping):
        raise Invalid("feature_expected", field="body")
    if "geometry" in patch and patch["geometry"] is None and layer.kind != "units":
        raise Invalid("geometry_missing", field="geometry", wanted=(layer.shape,))
    return {**patch, "type": "Feature", "properties": patch.get("properties") or {}}


def report(feature: Any) -> dict[str, Any]:
    """Return a feature as the report of an issue: its properties, and its place where it has one."""
    if not isinstance(feature, Mapping) or not isinstance(feature.get("properties"), Mapping):
        raise Invalid("feature_expected", field="properties")
    said = {name: value for name, value in feature["properties"].items() if value is not None}
    shape = feature.get("geometry")
    if shape is None:
        return said
    spot = shape.get("coordinates") if isinstance(shape, Mapping) and shape.get("type") == "Point" else None
    if not isinstance(spot, list) or len(spot) < 2:
        raise Invalid("geometry_type", field="geometry", found=str(shape)[:40], wanted=("Point",))
    return {**said, "lon": spot[0], "lat": spot[1]}
