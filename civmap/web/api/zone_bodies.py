"""What the operations on zones take and give."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from civmap.web.api.bodies import Code, Exact, Longitude, Loose, Swappable, Text

MOST_CODES = 500
Shape = Annotated[dict[str, Any], Field(description="A GeoJSON geometry or Feature: lon, lat")]
Versions = Annotated[dict[str, int], Field(max_length=5000, description="The versions of the zones that the preview "
                                           "showed: refused with 412 where one has changed since")]


class PreviewQuery(Exact):
    """Whether only to show what would change."""

    model_config = ConfigDict(strict=False, extra="forbid")

    preview: bool = False


class _Versioned(Exact):
    versions: Versions | None = None


class SplitBody(_Versioned):
    """How to split: along a line, into equal parts, or along a street; `names` are those of the new parts."""

    line: Shape | None = None
    parts: Annotated[int, Field(ge=2, le=50)] | None = None
    by: Literal["issues", "doors", "area"] = "area"
    segment: Code | None = None
    road: Text | None = None
    names: Annotated[list[Text], Field(max_length=50)] | None = None


class MergeBody(_Versioned):
    """Which zones become one, and which of them keeps code, name and holder (the largest, where none is named)."""

    zones: Annotated[list[Code], Field(min_length=2, max_length=MOST_CODES)]
    keep: Code | None = None


class ReshapeBody(_Versioned):
    """The new shape, and whether neighbours follow it or their ground is refused."""

    geometry: Shape
    neighbours: Literal["follow", "refuse"] = "follow"


class FillBody(_Versioned):
    """The kind whose gap around a spot is filled, and the zone that takes it; null: it becomes a zone."""

    kind: Text
    lon: Longitude
    lat: Swappable
    to: Code | None = None


class GiveBody(_Versioned):
    """The neighbour that is given what a line cuts off, or what an area covers."""

    to: Code
    line: Shape | None = None
    area: Shape | None = None


class TrimBody(_Versioned):
    """Nothing but, perhaps, versions."""


class HalveBody(_Versioned):
    """Two zones that share ground; or a new zone (`feature`) and those it shares ground with."""

    model_config = ConfigDict(strict=True, extra="forbid", populate_by_name=True)

    a: Code | None = None
    b: Code | None = None
    feature: dict[str, Any] | None = None
    with_: Annotated[Code | list[Code] | None, Field(alias="with")] = None


class ZoneChange(Loose):
    """What becomes of one zone, in square metres; a zone that only gains corners keeps its size."""

    zone: str
    name: str
    kind: str
    before_m2: float
    after_m2: float
    geometry: dict[str, Any]
    is_new: bool
    is_retired: bool


class ZoneChanges(Loose):
    """Every zone that changes; once written, `zones` are their codes and `undo` is the call that takes it back."""

    changes: list[ZoneChange]
    notes: list[dict[str, str]] | None = None
    zones: list[str] | None = None
