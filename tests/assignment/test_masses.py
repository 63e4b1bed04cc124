"""A million spots are answered as one is: the compiled cascade against the scalar one, without compiling it here."""

import random
from dataclasses import replace

import numba
import numpy as np
import pytest
from shapely import box

from civmap import dictionaries
from civmap.assignment.many import Ground
from civmap.assignment.models import Duty, Ruling
from civmap.assignment.table import FIRST, Reach
from civmap.geo.measure import GEOD

numba.config.DISABLE_JIT = True
TURNED = (*FIRST, "nearest", "segment", "frontage", "grid", "point", "professional", "territorial")
SCALED = Reach(segment_beside_m=25, margin_m=4, nearest_m=400)


@pytest.fixture
def masses():
    from civmap.assignment import masses

    return masses


def told(found, masses):
    units = masses.codes_of(found.unit)
    return [(unit or None, str(basis), None if np.isnan(metres) else f"{metres:.2f}", bool(doubt))
            for unit, basis, metres, doubt in zip(units, found.basis, found.metres, found.is_ambiguous, strict=True)]


def scalar(ground, spot, code):
    one = ground.answer(spot, code)
    metres = None if one.distance_m is None else f"{one.distance_m:.2f}"
    return one.unit.code if one.unit else None, one.basis, metres, one.is_ambiguous


@pytest.mark.parametrize("is_turned", [False, True])
def test_every_class_and_every_corner_of_the_town_is_answered_alike(session, town, now, masses, is_turned):
    some = Ground.of(session, now).seats.refs[0].id
    session.add(Ruling(class_code="E0102", geom=box(115.8585, 28.6825, 115.8592, 28.6831), unit_id=some, reason="定",
                       made_at=now, made_by="office", valid_from=town.FOUNDED))
    session.add(Duty(category="环卫", territory="360999001", unit_id=some, valid_from=town.FOUNDED))
    session.flush()
    ground = Ground.of(session, now)
    if is_turned:
        ground = replace(ground, table=replace(ground.table, order=TURNED, reach=SCALED))
    chance, codes = random.Random(11), list(dictionaries.issue_classes())
    spots = [town.SPOT_A2, town.SPOT_NOODLES, town.HOSPITAL_SPOT, town.MARKET_SPOT, (116.4, 29.4)]
    spots += [(chance.uniform(115.843, 115.872), chance.uniform(28.679, 28.691)) for _ in range(30)]
    for zone in ground.zones["frontage"].places[:2]:
        for lon, lat in zone.shape.exterior.coords:
            spots += [(lon, lat), (lon + chance.uniform(-2e-5, 2e-5), lat + chance.uniform(-2e-5, 2e-5))]
    asked = [(spot, code) for number, spot in enumerate(spots) for code in codes[number % 7::7]]
    desk = masses.Masses(ground)
    found = desk.answer(np.array([desk.codes.index(code) for _, code in asked]),
                        *np.array([spot for spot, _ in asked]).T)
    assert found.asked_again < len(asked) / 5
    assert told(found, desk) == [scalar(ground, spot, code) for spot, code in asked]
    assert is_turned or (len(set(found.basis)) >= 5 and found.is_ambiguous.any())


def test_metres_without_proj_are_geodesics(masses):
    from civmap.assignment.cells_metric import error_m, metric_of, offset

    chance = np.random.default_rng(2)
    for size in (0.001, 0.02, 0.2):
        lon, lat = chance.uniform(115, 116, 50), chance.uniform(28.2, 28.8, 50)
        there = lon + chance.uniform(-size, size, 50), lat + chance.uniform(-size, size, 50)
        azimuth, _, away = GEOD.inv(lon, lat, *there)
        xy = np.array([offset(metric_of(28, 29), *four) for four in zip(lon, lat, *there, strict=True)])
        wrong = np.hypot(xy[:, 0] - away * np.sin(np.radians(azimuth)), xy[:, 1] - away * np.cos(np.radians(azimuth)))
        assert (wrong <= [error_m(one) for one in away]).all()
