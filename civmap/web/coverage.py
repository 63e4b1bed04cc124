"""What is not covered: things nobody answers for, pledges that have run out, and the declared points.

A first version: overlaps and gaps of the ground come with a later piece and are null until then, never an empty list
that would say there are none.
"""

from typing import Any

from flask import Blueprint, render_template, request

from civmap import dictionaries
from civmap.clock import office_day
from civmap.errors import Invalid
from civmap.points import queries as points
from civmap.web import kinds, listing
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.kinds import Feature, Narrowing

blueprint = Blueprint("coverage", __name__)
COVERED_KINDS = ("frontage", "grid", "estate", "subdistrict", "community")
NOT_BUILT = ("overlaps", "gaps", "slivers", "uncovered_frontage")


def coverage_of(desk: Desk, kind: str | None) -> dict[str, Any]:
    """Return what is not covered, as `GET /api/v1/coverage`; raise Invalid for a kind of zone there is not."""
    if kind is not None and kind not in COVERED_KINDS:
        raise Invalid("choice_unknown", field="kind", value=kind[:40], known=list(COVERED_KINDS))
    zones = _features(desk, "zones", {"kind": kind} if kind else {})
    today = office_day(desk.now).isoformat()
    return {
        "points_without_unit": _codes(_features(desk, "points"), lambda row: not row["unit"]),
        "segments_without_chief": _codes(_features(desk, "segments"), lambda row: not row["chiefs"]),
        "zones_without_holder": _codes(zones, _lacks_holder),
        "expired_pledges": _codes(zones, lambda row: bool(row["pledge_expires_on"])
                                  and row["pledge_expires_on"] < today),
        **dict.fromkeys(NOT_BUILT), "not_built": list(NOT_BUILT),
    }


def _lacks_holder(row: dict[str, Any]) -> bool:
    return not row["unit"] and not (row["kind"] == "frontage" and row["holder"])


def _features(desk: Desk, kind: str, filters: dict[str, str] | None = None) -> list[Feature]:
    return kinds.collect(desk, kind, Narrowing(filters=filters or {})).features


def _codes(features: list[Feature], is_bad: Any) -> list[str]:
    return sorted(feature["properties"]["code"] for feature in features if is_bad(feature["properties"]))


@blueprint.get("/coverage")
@permission(SIGNED_IN)
def show(desk: Desk) -> str:
    """Show what is not covered."""
    kind = request.args.get("kind") or None
    known = {code: entry for code, entry in dictionaries.zone_kinds().items() if code in COVERED_KINDS}
    return render_template("coverage/show.html", kind=kind, coverage=coverage_of(desk, kind),
                           choices={"kinds": listing.options(known, desk.lang)})


@blueprint.get("/coverage/declared")
@permission(SIGNED_IN)
def declared(desk: Desk) -> str:
    """Show how complete the declaration is, type by type."""
    found = points.completeness(desk.session, desk.viewer, desk.now)
    rows = [{"code": count.type, "name": count.name(desk.lang), "is_mandatory": count.is_mandatory,
             "points": count.total, "declared": count.declared}
            for count in found.types if count.is_mandatory or count.total]
    missing = [{"code": count.type, "name": count.name(desk.lang)} for count in found.missing]
    return render_template("points/declared.html", rows=rows, missing=missing,
                           total={"points": found.total, "declared": found.declared})
