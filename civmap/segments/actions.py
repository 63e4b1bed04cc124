"""Create, edit and retire road segments, and name their chiefs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import EllipsisType
from typing import Any

from shapely import LineString
from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.queries import frame_of
from civmap.city.reach import must_reach
from civmap.fields import as_feature, masked_phone
from civmap.geo.echo import same_shape
from civmap.people.rules import Viewer
from civmap.segments import queries
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.segments.rules import Chief, read
from civmap.store.editing import change, check_version, derive, end_validity, facts_of, keep_new, locked_row
from civmap.store.spatial import in_box
from civmap.units.queries import resolve

KIND = "segment"
UNSAID = ...
Division = str | None | EllipsisType
CodesAt = Callable[[Sequence[tuple[float, float]]], Sequence[str | None]]


def create(session: Session, viewer: Viewer, feature: Any, now: datetime, *,
           division: str | None = None) -> RoadSegment:
    """Make a road segment of a GeoJSON Feature (LineString, EPSG:4326).

    `division` is the code at its middle, from `zones.queries.division_at`. Raise Forbidden, Invalid or Several, and
    Conflict `code_taken`.
    """
    viewer.must("create", KIND)
    columns, chiefs = read(feature, frame_of(session), is_new=True)
    columns = _resolved(session, columns)
    must_reach(viewer, division)
    segment = RoadSegment(**{name: value for name, value in columns.items() if value is not None}, division=division,
                          chiefs=[SegmentChief(**chief) for chief in chiefs or ()])
    keep_new(session, viewer.actor, KIND, segment, now, facts)
    return segment


def replace(session: Session, viewer: Viewer, code: str, feature: Any, version: int | None, now: datetime, *,
            division: Division = UNSAID) -> RoadSegment:
    """Change a segment to what a feature says; properties that are absent stay as they are.

    Raise NotFound where it is missing or hidden, Missing without a version, Stale for an old one.
    """
    viewer.must("edit", KIND)
    segment = locked_row(session, RoadSegment, KIND, code, queries.visible(viewer))
    check_version(segment, version, lambda: queries.as_feature(session, viewer, segment))
    _change(session, viewer, segment, feature, now, division)
    return segment


def retire(session: Session, viewer: Viewer, code: str, version: int | None, now: datetime) -> RoadSegment:
    """End a segment's validity now. Raise as `replace` does."""
    viewer.must("retire", KIND)
    segment = locked_row(session, RoadSegment, KIND, code, queries.visible(viewer))
    check_version(segment, version, lambda: queries.as_feature(session, viewer, segment))
    end_validity(session, viewer.actor, KIND, segment, now, facts)
    return segment


def save(session: Session, viewer: Viewer, values: Mapping[str, Any], now: datetime, *,
         division: Division = UNSAID) -> str:
    """Take one row of a table: create the segment of its code or change it; return created, updated or unchanged."""
    feature = as_feature(values)
    code = str(feature["properties"].get("code") or "").strip()
    segment = session.scalar(select(RoadSegment).where(RoadSegment.code == code, queries.visible(viewer)))
    if segment is None:
        create(session, viewer, feature, now, division=None if isinstance(division, EllipsisType) else division)
        return "created"
    viewer.must("edit", KIND)
    return "updated" if _change(session, viewer, segment, feature, now, division) else "unchanged"


def locate(session: Session, codes_at: CodesAt, within: Any = None) -> int:
    """Write the division code of every segment, after borders came or moved; return how many changed.

    `codes_at` answers the division codes of many (lon, lat) spots, as `zones.queries.divisions_at` does; `within` is
    the box in which borders moved, None for everywhere.
    """
    rows = session.execute(in_box(select(RoadSegment.id, RoadSegment.geom), RoadSegment.geom, within)).all()
    found = codes_at([_middle(row.geom) for row in rows])
    return derive(session, RoadSegment, "division", {row.id: code for row, code in zip(rows, found, strict=True)})


def _middle(line: LineString) -> tuple[float, float]:
    spot = line.interpolate(0.5, normalized=True)
    return spot.x, spot.y


def facts(row: RoadSegment) -> dict[str, Any]:
    """Return a segment for the ledger, its chiefs included, phone numbers masked."""
    chiefs = [{**chief, "phone": masked_phone(chief["phone"])} for chief in by_level(row).values()]
    return {**facts_of(row), "chiefs": chiefs}


def by_level(row: RoadSegment) -> dict[int, Chief]:
    """Return the chiefs of a segment by rising level."""
    return {chief.level: {"level": chief.level, "name": chief.name, "title": chief.title, "phone": chief.phone}
            for chief in sorted(row.chiefs, key=lambda chief: chief.level)}


def _change(session: Session, viewer: Viewer, segment: RoadSegment, feature: Any, now: datetime,
            division: Division) -> bool:
    kept = by_level(segment)
    columns, chiefs = read(feature, frame_of(session), is_new=False, kept=kept)
    columns = _resolved(session, columns)
    if not isinstance(division, EllipsisType):
        must_reach(viewer, division)
        columns["division"] = division
    if "geom" in columns and same_shape(segment.geom, columns["geom"]):
        del columns["geom"]
    if "geom" not in columns:
        columns.pop("division", None)  # borders that move tell the segments themselves
    new = chiefs if chiefs is not None and chiefs != list(kept.values()) else None
    return change(session, viewer.actor, KIND, segment, columns, now, facts=facts,
                  beside=None if new is None else lambda: set_chiefs(segment, new))


def set_chiefs(segment: RoadSegment, chiefs: list[Chief]) -> None:
    """Change chiefs in place, level by level: one level may never hold two rows, not even within one flush."""
    present = {chief.level: chief for chief in segment.chiefs}
    wanted = {chief["level"]: chief for chief in chiefs}
    for level, row in present.items():
        if level not in wanted:
            segment.chiefs.remove(row)
    for level, chief in wanted.items():
        if level not in present:
            segment.chiefs.append(SegmentChief(**chief))
            continue
        for name, value in chief.items():
            setattr(present[level], name, value)


def _resolved(session: Session, columns: dict[str, Any]) -> dict[str, Any]:
    if "unit" not in columns:
        return columns
    unit = columns.pop("unit")
    return {**columns, "unit_id": None if unit is None else resolve(session, unit).id}
