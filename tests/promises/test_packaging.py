"""What is on the disk is what an office gets: every page in the wheel, every library locked."""

import configparser
import json
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("static", "templates", "geodata")
LOCKS = ("requirements", "requirements-dev", "setup/build", "setup/node")
ENTRY = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?", re.IGNORECASE)


@pytest.fixture(scope="module")
def described():
    """Give setup.cfg."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Give the wheel, built from the tree as it is now."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
                    "--wheel-dir", folder, ROOT], check=True, capture_output=True)
    [built] = folder.glob("civmap-*.whl")
    return built


@pytest.fixture(scope="module")
def office(wheel, tmp_path_factory):
    """Give an environment of its own with the wheel installed, far from the tree; the libraries are borrowed."""
    place = tmp_path_factory.mktemp("office")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "env"], check=True)
    subprocess.run([sys.executable, "-m", "pip", "--python", place / "env", "install", "--no-deps", "--no-index",
                    wheel], check=True, capture_output=True)
    [packages] = (place / "env").glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return place


def _run(office, *words):
    """Run a program of the office's environment in an empty folder and return what it printed."""
    done = subprocess.run([office / "env" / "bin" / words[0], *words[1:]], cwd=office, text=True, capture_output=True,
                          env={"CIVMAP_HOME": str(office / "city"), "PATH": "/usr/bin:/bin"}, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")}


def test_every_package_on_the_disk_ships(described):
    listed = described["options"]["packages"].split()
    on_disk = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "civmap").rglob("*.py")}
    assert set(listed) == on_disk | {f"civmap.{name}" for name in FOLDERS}
    assert len(listed) == len(set(listed))
    assert [name for name in on_disk if not (ROOT / name.replace(".", "/") / "__init__.py").exists()] == []


def test_every_room_is_under_every_import_contract(described):
    rooms = {f"civmap.{path.stem}" for path in (ROOT / "civmap").iterdir()
             if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.stem.startswith("__")}
    flask = described["importlinter:contract:only-web-knows-flask"]["source_modules"].split()
    folium = described["importlinter:contract:only-maps-knows-folium"]["source_modules"].split()
    assert rooms - set(flask) <= {"civmap.web", "civmap.cli"}
    assert not {room for room in rooms if (ROOT / room.replace(".", "/")).is_dir()} - set(folium) - {
        "civmap.web", "civmap.cli", "civmap.maps"}


def test_the_wheel_holds_every_module_page_and_dictionary(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {f"civmap/{name}" for name in _files(ROOT / "civmap")}
    wanted |= {f"civmap/{folder}/{name}" for folder in FOLDERS for name in _files(ROOT / folder)}
    assert wanted - inside == set()
    assert {name for name in inside if not name.startswith("civmap-")} - wanted == set()


def test_the_wheel_holds_the_browser_libraries_with_their_licences(wheel):
    with zipfile.ZipFile(wheel) as archive:
        licences = archive.read("civmap/static/vendor/LICENSES.txt").decode()
        assert archive.getinfo("civmap/static/vendor/leaflet/leaflet.js").file_size > 100_000
    assert "leaflet 1.9.4 (BSD-2-Clause)" in licences


def test_building_leaves_nothing_in_the_tree_that_could_go_stale(wheel):
    assert wheel.exists()
    assert not (ROOT / "build").exists()
    assert not list(ROOT.glob("*.egg-info"))


def test_an_installed_civmap_answers_and_finds_its_folders(office):
    assert "doctor" in _run(office, "civmap", "--help")
    asked = "from civmap.resources import folder; print(*[folder(n) for n in ('static', 'templates', 'geodata')])"
    for place in _run(office, "python", "-c", asked).split():
        assert Path(place).is_relative_to(office)


def test_a_wheel_without_browser_libraries_is_refused_with_a_sentence(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(ROOT / "setup"))
    import civmap_build
    monkeypatch.setattr(civmap_build.vendor, "VENDOR", tmp_path)
    with pytest.raises(SystemExit, match="run `make setup` first"):
        civmap_build.build_wheel(str(tmp_path))


def _pins(lock):
    return [line for line in (ROOT / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith((" ", "#"))]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_library_is_pinned_with_hashes(lock):
    text = (ROOT / f"{lock}.txt").read_text(encoding="utf-8")
    for pin in _pins(lock):
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ;.*)? \\$", pin), pin
    assert len(re.findall(r"==\S+(?: ;[^\n]*)? \\\n    --hash=sha256:[0-9a-f]{64}", text)) == len(_pins(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_wanted_library_is_in_its_lock(lock):
    lines = (ROOT / f"{lock}.in").read_text(encoding="utf-8").splitlines()
    wanted = {ENTRY.match(line)[1].lower() for line in lines if line and not line.startswith(("#", "-"))}
    assert wanted - {ENTRY.match(pin)[1] for pin in _pins(lock)} == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_no_python_lock_names_a_registry_or_a_place_on_a_machine(lock):
    for suffix in ("in", "txt"):
        text = (ROOT / f"{lock}.{suffix}").read_text(encoding="utf-8")
        assert not re.search(r"://|--(?:extra-)?index.url|--find-links|^-[if]\b|\s@\s|/opt/", text, re.MULTILINE)


def test_the_npm_lock_has_hashes_and_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    libraries = {place: facts for place, facts in lock["packages"].items() if place}
    assert [place for place, facts in libraries.items() if "resolved" in facts] == []
    assert [place for place, facts in libraries.items() if not facts.get("integrity", "").startswith("sha512-")] == []
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert {**wanted["dependencies"], **wanted["devDependencies"]} == {
        place.removeprefix("node_modules/"): facts["version"] for place, facts in libraries.items()
        if place.removeprefix("node_modules/") in {**wanted["dependencies"], **wanted["devDependencies"]}}


def test_ci_runs_what_everybody_runs():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        "set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]
