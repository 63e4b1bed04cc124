"""What a finding is called, how much it weighs, and what repairs it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from civmap.geo.coverage import ERROR_M2

KINDS = ("frontage", "grid", "estate", "subdistrict", "community")
GROUPS = ("overlaps", "gaps", "slivers", "unmatched_edges", "points_without_unit", "segments_without_chief",
          "zones_without_holder", "expired_pledges", "uncovered_frontage")
FORMS = {"points_without_unit": "/points/{code}/edit", "segments_without_chief": "/segments/{code}/edit",
         "zones_without_holder": "/zones/{code}/edit#field-holder", "expired_pledges": "/zones/{code}#pledge"}


def severity(group: str, area_m2: float = 0.0) -> str:
    """Return how much a finding weighs: shared or free ground above 5 m² is an error, all else a notice."""
    return "error" if group in ("overlaps", "gaps") and area_m2 > ERROR_M2 else "notice"


def of_pair(first: str, second: str, *, is_edge: bool) -> list[dict[str, Any]]:
    """Return what settles two zones that do not fit: one gives up what they share, or each takes half of it."""
    if is_edge:
        return [_post("match", "/coverage/match", {"a": first, "b": second})]
    trims = [_post("trim", f"/zones/{quote(code, safe='')}/trim", {}, zone=code) for code in (second, first)]
    return [*trims, _post("halve", "/zones/halve", {"a": first, "b": second})]


def of_gap(kind: str, place: Sequence[float], beside: Sequence[str]) -> list[dict[str, Any]]:
    """Return what settles a gap: a neighbour takes it, or it becomes a zone of its own."""
    spot = {"kind": kind, "lon": place[0], "lat": place[1]}
    fills = [_post("fill", "/zones/fill", {**spot, "to": code}, zone=code) for code in beside]
    return [*fills, _post("new", "/zones/fill", {**spot, "to": None})]


def of_street(segment: str, side: str) -> list[dict[str, Any]]:
    """Return what covers a side of a street: its frontage zones are generated."""
    return [{"do": "frontage", "href": f"/frontage?segments={quote(segment, safe='')}&sides={side}"}]


def of_row(group: str, code: str) -> list[dict[str, Any]]:
    """Return the form in which somebody is named; a pledge that has run out is also renewed as it was."""
    form = {"do": group, "href": FORMS[group].format(code=quote(code, safe=""))}
    if group != "expired_pledges":
        return [form]
    path = f"/zones/{quote(code, safe='')}/pledge"
    return [_post("renew", path, {"verb": "renew"}, zone=code, is_direct=True,
                  undo={"path": path, "body": {"verb": "undo"}}), form]


def _post(do: str, path: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"do": do, "method": "POST", "path": path, "body": body, **more}
