"""The dictionaries, each read once: a loader per table of `geodata/dictionaries`, in the order of its file."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from civmap.calendar import Limit
from civmap.dictionaries.reading import bars, limits, parts, rows, table, words, yes_no
from civmap.dictionaries.records import (
    Basis,
    CheckItem,
    DutyCategory,
    DutyRelation,
    FilingCriterion,
    IssueClass,
    IssueState,
    Known,
    LimitUnit,
    Named,
    OsmPlace,
    OsmRoad,
    PointType,
    RoadClass,
    Role,
    ZoneKind,
)


@cache
def check_items() -> Mapping[str, CheckItem]:
    """Return the library of check items by code (domain.md §2)."""
    return MappingProxyType(table("check_items", CheckItem, also_classes=bars, weight=float))


@cache
def point_types() -> Mapping[str, PointType]:
    """Return the point types by code PTnn (domain.md §2)."""
    return MappingProxyType(
        table("point_types", PointType, is_mandatory=yes_no, check_items=words, aliases=bars)
    )


@cache
def issue_classes() -> Mapping[str, IssueClass]:
    """Return the minor classes by code (domain.md §3)."""
    return MappingProxyType(
        table("issue_classes", IssueClass, limit=Limit.parse, criteria=limits, is_frontage=yes_no, aliases=bars)
    )


@cache
def filing_criteria() -> Mapping[str, tuple[FilingCriterion, ...]]:
    """Return the filing criteria of the classes that have several, by the code of the class (domain.md §3)."""
    found: dict[str, tuple[FilingCriterion, ...]] = {}
    for row in rows("filing_criteria"):
        entry = FilingCriterion(row["code"], row["name_zh"], row["name_en"], bars(row["aliases"]), row["class"],
                                Limit.parse(row["limit"]))
        found[entry.class_code] = (*found.get(entry.class_code, ()), entry)
    return MappingProxyType(found)


@cache
def issue_groups() -> Mapping[str, tuple[IssueClass, ...]]:
    """Return the minor classes by the code of their major class: the first tap, then the second."""
    groups: dict[str, tuple[IssueClass, ...]] = {}
    for entry in issue_classes().values():
        groups[entry.major_code] = (*groups.get(entry.major_code, ()), entry)
    return MappingProxyType(groups)


@cache
def duty_categories() -> Mapping[str, DutyCategory]:
    """Return the trades that units hold, by their Chinese word (domain.md §4)."""
    return MappingProxyType(table("duty_categories", DutyCategory, aliases=bars))


@cache
def duty_relations() -> Mapping[str, DutyRelation]:
    """Return the words of the duty column that are resolved from the place, by the word (domain.md §4)."""
    return MappingProxyType(table("duty_relations", DutyRelation, aliases=bars))


@cache
def roles() -> Mapping[str, Role]:
    """Return the roles by identifier (domain.md §1)."""
    return MappingProxyType(table("roles", Role))


@cache
def zone_kinds() -> Mapping[str, ZoneKind]:
    """Return the kinds of zones by identifier (domain.md §5)."""
    return MappingProxyType(
        table("zone_kinds", ZoneKind, must_tile=yes_no, forbids_overlap=yes_no, within=bars, aliases=bars)
    )


@cache
def road_classes() -> Mapping[str, RoadClass]:
    """Return the road classes by identifier (domain.md §5.2)."""
    return MappingProxyType(table("road_classes", RoadClass, rank=int, aliases=bars))


@cache
def unit_kinds() -> Mapping[str, Known]:
    """Return the kinds of units by identifier (interfaces.md §4)."""
    return MappingProxyType(table("unit_kinds", Known, aliases=bars))


@cache
def issue_states() -> Mapping[str, IssueState]:
    """Return the states of an issue by identifier (domain.md §4; open ones by interfaces.md §3)."""
    return MappingProxyType(table("issue_states", IssueState, is_open=yes_no, stage=int, aliases=bars))


@cache
def photo_kinds() -> Mapping[str, Known]:
    """Return the kinds of photos by identifier (domain.md §6)."""
    return MappingProxyType(table("photo_kinds", Known, aliases=bars))


@cache
def depth_rules() -> Mapping[str, Named]:
    """Return how deep a frontage zone reaches, by identifier (domain.md §5.1)."""
    return MappingProxyType(table("depth_rules", Named))


@cache
def pledge_states() -> Mapping[str, Named]:
    """Return the states of a pledge by identifier (domain.md §5.1)."""
    return MappingProxyType(table("pledge_states", Named))


@cache
def bases() -> Mapping[str, Basis]:
    """Return the grounds on which a unit answers, by identifier (domain.md §4)."""
    return MappingProxyType(table("bases", Basis, rule=int))


@cache
def limit_units() -> Mapping[str, LimitUnit]:
    """Return the units of time limits by identifier (domain.md §4)."""
    return MappingProxyType(table("limit_units", LimitUnit, is_working_time=yes_no))


@cache
def osm_roads() -> Mapping[str, OsmRoad]:
    """Return what the city makes of each `highway` value of OpenStreetMap."""
    return MappingProxyType(
        table(
            "osm_roads", OsmRoad, key="highway", rank=int, is_network=yes_no, is_segment=yes_no, needs_name=yes_no,
            walk=yes_no, bike=yes_no, car=yes_no, width_m=float, lanes=int,
        )
    )


@cache
def osm_places() -> tuple[OsmPlace, ...]:
    """Return the rules that turn OpenStreetMap objects into point types, the strongest first."""
    rules = [
        OsmPlace(
            key=row["key"], value=bars(row["value"]), name_contains=bars(row["name_contains"]),
            also=parts(row["also"], ";"), point_type=row["point_type"] or None, priority=int(row["priority"]),
            needs_name=yes_no(row["needs_name"]), merge_m=float(row["merge_m"]),
        )
        for row in rows("osm_places")
    ]
    return tuple(sorted(rules, key=lambda rule: -rule.priority))
