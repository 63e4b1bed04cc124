"""Static files come from memory as the application would have sent them; a cold map page asks for dozens."""

import pytest

from civmap.resources import folder


def test_a_file_keeps_for_a_year_under_the_release_and_is_asked_for_again_by_its_bare_name(stranger):
    from civmap.web.assets import address

    plain = (folder("static") / "js" / "map.js").read_bytes()
    named, bare = stranger.get(address("js/map.js")), stranger.get("/static/js/map.js")
    assert named.data == bare.data == plain
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert bare.headers["Cache-Control"] == "no-cache"
    again = stranger.get("/static/js/map.js", headers={"If-None-Match": bare.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "default-src 'self'" in named.headers["Content-Security-Policy"]
    assert "javascript" in named.headers["Content-Type"]


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_file_travels_compressed_as_the_browser_wishes(stranger, encoding):
    said = stranger.get("/static/css/base.css", headers={"Accept-Encoding": encoding})
    assert said.headers["Content-Encoding"] == encoding
    assert len(said.data) < (folder("static") / "css" / "base.css").stat().st_size / 2


@pytest.mark.parametrize("path", ["/static/none.js", "/static/../civmap/config.py", "/static/%2e%2e/setup.cfg"])
def test_nothing_but_files_of_the_release_is_served(stranger, path):
    assert stranger.get(path).status_code == 404
