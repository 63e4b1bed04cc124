"""An outbox file of a phone, sent from the office's machine: each thing once, whoever sends it again."""

import base64
import json

from sqlalchemy import func, select

from civmap.issues.models import Issue, Photo
from civmap.store.database import reading
from tests.issues.test_evidence import _plate
from tests.issues.test_photos import GARBAGE


def _entry(person="inspector", **more):
    photo = {"key": "photo-1", "kind": "before", "lon": 115.857, "lat": 28.683, "taken_at": None, "type": "image/png",
             "base64": base64.b64encode(_plate()).decode()}
    return {"id": "e1", "key": "report-1", "person": person, "verb": "report", "issue_no": None, "body": GARBAGE,
            "photos": [photo], "state": "waiting", "etag": None} | more


def _file(tmp_path, *entries):
    file = tmp_path / "outbox.json"
    file.write_text(json.dumps({"format": "civmap-outbox", "version": 1, "entries": entries}), "utf-8")
    return str(file)


VISIT = {"key": "v1", "point": "P002", "findings": [
    {"item": "E02", "result": "fail", "report": {}}, {"item": "E01", "result": "pass"}]}


def test_a_file_is_sent_in_its_persons_name_and_a_second_time_changes_nothing(civmap, engine, tmp_path):
    file = _file(tmp_path, _entry(), _entry(id="e2", key="visit-1", verb="visit", body=VISIT, photos=[
        _entry()["photos"][0] | {"key": "photo-2", "item": "E02"}]))
    first, again = civmap.json("outbox", file), civmap.json("outbox", file)
    assert (first["sent"], first["refused"], first["entries"][1]["point"]) == (2, 0, "P002")
    assert again["entries"][0]["issue_no"] == first["entries"][0]["issue_no"]
    with reading(engine) as session:
        made = session.scalars(select(Issue).where(Issue.issue_no == first["entries"][0]["issue_no"])).one()
        assert made.reported_by == "inspector"
        assert session.scalar(select(func.count()).select_from(Photo).where(Photo.issue_id == made.id)) == 1
        fail = session.scalars(select(Issue).where(Issue.class_code == "E0201")).one()
        assert session.scalar(select(func.count()).select_from(Photo).where(Photo.issue_id == fail.id)) == 1


def test_what_is_refused_is_told_and_the_rest_is_sent(civmap, tmp_path):
    file = _file(tmp_path, _entry("nobody", id="e0", key="k0"), _entry(id="e2", key="k2", photos=[]),
                 _entry(id="e3", key="k3", verb="check", issue_no="NONE", body={"pass": True}, photos=[]))
    told = civmap.json("outbox", file, exit_code=1)
    assert [entry["ok"] for entry in told["entries"]] == [False, True, False]
    assert told["entries"][2]["why"]
    (tmp_path / "other.json").write_text("{}", "utf-8")
    assert "other.json" in civmap.refused("outbox", str(tmp_path / "other.json"))
