"""What stands in coordinate cells: every spelling to the digit, nothing turned that is not told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civmap.errors import Invalid
from civmap.exchange import coordinates

pytestmark = pytest.mark.spatialite
PLACE = (118.770097, 32.043872)
EXACT = (118.778859, 32.043828)
GRID = (383995.583, 3547067.688)
SPELT = [
    (118.778859, 32.043828, EXACT, 6), ("118.778859", " 32.043828\u3000", EXACT, 6),
    ("１１８．７７８８５９", "３２．０４３８２８", EXACT, 6), ("118.778859°", "32.043828度", EXACT, 6),
    ("118,778859", "32,043828", EXACT, 6), ("1.18778859E2", "3.2043828e+01", EXACT, 6),
    ("118°46′12.35″", "32°02′37.94″", PLACE, 6), ("118°46’12.35”", "32°02’37.94”", PLACE, 6),
    ("118°46'12.35''", "32°02'37.94''", PLACE, 6), ("东经118度46分12.35秒", "北纬32度2分37.94秒", PLACE, 6),
    ("E118°46'12.35\"", "N32°2'37.94\"", PLACE, 6), ("118°46'12.35\"E", "32°2'37.94\"N", PLACE, 6),
    ("118°46.2058'", "32°2.6323'", PLACE, 6), ("118-46-12.35", "32-02-37.94", PLACE, 6),
    ("118:46:12.35", "32:02:37.94", PLACE, 6), ("118 46 12.35", "32 02 37.94", PLACE, 6),
    ("118.778859，32.043828", "", EXACT, 6), ("118.778859,32.043828", None, EXACT, 6),
    ("118.778859 / 32.043828", None, EXACT, 6), ("118,778859;32,043828", None, EXACT, 6),
    ("32.043828 N, 118.778859 E", None, EXACT, 6), ("POINT(118.778859 32.043828)", None, EXACT, 6),
    ("经度:118.778859 纬度:32.043828", None, EXACT, 6), ("[118.778859,32.043828]", None, EXACT, 6),
    ("纬度32.043828，经度118.778859", None, EXACT, 6), ('{"lng":118.778859,"lat":32.043828}', None, EXACT, 6),
    ("东经118°46′12.35″，北纬32°02′37.94″", None, PLACE, 6), ("E118°46'12.35\"N32°2'37.94\"", None, PLACE, 6),
    ({"type": "Point", "coordinates": [118.778859, 32.043828]}, None, EXACT, 6),
    ("32°2'37.94\"N", "118°46'12.35\"E", PLACE, 6), (*GRID, GRID, 8), (*reversed(GRID), GRID, 8),
    ("x=383995.583;y=3547067.688", None, GRID, 8), ("X：3547067.688 Y：383995.583", None, GRID, 8),
    ("383,995.583米", "3,547,067.688m", GRID, 8), ("40383995.583", "3547067.688", (40383995.583, GRID[1]), 8),
    (32.043828, 118.778859, EXACT[::-1], 6), (118.789, 32.04, (118.789, 32.04), 3),
    (1187.95494, 32.036752, (1187.95494, 32.036752), 6), ("118°46′", "32°02′", (118.766667, 32.033333), 2),
    ("118°46′12″", "32°02′38″", (118.77, 32.043889), 4)]
REFUSED = [("新街口路口", "", "coordinates_unreadable"), (True, 32.04, "coordinates_unreadable"),
           ("118.77,32.04,7", "", "coordinates_unreadable"), ("118°61′12″", "32°", "coordinates_unreadable"),
           ("2024-07-14", "32.04", "coordinates_unreadable"), ("E118.77", "E32.04", "coordinates_unreadable"),
           (float("inf"), 32.04, "coordinates_unreadable"), ("1" * 600, "2", "coordinates_unreadable"),
           ("118.77", " ", "coordinates_half"), (None, 32.04, "coordinates_half"), ("", None, "coordinates_missing")]


def test_every_spelling_is_read_to_the_digit_and_alike_in_one_row_and_in_many():
    spots = coordinates.read_many([row[0] for row in SPELT], [row[1] for row in SPELT])
    assert not spots.errors
    for number, (first, second, place, decimals) in enumerate(SPELT):
        said = coordinates.read(first, second)
        assert (said.x, said.y) == (pytest.approx(place[0], abs=6e-7), pytest.approx(place[1], abs=6e-7)), first
        assert said.decimals == decimals, first
        many = (spots.x[number], spots.y[number], coordinates.SPELLINGS[spots.spelling[number]],
                spots.decimals[number], spots.is_told[number])
        assert many == tuple(said)


def test_what_is_no_coordinate_is_refused_with_its_reason():
    spots = coordinates.read_many([row[0] for row in REFUSED], [row[1] for row in REFUSED])
    for number, (first, second, code) in enumerate(REFUSED):
        with pytest.raises(Invalid) as refused:
            coordinates.read(first, second)
        assert refused.value.code == code, first
        assert number not in spots.errors or spots.errors[number].code == code
        assert np.isnan(spots.x[number])
    assert set(spots.errors) == set(range(10))  # an empty row is nothing, not an error


def test_degrees_minutes_and_seconds_run_together_are_told_by_the_whole_column():
    first, second = ["1184612.35", 1184644.05, "1184725.9"], [320237.94, "320231.81", "320238.5"]
    spots = coordinates.read_many(first, second)
    assert spots.x[0] == pytest.approx(PLACE[0], abs=6e-7) and spots.y[0] == pytest.approx(PLACE[1], abs=6e-7)
    assert coordinates.SPELLINGS[spots.spelling[1]] == "packed"
    mixed = coordinates.read_many([*first, 1187.95494], [*second, 32.036752])
    assert mixed.x[0] == 1184612.35  # one row that is none: nothing is taken apart


WRITTEN = {
    "{d:.6f}": 6e-7, "{w}°{m:02d}′{s:05.2f}″": 2e-6, "{w}度{m}分{s:.2f}秒": 2e-6, "{w}°{f:.4f}'": 1e-6,
    "{w}-{m:02d}-{s:.2f}": 2e-6, "{w}:{m:02d}:{s:.2f}": 2e-6}


@settings(max_examples=25, deadline=None)
@given(st.floats(73, 135), st.floats(3, 54), st.sampled_from(sorted(WRITTEN)), st.sampled_from(("", "{}，{}", "{} {}")))
def test_what_is_written_is_read_back_within_what_was_written(lon, lat, form, both):
    cells = []
    for value in (lon, lat):
        whole, rest = divmod(value, 1)
        minute, second = divmod(rest * 3600, 60)
        cells.append(form.format(d=value, w=int(whole), f=rest * 60, m=int(minute), s=second))
    if any(part in cell for cell in cells for part in ("60.00", "60.0000")):
        return
    said = coordinates.read(both.format(*cells)) if both else coordinates.read(*cells)
    assert (said.x, said.y) == (pytest.approx(lon, abs=WRITTEN[form]), pytest.approx(lat, abs=WRITTEN[form]))
