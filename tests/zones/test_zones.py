"""Zones: drawn without taking a neighbour's ground, changed by those who may, seen by those who should."""

from datetime import timedelta

import numpy as np
import pytest
from shapely.geometry import shape

from civmap.errors import Conflict, Forbidden, Invalid, Missing, NotFound, Stale
from civmap.geo.measure import area_m2
from civmap.store.ledger import history
from civmap.zones import actions, queries
from tests.support.features import codes, feature, frame, plain, ring

A4 = ring((115.8572815, 28.6832723), (115.8574554, 28.6832737), (115.8574559, 28.6832286), (115.8572819, 28.6832272))
CORNER = frame(115.8600, 28.6900, 115.8602, 28.6901)


def refused_draw(session, viewer, now, geometry, **properties):
    with pytest.raises(Conflict) as refused:
        actions.create(session, viewer, feature(geometry, **{"kind": "frontage", **properties}), now)
    assert refused.value.code == "zone_overlap"
    return plain({name: refused.value.facts[name] for name in ("overlaps", "suggestion")})


def test_a_zone_that_takes_a_neighbours_ground_is_refused_with_a_way_out(session, cast, now):
    facts = refused_draw(session, cast["clerk"], now, A4)
    [overlap] = facts["overlaps"]
    assert (overlap["zone"], overlap["name"]) == ("SB000001", "小李面馆")
    assert overlap["area_m2"] == pytest.approx(10, abs=0.1)
    assert area_m2(shape(overlap["geometry"])) == pytest.approx(10, abs=0.1)
    zone = actions.create(session, cast["clerk"], feature(facts["suggestion"], kind="frontage"), now)
    assert zone.geom.equals(shape(facts["suggestion"]))
    assert area_m2(zone.geom) == pytest.approx(75, abs=1)
    assert (zone.code, zone.division, zone.valid_from) == ("SB000002", "360199006", now)


def test_every_way_out_is_accepted_as_it_stands(session, cast, now):
    random = np.random.default_rng(20261122)
    for _ in range(60):
        middle = random.uniform((115.8592, 28.6892), (115.8608, 28.6908))
        angles = np.sort(random.uniform(0, 2 * np.pi, 9))
        radii = random.uniform(5e-5, 3e-4, 9)
        corners = middle + np.column_stack((radii * np.cos(angles), radii * np.sin(angles)))
        drawn = feature(ring(*corners.tolist()), kind="frontage")
        try:
            actions.create(session, cast["admin"], drawn, now)
        except Conflict as refused:
            suggestion = refused.facts["suggestion"]
            if suggestion is not None:
                actions.create(session, cast["admin"], plain(feature(suggestion, kind="frontage")), now)
        except Invalid as refused:
            assert refused.code == "geometry_invalid"


def test_kinds_that_may_share_ground_do(session, cast, now):
    for kind in ("estate", "school_surroundings", "special", "居民小区"):
        actions.create(session, cast["admin"], feature(A4, kind=kind), now)
    assert codes(queries.listed(session, cast["admin"], on=now, filters={"kind": "estate"})) == ["XQ000001", "XQ000002"]


def test_ground_is_free_again_once_its_zone_is_retired(session, cast, now):
    actions.retire(session, cast["clerk"], "SB000001", 1, now)
    assert actions.create(session, cast["clerk"], feature(A4, kind="frontage"), now).code == "SB000002"


def test_a_zone_of_another_time_is_no_neighbour(session, cast, now):
    actions.retire(session, cast["clerk"], "SB000001", 1, now)
    before = now - timedelta(days=1)
    refused_draw(session, cast["clerk"], now, A4, valid_from=before.isoformat())
    planned = feature(A4, kind="frontage", valid_from=(now + timedelta(days=9)).isoformat())
    actions.create(session, cast["clerk"], planned, now)
    until = (now + timedelta(days=9)).isoformat()
    actions.create(session, cast["clerk"], feature(A4, kind="frontage", valid_to=until), now)
    refused_draw(session, cast["clerk"], now, A4)


def test_a_zone_is_brought_back_only_onto_free_ground(session, cast, now):
    actions.retire(session, cast["clerk"], "SB000001", 1, now)
    zone = queries.by_code(session, cast["clerk"], "SB000001")
    seen = plain(queries.as_feature(session, cast["clerk"], zone))
    seen["properties"]["valid_to"] = None
    taker = actions.create(session, cast["clerk"], feature(A4, kind="frontage"), now)
    with pytest.raises(Conflict):
        actions.replace(session, cast["clerk"], "SB000001", seen, 2, now)
    actions.retire(session, cast["clerk"], taker.code, 1, now)
    actions.replace(session, cast["clerk"], "SB000001", seen, 2, now)
    assert zone.valid_to is None


def test_an_edit_may_not_take_ground_either(session, cast, now):
    zone = actions.create(session, cast["clerk"], feature(CORNER, kind="frontage"), now)
    with pytest.raises(Conflict) as refused:
        actions.replace(session, cast["clerk"], zone.code, feature(A4), 1, now)
    actions.replace(session, cast["clerk"], zone.code, plain(feature(refused.value.facts["suggestion"])), 1, now)
    assert zone.version == 2


def test_an_edit_needs_the_version_that_was_seen(session, cast, now):
    with pytest.raises(Missing):
        actions.replace(session, cast["clerk"], "SB000001", feature(None, name="面馆"), None, now)
    actions.replace(session, cast["clerk"], "SB000001", feature(None, name="面馆"), 1, now)
    with pytest.raises(Stale) as refused:
        actions.retire(session, cast["clerk"], "SB000001", 1, now)
    assert refused.value.facts["current"]["properties"]["name"] == "面馆"


def test_a_zone_sent_back_untouched_changes_nothing(session, cast, now):
    zone = queries.by_code(session, cast["clerk"], "SB000001")
    seen = plain(queries.as_feature(session, cast["clerk"], zone))
    assert seen["properties"]["holder_phone"] == "139****5678"
    actions.replace(session, cast["clerk"], "SB000001", seen, 1, now)
    assert (zone.version, zone.holder_phone) == (1, "13912345678")


def test_absent_properties_stay_and_null_ones_are_emptied(session, cast, now):
    actions.replace(session, cast["clerk"], "SB000001", feature(None, holder=None), 1, now)
    zone = queries.by_code(session, cast["clerk"], "SB000001")
    assert zone.holder is None
    assert (zone.name, zone.pledge_signed_on.isoformat(), zone.segment_code) == ("小李面馆", "2026-01-10", "LD0001")


def test_every_change_of_a_zone_leaves_a_line(session, cast, now):
    actions.replace(session, cast["clerk"], "SB000001", feature(None, name="面馆"), 1, now)
    actions.retire(session, cast["clerk"], "SB000001", 2, now)
    edit, retire = history(session, "zone", "SB000001")
    assert (edit.verb, retire.verb, edit.who) == ("edit", "retire", "clerk")
    assert edit.after["holder_phone"] == "139****5678"
    assert (retire.before["valid_to"], retire.after["valid_to"]) == (None, now.isoformat())


def test_a_clerk_draws_in_the_own_territory_only(session, cast, now):
    for geometry in (frame(115.850, 28.690, 115.851, 28.691), frame(115.8555, 28.690, 115.8575, 28.691)):
        with pytest.raises(Forbidden) as refused:
            actions.create(session, cast["clerk"], feature(geometry, kind="frontage"), now)
        assert refused.value.code == "outside_territory"


def test_a_clerk_may_not_move_borders(session, cast, now):
    for kind, code in (("subdistrict", "360199006"), ("subdistrict", "360199007")):
        with pytest.raises(Forbidden):
            actions.replace(session, cast["clerk"], code, feature(None, name="x", kind=kind), 1, now)
    with pytest.raises(Forbidden):
        actions.create(session, cast["clerk"], feature(CORNER, kind="subdistrict"), now)
    actions.create(session, cast["clerk"], feature(CORNER, kind="community", code="360199006001"), now)


def test_a_hidden_zone_is_not_found_for_writing_either(session, cast, now):
    with pytest.raises(NotFound):
        actions.retire(session, cast["clerk_west"], "SB000001", 1, now)
    with pytest.raises(Forbidden):
        actions.retire(session, cast["handler"], "SB000001", 1, now)


BORDERS = ["360199006", "360199007"]
SEEN = {"admin": [*BORDERS, "SB000001"], "inspector": [*BORDERS, "SB000001"], "clerk": [*BORDERS, "SB000001"],
        "clerk_west": BORDERS, "handler": BORDERS, "chief": [*BORDERS, "SB000001"], "shop": ["SB000001"],
        "industry": [*BORDERS, "SB000001"], "grid": [*BORDERS, "SB000001"]}


def test_everybody_sees_borders_and_the_zones_of_the_own_scope(session, cast, now):
    assert {name: codes(queries.features(session, cast[name], on=now)) for name in SEEN} == SEEN


def test_an_adopting_unit_sees_its_estate(session, cast, now):
    actions.create(session, cast["admin"], feature(CORNER, kind="estate", adopting_unit="人民医院"), now)
    assert "XQ000001" in codes(queries.listed(session, cast["doctor"], on=now))


NO_ZONES = (
    (ring((115.86, 28.69), (115.861, 28.691), (115.861, 28.69), (115.86, 28.691)), "geometry_invalid"),
    ({"type": "Point", "coordinates": [115.86, 28.69]}, "geometry_type"), (None, "area_missing"),
    (frame(115.86, 28.69, 115.860001, 28.690001), "area_too_small"),
    (frame(28.69, 115.86, 28.70, 115.87), "coordinates_swapped"), (frame(110, 28, 111, 29), "outside_city"))


def test_a_shape_that_is_no_zone_is_refused_with_the_reason(session, cast, now):
    for geometry, code in NO_ZONES:
        with pytest.raises(Invalid) as refused:
            actions.create(session, cast["admin"], feature(geometry, kind="frontage"), now)
        assert refused.value.code == code


def test_dates_are_read_as_office_days_and_must_follow_each_other(session, cast, now):
    zone = actions.create(session, cast["admin"], feature(
        CORNER, kind="frontage", valid_from="2026-06-01", valid_to="2026-06-30", pledge_signed_on="2026/6/1"), now)
    assert zone.valid_from.isoformat() == "2026-05-31T16:00:00+00:00"
    assert zone.valid_to.isoformat() == "2026-06-30T16:00:00+00:00"
    with pytest.raises(Invalid) as refused:
        actions.create(session, cast["admin"], feature(
            CORNER, kind="estate", valid_from="2026-06-02", valid_to="2026-06-01"), now)
    assert (refused.value.code, refused.value.field) == ("span_reversed", "valid_to")
    with pytest.raises(Invalid):
        actions.replace(session, cast["admin"], zone.code, feature(None, valid_to="2026-05-01"), 1, now)


def test_parents_are_named_by_code_and_never_in_a_circle(session, cast, now):
    grid = actions.create(session, cast["admin"], feature(CORNER, kind="grid", parent="360199006"), now)
    assert queries.as_feature(session, cast["admin"], grid)["properties"]["parent_name"] == "河东街道"
    for parent, code in (("WG000001", "zone_cycle"), ("nowhere", "unknown_parent_zone")):
        with pytest.raises(Invalid) as refused:
            actions.replace(session, cast["admin"], "360199006", feature(None, parent=parent), 1, now)
        assert refused.value.code == code


def test_imported_old_zones_may_overlap_and_are_kept(session, cast, now):
    row = {"code": "OLD1", "kind": "门前三包", "geometry": A4, "name": "老店", "unit": "小李面馆"}
    assert [actions.save(session, cast["admin"], row, now) for _ in range(2)] == ["created", "unchanged"]
    assert actions.save(session, cast["admin"], {"code": "OLD1", "name": "老店二"}, now) == "updated"
    actions.replace(session, cast["clerk"], "OLD1", feature(None, holder="老王"), 2, now)
    with pytest.raises(Conflict):
        actions.save(session, cast["admin"], {**row, "code": "OLD2"}, now, allow_overlap=False)


def test_the_division_of_a_spot_is_its_smallest_border(session, cast, now):
    actions.create(session, cast["admin"], feature(CORNER, kind="community", code="360199006001"), now)
    inside, beside = (115.8601, 28.69005), (115.87, 28.70)
    assert queries.division_at(session, *inside, on=now) == "360199006001"
    assert queries.divisions_at(session, [inside, beside, (1.0, 1.0)], on=now) == ["360199006001", "360199006", None]
    assert codes(queries.containing(session, inside, ("community", "subdistrict"), on=now)) == [
        "360199006", "360199006001"]


def test_zones_learn_their_division_when_borders_come_later(session, cast, now):
    zone = actions.create(session, cast["admin"], feature(CORNER, kind="estate"), now)
    actions.create(session, cast["admin"], feature(CORNER, kind="community", code="360199006001"), now)
    assert actions.locate(session, now) == 1
    assert (zone.division, zone.version) == ("360199006001", 1)


def test_numbering_goes_on_after_the_greatest_code(session, cast, now):
    actions.create(session, cast["admin"], feature(CORNER, kind="estate", code="XQ000041"), now)
    actions.create(session, cast["admin"], feature(CORNER, kind="estate", code="XQ甲乙丙丁戊己"), now)
    assert actions.create(session, cast["admin"], feature(CORNER, kind="estate"), now).code == "XQ000042"


def test_a_stroke_across_thousands_of_zones_is_refused(session, cast, now, monkeypatch):
    monkeypatch.setattr("civmap.zones.fitting.MOST_NEIGHBOURS", 0)
    with pytest.raises(Invalid) as refused:
        actions.create(session, cast["admin"], feature(A4, kind="frontage"), now)
    assert refused.value.code == "zone_over_too_many"


def test_zones_of_a_kind_that_a_shape_intersects_are_found(session, cast, now):
    found = queries.intersecting(session, shape(A4), "frontage", on=now)
    assert codes(found) == ["SB000001"]
    assert queries.intersecting(session, shape(A4), "frontage", on=now, exclude=found[0].id) == []
    assert queries.intersecting(session, shape(CORNER), "frontage", on=now) == []
