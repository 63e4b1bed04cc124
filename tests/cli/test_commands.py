"""The command line as scripts rely on it: one JSON document, exit 0, 1 or 2, and a sentence for every refusal."""

import csv
import json

import pytest
from sqlalchemy import select, text

from civmap.cli import COMMANDS
from civmap.issues import actions as issues
from civmap.people.models import Person
from civmap.people.passwords import matches
from civmap.people.rules import OFFICE
from civmap.store.database import reading, writing

SPOT = "115.8570,28.6830"


def test_a_spot_has_the_nearest_unit_by_metres_and_the_runner_up(civmap):
    found = civmap.json("assign", "--at", "115.85,28.70", "--class", "暴露垃圾")
    assert set(found) == {"unit", "basis", "reason", "distance_m", "ambiguous", "claims"}
    found = civmap.json("assign", "--at", "115.8570,28.6830", "--class", "E0102", "--on", "2026-05-20")
    assert found["claims"][0]["unit"] == found["unit"]
    shown = civmap.run("assign", "--at", SPOT, "--class", "exposed_garbage")
    assert shown.exit_code == 0
    assert found["unit"]["name"] in shown.stdout


def test_a_spot_outside_the_city_or_an_unknown_class_is_refused(civmap):
    assert "116.0" in civmap.refused("assign", "--at", "116.0,28.7")
    assert "E9999" in civmap.refused("assign", "--at", SPOT, "--class", "E9999")
    done = civmap.run("assign", "--at", "116.0,28.7", "--json")
    assert json.loads(done.stdout)["code"] == "outside_city"


def test_many_spots_are_answered_like_one(civmap, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,lon,lat,class\na,115.8570,28.6830,E0102\nb,116.5,28.6,E0102\nc,115.8620,28.6850,\n", "utf-8")
    done = civmap.json("assign-file", source, "--out", target)
    assert (done["rows"], done["refused"]) == (3, 1)
    rows = list(csv.DictReader(target.read_text("utf-8").splitlines()))
    one = civmap.json("assign", "--at", "115.8570,28.6830", "--class", "E0102")
    assert list(rows[0]) == ["id", "unit", "basis", "distance_m", "ambiguous"]
    assert (rows[0]["unit"], rows[0]["basis"]) == (one["unit"]["code"], one["basis"])
    assert (rows[1]["id"], rows[1]["unit"], rows[1]["basis"]) == ("b", "", "outside_city")


@pytest.mark.spatialite
@pytest.mark.parametrize(("limit", "start", "due"), [
    ("4 work_hour", "2025-09-30T16:00", "2025-10-09T02:00:00Z"),
    ("2 work_day", "2025-09-30T16:00", "2025-10-10T08:00:00Z"),
    ("2 urgent_hour", "2025-09-30T17:30+08:00", "2025-09-30T11:30:00Z")])
def test_a_limit_runs_out_in_working_time(civmap, limit, start, due):
    assert civmap.json("deadline", "--limit", limit, "--from", start) == {"due_at": due, "warnings": []}


@pytest.mark.spatialite
def test_a_pause_and_a_campaign_factor_move_the_deadline(civmap):
    paused = civmap.json("deadline", "--limit", "4 work_hour", "--from", "2026-05-20T08:00", "--pause",
                         "2026-05-20T08:00/2026-05-20T12:00")
    assert paused["due_at"] == "2026-05-20T10:00:00Z"
    assert civmap.json("deadline", "--limit", "4 work_hour", "--from", "2026-05-20T08:00", "--factor", "0.5")[
        "due_at"] == "2026-05-20T02:00:00Z"


@pytest.mark.spatialite
def test_a_year_whose_holidays_are_unknown_is_warned_of(civmap):
    assert civmap.json("deadline", "--limit", "1 work_day", "--from", "2035-03-01T08:00")["warnings"] == [
        "calendar_unknown_year:2035"]


@pytest.mark.spatialite
def test_deadlines_that_cannot_be_read_are_refused(civmap):
    for arguments in (("--limit", "soon", "--from", "2026-05-20"), ("--limit", "1 work_day", "--from", "x"),
                      ("--limit", "1 work_day", "--from", "2026-05-20", "--pause", "2026-05-21")):
        assert civmap.refused("deadline", *arguments)


def test_a_person_is_added_with_a_one_time_password_or_the_one_on_stdin(civmap, engine):
    shown = civmap.run("person", "add", "wang", "--role", "unit_handler", "--unit", "CG")
    once = shown.stdout.splitlines()[-1]
    civmap.run("person", "add", "zhao", "--role", "dispatcher", "--password-stdin", stdin="geheim-2026-lang\n")
    with reading(engine) as session:
        kept = {person.name: person for person in session.scalars(select(Person))}
    assert matches(kept["wang"].password_hash, once)
    assert (kept["wang"].must_change_password, kept["zhao"].must_change_password) == (True, False)
    assert matches(kept["zhao"].password_hash, "geheim-2026-lang")
    assert "已被使用" in civmap.refused("person", "add", "wang", "--role", "dispatcher")
    assert "角色" in civmap.refused("person", "add", "li", "--role", "king")


def test_a_token_stands_alone_on_the_last_line(civmap):
    shown = civmap.run("person", "token", "dispatcher", "--days", "3")
    assert shown.stdout.splitlines()[-1].startswith("civ_")
    assert set(civmap.json("person", "token", "dispatcher")) == {"name", "token", "expires_at"}
    assert "nobody" in civmap.refused("person", "token", "nobody")


def test_an_issue_is_led_through_its_verbs_in_somebodys_name(civmap, engine, now):
    with writing(engine) as session:
        no = issues.report(session, OFFICE, {"class": "E0102", "description": "x", "lon": 115.857, "lat": 28.683},
                           now).issue_no
    assert civmap.json("issue", "file", no, "--as", "dispatcher")["state"] == "filed"
    assert civmap.json("issue", "dispatch", no, "--body", '{"unit": "HW-C"}', "--as", "dispatcher")["due_at"]
    assert civmap.json("issue", "acknowledge", no, "--as", "handler")["state"] == "in_progress"
    refused = json.loads(civmap.run("issue", "file", no, "--json").stdout)
    assert (refused["code"], "suspend" in refused["allowed"]) == ("not_allowed_now", True)
    said = ("--body", '{"reason": "等待材料"}', "--as", "handler", "--if-match", "v4", "--key", "ask-1")
    asked = civmap.json("issue", "extend", no, *said)
    assert [plea["state"] for plea in asked["pleas"]] == ["asked"] and asked["version"] == 5
    assert civmap.json("issue", "extend", no, *said) == asked
    assert civmap.refused("issue", "extend", no, "--body", '{"reason": "y"}', "--as", "handler", "--key", "ask-1")
    assert civmap.refused("issue", "supervise", no, "--body", '{"level": 1}', "--if-match", "v4")
    assert civmap.refused("issue", "dance", no)
    assert civmap.refused("issue", "file", no, "--body", "[1]")
    assert civmap.refused("issue", "file", no, "--body", "{NaN")
    assert civmap.refused("issue", "acknowledge", no, "--as", "leader")


def test_the_ledger_is_verified_and_its_first_bad_line_named(civmap, engine):
    civmap.json("person", "token", "dispatcher")
    civmap.json("person", "token", "leader")
    assert civmap.json("ledger", "verify") == {"lines": 2, "ok": True, "first_bad": None}
    with writing(engine) as session:
        session.execute(text("UPDATE ledger_entry SET who = 'somebody' WHERE id = 2"))
    assert "第 2 行" in civmap.refused("ledger", "verify")


def test_coverage_lists_what_nobody_answers_for(civmap):
    found = civmap.json("coverage")
    assert set(found) == {"overlaps", "gaps", "slivers", "points_without_unit", "segments_without_chief",
                          "zones_without_holder", "expired_pledges", "uncovered_frontage"}
    assert found["points_without_unit"] == ["P003"]
    shown = civmap.run("coverage", "--kind", "frontage")
    assert (shown.exit_code, len(shown.stdout.splitlines())) == (0, 8)
    assert "cats" in civmap.refused("coverage", "--kind", "cats")


@pytest.mark.spatialite
@pytest.mark.parametrize("arguments", [("assign",), ("assign", "--at", "here"), ("import", "points"), ("dance",),
                                       ("export", "points"), ("deadline", "--factor", "x"), ("serve", "--port", "x")])
def test_wrong_usage_ends_with_2(civmap, arguments):
    assert civmap.run(*arguments).exit_code == 2


@pytest.mark.spatialite
def test_wrong_settings_are_refused_with_what_to_write(civmap):
    assert "CIVMAP_LANG" in civmap.refused("ledger", "verify", CIVMAP_LANG="fr")
    assert "CIVMAP_DATABASE_URL" in civmap.refused("ledger", "verify", CIVMAP_DATABASE_URL="mysql://x")


@pytest.mark.spatialite
def test_sentences_come_in_english_too(civmap):
    assert "was not said which points" in civmap.refused("route", CIVMAP_LANG="en")


@pytest.mark.spatialite
def test_a_failure_of_our_own_is_a_sentence_and_the_trace_is_kept(civmap, monkeypatch):
    from civmap.store import ledger

    civmap.home.mkdir()
    monkeypatch.setattr(ledger, "verify_all", lambda session: 1 / 0)
    told = civmap.refused("ledger", "verify")
    assert "ZeroDivisionError" in told
    assert "Traceback" not in told
    assert "Traceback" in (civmap.home / "failures.log").read_text("utf-8")


@pytest.mark.spatialite
def test_every_promised_command_is_there_and_says_what_it_does(civmap):
    assert set(COMMANDS) == {"demo", "init", "serve", "import", "export", "paper", "document", "assign",
                             "assign-file", "assign-plan", "issue", "deadline", "messages", "outbox", "grids",
                             "frontage", "pledge", "coverage", "draw", "route", "person", "backup", "restore",
                             "ledger", "doctor", "place", "imports", "import-undo"}
    shown = civmap.run("--help").stdout
    assert all(name in shown for name in COMMANDS)
