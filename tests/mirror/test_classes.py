"""Classes of a legend: ties stay together, few values get their own class, and every value is in exactly one."""

import numpy as np
import pytest

from civmap.mirror.classes import breaks_of, counted

NAN = float("nan")


@pytest.mark.parametrize(("values", "how", "breaks", "counts"), [
    ([], "quantile", [], []), ([], "equal", [], []), ([NAN, NAN], "quantile", [], []),
    ([5, 5, 5, NAN], "quantile", [5, 5], [3]), ([5, 5, 5], "equal", [5, 5], [3]),
    ([0, 1, 1], "quantile", [0, 1, 1], [1, 2]), ([0, 1, 2, 2, 9], "quantile", [0, 1, 2, 9, 9], [1, 1, 2, 1]),
    (range(100), "quantile", [0, 20, 40, 60, 80, 99], [20] * 5), (range(101), "equal", [0, 20, 40, 60, 80, 100],
                                                                  [20, 20, 20, 20, 21]),
    ([-1, 0, 4, 5, 10, 99], "fixed", [0, 5, 10], [3, 3]), ([], "fixed", [0, 5, 10], [0, 0]),
])
def test_breaks_and_counts(values, how, breaks, counts):
    values = np.array(values, float)
    found = breaks_of(values, how, 5, [10, 0, 5, 5])
    assert found == breaks
    assert counted(values, found) == counts


def test_a_value_that_most_have_leaves_the_other_classes_to_the_rest():
    values = np.concatenate([np.full(255, 100.0), np.linspace(0, 98, 85).round(1)])
    breaks = breaks_of(values, "quantile", 5)
    assert breaks[-2:] == [100, 100]
    counts = counted(values, breaks)
    assert counts[-1] == 255
    assert max(counts[:-1]) - min(counts[:-1]) <= 1


@pytest.mark.parametrize("how", ["quantile", "equal"])
@pytest.mark.parametrize("classes", [1, 2, 5, 9])
def test_every_value_is_in_one_class(how, classes):
    rng = np.random.default_rng(3)
    for values in (rng.integers(0, 40, 3000) / 10, rng.exponential(9, 5000), rng.integers(0, 3, 50).astype(float)):
        breaks = breaks_of(values, how, classes)
        assert breaks == sorted(breaks)
        assert len(breaks) <= classes + 1 or len(np.unique(values)) < classes
        assert sum(counted(values, breaks)) == len(values)
        assert breaks[0] == pytest.approx(values.min())
        assert breaks[-1] == values.max()
