"""The shapes of what the JSON interface takes and gives, checked on the way in and shown in its document."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from civmap import clock
from civmap.web.api.reading import refused

Text = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=5000)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Swappable = Annotated[float, Field(ge=-180, le=180, description="A latitude; the city's frame is checked behind it, "
                                   "which tells a swapped pair")]


def _moment(value: Any) -> Any:
    if value is None:
        return None
    try:
        clock.parse_moment(value)
    except (ValueError, TypeError, AttributeError, OverflowError) as problem:
        raise refused("member_moment", value=str(value)[:40]) from problem
    return value


Moment = Annotated[str, BeforeValidator(_moment), Field(description="ISO 8601; without an offset, office time")]


class Body(BaseModel):
    """A body whose own fields are typed strictly; members that are only told, not taken, are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", populate_by_name=False)


class Exact(Body):
    """A body that refuses members it does not know."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Loose(BaseModel):
    """A shape in answers: the members named, and possibly more."""

    model_config = ConfigDict(extra="allow")


class ProblemField(BaseModel):
    """One value that is wrong."""

    field: str
    code: str
    message: str


class Problem(Loose):
    """An RFC 9457 problem with a stable code; some carry `overlaps`, `suggestion`, `allowed`, `current` or `known`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemField] = []


class Geometry(Body):
    """A GeoJSON geometry (RFC 7946): lon, lat."""

    type: Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: list[Any]


class PointProperties(Body):
    """What may be written of an inspection point; `type` is PTnn, an identifier or the Chinese name."""

    code: Code | None = None
    name: Text | None = None
    type: Text | None = None
    unit: Text | None = None
    address: Text | None = None
    street: Text | None = None
    is_declared: bool | None = None
    open_hours: Text | None = None
    note: LongText | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class SegmentProperties(Body):
    """What may be written of a road segment."""

    code: Code | None = None
    name: Text | None = None
    road: Text | None = None
    road_class: Annotated[Text | None, Field(alias="class")] = None
    unit: Text | None = None
    width_m: Annotated[float, Field(gt=0, le=500)] | None = None
    side: Text | None = None
    from_name: Text | None = None
    to_name: Text | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class ZoneProperties(Body):
    """What may be written of a zone; a new one needs `kind` only, its code is made where none is sent."""

    kind: Text | None = None
    code: Code | None = None
    name: Text | None = None
    unit: Text | None = None
    parent: Text | None = None
    holder: Text | None = None
    holder_phone: Annotated[str, Field(max_length=40)] | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    pledge_signed_on: Text | None = None
    pledge_expires_on: Text | None = None


class UnitProperties(Body):
    """What may be written of a responsible unit; its geometry is the seat, or null."""

    code: Code | None = None
    name: Text | None = None
    kind: Text | None = None
    categories: list[Text] | Text | None = None
    parent: Text | None = None
    territory: Annotated[str, Field(max_length=20)] | None = None
    capacity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    holder: Annotated[str, Field(max_length=60)] | None = None
    door_no: Annotated[str, Field(max_length=60)] | None = None
    door_width_m: Annotated[float, Field(ge=0.3, le=500)] | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class _FeatureBody(Body):
    type: Literal["Feature"]


class PointFeature(_FeatureBody):
    """An inspection point as it is written."""

    geometry: Geometry
    properties: PointProperties


class SegmentFeature(_FeatureBody):
    """A road segment as it is written."""

    geometry: Geometry
    properties: SegmentProperties


class ZoneFeature(_FeatureBody):
    """A zone as it is written."""

    geometry: Geometry
    properties: ZoneProperties


class UnitFeature(_FeatureBody):
    """A unit as it is written."""

    geometry: Geometry | None = None
    properties: UnitProperties


class ObjectProperties(Loose):
    """What every object tells: the counts are of open issues, `status` the worst of overdue, due_soon, open, none."""

    code: str
    name: str | None = None
    open_issues: int | None = None
    due_soon_issues: int | None = None
    overdue_issues: int | None = None
    status: Literal["none", "open", "due_soon", "overdue"] | None = None


class Feature(Loose):
    """A GeoJSON Feature."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class ObjectFeature(Loose):
    """A point, segment, zone or unit."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: ObjectProperties


class FeatureCollection(Loose):
    """A GeoJSON FeatureCollection; `next` is the address of the following rows where there are more."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    next: str | None = None
