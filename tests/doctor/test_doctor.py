"""The doctor names what is wrong by code, in words, with what to do; errors end with status 1."""

import pytest
from sqlalchemy import text

from civmap import texts
from civmap.calendar import WorkCalendar
from civmap.doctor import machine
from civmap.issues.models import Photo
from civmap.people.models import Person
from civmap.people.passwords import hashed
from civmap.store.database import writing
from tests.support.command import Civmap

WELL = {"CIVMAP_NOW": "", "CIVMAP_TESTING": "", "CIVMAP_PUBLIC_URL": "http://localhost:8000"}


def _codes(civmap, exit_code=0, **environ):
    found = civmap.json("doctor", exit_code=exit_code, **WELL | environ)
    assert found["ok"] is (exit_code == 0)
    for finding in found["findings"]:
        assert set(finding) == {"code", "level", "message", "hint"}
        assert "{" not in finding["message"] + finding["hint"]
    return {finding["code"]: finding["level"] for finding in found["findings"]}


@pytest.fixture
def well(civmap):
    """Give the command line of a town that lacks nothing."""
    civmap.home.mkdir()
    (civmap.home / "basemap.pmtiles").write_bytes(b"ground")
    return civmap


def test_a_town_that_lacks_nothing_has_no_errors(well):
    assert "error" not in _codes(well).values()


def test_a_frozen_clock_is_an_error(well):
    assert _codes(well, 1, CIVMAP_NOW="2026-05-20T09:00", CIVMAP_TESTING="1")["clock_frozen"] == "error"
    assert _codes(well, 1, CIVMAP_NOW="2026-05-20T09:00")["setting_now_outside_tests"] == "error"


def test_phones_without_https_are_warned_of(well):
    assert {"https_missing", "public_url_missing"} <= set(_codes(well, CIVMAP_PUBLIC_URL=""))
    assert "public_url_not_https" in _codes(well, CIVMAP_PUBLIC_URL="http://city.example")
    assert "https_not_served" in _codes(well, CIVMAP_PUBLIC_URL="https://city.example")
    assert not {"https_missing", "https_not_served"} & set(
        _codes(well, CIVMAP_PUBLIC_URL="https://city.example", CIVMAP_TRUSTED_PROXY="127.0.0.1"))


def test_missing_photos_weak_passwords_and_a_broken_ledger_are_errors(well, engine, now):
    well.json("person", "token", "dispatcher")
    with writing(engine) as session:
        session.execute(text("UPDATE ledger_entry SET who = 'nobody'"))
        person = session.query(Person).filter_by(name="admin").one()
        person.password_hash = hashed("yunxi-admin")
    found = _codes(well, 1)
    assert (found["passwords_weak"], found["ledger_broken"]) == ("error", "error")


def test_photos_whose_files_are_gone_are_an_error(well, engine, now):
    from civmap.issues import actions
    from civmap.people.rules import OFFICE

    with writing(engine) as session:
        issue = actions.report(session, OFFICE, {"class": "E0102", "description": "x", "lon": 115.857, "lat": 28.683},
                               now)
        session.add(Photo(issue_id=issue.id, kind="before", sha256="0" * 64, file="ab/cd.jpg", media_type="image/jpeg",
                          width=1, height=1, uploaded_at=now, uploaded_by="x"))
    assert _codes(well, 1)["photos_missing"] == "error"


@pytest.mark.spatialite
def test_an_empty_place_and_a_damaged_file_are_told(tmp_path):
    empty = Civmap(tmp_path / "home")
    assert {"database_missing", "home_not_writable"} <= set(_codes(empty, 1))
    empty.home.mkdir()
    (empty.home / "civmap.sqlite").write_bytes(b"this is no database" * 500)
    assert "error" in _codes(empty, 1).values()


@pytest.mark.spatialite
def test_a_spatial_index_that_lost_a_row_is_an_error(well, engine):
    with writing(engine) as session:
        session.execute(text("DELETE FROM idx_inspection_point_geom"))
    assert _codes(well, 1)["spatial_index_broken"] == "error"


def test_a_key_that_others_can_read_is_an_error(well):
    key = well.home / "secret_key"
    key.write_text("k" * 48)
    key.chmod(0o644)
    assert _codes(well, 1)["secret_key_open"] == "error"
    key.chmod(0o600)
    assert "secret_key_open" not in _codes(well)


def test_a_year_without_official_holidays_is_a_warning_before_it_begins():
    from datetime import date

    def levels(day, **said):
        return [finding.level for finding in machine.unknown_years(day, WorkCalendar(**said))]

    assert levels(date(2026, 11, 22)) == ["warning"]
    assert levels(date(2026, 11, 1)) == []
    assert levels(date(2026, 11, 22), exceptions={date(2027, 1, day): False for day in range(1, 8)}) == []
    assert levels(date(2040, 12, 1)) == ["error", "warning"]


def test_every_finding_has_words_in_both_languages():
    import re
    from pathlib import Path

    sources = "".join(path.read_text("utf-8") for path in Path(machine.__file__).parent.glob("*.py"))
    codes = {code for found in re.findall(r'Finding\(("[a-z_]+"(?: if [^"]+ else "[a-z_]+")?)', sources)
             for code in re.findall(r'"([a-z_]+)"', found)}
    assert len(codes) > 15
    for lang in texts.LANGUAGES:
        assert [code for code in codes if not texts.has(lang, f"doctor.{code}")] == []
        assert [code for code in codes if not texts.has(lang, f"doctor.{code}.hint")] == []
