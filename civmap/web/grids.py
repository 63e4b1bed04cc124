"""The page on which a community is tiled with grids: a wished size, the cells on the map, then written."""

from flask import Blueprint, render_template

from civmap.delimiting import grids
from civmap.errors import Invalid
from civmap.maps import shell
from civmap.web import headers, map
from civmap.web.access import permission
from civmap.web.desk import Desk
from civmap.zones import queries as zones

blueprint = Blueprint("grids", __name__)
USUAL_M2 = 10_000


@blueprint.get("/zones/<code>/grids")
@permission(("create", "zone"))
def show(desk: Desk, code: str) -> str:
    """Show what grids a community would get, for a size that is chosen by a slider."""
    community = zones.by_code(desk.session, desk.viewer, code)
    if community.kind not in grids.TILED:
        raise Invalid("not_tiled", field="code", code=code)
    feature = zones.as_feature(desk.session, desk.viewer, community)
    bounds = community.geom.bounds
    size = feature["properties"]["area_m2"]
    usual = min(max(USUAL_M2, size / 400), size / 2)
    page = {**map.ground_facts(desk), "bounds": list(bounds), "lang": desk.lang, "community": code,
            "border": feature["geometry"], "area_m2": size, "usual_m2": round(usual, -3) or round(usual),
            "there": len(grids.grids_of(desk.session, community, desk.now))}
    return render_template("zones/grids.html", item=feature["properties"], page=page,
                           shell=shell.build(bounds, nonce=headers.nonce()))
