"""Taking things out of the house: one page for every list and layer, format and coordinate system."""

import io

from flask import Blueprint, Response, render_template, request

from civmap.exchange import export, leaving, marks
from civmap.geo.crs import NAMED, gauss_kruger_epsg
from civmap.web import desk as keeping
from civmap.web import downloads
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("exports", __name__)


@blueprint.get("/exports")
@permission(SIGNED_IN)
def overview(desk: Desk) -> str:
    """Show what may leave the house with this person, in which formats and systems; filters of a list come along."""
    mine = [kind for kind in leaving.KINDS if desk.viewer.may(*leaving.needed(kind))]
    what = request.args.get("what", "")
    carried = {name: text for name, text in request.args.items() if name not in downloads.OWN and text
               } if what in downloads.NAMES else {}
    city = desk.identity.city
    zones = [f"EPSG:{gauss_kruger_epsg((city.frame[0] + city.frame[2]) / 2)}"] if city else []
    rows = [{"kind": kind, "formats": export.formats_of(kind)} for kind in mine]
    systems = [(crs, marks.system_name(crs)) for crs in (*NAMED, *zones, "EPSG:3857")]
    return render_template("connections/exports.html", rows=rows, systems=systems, wgs84_only=export.WGS84_ONLY,
                           what=what if what in downloads.NAMES else "", carried=carried, formats=export.FORMATS)


@blueprint.get("/exports/file")
@permission(SIGNED_IN)
def chosen(desk: Desk) -> Response:
    """Return the file that the page asks for: `what`, `format`, `crs` and the filters of that list."""
    said = {name: text for name, text in request.args.items() if text}
    kind, fmt = said.get("what", ""), export.format_of("." + said.get("format", ""))
    desk.viewer.must(*leaving.needed(kind))
    if kind in downloads.NAMES:
        return downloads.download(desk, kind, fmt)
    crs = downloads.asked_system()
    export.check(kind, fmt, crs)
    filters = {name: text for name, text in said.items() if name not in downloads.OWN}
    target = io.BytesIO()
    with keeping.reading() as session:
        found = leaving.features(session, desk.viewer, kind, desk.now, desk.lang, filters=filters)
        mark = leaving.mark(session, desk.viewer, kind, desk.now, desk.lang, crs)
        count = export.write(kind, found, target, fmt, desk.lang, crs, mark)
    downloads.note(desk, kind, fmt, count, filters)
    return downloads.file(desk, kind, fmt, target.getvalue())
