"""A city goes into one file and comes back, opened and counted, or not at all."""

import json
import shutil
import zipfile

import pytest
from sqlalchemy import func, select

from civmap.doctor import restore
from civmap.issues.models import Issue
from civmap.people.models import Person
from civmap.store.database import open_engine, reading
from tests.support.command import Civmap

pytestmark = pytest.mark.spatialite


@pytest.fixture
def kept(civmap, tmp_path):
    """Give a backup of the town with one photo and a basemap."""
    photo = civmap.home / "photos" / "ab" / "one.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"picture")
    (civmap.home / "basemap.pmtiles").write_bytes(b"ground")
    civmap.json("person", "token", "dispatcher")
    done = civmap.json("backup", tmp_path / "town.zip")
    assert (done["files"], done["counts"]["inspection_point"]) == (3, 3)
    return tmp_path / "town.zip"


@pytest.fixture
def elsewhere(tmp_path):
    """Give the command line of an empty place."""
    return Civmap(tmp_path / "elsewhere")


def test_a_backup_comes_back_with_every_row_and_file(kept, elsewhere, engine):
    done = elsewhere.json("restore", kept)
    assert (done["counts"]["person"], done["ledger_lines"]) == (14, 1)
    assert (elsewhere.home / "photos" / "ab" / "one.jpg").read_bytes() == b"picture"
    assert (elsewhere.home / "basemap.pmtiles").read_bytes() == b"ground"
    copy = open_engine(f"sqlite:///{elsewhere.home / 'civmap.sqlite'}")
    with reading(copy) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 14
        assert session.scalar(select(func.count()).select_from(Issue)) == 0
    copy.dispose()
    assert elsewhere.json("ledger", "verify")["lines"] == 1


def test_nothing_that_is_there_is_overwritten(kept, elsewhere, civmap, tmp_path):
    elsewhere.json("restore", kept)
    assert "不会被覆盖" in elsewhere.refused("restore", kept)
    assert "已经存在" in civmap.refused("backup", kept)
    assert "文件夹" in civmap.refused("backup", tmp_path / "no" / "x.zip")


def _changed(kept, tmp_path, change):
    """Return a copy of the backup whose members went through `change(name, body)`; None drops one."""
    target = tmp_path / "changed.zip"
    with zipfile.ZipFile(kept) as source, zipfile.ZipFile(target, "w") as out:
        for name in source.namelist():
            if (body := change(name, source.read(name))) is not None:
                out.writestr(name, body)
    return target


@pytest.mark.parametrize("name", ["database.sqlite", "photos/ab/one.jpg", "manifest.json"])
def test_a_backup_with_a_changed_or_missing_member_restores_nothing(kept, elsewhere, tmp_path, name):
    flipped = _changed(kept, tmp_path, lambda part, body: body[:-1] + b"?" if part == name else body)
    assert elsewhere.refused("restore", flipped)
    dropped = _changed(kept, tmp_path, lambda part, body: None if part == name else body)
    assert elsewhere.refused("restore", dropped)
    assert not (elsewhere.home / "civmap.sqlite").exists()
    assert not (elsewhere.home / "photos").exists()


def test_counts_and_ledger_of_the_copy_must_agree(kept, elsewhere, tmp_path):
    def fewer(part, body):
        if part != "manifest.json":
            return body
        manifest = json.loads(body)
        manifest["counts"]["person"] += 1
        return json.dumps(manifest)

    assert "行数" in elsewhere.refused("restore", _changed(kept, tmp_path, fewer))
    assert not (elsewhere.home / "civmap.sqlite").exists()


def test_files_that_are_no_backup_are_refused(elsewhere, tmp_path):
    noise = tmp_path / "noise.zip"
    noise.write_bytes(b"PK\x03\x04 and then nothing")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as out:
        out.writestr("manifest.json", '{"format": 99, "files": {}}')
    assert "损坏" in elsewhere.refused("restore", noise)
    assert "不是本产品的备份" in elsewhere.refused("restore", other)
    assert "没有文件" in elsewhere.refused("restore", tmp_path / "no.zip")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "photos/../../x", "photos\\..\\x", "c:/x", "secret_key"])
def test_no_member_leaves_its_folder(name):
    assert not restore.safe_name(name)


def test_a_live_city_can_be_backed_up_while_it_is_written(civmap, engine, tmp_path):
    with engine.execution_options(civmap_writes=True).begin():
        civmap.json("backup", tmp_path / "live.zip")
    shutil.rmtree(civmap.home, ignore_errors=True)
    assert zipfile.is_zipfile(tmp_path / "live.zip")
