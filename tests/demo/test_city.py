"""The built demo: whole, chained, seen right by the office's own questions, and equal when built again."""

import hashlib
import io
import json
import os
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from civmap.city.queries import the_city
from civmap.config import Settings
from civmap.demo import album, happened
from civmap.demo import build as building
from civmap.demo.build import LOGINS, build
from civmap.demo.photos import photo
from civmap.errors import Conflict
from civmap.issues import queries
from civmap.issues.models import Issue, Photo
from civmap.people.models import Person
from civmap.people.passwords import matches
from civmap.people.rules import OFFICE, ROLES
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment
from civmap.store import ledger
from civmap.store.database import open_engine, reading, writing
from civmap.texts import say
from civmap.zones.models import Zone
from tests.demo.conftest import DAY, SEED
from tests.demo.dump import photo_hash, table_hashes

pytestmark = pytest.mark.spatialite  # one build is dear; the tables are the same on both
HERE = Path(__file__).parent


def test_everything_of_the_plan_is_kept(built, plan):
    with reading(built.engine) as session:
        counts = {model: session.scalar(select(func.count()).select_from(model))
                  for model in (InspectionPoint, RoadSegment, Issue, Photo)}
        kinds = dict(session.execute(select(Zone.kind, func.count()).group_by(Zone.kind)).all())
        city = the_city(session)
    assert counts[InspectionPoint] == 132 and counts[Issue] == 1200
    assert counts[RoadSegment] == len(plan.town.segments) and counts[Photo] == built.counts["photos"]
    assert kinds["frontage"] >= 300 and kinds["estate"] > 50 and kinds["grid"] > 200
    assert (city.division_code, city.is_demo, city.demo_seed, city.demo_on) == ("360199", True, SEED, DAY)


@pytest.mark.parametrize("minutes", [1, 12 * 60, 24 * 60 - 1])
def test_the_office_sees_40_points_with_open_issues_and_3_overdue_all_day_long(built, plan, minutes):
    now = plan.times.start + timedelta(minutes=minutes)
    with reading(built.engine) as session:
        burdens = queries.burden_by_point(session, OFFICE, now)
    statuses = [burden.status for burden in burdens.values() if burden.open]
    assert len(statuses) == 40 and statuses.count("overdue") == 3 and statuses.count("due_soon") == 5


def test_the_ledger_is_whole_and_tells_every_issue_from_its_report_on(built):
    with reading(built.engine) as session:
        good, bad = ledger.verify_all(session)
        assert bad is None and good > 9000
        issue = session.scalars(select(Issue).where(Issue.rework_count == 1, Issue.state == "closed")).first()
        verbs = [line.verb for line in ledger.history(session, "issue", issue.issue_no)]
        moments = session.scalars(select(ledger.Entry.at).order_by(ledger.Entry.id)).all()
    assert [verb for verb in verbs if verb not in ("photo", "start")] == [
        "report", "file", "dispatch", "acknowledge", "feedback", "check", "feedback", "check"]
    assert moments == sorted(moments)


def test_photos_are_small_pictures_and_before_differs_from_after(built):
    with reading(built.engine) as session:
        photos = session.scalars(select(Photo).order_by(Photo.id).limit(40)).all()
        without = session.scalar(select(func.count()).select_from(Issue).where(~Issue.photos.any()))
    assert without == 0
    for row in photos:
        data = (built.settings.photos / row.file).read_bytes()
        picture = Image.open(io.BytesIO(data))
        assert max(picture.size) <= 640 and picture.size == (row.width, row.height)
        assert hashlib.sha256(data).hexdigest() == row.sha256
    assert photo("k", "road", "C0201", "before") != photo("k", "road", "C0201", "after")


def test_every_role_has_a_login_that_opens(built):
    assert {role for _, _, role in LOGINS} == set(ROLES) - {"public"}
    with reading(built.engine) as session:
        people = {person.name: person for person in session.scalars(select(Person))}
    for login, password, role in LOGINS:
        assert people[login].role == role and matches(people[login].password_hash, password)
    others = [person for name, person in people.items() if name not in {login for login, *_ in LOGINS}]
    assert all(person.password_hash is None for person in others)


def test_progress_is_told_in_words_and_never_goes_back(built):
    shares = [share for _, share in built.steps]
    assert shares == sorted(shares) and shares[-1] == 1.0
    for step, _ in built.steps:
        assert say("zh", f"demo.step.{step}") and say("en", f"demo.step.{step}")
    assert built.settings.basemap.stat().st_size > 100_000


def test_a_city_that_is_there_is_not_built_over(built):
    with pytest.raises(Conflict), writing(built.engine) as session:
        build(session, built.settings, SEED, DAY)
    with reading(built.engine) as session:
        assert session.scalar(select(func.count()).select_from(Issue)) == 1200


@pytest.mark.spatialite
def test_equal_seed_and_day_give_equal_rows_and_photo_bytes_in_another_process(built, tmp_path):
    told = subprocess.run([sys.executable, "-m", "tests.demo.again", str(SEED), str(DAY), tmp_path, built.url,
                           built.home / "photos"], env={**os.environ, "PYTHONHASHSEED": "11"}, check=True,
                          capture_output=True, cwd=HERE.parents[1])
    dumps = [table_hashes(built.url) | {"photos": photo_hash(built.home / "photos")}, json.loads(told.stdout)]
    assert dumps[0] == dumps[1]
    assert len(set(dumps[0].values())) >= 15


@pytest.mark.spatialite
def test_a_build_that_fails_leaves_neither_rows_nor_photos_nor_a_basemap(plan, database_url, tmp_path, monkeypatch):
    settings = Settings.from_environ({"CIVMAP_HOME": str(tmp_path), "CIVMAP_DATABASE_URL": database_url,
                                      "CIVMAP_SECRET_KEY": "k" * 48})
    few = [issue for issue in plan.issues if issue.duplicate_of is None][:60]
    monkeypatch.setattr(building, "demo", lambda *wanted: replace(plan, issues=few))
    monkeypatch.setattr(album, "drawing", lambda shots: nullcontext(f"{n}".encode() for n in range(len(shots))))
    monkeypatch.setattr(happened, "lines_of", lambda *facts: 1 / 0)
    engine = open_engine(database_url)
    with pytest.raises(ZeroDivisionError), writing(engine) as session:
        build(session, settings, SEED, DAY)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Issue)) == 0
    engine.dispose()
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".jpg", ".pmtiles", ".demo")]
