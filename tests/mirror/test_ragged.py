"""Rows of different length stay right, and take no more room than they need, however often they are replaced."""

import numpy as np

from civmap.mirror import ragged


def test_rows_that_are_replaced_again_and_again_stay_right_and_small():
    rng, texts = np.random.default_rng(3), [f"第{number}路" for number in range(200)]
    kept = ragged.of_texts(texts)
    earlier = (kept, list(texts))
    for turn in range(2_000):
        rows = np.unique(rng.integers(0, len(texts), 3))
        new = [f"{row}改{turn}" * int(rng.integers(0, 4)) for row in rows.tolist()]
        kept = kept.with_rows(rows, ragged.of_texts(new))
        for row, text in zip(rows.tolist(), new, strict=True):
            texts[row] = text
        if turn == 500:
            earlier = (kept, list(texts))
    for found, said in (earlier, (kept, texts)):
        assert [found.row(row).tobytes().decode() for row in range(len(said))] == said
    assert kept.end <= 2 * sum(len(text.encode()) for text in texts) + ragged.SPARE
