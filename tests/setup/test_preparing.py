"""The set-up does what is missing, says one sentence where it may not, and recovers from having been killed."""

import importlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup(monkeypatch):
    """Give the set-up's modules by name."""
    monkeypatch.syspath_prepend(str(ROOT / "setup"))
    return importlib.import_module


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Give a machine that has only the commands one puts on it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    shell = Path("/bin/sh")

    def put(name, *lines):
        path = tmp_path / name
        path.write_text("\n".join((f"#!{shell}", *lines)) + "\n", encoding="utf-8")
        path.chmod(0o755)

    return put


@pytest.fixture
def tree(setup, tmp_path, monkeypatch):
    """Give the set-up's main module working on a tree of its own, and the list of steps it takes."""
    prepare = setup("prepare")
    steps = []
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(prepare, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(prepare, "STAMPS", tmp_path / ".venv" / "set-up.json")
    monkeypatch.setattr(prepare, "UNFINISHED", tmp_path / ".venv" / "unfinished")
    monkeypatch.setattr(prepare, "step", lambda number, zh, en: steps.append(number))

    def make(command, **_):
        if "venv" in command:
            prepare.PYTHON.parent.mkdir(parents=True)
            prepare.PYTHON.symlink_to(sys.executable)

    monkeypatch.setattr(prepare, "run", make)
    return prepare, steps


def test_only_the_packages_that_are_missing_are_asked_for(setup, machine):
    machine("dpkg-query", 'echo "fonts-noto-cjk installed"', 'echo "chromium config-files"', "exit 1")
    assert setup("debian").missing(("fonts-noto-cjk", "chromium", "libsqlite3-mod-spatialite")) == [
        "chromium", "libsqlite3-mod-spatialite"]


def test_who_may_not_install_is_told_what_to_ask_for(setup, machine, monkeypatch):
    debian = setup("debian")
    machine("dpkg-query", "exit 1")
    machine("apt-get", "exit 1")
    machine("sudo", "exit 1")
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(debian.sys, "stdin", io.StringIO())
    with pytest.raises(setup("progress").Failure) as refused:
        debian.prepare(tests=False)
    wanted = "libsqlite3-mod-spatialite fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0"
    assert f"apt-get install {wanted}" in refused.value.zh
    assert "ask an administrator" in refused.value.en


def test_who_may_use_sudo_installs_through_it(setup, machine, monkeypatch):
    debian = setup("debian")
    machine("dpkg-query", "exit 1")
    machine("apt-get", "exit 1")
    machine("sudo", "exit 0")
    ran = []
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(debian, "run", lambda command, **_: ran.append(command))
    debian.prepare(tests=True)
    assert [command[1] for command in ran] == ["-n"] * 3
    assert ran[-1][-6:] == ["libsqlite3-mod-spatialite", "fonts-noto-cjk", "libpango-1.0-0", "libpangoft2-1.0-0",
                            "postgresql-15-postgis-3", "chromium"]


def test_a_machine_without_python_gets_a_sentence(machine, tmp_path):
    for name in ("python3", "python3.11"):
        machine(name, "exit 127")
    (tmp_path / "dirname").symlink_to(shutil.which("dirname", path="/usr/bin:/bin"))
    done = subprocess.run(["/bin/sh", ROOT / "setup" / "run.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Install one first" in done.stderr


def test_a_finished_environment_is_left_alone(tree):
    prepare, steps = tree
    prepare.environment()
    prepare.libraries(tests=True)
    assert steps == [2, 3, 3]
    prepare.environment()
    prepare.libraries(tests=True)
    assert steps == [2, 3, 3]


def test_a_set_up_that_was_killed_starts_its_environment_afresh(tree):
    prepare, steps = tree
    prepare.environment()
    prepare.UNFINISHED.touch()
    half_unpacked = prepare.VENV / "half-unpacked"
    half_unpacked.touch()
    prepare.environment()
    assert steps == [2, 2]
    assert not half_unpacked.exists()


def test_an_environment_that_was_carried_elsewhere_is_made_anew(tree, monkeypatch):
    prepare, steps = tree
    prepare.environment()
    monkeypatch.setattr(prepare, "ROOT", Path("elsewhere"))
    prepare.environment()
    assert steps == [2, 2]


def test_damaged_stamps_count_as_none(tree):
    prepare, _ = tree
    prepare.environment()
    prepare.STAMPS.write_text('{"environment": "', encoding="utf-8")
    assert prepare.stamps() == {}
    prepare.remember("libraries", "x")
    assert json.loads(prepare.STAMPS.read_text(encoding="utf-8")) == {"libraries": "x"}


def test_a_program_that_fails_shows_its_last_words_and_a_way_out(setup, tmp_path, monkeypatch, capsys):
    progress = setup("progress")
    monkeypatch.setattr(progress, "LOG", tmp_path / "set-up.log")
    with pytest.raises(progress.Failure) as failed:
        progress.run(["/bin/sh", "-c", "echo no route to host; exit 3"], zh="请检查网络。", en="Check the network.")
    assert "no route to host" in capsys.readouterr().err
    assert failed.value.zh == "请检查网络。 详情见 set-up.log。"
    assert "no route to host" in progress.LOG.read_text(encoding="utf-8")


def test_browser_libraries_appear_whole_or_not_at_all(setup, tmp_path):
    vendor = setup("vendor")
    target = tmp_path / "static" / "vendor"
    (tmp_path / "static").mkdir()
    with pytest.raises(FileNotFoundError):
        vendor.fill(tmp_path / "nothing", target)
    assert not target.exists()
    assert "leaflet/leaflet.js" in vendor.missing(target)
    assert vendor.fill(ROOT / "node_modules", target) > 10
    assert vendor.missing(target) == []
