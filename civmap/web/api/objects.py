"""Points, segments, zones and units: make, read, change and retire one of them."""

from typing import Any
from urllib.parse import quote

import shapely
from pydantic import BaseModel

from civmap.city.queries import frame_of
from civmap.errors import CivmapError, Stale
from civmap.issues import divisions
from civmap.web import kinds, versions
from civmap.web.access import SIGNED_IN
from civmap.web.api import bodies, zone_previews
from civmap.web.api.lists import GEOJSON
from civmap.web.api.operations import PREFIX, operation
from civmap.web.api.zone_bodies import PreviewQuery
from civmap.web.desk import Desk
from civmap.web.kinds import KINDS, Kind
from civmap.web.replies import Answer
from civmap.zones.queries import division_at

BODIES: dict[str, type[BaseModel]] = {
    "points": bodies.PointFeature, "segments": bodies.SegmentFeature, "zones": bodies.ZoneFeature,
    "units": bodies.UnitFeature,
}


def shown(desk: Desk, kind: Kind, row: Any, status: int = 200) -> Answer:
    """Return a row as a feature with its version."""
    headers = versions.etag_of(row)
    if status == 201:
        headers["Location"] = f"{PREFIX}/{kind.name}/{quote(row.code, safe='')}"
    return Answer(kinds.one(desk, kind.name, row), status, headers, GEOJSON)


def placed(desk: Desk, kind: Kind, feature: Any) -> dict[str, Any]:
    """Return what an action needs to know of the place: the division around a point or segment, the city's frame."""
    if kind.name == "units":
        return {"frame": frame_of(desk.session)}
    if kind.name == "zones":
        return {}
    spot = _middle(feature.get("geometry"))
    return {"division": division_at(desk.session, *spot)} if spot else {}


def _middle(geometry: Any) -> tuple[float, float] | None:
    """Return a spot on a geometry that may still be wrong in any way: the action says what."""
    try:
        coordinates = geometry["coordinates"]
        if geometry["type"] == "Point":
            spot = shapely.Point(coordinates[:2])
        elif geometry["type"] == "LineString" and 2 <= len(coordinates) <= 20_000:
            spot = shapely.LineString([pair[:2] for pair in coordinates]).interpolate(0.5, normalized=True)
        else:
            return None
        return (spot.x, spot.y) if abs(spot.x) <= 180 and abs(spot.y) <= 90 else None
    except (TypeError, KeyError, ValueError, IndexError, shapely.errors.ShapelyError):
        return None


def seen_version(desk: Desk, kind: Kind, code: str, version: int) -> int:
    """Return the version to compare with: `*` stands for whatever is there now; raise NotFound."""
    return kind.queries.by_code(desk.session, desk.viewer, code).version if version == versions.ANY_VERSION else version


def with_burden(desk: Desk, kind: Kind, code: str, refusal: Stale) -> CivmapError:
    """Return the refusal of a stale edit with the row as every other answer shows it."""
    if refusal.facts.get("version") is None:
        desk.session.rollback()
    row = kind.queries.by_code(desk.session, desk.viewer, code)
    return Stale(refusal.code, current=kinds.one(desk, kind.name, row), version=row.version)


def followed(desk: Desk, kind: Kind, row: Any, status: int = 200) -> Answer:
    """Return the row as it is now, after everything learned where it lies if the row is a border."""
    if kind.name == "zones":
        divisions.follow(desk.session, row.kind, desk.now)
    return shown(desk, kind, row, status)


def _register(kind: Kind) -> None:
    one, path = kind.one, f"/{kind.name}/{{code}}"

    def create(desk: Desk, body: Any) -> Answer:
        row = kind.actions.create(desk.session, desk.viewer, body, desk.now, **placed(desk, kind, body))
        return followed(desk, kind, row, 201)

    def read(desk: Desk, code: str) -> Answer:
        return shown(desk, kind, kind.queries.by_code(desk.session, desk.viewer, code))

    def replace(desk: Desk, code: str, body: Any, version: int) -> Answer:
        wanted = seen_version(desk, kind, code, version)
        try:
            row = kind.actions.replace(desk.session, desk.viewer, code, body, wanted, desk.now,
                                       **placed(desk, kind, body))
        except Stale as refusal:
            raise with_burden(desk, kind, code, refusal) from refusal
        return followed(desk, kind, row)

    def retire(desk: Desk, code: str, version: int) -> Answer:
        wanted = seen_version(desk, kind, code, version)
        try:
            row = kind.actions.retire(desk.session, desk.viewer, code, wanted, desk.now)
        except Stale as refusal:
            raise with_burden(desk, kind, code, refusal) from refusal
        return followed(desk, kind, row)

    feature, body, tag = bodies.ObjectFeature, BODIES[kind.name], kind.name
    is_shown = {"query": PreviewQuery, "may_preview": True} if kind.name == "zones" else {}
    operation("POST", f"/{kind.name}", summary=f"Make a {one}", permission=("create", one), tag=tag, body=body,
              answers={201: feature}, as_sent=True, **is_shown)(
                  zone_previews.first(create, zone_previews.of_new) if is_shown else create)
    operation("GET", path, summary=f"Read a {one}", permission=SIGNED_IN, tag=tag, answers={200: feature})(read)
    operation("PUT", path, summary=f"Change a {one}", permission=("edit", one), tag=tag, body=body,
              answers={200: feature}, as_sent=True, is_versioned=True, **is_shown)(
                  zone_previews.first(replace, zone_previews.of_edit) if is_shown else replace)
    operation("DELETE", path, summary=f"Retire a {one}: it holds until now, nothing is deleted",
              permission=("retire", one), tag=tag, answers={200: feature}, is_versioned=True)(retire)


for _kind in KINDS.values():
    _register(_kind)
