"""The tables of geodata/dictionaries hold together: every code that is named exists, every name is in two languages."""

import dataclasses

import pytest

from civmap import calendar, dictionaries
from civmap.calendar import Limit

TABLES = (
    "bases", "check_items", "depth_rules", "duty_categories", "duty_relations", "issue_classes", "issue_states",
    "limit_units", "photo_kinds", "pledge_states", "point_types", "road_classes", "roles", "unit_kinds", "zone_kinds",
)  # fmt: skip
FOR_ALL = {"A04", "E01", "E02", "O08"}
MANDATORY = {"PT07", "PT08", "PT09", "PT10", "PT11", "PT12", "PT13", "PT16", "PT17", "PT20", "PT21"}
OPEN = {
    "reported", "verifying", "filed", "dispatched", "returned", "in_progress", "suspended", "resolved", "rework",
}  # fmt: skip
FRONTAGE = {
    "flyposting", "dirty_road", "stacked_goods", "outside_shop", "bike_bad_parking", "dead_plants", "frontage_failed",
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_entry_has_a_name_in_both_languages(table):
    for code, entry in getattr(dictionaries, table)().items():
        assert entry.code == code
        assert entry.name("zh").strip(), code
        assert entry.name("en").strip(), code


@pytest.mark.parametrize("table", TABLES)
def test_no_entry_can_be_changed_by_a_reader(table):
    entry = next(iter(getattr(dictionaries, table)().values()))
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        entry.code = "another"


def test_there_are_forty_point_types_and_eleven_are_mandatory():
    types = dictionaries.point_types()
    assert list(types) == [f"PT{number:02}" for number in range(1, 40)] + ["PT99"]
    assert {code for code, entry in types.items() if entry.is_mandatory} == MANDATORY


def test_every_point_type_names_known_check_items_and_those_that_apply_to_all():
    for entry in dictionaries.point_types().values():
        assert set(entry.check_items) <= dictionaries.check_items().keys(), entry.code
        assert set(entry.check_items) >= FOR_ALL, entry.code
        assert len(set(entry.check_items)) == len(entry.check_items), entry.code
        assert bool(entry.thresholds("zh")) == bool(entry.thresholds("en")), entry.code


def test_a_railway_station_is_checked_like_a_coach_station_and_more():
    types = dictionaries.point_types()
    assert set(types["PT13"].check_items) - set(types["PT12"].check_items) == {"A05", "O04"}
    assert set(types["PT12"].check_items) < set(types["PT13"].check_items)
    assert set(types["PT02"].check_items) - set(types["PT01"].check_items) == {"A06", "S06"}
    assert types["PT20"].check_items == types["PT19"].check_items


def test_every_check_item_says_when_it_passes():
    for item in dictionaries.check_items().values():
        assert item.rule("zh") and item.rule("en"), item.code


def test_every_class_names_known_duties_and_a_limit_in_known_units():
    known = dictionaries.duty_categories().keys() | dictionaries.duty_relations().keys()
    for entry in dictionaries.issue_classes().values():
        assert set(entry.duties) <= known, entry.code
        assert {limit.unit for limit in entry.limits} <= dictionaries.limit_units().keys(), entry.code
        assert entry.closing("zh") and entry.closing("en"), entry.code
        assert entry.kind == entry.code[0]


def test_categories_and_relations_share_no_word():
    assert not dictionaries.duty_categories().keys() & dictionaries.duty_relations().keys()


def test_the_seven_classes_of_the_frontage_rule_are_marked():
    marked = {entry.identifier for entry in dictionaries.issue_classes().values() if entry.is_frontage}
    assert marked == FRONTAGE


def test_identifiers_of_classes_and_types_are_unique():
    for entries in (dictionaries.issue_classes(), dictionaries.point_types()):
        assert len({entry.identifier for entry in entries.values()}) == len(entries)


def test_a_class_is_chosen_in_two_taps():
    groups = dictionaries.issue_groups()
    assert sum(len(classes) for classes in groups.values()) == len(dictionaries.issue_classes()) == 61
    for classes in groups.values():
        assert len({(entry.group("zh"), entry.group("en")) for entry in classes}) == 1
    assert len({classes[0].group("zh") for classes in groups.values()}) == len(groups) == 9


def test_limit_units_are_those_of_the_calendar():
    assert tuple(dictionaries.limit_units()) == calendar.UNITS


def test_a_class_with_two_closing_criteria_has_two_limits():
    paving = dictionaries.issue_class("tactile_paving")
    assert paving.limit == Limit(4, "work_hour")
    assert paving.limits == (Limit(4, "work_hour"), Limit(3, "work_day"))
    assert dictionaries.issue_class("manhole").limits == (Limit(2, "urgent_hour"),)


def test_open_means_what_the_interfaces_say():
    states = dictionaries.issue_states()
    assert len(states) == 13
    assert {code for code, state in states.items() if state.is_open} == OPEN


def test_the_cascade_names_its_ten_bases_in_order():
    assert list(dictionaries.bases()) == [
        "explicit", "point", "frontage", "professional", "segment", "grid", "nearest", "territorial", "designated",
        "none",
    ]  # fmt: skip


def test_grids_communities_and_subdistricts_tile():
    kinds = dictionaries.zone_kinds()
    assert {code for code, kind in kinds.items() if kind.must_tile} == {"grid", "community", "subdistrict"}
    assert {code for code, kind in kinds.items() if kind.forbids_overlap} == {
        "frontage", "grid", "community", "subdistrict",
    }  # fmt: skip


def test_the_thirteen_roles_are_those_of_the_office():
    assert len(dictionaries.roles()) == 13
    assert dictionaries.roles()["dispatcher"].scope == "all"
