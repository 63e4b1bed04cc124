"""What drawing or editing a zone would change, and the fair cut that a refused one is offered."""

from collections.abc import Callable
from typing import Any

import shapely

from civmap.city.queries import frame_of
from civmap.errors import CivmapError, Conflict
from civmap.geo.bulk import exported
from civmap.geo.validity import STORED_DECIMALS
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones import moves, rules
from civmap.zones.actions import resolved
from civmap.zones.plans import Wish, as_json, planned
from civmap.zones.subjects import subject

MOST_HALVED, MOST_CORNERS = 4, 1000


def new_columns(desk: Desk, feature: Any) -> dict[str, Any]:
    """Return the columns of a zone that is to be drawn; raise Invalid or Several."""
    return resolved(desk.session, rules.read(feature, frame_of(desk.session), is_new=True), None)


def first(work: Callable[..., Answer], show: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return the work of an operation that, with `?preview=true`, only shows what would change."""

    def shown_or_done(desk: Desk, query: Any, **parts: Any) -> Answer:
        if query.preview:
            parts.pop("version", None)
            return show(desk, **parts)
        try:
            return work(desk, **parts)
        except Conflict as refusal:
            raise refusal if "code" in parts else with_fair_cut(desk, parts["body"], refusal) from refusal

    return shown_or_done


def of_new(desk: Desk, body: Any) -> Answer:
    """Show what a drawn zone would change; refused as the zone itself would be."""
    columns = new_columns(desk, body)
    wish = Wish(None, columns.pop("geom"), columns)
    try:
        return Answer(as_json(planned(desk.session, desk.viewer, [wish], desk.now)))
    except Conflict as refusal:
        raise with_fair_cut(desk, body, refusal) from refusal


def of_edit(desk: Desk, code: str, body: Any) -> Answer:
    """Show what an edited zone would change; refused as the edit itself would be."""
    row = subject(desk.session, desk.viewer, code, desk.now)
    columns = resolved(desk.session, rules.read(body, frame_of(desk.session), is_new=False,
                                                known_phone=row.holder_phone), row.id)
    wish = Wish(code, columns.pop("geom", row.geom), columns)
    return Answer(as_json(planned(desk.session, desk.viewer, [wish], desk.now)))


def with_fair_cut(desk: Desk, feature: Any, refusal: Conflict) -> Conflict:
    """Return a refusal with `halved`: the contested ground cut in two, where that is possible and the viewer's to do.

    `POST /zones/halve` with the same `feature` and `halved.with` does it.
    """
    codes = [each["zone"] for each in refusal.facts.get("overlaps", [])]
    if refusal.code != "zone_overlap" or not 0 < len(codes) <= MOST_HALVED or not all(codes):
        return refusal
    try:
        columns = new_columns(desk, feature)
        if shapely.get_num_coordinates(columns["geom"]) > MOST_CORNERS:
            return refusal
        plan = moves.halve_drawn(desk.session, desk.viewer, columns, codes, desk.now).plan
    except CivmapError:
        return refusal
    own = next(change.after for change in plan.changes if change.before is None)
    if own is not None:
        refusal.facts["halved"] = {**as_json(plan), "with": codes, "geometry": exported([own], STORED_DECIMALS)[0]}
    return refusal
