"""The frame of a map page: built by Folium, free of other hosts and of the city's words."""

import re

import pytest

from civmap.maps import shell

TOWN = (115.80, 28.64, 115.92, 28.73)


def test_the_frame_names_no_other_host():
    built = shell.build(TOWN, nonce="n1")
    assert re.findall(r"//[a-z]", built.head + built.body + built.script) == []
    assert set(re.findall(r'(?:src|href)="([^"]+)"', built.head)) == {
        "/static/vendor/leaflet/leaflet.js", "/static/vendor/leaflet/leaflet.css"}
    assert 'leaflet.js?v=1.2"' in shell.build(TOWN, nonce="n1", release="1.2").head


def test_the_frame_hands_the_map_to_our_modules_at_rest_over_the_city():
    script = shell.build(TOWN, nonce="n1").script
    assert "window.civmap = {map: map_city}" in script
    assert "fitBounds([[28.64, 115.8], [28.73, 115.92]], {animate: false})" in script
    assert "setPrefix(false)" in script


def test_only_the_answer_own_nonce_lets_the_one_script_run():
    assert shell.build(TOWN, nonce="once").script.startswith('<script nonce="once">')
    assert shell.build(TOWN, nonce='"><script>').script.count("<script") == 1


def test_equal_cities_give_equal_frames():
    assert shell.build(TOWN, nonce="n") == shell.build(TOWN, nonce="n")


@pytest.mark.parametrize("bounds", [(1, 1, 1, 2), (1, 2, 2, 2), (2, 1, 1, 2)])
def test_a_city_without_ground_has_no_map(bounds):
    with pytest.raises(ValueError, match="not a box"):
        shell.build(bounds, nonce="n")
