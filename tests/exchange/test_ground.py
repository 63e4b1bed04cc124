"""Shops, streets and buildings come in: doubtful spellings are read, twice is once, streets are cut at crossings."""

import csv
import json
from datetime import date

import numpy as np
import pytest
from shapely.geometry import LineString, box, mapping
from sqlalchemy import select

from civmap.city.models import Building, StreetEdge
from civmap.geo import crs
from civmap.geo.measure import distance_m
from civmap.store.database import reading, writing
from civmap.units.models import Unit
from civmap.zones.models import Zone

SPOTS = ((115.8575, 28.6833), (115.8580, 28.6833), (115.8590, 28.6833))
HEADINGS = ("店铺名称", "门牌地址", "经度（百度）", "纬度（百度）", "责任人", "“三包”签订日期", "门面宽(米)", "备注")


def shops_file(path):
    lon, lat = crs.from_wgs84("bd09", np.array([spot[0] for spot in SPOTS]), np.array([spot[1] for spot in SPOTS]))
    rows = [("𠮷野家", "河东路1号", "约5米", "2024年3月"), ("=1+2 小店", "河东路3号", "６", "未签"),
            ("美发", "", "", "20240301")]
    with path.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows([HEADINGS, *(
            (name, door, f"{x:.6f}", f"{y:.6f}", "店主甲", signed, width, '老板说:"不归我"\n复查')
            for (name, door, width, signed), x, y in zip(rows, lon.tolist(), lat.tolist(), strict=True))])
    return path


def test_shops_of_an_office_table(civmap, engine, tmp_path):
    file = shops_file(tmp_path / "门前三包.csv")
    assert civmap.json("import", "shops", file)["created"] == 3
    assert civmap.json("import", "shops", file, "--yes")["created"] == 3
    with writing(engine) as session:
        shops = session.scalars(select(Unit).where(Unit.code.startswith("SH")).order_by(Unit.code)).all()
        assert [(one.code, one.name, one.kind, one.door_no, one.door_width_m, one.holder) for one in shops] == [
            ("SH000001", "𠮷野家", "shop", "河东路1号", 5.0, "店主甲"),
            ("SH000002", "=1+2 小店", "shop", "河东路3号", 6.0, "店主甲"),
            ("SH000003", "美发", "shop", None, None, "店主甲")]
        for shop, spot in zip(shops, SPOTS, strict=True):
            assert distance_m((shop.seat.x, shop.seat.y), spot) < 0.15
        zone = session.scalar(select(Zone).where(Zone.kind == "frontage"))
        zone.unit_id, zone.pledge_signed_on = shops[0].id, None
    again = civmap.json("import", "shops", file, "--yes")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 1, 2)
    with reading(engine) as session:
        assert session.scalar(select(Zone.pledge_signed_on).where(Zone.id == zone.id)) == date(2024, 3, 1)


def geojson(path, *features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": told, "geometry": mapping(shape)} for shape, told in features]}))
    return path


@pytest.mark.parametrize("endings", [("geojson", "geojson"), ("gpkg", "shp.zip")])
def test_streets_are_cut_where_they_cross_and_buildings_keep_their_households(civmap, engine, tmp_path, endings):
    east = LineString([(115.870, 28.690), (115.874, 28.690)])
    north = LineString([(115.872, 28.688), (115.872, 28.692)])
    house = box(115.8701, 28.6902, 115.8704, 28.6904)
    streets = [(east, {"name": "新民路", "width_m": 12.0}), (north, {"name": "横街", "width_m": 7.0})]
    houses = [(house, {"name": "一栋", "levels": 6, "households": 48})]
    files = [brought(tmp_path, name, rows, ending) for name, rows, ending in
             zip(("streets", "buildings"), (streets, houses), endings, strict=True)]
    assert civmap.json("import", "streets", files[0], "--yes")["created"] == 2
    assert civmap.json("import", "buildings", files[1], "--yes")["created"] == 1
    with reading(engine) as session:
        edges = session.scalars(select(StreetEdge).where(StreetEdge.name.in_(("新民路", "横街")))).all()
        assert sorted((edge.name, round(edge.length_m), edge.width_m) for edge in edges) == [
            ("新民路", 195, 12.0), ("新民路", 195, 12.0), ("横街", 222, 7.0), ("横街", 222, 7.0)]
        nodes = [node for edge in edges for node in (edge.from_node, edge.to_node)]
        assert sorted(nodes.count(node) for node in set(nodes)) == [1, 1, 1, 1, 4]
        found = session.scalars(select(Building).where(Building.name == "一栋")).one()
        assert (found.levels, found.households) == (6, 48)
    for kind, file in zip(("streets", "buildings"), files, strict=True):
        told = civmap.json("import", kind, file, "--yes")
        assert (told["created"], told["updated"], told["problems"]) == (0, 0, [])


def brought(folder, name, rows, ending):
    file = folder / f"{name}.{ending}"
    if ending == "geojson":
        return geojson(file, *rows)
    from tests.support.layers import write_layer

    return write_layer(file, name, rows)


