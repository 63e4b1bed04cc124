"""What one row of each dictionary is: values that differ between cities, frozen once read.

Column names of `geodata/dictionaries/<table>.csv` equal the field names. Lists stand in one cell: codes apart by
spaces, alternatives of a duty by `/`, aliases and alternatives of a value by `|`.
"""

from dataclasses import dataclass

from civmap import texts
from civmap.calendar import Limit

ZH = "zh"


@dataclass(frozen=True, slots=True)
class Named:
    """A row with a code and a name in both languages."""

    code: str
    name_zh: str
    name_en: str

    def name(self, lang: str) -> str:
        """Return the name in `zh`, or in English for any other language."""
        return self.name_zh if lang == ZH else self.name_en


@dataclass(frozen=True, slots=True)
class Known(Named):
    """A named row that people also write in other ways."""

    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckItem(Named):
    """检查项: what is looked at, when it passes, and as which class of issue a fail is reported.

    `also_classes` are classes that a fail may be as well; `weight` is what the item counts in the score rate.
    """

    rule_zh: str
    rule_en: str
    issue_class: str
    also_classes: tuple[str, ...]
    weight: float

    @property
    def classes(self) -> tuple[str, ...]:
        """Return every class that a fail may be, the usual one first."""
        return (self.issue_class, *self.also_classes)

    def rule(self, lang: str) -> str:
        """Return the pass rule in `zh`, or in English for any other language."""
        return self.rule_zh if lang == ZH else self.rule_en


@dataclass(frozen=True, slots=True)
class PointType(Known):
    """点位类型: the trade of an inspection point, with its check items and the thresholds seen."""

    identifier: str
    geometry: str
    is_mandatory: bool
    check_items: tuple[str, ...]
    thresholds_zh: str
    thresholds_en: str

    def thresholds(self, lang: str) -> str:
        """Return the thresholds seen, in `zh`, or in English for any other language; empty where none is known."""
        return self.thresholds_zh if lang == ZH else self.thresholds_en


@dataclass(frozen=True, slots=True)
class IssueClass(Known):
    """小类: what can be wrong, how long it may take and whose trade it is.

    `criteria` holds one limit per closing criterion where a class has several; `limit` is the first, the default.
    `duty` is the cell as written: categories and relation words, the first that yields a unit answers.
    """

    identifier: str
    national_code: str
    kind: str
    group_zh: str
    group_en: str
    limit: Limit
    criteria: tuple[Limit, ...]
    closing_zh: str
    closing_en: str
    duty: str
    is_frontage: bool

    @property
    def duties(self) -> tuple[str, ...]:
        """Return the alternatives of the duty in their order: category codes and relation words."""
        return tuple(self.duty.split("/"))

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Return one limit per closing criterion; the default one alone where the class has no several."""
        return self.criteria or (self.limit,)

    @property
    def major_code(self) -> str:
        """Return the code of the major class (大类), such as `E01`."""
        return self.code[:3]

    def group(self, lang: str) -> str:
        """Return the name of the major class in `zh`, or in English for any other language."""
        return self.group_zh if lang == ZH else self.group_en

    def closing(self, lang: str) -> str:
        """Return the closing criterion (结案条件) in `zh`, or in English for any other language."""
        return self.closing_zh if lang == ZH else self.closing_en


@dataclass(frozen=True, slots=True)
class FilingCriterion(Known):
    """立案条件: one of several ways in which a class of issue is filed, with the limit of its own."""

    class_code: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class DutyCategory:
    """职责类别: a trade that units hold; its code is the Chinese word itself."""

    code: str
    name_en: str
    aliases: tuple[str, ...]

    @property
    def name_zh(self) -> str:
        """Return the Chinese word, which is the code."""
        return self.code

    def name(self, lang: str) -> str:
        """Return the name in `zh`, or in English for any other language."""
        return self.code if lang == ZH else self.name_en


@dataclass(frozen=True, slots=True)
class DutyRelation(DutyCategory):
    """A word of the duty column that is resolved from the place, such as 属地, and how it is found."""

    identifier: str
    found_zh: str
    found_en: str

    def found(self, lang: str) -> str:
        """Return how the unit is found, in `zh`, or in English for any other language."""
        return self.found_zh if lang == ZH else self.found_en


@dataclass(frozen=True, slots=True)
class Role(Named):
    """角色, with the reach of what it sees: all, route, unit, territory, grid, road, trade, overdue, zone or public."""

    scope: str


@dataclass(frozen=True, slots=True)
class ZoneKind(Known):
    """区域类型: whether zones of the kind tile the ground of those they lie within, and may not overlap."""

    must_tile: bool
    forbids_overlap: bool
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoadClass(Known):
    """道路等级; rank 1 is the most important."""

    rank: int


@dataclass(frozen=True, slots=True)
class IssueState(Known):
    """问题状态: who holds the issue, whether it counts as open, and its step of the outward bar (1 to 6, 0 none)."""

    holder_zh: str
    holder_en: str
    is_open: bool
    stage: int

    def name(self, lang: str) -> str:
        """Return the name that this city gave the state, else the one of the dictionary."""
        return texts.own(lang, f"state.{self.code}") or (self.name_zh if lang == ZH else self.name_en)

    def holder(self, lang: str) -> str:
        """Return who holds an issue in this state, in `zh`, or in English for any other language."""
        return self.holder_zh if lang == ZH else self.holder_en


@dataclass(frozen=True, slots=True)
class LimitUnit(Named):
    """A unit of time limits; `is_working_time` ones run only in office hours of working days."""

    plural_en: str
    is_working_time: bool


@dataclass(frozen=True, slots=True)
class Basis(Named):
    """Why a unit answers, with the number of the cascade rule (domain.md §4) that says so."""

    rule: int


@dataclass(frozen=True, slots=True)
class OsmPlace:
    """A rule that turns tags of OpenStreetMap into a point type; `point_type` None leaves the object out.

    `value` may hold `*`; `name_contains` asks for one of the words in the name; `also` are further conditions
    `key=value|value` or `!key`. Objects of one type and name within `merge_m` metres are one place.
    """

    key: str
    value: tuple[str, ...]
    name_contains: tuple[str, ...]
    also: tuple[str, ...]
    point_type: str | None
    priority: int
    needs_name: bool
    merge_m: float


@dataclass(frozen=True, slots=True)
class OsmRoad:
    """What a `highway` value of OpenStreetMap is in the city: class, who may use it, default width and lanes.

    `is_network`: kept as a routable street edge; `is_segment`: becomes a road segment (only with a name where
    `needs_name`). Width (metres) and lanes are of the whole road, both directions.
    """

    highway: str
    road_class: str
    rank: int
    is_network: bool
    is_segment: bool
    needs_name: bool
    walk: bool
    bike: bool
    car: bool
    width_m: float
    lanes: int

    @property
    def is_link(self) -> bool:
        """Tell whether it only joins two roads (a ramp, a turning lane)."""
        return self.highway.endswith("_link")
