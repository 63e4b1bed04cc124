"""Several clerks at once: one wins, the others are told, and nothing overlaps."""

from concurrent.futures import ThreadPoolExecutor

import shapely

from civmap.errors import CivmapError
from civmap.people.rules import OFFICE
from civmap.store.database import reading, writing
from civmap.store.editing import one_at_a_time
from civmap.store.ledger import history, verify_all
from civmap.zones import actions, moves, queries
from civmap.zones.carrying import DRAWING_KEY, carry_out
from tests.support.features import feature, frame

AT_ONCE = 4
PLOT = frame(115.8600, 28.6900, 115.8602, 28.6901)


def at_once(engine, act):
    """Run an action in several transactions at once; return the outcomes: None, or the code of the refusal."""
    def one(number):
        try:
            with writing(engine) as session:
                act(session, number)
        except CivmapError as refused:
            return refused.code
        return None

    with ThreadPoolExecutor(AT_ONCE) as clerks:
        return sorted(clerks.map(one, range(AT_ONCE)), key=str)


def test_of_several_edits_of_one_version_one_is_kept(engine, now):
    outcomes = at_once(engine, lambda session, number: actions.replace(
        session, OFFICE, "SB000001", feature(None, name=f"面馆{number}"), 1, now))
    assert outcomes == [None, *["stale_edit"] * (AT_ONCE - 1)]
    with reading(engine) as session:
        assert queries.by_code(session, OFFICE, "SB000001").version == 2
        assert len(history(session, "zone", "SB000001")) == 1


def test_of_several_zones_on_one_plot_one_is_kept(engine, now):
    outcomes = at_once(engine, lambda session, number: actions.create(
        session, OFFICE, feature(PLOT, kind="frontage", name=f"店{number}"), now))
    assert outcomes == [None, *["zone_overlap"] * (AT_ONCE - 1)]


def test_zones_drawn_at_once_get_numbers_of_their_own(engine, now):
    outcomes = at_once(engine, lambda session, number: actions.create(
        session, OFFICE, feature(PLOT, kind="estate", name=f"小区{number}"), now))
    assert outcomes == [None] * AT_ONCE
    with reading(engine) as session:
        rows = queries.listed(session, OFFICE, filters={"kind": "estate"}, on=now)
        assert sorted(row.code for row in rows) == [f"XQ{number:06d}" for number in range(1, AT_ONCE + 1)]
        assert verify_all(session) == (AT_ONCE, None)


def test_neighbours_reshaped_at_once_fit_afterwards(engine, now):
    middle = 115.8610
    with writing(engine) as session:
        for code, west, east in (("WG1", middle - 4e-4, middle), ("WG2", middle, middle + 4e-4)):
            actions.create(session, OFFICE, feature(frame(west, 28.6900, east, 28.6904), kind="grid", code=code), now)

    def grow(session, number):
        reach = 2e-4 + number * 3e-5
        edges = ((middle - 4e-4, middle + reach), (middle - reach, middle + 4e-4))[number % 2]
        one_at_a_time(session, DRAWING_KEY)
        wished = frame(edges[0], 28.6900, edges[1], 28.6904)
        plan = moves.reshape(session, OFFICE, f"WG{number % 2 + 1}", wished, "follow", now).plan
        carry_out(session, OFFICE, plan, now, "reshape")

    assert at_once(engine, grow) == [None] * AT_ONCE
    with reading(engine) as session:
        rows = queries.listed(session, OFFICE, filters={"kind": "grid"}, on=now)
        assert {row.version for row in rows} == {1 + AT_ONCE}
        assert shapely.coverage_is_valid([row.geom for row in rows])
        whole = shapely.box(middle - 4e-4, 28.6900, middle + 4e-4, 28.6904)
        assert shapely.union_all([row.geom for row in rows]).symmetric_difference(whole).area < 1e-15
        assert verify_all(session)[1] is None
