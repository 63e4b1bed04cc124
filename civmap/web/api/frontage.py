"""The frontage zones of streets: proposed for segments or whole roads, edited, written; and the rules they follow."""

from typing import Annotated, Any, Literal

from pydantic import Field

from civmap.delimiting import customs, frontage
from civmap.delimiting.answers import as_json, plan_of_features
from civmap.delimiting.frontage import Asked, Edit
from civmap.errors import Invalid
from civmap.units.queries import resolve
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, Loose, Text
from civmap.web.api.operations import operation
from civmap.web.api.zone_bodies import PreviewQuery, Versions
from civmap.web.api.zones import must_be_current
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones import carrying, plans

DRAWS = ("create", "zone")
MOST_FEATURES = 20_000
Metres = Annotated[float, Field(ge=0, le=1000)]
Along = Annotated[float, Field(ge=0, le=1_000_000)]


class EditBody(Exact):
    """What a person changed in one row of a preview, by its `key`; metres are along the street."""

    from_m: Along | None = None
    to_m: Along | None = None
    name: Text | None = None
    holder: Annotated[str, Field(max_length=60)] | None = None
    door_no: Annotated[str, Field(max_length=60)] | None = None
    unit: Text | None = None
    leave_out: bool = False


class StreetBody(Exact):
    """How to delimit one segment; what is not said follows the city's rules."""

    depth_rule: Literal["kerb", "centre_line", "fixed_m"] | None = None
    depth_m: Metres | None = None
    sides: Literal["both", "left", "right"] = "both"
    shops: bool = True
    buildings: bool = True
    corners: bool = False
    snow: bool = True
    fill: bool = True
    every_m: Annotated[float, Field(ge=1, le=1000)] | None = None
    most_gap_m: Metres | None = None
    usual_depth_m: Metres | None = None
    usual_door_m: Metres | None = None
    reach_m: Metres | None = None
    edits: dict[Annotated[str, Field(max_length=300)], EditBody] = Field(default_factory=dict,
                                                                         max_length=MOST_FEATURES)
    versions: Versions | None = None


class FrontageBody(StreetBody):
    """Which segments or roads; or `features`, zones edited elsewhere, which are written as they are."""

    segments: list[Code] = Field(default_factory=list, max_length=5000)
    roads: list[Text] = Field(default_factory=list, max_length=500)
    road: Text | None = None
    features: Annotated[list[dict[str, Any]], Field(max_length=MOST_FEATURES)] | None = None


class FrontageChange(Loose):
    """One zone that would change; neighbours that only gain corners have no `segment` of their own."""

    zone: str
    name: str
    before_m2: float
    after_m2: float
    geometry: dict[str, Any]
    is_new: bool
    is_retired: bool


class Uncovered(Loose):
    """A stretch of a street side that no zone covers."""

    segment: str
    side: str
    from_m: float
    to_m: float
    length_m: float
    geometry: dict[str, Any]


class FrontageOut(Loose):
    """What would change or, with `zones`, what was written."""

    changes: list[FrontageChange]
    uncovered: list[Uncovered]
    zones: list[str] | None = None


class RulesBody(Exact):
    """The city's rules; see `GET`."""

    value: dict[str, Any]


class RulesOut(Loose):
    """The rules and their version."""

    value: dict[str, Any]
    version: int


def _asked(desk: Desk, body: StreetBody, segments: list[str], roads: list[str]) -> Asked:
    rules = {name: getattr(body, name) for name in ("depth_rule", "depth_m", "most_gap_m", "usual_depth_m",
                                                    "usual_door_m", "reach_m") if getattr(body, name) is not None}
    edits = {}
    for key, edit in body.edits.items():
        values: dict[str, Any] = edit.model_dump(include={"name", "holder", "door_no"}, exclude_none=True)
        if edit.unit is not None:
            values["unit_id"] = resolve(desk.session, edit.unit, viewer=desk.viewer).id if edit.unit else None
        edits[key] = Edit(edit.from_m, edit.to_m, values, edit.leave_out)
    return Asked(segments, roads, body.sides, rules, body.every_m, body.fill, body.corners, body.snow, body.shops,
                 body.buildings, edits)


def _answer(desk: Desk, body: StreetBody, asked: Asked, is_preview: bool) -> Answer:
    if not is_preview:
        frontage.locked(desk.session)
        must_be_current(desk, body.versions or {})
    proposal = frontage.proposed(desk.session, desk.viewer, asked, desk.now, desk.lang)
    told = as_json(proposal)
    if is_preview:
        return Answer(told)
    codes = frontage.carry_out(desk.session, desk.viewer, proposal, desk.now)
    return Answer({**told, "zones": codes}, 201 if codes else 200)


@operation("POST", "/segments/{code}/frontage", summary="Delimit the frontage zones of a segment", tag="segments",
           permission=DRAWS, query=PreviewQuery, body=StreetBody, answers={200: FrontageOut, 201: FrontageOut},
           may_preview=True)
def of_segment(desk: Desk, code: str, query: PreviewQuery, body: StreetBody) -> Answer:
    """Propose (`preview=true`) or write what is missing or changed along one segment."""
    return _answer(desk, body, _asked(desk, body, [code], []), query.preview)


@operation("POST", "/frontage", summary="Delimit the frontage zones of segments or roads, or write edited ones",
           tag="segments", permission=DRAWS, query=PreviewQuery, body=FrontageBody,
           answers={200: FrontageOut, 201: FrontageOut}, may_preview=True)
def of_streets(desk: Desk, query: PreviewQuery, body: FrontageBody) -> Answer:
    """Propose or write what is missing or changed along streets; with `features` write these zones."""
    if body.features is None:
        roads = [*body.roads, *([body.road] if body.road else [])]
        return _answer(desk, body, _asked(desk, body, body.segments, roads), query.preview)
    if not body.features:
        raise Invalid("frontage_nothing", field="features")
    if not query.preview:
        frontage.locked(desk.session)
        must_be_current(desk, body.versions or {})
    plan = plan_of_features(desk.session, desk.viewer, body.features, desk.now)
    told = {**plans.as_json(plan), "uncovered": []}
    if query.preview:
        return Answer(told)
    return Answer({**told, "zones": carrying.carry_out(desk.session, desk.viewer, plan, desk.now, frontage.VERB)}, 201)


def _rules(desk: Desk) -> Answer:
    found = customs.frontage_of(desk.session)
    return Answer({"value": found.value, "version": found.version}, headers={"ETag": versions.etag(found.version)})


@operation("GET", "/frontage/rules", summary="How this city delimits frontages", permission=SIGNED_IN, tag="segments",
           answers={200: RulesOut})
def read_rules(desk: Desk) -> Answer:
    """Answer depth rule, usual sizes and widths per road class, with their version."""
    return _rules(desk)


@operation("PUT", "/frontage/rules", summary="Change how this city delimits frontages", permission=("manage", "city"),
           tag="segments", body=RulesBody, answers={200: RulesOut}, is_versioned=True)
def save_rules(desk: Desk, body: RulesBody, version: int) -> Answer:
    """Keep the rules."""
    if version == versions.ANY_VERSION:
        version = customs.frontage_of(desk.session).version
    customs.save(desk.session, desk.viewer, body.value, version, desk.now)
    return _rules(desk)
