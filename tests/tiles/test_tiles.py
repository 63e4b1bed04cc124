"""Vector tiles: nothing is lost, nothing counted twice, shapes are good and in place, words arrive letter by letter."""

from datetime import timedelta

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from sqlalchemy import func, select

from civmap.issues import measures
from civmap.mirror.following import Mirror
from civmap.mirror.places import lonlat, mercator
from civmap.store import ledger
from civmap.store.ledger import Actor
from civmap.tiles.building import SHAPED, Spot
from civmap.tiles.serving import Question, Tiles, answer
from civmap.zones.models import Zone
from tests.support import crowd
from tests.support import town as town_plan

KINDS = tuple(measures.OF_KIND)


@pytest.fixture
def crowded(session, now):
    crowd.build(session, now)
    ledger.record(session, Actor("test"), "survey", "city", "360199", at=now)
    session.flush()
    return session


@pytest.fixture
def tiles():
    return Tiles(Mirror())


def frame_of(zoom):
    west, south, east, north = town_plan.FRAME
    low, high = (mercator(np.array([[west - 0.02, north + 0.02], [east + 0.02, south - 0.02]])) * 2**zoom).astype(int)
    return [Spot(zoom, column, row) for column in range(low[0], high[0] + 1) for row in range(low[1], high[1] + 1)]


def decoded(found):
    return mapbox_vector_tile.decode(found.plain, default_options={"y_coord_down": True})


def read(tiles, session, viewer, asked, zoom, now):
    things, clusters = [], []
    for spot in frame_of(zoom):
        layers = decoded(tiles.tile(session, viewer, asked, spot, now))
        assert set(layers) <= {asked.kind, f"{asked.kind}_clusters"}
        things += [(spot, one) for one in layers.get(asked.kind, {}).get("features", [])]
        clusters += [(spot, one) for one in layers.get(f"{asked.kind}_clusters", {}).get("features", [])]
    return things, clusters


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_there_exactly_once_at_every_zoom(crowded, cast, tiles, now, kind):
    for role, by in (("dispatcher", measures.OF_KIND[kind][-1]), ("clerk", "status")):
        asked = Question(kind, {}, by=by)
        found = answer(tiles.mirror, crowded, cast[role], asked, now)
        codes = {found.table.codes.row(row).tobytes().decode() for row in np.flatnonzero(found.left)
                 if np.isfinite(found.table.places.xy[row]).all()}
        statuses = np.bincount(found.colours.status[found.left], minlength=4).tolist()
        for zoom in (0, 9, 12, 14, 16 if kind == "points" else 13) if role == "dispatcher" else (9, 13):
            things, clusters = read(tiles, crowded, cast[role], asked, zoom, now)
            here = [one["properties"] for _spot, one in things if one["properties"].get("here") == 1]
            grouped = [one["properties"] for _spot, one in clusters]
            assert len(here) + sum(one["count"] for one in grouped) == len(codes)
            own = [one["code"] for one in here]
            assert len(set(own)) == len(own)
            assert set(own) <= codes
            counted = [sum(one["status"] == name for one in here) + sum(one[name] for one in grouped)
                       for name in ("none", "open", "due_soon", "overdue")]
            assert counted == statuses
            if kind not in SHAPED and zoom >= 16:
                assert set(own) == codes


def outline(spot, one):
    def degrees(xy):
        corner = np.array([spot.column, spot.row], float)
        return lonlat((xy / 4096 + corner) / 2**spot.zoom)

    return shapely.transform(shapely.geometry.shape(one["geometry"]), degrees)


def test_outlines_are_good_shapes_near_the_true_ones(crowded, cast, tiles, now):
    true = {row.code: row.geom for row in crowded.execute(select(Zone.code, Zone.geom))}
    for zoom in (11, 14):
        step = 1.5 * 360 / 2**zoom / 256
        pieces = {}
        for spot, one in read(tiles, crowded, cast["dispatcher"], Question("zones", {"kind": "estate,frontage"}),
                              zoom, now)[0]:
            shape = shapely.geometry.shape(one["geometry"])
            assert shape.is_valid, shapely.is_valid_reason(shape)
            assert shape.area > 0
            pieces.setdefault(one["properties"]["code"], []).append(outline(spot, one))
        assert pieces
        for code, parts in pieces.items():
            drawn = shapely.union_all(parts)
            assert shapely.hausdorff_distance(drawn, true[code]) < step, (zoom, code)
            if zoom == 14:
                assert drawn.symmetric_difference(true[code]).area < true[code].length * step


def test_rings_wind_as_the_specification_wants_them(crowded, cast, tiles, now):
    from mapbox_vector_tile.Mapbox import vector_tile_pb2

    areas = []
    for spot in frame_of(14):
        tile = vector_tile_pb2.tile()
        tile.ParseFromString(tiles.tile(crowded, cast["leader"], Question("zones", {}), spot, now).plain)
        for layer in tile.layers:
            assert (layer.version, layer.extent) == (2, 4096)
            assert len(set(layer.keys)) == len(layer.keys)
            for feature in layer.features:
                assert max(feature.tags[::2]) < len(layer.keys)
                assert max(feature.tags[1::2]) < len(layer.values)
                if feature.type == 3:
                    areas.append(_first_ring_area(list(feature.geometry)))
    assert len(areas) > 20
    assert min(areas) > 0


def _first_ring_area(commands):
    unfold = [(one >> 1) ^ -(one & 1) for one in commands]
    count, ring = commands[3] >> 3, [(unfold[1], unfold[2])]
    for number in range(count):
        ring.append((ring[-1][0] + unfold[4 + 2 * number], ring[-1][1] + unfold[5 + 2 * number]))
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def test_what_strangers_wrote_arrives_letter_by_letter(crowded, cast, tiles, now):
    things, _clusters = read(tiles, crowded, cast["dispatcher"], Question("zones", {"code": "Z0000"}), 14, now)
    assert {one["properties"]["name"] for _spot, one in things} == {crowd.HARM}


def test_clusters_tell_where_they_are_and_what_they_weigh(crowded, cast, tiles, now):
    asked = Question("zones", {"kind": "frontage"}, by="open")
    _things, clusters = read(tiles, crowded, cast["dispatcher"], asked, 9, now)
    found = answer(tiles.mirror, crowded, cast["dispatcher"], asked, now)
    assert sum(one["properties"]["value"] for _spot, one in clusters) == int(
        found.colours.counts.open[found.left].sum())
    for spot, one in clusters:
        told, place = one["properties"], outline(spot, one)
        assert told["west"] - 0.003 <= place.x <= told["east"] + 0.003
        assert told["south"] - 0.003 <= place.y <= told["north"] + 0.003
        worst = [name for name in ("overdue", "due_soon", "open", "none") if told[name]]
        assert told["status"] == worst[0]
        assert ("code" in told) == (told["count"] == 1)


def test_a_tile_is_built_anew_only_where_something_changed(crowded, cast, tiles, now):
    asked, spots = Question("zones", {}), frame_of(15)
    first = {spot: tiles.tile(crowded, cast["dispatcher"], asked, spot, now) for spot in spots}
    again = {spot: tiles.tile(crowded, cast["leader"], asked, spot, now) for spot in spots}
    assert all(first[spot] is again[spot] for spot in spots)
    zone = crowded.scalars(select(Zone).where(Zone.code == "Z0004")).one()
    zone.name = "换了名字"
    crowded.flush()
    ledger.record(crowded, Actor("test"), "edit", "zone", "Z0004", at=now)
    crowded.flush()
    later = {spot: tiles.tile(crowded, cast["dispatcher"], asked, spot, now + timedelta(seconds=1)) for spot in spots}
    changed = [spot for spot in spots if later[spot].tag != first[spot].tag]
    assert 1 <= len(changed) <= 4
    assert crowded.scalar(select(func.count()).select_from(Zone)) > 100
