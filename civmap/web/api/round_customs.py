"""How this city makes its rounds, read and changed: speeds, minutes at a point, the day, the office, check-in, risk."""

from typing import Annotated, Any

from pydantic import Field

from civmap.city import customs
from civmap.city.queries import frame_of
from civmap.geo.validity import check_spot
from civmap.routes.customs import NAME, read, rounds_of
from civmap.web import versions
from civmap.web.api.bodies import Exact, Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class RoundCustoms(Exact):
    """The members that change; those left out stay as they are, `null` brings our own back."""

    edition: Annotated[str, Field(max_length=20)] | None = None
    speeds: Annotated[dict[str, float], Field(description="km/h of walk, cycle, drive")] | None = None
    visit_minutes: Annotated[dict[str, float], Field(description="minutes by PTnn, and default")] | None = None
    day: Annotated[dict[str, Any], Field(description="from, until in minutes; lunch")] | None = None
    office: Annotated[dict[str, Any], Field(description="lon, lat, name")] | None = None
    check_in_m: float | None = None
    risk: dict[str, float] | None = None


class RoundCustomsOut(Loose):
    """The value as it holds, and its version (0: never changed)."""

    value: dict[str, Any]
    version: int


@operation("GET", "/rounds/custom", summary="How this city makes its rounds", permission=("create", "visit"),
           tag="routes", answers={200: RoundCustomsOut})
def read_custom(desk: Desk) -> Answer:
    """Answer speeds, minutes, day, office, check-in distance and weights of risk."""
    kept = customs.kept(desk.session, NAME)
    return Answer({"value": rounds_of(desk.session).as_json(), "version": kept.version}, 200,
                  {"ETag": versions.etag(kept.version)})


@operation("PUT", "/rounds/custom", summary="Change how this city makes its rounds", permission=("manage", "city"),
           tag="routes", body=RoundCustoms, answers={200: RoundCustomsOut}, is_versioned=True)
def change_custom(desk: Desk, body: RoundCustoms, version: int) -> Answer:
    """Keep other values; rounds that were planned stay as they are until they are changed."""
    kept = customs.kept(desk.session, NAME)
    sent = body.model_dump(exclude_unset=True)
    value = {name: one for name, one in {**(kept.value or {}), **sent}.items() if one is not None}
    office = read(value).office
    if office is not None:
        check_spot(office[0], office[1], frame_of(desk.session), "office")
    customs.keep(desk.session, desk.viewer, NAME, value, kept.version if version == versions.ANY_VERSION else version,
                 desk.now)
    return read_custom(desk)
