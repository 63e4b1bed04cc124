"""The command line on the town."""

import pytest

from tests.support.command import Civmap


@pytest.fixture
def civmap(engine, tmp_path, monkeypatch):
    """Give the command line of the town; its data folder is empty but for what a test puts there."""
    monkeypatch.setenv("CIVMAP_NOW", "2026-05-20T09:00:00+08:00")
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    return Civmap(tmp_path / "home", engine.url.render_as_string(hide_password=False))
