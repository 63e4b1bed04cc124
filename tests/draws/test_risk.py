"""The risk of points, checked in the head, and the order it puts them in."""

import numpy as np
import pytest

from civmap.draws import risk
from civmap.errors import Invalid

NAN = float("nan")
TABLE = (  # overdue, open, days unseen, share failed, mandatory → risk
    ((0, 0, 0, NAN, False), 0.0), ((0, 0, NAN, NAN, False), 20.0), ((2, 5, 90, 1, True), 100.0),
    ((9, 50, 400, 1, True), 100.0), ((1, 1, 45, 0.5, False), 17.5 + 4 + 10 + 7.5), ((0, 1, 1, 3 / 14, True), 17.4))


@pytest.mark.parametrize("facts, wanted", TABLE)
def test_the_risk_is_the_weighted_sum_of_its_parts(facts, wanted):
    found = risk.Facts(*(np.array([value]) for value in facts))
    assert risk.risks(found, risk.USUAL).tolist() == [wanted]
    assert sum(part[0] for part in risk.points(found, risk.USUAL).values()) == pytest.approx(wanted, abs=0.05)


def test_the_office_may_weigh_the_parts_otherwise():
    found = risk.Facts(*(np.array([value]) for value in (3, 0, 0, NAN, False)))
    assert risk.risks(found, risk.checked({"overdue": 1, "open": 0, "unseen": 0, "failed": 0, "mandatory": 0})) == [100]
    for wrong in ({"luck": 1}, {"open": -1}, {"open": True}, [], dict.fromkeys(risk.PARTS, 0), {"open": NAN}):
        with pytest.raises(Invalid, match="risk_weights"):
            risk.checked(wrong)


def test_equals_stand_in_order_of_their_codes():
    keys = (np.array([1, 3, 3, np.inf]), np.array([0, 1, 1, 0]))
    assert risk.order(keys, ["d", "c", "b", "a"]) == [3, 2, 1, 0]
    assert risk.order((np.array([]),), []) == []
