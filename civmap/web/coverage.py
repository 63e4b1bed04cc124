"""Pages of coverage: what does not fit together or has nobody to answer for it, and the declared points."""

from flask import Blueprint, render_template, request

from civmap import dictionaries
from civmap.coverage.queries import found
from civmap.coverage.rules import KINDS
from civmap.points import queries as points
from civmap.web import listing
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("coverage", __name__)


@blueprint.get("/coverage")
@permission(SIGNED_IN)
def show(desk: Desk) -> str:
    """Show what is not covered."""
    kind = request.args.get("kind") or None
    known = {code: entry for code, entry in dictionaries.zone_kinds().items() if code in KINDS}
    return render_template("coverage/show.html", kind=kind,
                           coverage=found(desk.session, desk.viewer, desk.now, kind),
                           choices={"kinds": listing.options(known, desk.lang)})


@blueprint.get("/coverage/declared")
@permission(SIGNED_IN)
def completeness(desk: Desk) -> str:
    """Show how complete the declaration is, type by type."""
    whole = points.completeness(desk.session, desk.viewer, desk.now)
    rows = [{"code": count.type, "name": count.name(desk.lang), "is_mandatory": count.is_mandatory,
             "points": count.total, "declared": count.declared}
            for count in whole.types if count.is_mandatory or count.total]
    missing = [{"code": count.type, "name": count.name(desk.lang)} for count in whole.missing]
    return render_template("points/declared.html", rows=rows, missing=missing,
                           total={"points": whole.total, "declared": whole.declared})
