"""The blind draw as pure arithmetic: quotas, weights, mandatory types, and the seed as the only chance."""

from collections import Counter

import pytest

from civmap.draws import rules
from civmap.draws.rules import Candidate, Lack, Note, Pick, Pool, Weight, Wish
from civmap.errors import Invalid, Several

MARKETS = [Candidate(f"M{number}", "PT07", "360199006", "河东路", unseen)
           for number, unseen in enumerate((None, 3, 40, 29, 30))]
SHOPS = [Candidate(f"R{number:03d}", "PT18", "360199006" if number < 50 else "360199007", "", None)
         for number in range(100)]


def drawn(wish, seed="1", candidates=(*MARKETS, *SHOPS)):
    return [pick.code for pick in rules.draw(candidates, wish, seed).picks]


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_rows():
    wish = Wish({"PT18": 10, "PT07": 2}, not_seen_days=30)
    assert drawn(wish) == drawn(wish, candidates=[*reversed(SHOPS), *reversed(MARKETS)])
    assert drawn(wish) != drawn(wish, "2")
    assert len(set(drawn(wish))) == 12


def test_a_point_that_comes_or_goes_elsewhere_moves_no_more_than_its_own_place():
    wish = Wish({"PT18": 10})
    before = drawn(wish)
    assert drawn(wish, candidates=[*SHOPS, Candidate("M9", "PT07")]) == before
    assert len(set(drawn(wish, candidates=[*SHOPS, Candidate("R999", "PT18")])) - set(before)) <= 1
    fewer = [shop for shop in SHOPS if shop.code != before[3]]
    assert drawn(wish, candidates=fewer)[:9] == [code for code in before if code != before[3]]


def test_what_was_seen_lately_is_left_out_and_the_shortfall_is_told_not_filled():
    sample = rules.draw(MARKETS, Wish({"PT07": 5}, not_seen_days=30), "s")
    assert {pick.code for pick in sample.picks} == {"M0", "M2", "M4"}
    assert sample.shortfall == (Lack("PT07", 5, 3),) and sample.pool == {"PT07": Pool(5, 2, 0, 3)}
    assert rules.draw([], Wish({"PT24": 2}), "s").shortfall == (Lack("PT24", 2, 0),)


def test_all_of_a_mandatory_type_are_in_marked_where_seen_lately_and_what_gave_way_is_said():
    wish = Wish({"PT07": 2, "PT18": 1}, True, (Weight("河东路", 0, (), ("河东路",)),), 30)
    sample = rules.draw([*MARKETS, *SHOPS], wish, "s")
    markets = [pick for pick in sample.picks if pick.type == "PT07"]
    assert markets == [Pick(f"M{number}", "PT07", "mandatory", number in (1, 3)) for number in range(5)]
    said = {(note.code, note.facts["type"]) for note in sample.notes}
    assert {(f"draw_{code}", "PT07") for code in ("quota_below_mandatory", "mandatory_recent",
                                                   "mandatory_weighed_out")} <= said
    assert Note("draw_mandatory_none", {"type": "PT08"}) in sample.notes
    assert sample.shortfall == () and len(sample.picks) == 6


def test_the_weight_that_speaks_most_closely_of_a_place_counts():
    weights = (Weight("河东", 2, ("360199006",)), Weight("一社区", 3, ("360199006001",)),
               Weight("河东路", 0, (), ("河东路",)))
    told = [rules.weight_of(weights, *place) for place in (
        ("360199007", ""), ("360199006", "石桥路"), ("360199006001", ""), ("360199006001", "河东路"))]
    assert told == [1, 2, 3, 0]


def test_weights_shift_the_odds_as_much_as_they_say():
    """One of two streets with 50 shops each weighs 3: three quarters of the first drawn are its."""
    wish = Wish({"PT18": 1}, weights=(Weight("006", 3, ("360199006",)),))
    east = sum(drawn(wish, f"seed {turn}", SHOPS)[0] < "R050" for turn in range(2_000))
    assert 1_425 < east < 1_575  # 1,500 ± 4 standard deviations
    firsts = Counter(drawn(Wish({"PT18": 1}), f"seed {turn}", SHOPS[:4])[0] for turn in range(2_000))
    assert all(420 < count < 580 for count in firsts.values())
    none = Wish({"PT18": 100}, weights=(Weight("006", 0, ("360199006",)),))
    assert {code for code in drawn(none)} == {shop.code for shop in SHOPS[50:]}
    assert set(drawn(Wish({"PT18": 100}, weights=wish.weights))) == {shop.code for shop in SHOPS}


@pytest.mark.parametrize("pairs, code", [
    ([("PT77", 1)], "unknown_point_type"), ([("PT07", -1)], "number_out_of_range"),
    ([("PT07", 1.5)], "number_not_whole"), ([("PT07", 10_001)], "number_out_of_range"),
    ([("PT07", True)], "number_expected"), ([("PT07", "x")], "number_expected"),
    ([("PT07", 1), ("农贸市场", 2)], "draw_type_twice"), ([("PT07", float("nan"))], "number_not_finite")])
def test_an_absurd_quota_is_refused_by_name(pairs, code):
    with pytest.raises(Invalid) as caught:
        rules.read_quota(pairs)
    assert (caught.value.code, caught.value.field) == (code, "quota")


def test_types_are_meant_by_code_identifier_or_name_and_every_problem_is_told():
    assert rules.read_quota([("餐饮店", "3"), ("farmers_market", 2)]) == {"PT07": 2, "PT18": 3}
    with pytest.raises(Several) as caught:
        rules.read_quota([("PT77", 1), ("PT07", -2)])
    assert len(caught.value.problems) == 2
    for wrong in ([("河东", -1)], [("河东", 1), ("河东", 2)], [("", 1)], [("河东", float("inf"))]):
        with pytest.raises(Invalid):
            rules.read_weights(wrong)


@pytest.mark.parametrize("wrong", ["", "  ", "a\nb", "x" * 65, None, 1.5, "\x00"])
def test_a_seed_is_one_line_of_text_kept_as_it_was_given(wrong):
    assert [rules.read_seed(good) for good in (7, "007", " 开 ")] == ["7", "007", " 开 "]
    with pytest.raises(Invalid):
        rules.read_seed(wrong)


def test_a_draw_that_asks_for_nothing_is_refused():
    for wish in (Wish({}), Wish({"PT07": 0})):
        with pytest.raises(Invalid, match="draw_quota_empty"):
            rules.check(wish)
    rules.check(Wish({}, is_mandatory=True))
