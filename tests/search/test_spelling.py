"""What people type meets what is written: width, case, signs, pinyin and its several readings."""

import numpy as np
import pytest

from civmap.addresses.spelling import plain, sounds, typed
from civmap.search import blocks
from civmap.search.blocks import BEGINS, INSIDE, WHOLE, WORD, aside


@pytest.mark.parametrize(("written", "heard"), [
    ("长江路", "cjl"), ("长江路", "changjianglu"), ("长寿大厦", "csdx"), ("重庆路", "cql"), ("重点中学", "zdzx"),
    ("中国银行", "zgyh"), ("行政中心", "xzzx"), ("行政中心", "xingzhengzhongxin"), ("音乐广场", "yygc"),
    ("乐平街", "lpj"), ("都市花园", "dshy"),
    ("六安路", "lal"), ("绿地公园", "lvdigongyuan"), ("绿地公园", "ludigongyuan"),
    ("解放路554号", "jfl554h"), ("解放路554号", "jiefanglu554hao"), ("KFC长江路店", "kfccjld"),
    ("中国银行长江路支行", "zgyhcjlzh"), ("重庆银行长乐支行", "cqyhclzh")])
def test_a_name_is_heard_as_people_type_it(written, heard):
    assert heard in sounds(plain(written))


def test_width_case_and_signs_make_no_difference():
    assert plain("ＤＷ－１１８（长江路·店）") == "dw 118 长江路 店" and plain(" ﹙％﹚ ") == ""
    assert typed("解放lu") == "jiefanglu" and sounds("dw118") == []


def test_a_long_name_has_no_more_spellings_than_are_worth_keeping():
    assert len(sounds("长重行乐朝车都会" * 9)) <= 12


def test_a_word_is_found_with_how_well_it_fits():
    block = blocks.of_rows([("解放路",), ("解放路小学",), ("新解放路",), ("幸福里", aside("解放路5号")), ("江滨",), ()])
    rows, fits = blocks.find(block, "解放路")
    assert dict(zip(rows.tolist(), fits.tolist(), strict=True)) == {0: WHOLE, 1: BEGINS, 2: INSIDE, 3: WORD}
    rows, fits = blocks.find(block, "解放路", np.array([1, 3, 4]))
    assert dict(zip(rows.tolist(), fits.tolist(), strict=True)) == {1: BEGINS, 3: WORD}
    assert len(blocks.find(block, "不在")[0]) == len(blocks.find(blocks.of_rows([]), "路")[0]) == 0


def test_where_very_many_hold_a_word_those_that_begin_with_it_are_not_lost(monkeypatch):
    monkeypatch.setattr(blocks, "MOST_HITS", 50)
    block = blocks.of_rows([("新路口",)] * 200 + [("路口",)])
    rows, fits = blocks.find(block, "路口")
    assert fits[rows.tolist().index(200)] == WHOLE
