"""What differs between cities, as data: point types, check items, issue classes, duties, roles, kinds and classes.

`dictionaries.point_types()` returns a whole table by code, `dictionaries.point_type("农贸市场")` the entry that a text
means. The tables lie in `geodata/dictionaries/*.csv`.
"""

from civmap.dictionaries.finding import (
    duty_category,
    duty_relation,
    filing_criterion,
    issue_class,
    issue_state,
    photo_kind,
    point_type,
    road_class,
    unit_kind,
    zone_kind,
)
from civmap.dictionaries.osm import osm_name, osm_place
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
from civmap.dictionaries.tables import (
    bases,
    check_items,
    depth_rules,
    duty_categories,
    duty_relations,
    filing_criteria,
    issue_classes,
    issue_groups,
    issue_states,
    limit_units,
    osm_places,
    osm_roads,
    photo_kinds,
    pledge_states,
    point_types,
    road_classes,
    roles,
    unit_kinds,
    zone_kinds,
)

__all__ = [
    "Basis", "CheckItem", "DutyCategory", "DutyRelation", "FilingCriterion", "IssueClass", "IssueState", "Known",
    "LimitUnit", "Named", "OsmPlace", "OsmRoad", "PointType", "RoadClass", "Role", "ZoneKind", "bases", "check_items",
    "depth_rules", "duty_categories", "duty_category", "duty_relation", "duty_relations", "filing_criteria",
    "filing_criterion", "issue_class", "issue_classes", "issue_groups", "issue_state", "issue_states", "limit_units",
    "osm_name", "osm_place", "osm_places", "osm_roads", "photo_kind", "photo_kinds", "pledge_states", "point_type",
    "point_types", "road_class", "road_classes", "roles", "unit_kind", "unit_kinds", "zone_kind", "zone_kinds",
]
