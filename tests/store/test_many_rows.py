"""Many rows at once: the indexes are whole, the ledger tells of each thing, a rollback leaves no trace."""

from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from sqlalchemy import func, select, text

from civmap.points.models import InspectionPoint
from civmap.store import blobs, bulk, copying, ledger, packed, wide
from civmap.store.database import reading, writing
from civmap.store.ledger import Actor
from civmap.store.spatial import in_frame

COUNT, BOX = 2_300, (115.84, 28.67, 115.86, 28.69)


def _spots():
    rng = np.random.default_rng(5)
    return np.round(np.column_stack([rng.uniform(115.82, 115.90, COUNT), rng.uniform(28.65, 28.72, COUNT)]), 9)


def _load(session, now, spots):
    codes = [f"M{number:05d}" for number in range(COUNT)]
    made = {"code": codes, "name": [f"点\\{number}" for number in range(COUNT)], "type": "PT01", "geom": spots,
            "is_declared": True, "version": 1, "note": [None if number % 2 else "注" for number in range(COUNT)]}
    with bulk.loading(session, InspectionPoint, COUNT) as load:
        half = {name: value[:2_000] if isinstance(value, list | np.ndarray) else value for name, value in made.items()}
        rest = {name: value[2_000:] if isinstance(value, list | np.ndarray) else value for name, value in made.items()}
        runs = load.add(2_000, half)
        load.wait()
        session.add(InspectionPoint(code="BY-ITSELF", name="旁", type="PT01", geom=shapely.Point(115.85, 28.68)))
        session.flush()
        runs += load.add(COUNT - 2_000, rest)
    wide.append(session, Actor("office"), "point", wide.folded("point", "code", {"unit_id": None, **made}), now)
    return runs


def _ground(session):
    """Return what a rollback must leave as it was: triggers or indexes."""
    asked = ("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
             if session.get_bind().dialect.name == "sqlite" else
             "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'inspection_point' ORDER BY indexname")
    return session.execute(text(asked)).all(), session.scalar(select(func.count()).select_from(InspectionPoint))


@pytest.mark.parametrize("is_anew", [False, True])
def test_points_by_the_thousand_are_indexed_told_and_taken_back_whole(engine, now, monkeypatch, is_anew):
    if is_anew and engine.dialect.name == "sqlite":
        pytest.skip("only PostGIS knows two ways")
    monkeypatch.setattr(copying, "ANEW_FROM", 1_000 if is_anew else 100_000)
    spots = _spots()
    with reading(engine) as session:
        before = _ground(session)

    with pytest.raises(_Enough), writing(engine) as session:
        _load(session, now, spots)
        raise _Enough
    with reading(engine) as session:
        assert _ground(session) == before

    with writing(engine) as session:
        runs = _load(session, now, spots)
    west, south, east, north = BOX
    inside = ((spots >= (west, south)) & (spots <= (east, north))).all(1).sum() + 1
    with reading(engine) as session:
        assert _ground(session)[0] == before[0]
        assert sum(last - first + 1 for first, last in runs) == COUNT
        found = session.scalars(select(InspectionPoint.code).where(
            in_frame(InspectionPoint.geom, *BOX), InspectionPoint.code.startswith("M"))).all()
        assert inside - 1 <= len(found) <= inside + 2
        point = session.scalar(select(InspectionPoint).where(InspectionPoint.code == "M02001"))
        assert (point.name, point.note, point.geom.x, point.geom.y) == ("点\\2001", None, *spots[2001])
        [line] = ledger.history(session, "point", "M02001")
        assert (line.verb, line.after["name"], line.after["geom"]) == (
            "create", "点\\2001", shapely.to_wkt(shapely.Point(spots[2001]), rounding_precision=9))
        assert ledger.history(session, "point", "M99999") == []
        assert ledger.verify_all(session)[1] is None
        if engine.dialect.name == "sqlite":
            assert session.scalar(text("SELECT CheckSpatialIndex('inspection_point', 'geom')")) == 1
            assert session.scalar(text("SELECT rtreecheck('idx_inspection_point_geom')")) == "ok"
    with writing(engine) as session:
        hidden = session.scalars(select(wide.Range).order_by(wide.Range.id.desc())).first()
        hidden.last_key = hidden.first_key
        session.flush()
        assert ledger.verify_all(session)[1] == hidden.entry_id, "nobody hides what a wide line tells"


@pytest.mark.spatialite
def test_shapes_are_written_as_the_database_itself_would(engine):
    drawn = [shapely.Point(1, 2), shapely.LineString([(0, 0), (3, 4)]), shapely.box(0, 0, 2, 1),
             shapely.MultiPoint([(0, 0), (5, 5)]), shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
             shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.Point(9, 9).buffer(1).difference(
                 shapely.Point(9, 9).buffer(0.5))])]
    made, _boxes = blobs.of_shapes(np.array(drawn, object))
    with reading(engine) as session:
        raw = session.connection().connection.driver_connection
        for shape, blob in zip(drawn, made, strict=True):
            assert raw.execute("SELECT GeomFromWKB(?, 4326)", (shape.wkb,)).fetchone()[0] == blob


@dataclass
class _Enough(Exception):
    """Nothing of it is to be kept."""


@pytest.mark.spatialite
@pytest.mark.parametrize("count", [0, 1, 51, 52, 3_000])
def test_a_packed_tree_holds_every_row_once_and_every_node_its_children(count):
    rng = np.random.default_rng(1)
    low = rng.uniform(0, 1, (count, 2))
    boxes = packed.edges(np.column_stack([low, low + 0.001]))

    tree = packed.tree(np.arange(count) + 1, boxes, 1_228)

    nodes = {number: np.frombuffer(body[4:4 + 24 * int.from_bytes(body[2:4], "big")], packed.CELL)
             for number, body in tree.nodes}
    parents = dict(tree.parents)
    leaves = set(tree.leaves.tolist())
    assert sorted(tree.rows.tolist()) == list(range(1, count + 1))
    assert nodes.keys() - {1} == parents.keys()
    for number, cells in nodes.items():
        assert len(cells) <= 51
        if number in leaves:
            assert set(cells["id"].tolist()) == set(tree.rows[tree.leaves == number].tolist())
        for cell in cells if number not in leaves else []:
            below = nodes[int(cell["id"])]["box"]
            assert parents[int(cell["id"])] == number
            assert cell["box"].tolist() == [below[:, 0].min(), below[:, 1].max(), below[:, 2].min(), below[:, 3].max()]
