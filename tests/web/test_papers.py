"""Ordering a print: queued, drawn in a process of its own, the owner's alone, refused and failed with a sentence."""

import io
import json
import os
import time

import pypdf
import pytest

from civmap.paper import jobs, runner
from civmap.store import ledger
from civmap.store.database import reading
from civmap.web.api import papers

pytestmark = pytest.mark.spatialite  # a queue of files

WISH = {"size": "A4", "layers": ["points"], "include": ["tables", "names"]}


@pytest.fixture
def waiting(monkeypatch):
    """Let prints wait: nobody draws until the test does."""
    monkeypatch.setattr(runner, "start", lambda *_words: None)


def _drawn_here(settings, monkeypatch):
    """Draw what waits as the runner does, in this very moment."""
    for name, value in (("CIVMAP_HOME", settings.home), ("CIVMAP_DATABASE_URL", settings.database_url),
                        ("CIVMAP_SECRET_KEY", settings.secret_key)):
        monkeypatch.setenv(name, str(value))
    runner.main(settings.home, papers.CHILD)


def test_a_print_is_queued_drawn_and_fetched_by_its_owner_alone(signed_in, settings, waiting, monkeypatch, engine):
    dispatcher = signed_in("dispatcher")
    ordered = dispatcher.post("/api/v1/papers", json=WISH)
    assert (ordered.status_code, ordered.json["state"], ordered.json["progress"]) == (202, "queued", 0)
    where = ordered.headers["Location"]
    assert dispatcher.get(f"{where}.pdf").json["code"] == "paper_not_ready"
    _drawn_here(settings, monkeypatch)
    told = dispatcher.get(where).json
    assert (told["state"], told["progress"], told["sheets"], told["problem"]) == ("done", 100, 1, None)
    answer = dispatcher.get(told["pdf"])
    assert answer.mimetype == "application/pdf" and "attachment" in answer.headers["Content-Disposition"]
    data = answer.data
    answer.close()
    assert "人民医院" in pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().replace("\n", "")
    assert signed_in("inspector").get(where).status_code == signed_in("admin").get(told["pdf"]).status_code == 404
    with reading(engine) as session:
        [line] = ledger.history(session, "paper", str(told["id"]))
    assert (line.who, line.verb, line.after["size"]) == ("dispatcher", "export", "A4")


def test_the_same_key_orders_one_print(signed_in, settings, waiting):
    dispatcher = signed_in("dispatcher")
    first, second = (dispatcher.post("/api/v1/papers", json=WISH, headers={"Idempotency-Key": "k-1"}) for _ in "ab")
    assert first.json["id"] == second.json["id"] and len(jobs.standing(settings.home)) == 1


@pytest.mark.parametrize(("wish", "code"), [
    ({"size": "A9"}, "member_choice"), ({"view": {"points": {"nonsense": "1"}}}, "member_unknown"),
    ({"bbox": [1, 2, 3]}, "member_empty"), ({"area": "NOWHERE"}, "zone_not_found"),
    ({"atlas": "street"}, "member_choice"),
])
def test_a_wish_that_cannot_be_drawn_is_refused_at_once(signed_in, settings, waiting, wish, code):
    answer = signed_in("dispatcher").post("/api/v1/papers", json=wish)
    assert answer.status_code in (404, 422)
    assert code in json.dumps(answer.json)
    assert jobs.standing(settings.home) == []


def test_who_may_not_export_may_not_print(signed_in, stranger, waiting):
    assert signed_in("grid").post("/api/v1/papers", json=WISH).status_code == 403
    assert stranger.post("/api/v1/papers", json=WISH).status_code == 401
    assert signed_in("chief").post("/api/v1/papers", json=WISH).status_code == 403
    kept = signed_in("chief").post("/api/v1/papers", json={"layers": ["points", "segments"]})
    assert kept.status_code == 202


def test_a_failure_is_told_in_words_and_an_interrupted_print_too(signed_in, settings, waiting, monkeypatch):
    dispatcher = signed_in("dispatcher")
    where = dispatcher.post("/api/v1/papers", json={**WISH, "atlas": "grid"}).headers["Location"]
    _drawn_here(settings, monkeypatch)
    told = dispatcher.get(where).json
    assert (told["state"], told["code"]) == ("failed", "paper_atlas_empty") and "没有可以成页" in told["problem"]
    where = dispatcher.post("/api/v1/papers", json=WISH).headers["Location"]
    jobs.found(settings.home, int(where.split("/")[-1]), "dispatcher").tell(state="drawing", progress=40)
    assert dispatcher.get(where).json["code"] == "paper_interrupted"


def test_a_child_that_takes_too_long_is_stopped(settings, monkeypatch):
    job = jobs.order(settings.home, "dispatcher", {}, lang="zh", at="2026-05-20T01:00:00Z")
    monkeypatch.setattr(runner, "SECONDS", 0.05)
    runner.draw(job, papers.CHILD)
    assert (job.state()["state"], job.state()["code"]) == ("failed", "paper_out_of_time")


def test_prints_wait_in_order_within_bounds_and_are_forgotten_after_a_day(settings):
    made = [jobs.order(settings.home, "dispatcher", {}) for _ in range(jobs.MOST_WAITING)]
    assert jobs.next_queued(settings.home).id == min(made, key=lambda job: (job.state()["queued"], job.id)).id
    with pytest.raises(jobs.TooMany):
        jobs.order(settings.home, "dispatcher", {})
    for job in made:
        job.tell(queued=time.time() - jobs.KEPT_SECONDS - 1)
    jobs.clean(settings.home)
    assert jobs.standing(settings.home) == []


def test_prints_are_for_the_servers_account_only(settings):
    job = jobs.order(settings.home, "dispatcher", {})
    assert os.stat(job.folder).st_mode & 0o077 == 0
