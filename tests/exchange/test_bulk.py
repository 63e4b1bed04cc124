"""Large tables: whichever way a row takes, the same becomes of it and the same is said."""

import random

import numpy as np
import pytest
from sqlalchemy import select

from civmap.city.queries import frame_of
from civmap.exchange import bulk, checking, kinds
from civmap.exchange.checking import Desk, EachByItself
from civmap.exchange.intake import REFUSED, Keeper
from civmap.exchange.seen import Seen
from civmap.exchange.sheets import Portion, Row
from civmap.people.rules import OFFICE
from civmap.points.models import InspectionPoint
from civmap.store import ledger
from civmap.store.database import writing

FIELDS = ("code", "name", "type", "lon", "lat", "unit", "address", "street", "is_declared", "open_hours", "note")
BAD = {
    "code": ["", "P 1", "P/7", "..", " P-edge ", "P00001", "P00002", "x" * 65, 17.0, "编码\u200b9", "'=1+1"],
    "name": ["", "名" * 201, "两\n行", "\u3000空\u3000", "'-5号点", "a\x07b", 12, None],
    "type": ["PT99", "", "农贸市厂", "菜市场", " PT02 "],
    "lon": ["", "28.68", "经度", "115,85", "１１５.８５", "1158500000", 115.85, "nan", "0"],
    "lat": ["", "115.85", "95", "28.68N", "28°40′48″", "inf", "0"],
    "unit": ["没有这家", "环卫一所", "HW-B", ""],
    "is_declared": ["否", "也许", "", "√", True], "address": ["", "地" * 201, "x" * 200], "street": ["街" * 101, None],
    "open_hours": ["24小时", ""], "note": ["注" * 2_001, "多\r\n行", ""]}


def _rows():
    rng = random.Random(7)
    rows = []
    for number in range(300):
        row = {"code": f"P{number:05d}", "name": f"第{number}号点", "type": rng.choice(["PT01", "公园", "PT22"]),
               "lon": f"{rng.uniform(115.80, 115.92):.7f}", "lat": f"{rng.uniform(28.64, 28.73):.7f}",
               "unit": rng.choice(["人民医院", "HW-C", ""]), "address": f"河东路{number}号", "street": "河东路",
               "is_declared": rng.choice(["是", "否"]), "open_hours": "", "note": f"备注{number % 5}"}
        for field in rng.sample(list(BAD), rng.choice([0, 0, 1, 1, 2])):
            row[field] = rng.choice(BAD[field])
        rows.append([row[field] for field in FIELDS])
    rows[120] = list(rows[100])
    return rows


class _Table:
    """A table of some rows."""

    def __init__(self, rows):
        self.rows, self.count = [Row(number, row) for number, row in enumerate(rows, start=2)], len(rows)

    def portions(self, most=90):
        most = min(most, 90)
        for start in range(0, self.count, most):
            part = self.rows[start:start + most]
            columns = [np.empty(len(part), object) for _ in FIELDS]
            for place, column in enumerate(columns):
                column[:] = [row.cells[place] for row in part]
            yield Portion(np.array([row.number for row in part]), columns)


def _keeper(session, now):
    frame = frame_of(session)
    desk = Desk(kinds.kind("points"), {field: place for place, field in enumerate(FIELDS)}, list(FIELDS),
                EachByItself("wgs84", frame), frame)
    return Keeper(session, OFFICE, desk, now)


def _by_row(session, now, table):
    keeper, said = _keeper(session, now), {}
    for index, row in enumerate(table.rows):
        for found in checking.of_row(keeper.desk, index, row):
            told = [(found, REFUSED, [])] if not found.is_good else keeper.portion([found])
            for one, did, problems in told:
                said[one.row] = (did, sorted(problem.code for problem in [*one.problems, *problems]))
    return said, _stored(session)


def _at_once(session, now, table):
    keeper, said = _keeper(session, now), {}
    assert bulk.KINDS["points"].fits(keeper)

    def on_row(found, _cells, did, problems):
        said[found.row] = (did, sorted(problem.code for problem in [*found.problems, *problems]))

    def on_portion(portion, did):
        plain.extend(did[did > 0])
        said.update({int(number): ("unchanged" if one == 1 else "created", [])
                     for number, one in zip(portion.numbers, did, strict=True) if one})

    plain = []
    bulk.take(keeper, table, on_row, on_portion)
    return said, _stored(session), len(plain)


def _stored(session):
    session.expire_all()
    return [{name: value for name, value in ledger.row_facts(point).items()}
            for point in session.scalars(select(InspectionPoint).order_by(InspectionPoint.code))]


class _Enough(Exception):
    """Nothing of it is to be kept."""


def test_a_messy_table_becomes_the_same_at_once_as_row_by_row_and_changes_nothing_the_second_time(engine, now):
    table = _Table(_rows())
    try:
        with writing(engine) as session:
            said, stored = _by_row(session, now, table)
            raise _Enough
    except _Enough:
        pass

    with writing(engine) as session:
        told, kept, plain = _at_once(session, now, table)

    assert told == said
    assert kept == stored
    assert plain > 60
    with writing(engine) as session:
        again, kept, plain = _at_once(session, now, table)
        assert {did for did, _problems in again.values()} == {"unchanged", REFUSED}
        assert (kept, plain > 60) == (stored, True)
        rows = session.scalars(select(InspectionPoint.code).where(InspectionPoint.code.startswith("P000"))).all()
        assert [len(ledger.history(session, "point", code)) for code in rows] == [1] * len(rows)
        assert ledger.verify_all(session)[1] is None


@pytest.mark.spatialite
def test_keys_met_before_are_known_whether_they_came_alone_or_with_many():
    seen = Seen()
    assert seen.setdefault(("A",), 5) == 5
    marks, is_fresh = seen.fresh(["A", "B", "C", "B"])
    assert is_fresh.tolist() == [False, False, True, False]
    seen.add(marks[2:3], np.array([8]))
    assert seen.setdefault(("C",), 9) == 8
    assert seen.fresh(["C", "D"])[1].tolist() == [False, True]
