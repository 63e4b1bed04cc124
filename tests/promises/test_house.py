"""The house keeps its own rules: contracts, sizes, docstrings, sentences for every refusal, equal catalogues."""

import ast
import json
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from civmap import errors, texts
from civmap.resources import PACKAGE, folder

ROOT = PACKAGE.parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)
ERRORS = {name for name, value in vars(errors).items()
          if isinstance(value, type) and issubclass(value, errors.CivmapError)} | {"refused"}
MOST_LINES, MOST_FUNCTION_LINES = 300, 40


def _tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path):
    return str(path.relative_to(ROOT))


def test_the_import_contracts_hold():
    """Run as a program of its own: inside this process it would silence the product's loggers for later tests."""
    done = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_module_outgrows_one_idea():
    long = {_name(path): lines for path in SOURCES
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES}
    assert long == {}


def test_no_function_outgrows_one_screen():
    long = {f"{_name(path)}:{node.name}": node.end_lineno - node.lineno + 1 for path in SOURCES
            for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef)
            and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES}
    assert long == {}


def _public(path):
    for node in _tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (part for part in node.body
                            if isinstance(part, ast.FunctionDef) and not part.name.startswith("_"))


def test_every_module_and_public_name_says_what_it_is():
    silent = [_name(path) for path in SOURCES if not ast.get_docstring(_tree(path))]
    silent += [f"{_name(path)}:{node.name}" for path in SOURCES for node in _public(path)
               if not ast.get_docstring(node) and not _is_stub(node)]
    assert silent == []


def _is_stub(node):
    last = node.body[-1]
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and last.value.value is ...


def test_no_room_has_a_name_that_says_nothing():
    empty = {"utils", "helpers", "common", "manager", "service", "misc"}
    assert [_name(path) for path in SOURCES if path.stem in empty or path.parent.name in empty] == []


def _catalogue_files():
    return sorted(path.name for path in (folder("geodata") / "catalogues" / "zh").glob("*.json"))


def _entries(lang, name):
    return json.loads((folder("geodata") / "catalogues" / lang / name).read_text(encoding="utf-8"))


def _blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", _catalogue_files())
def test_both_languages_say_the_same_things(name):
    chinese, english = _entries("zh", name), _entries("en", name)
    assert chinese.keys() == english.keys()
    assert {key: _blanks(text) for key, text in chinese.items()} == {key: _blanks(text) for key, text in
                                                                     english.items()}
    assert [key for key in chinese if not chinese[key].strip() or not english[key].strip()] == []


def test_the_english_catalogue_has_no_chinese_left_in_it():
    allowed = {"language", "zh", "office_words"}
    han = re.compile("[\u4e00-\u9fff]")
    left = [key for key, text in texts.catalogue("en").items()
            if han.search(text) and not allowed & set(key.split("."))]
    assert left == []


def _codes():
    for path in SOURCES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and _called(node) in ERRORS and node.args \
                    and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield node.args[0].value, f"{_name(path)}:{node.lineno}"


def _called(node):
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_refusal_has_a_sentence_and_a_way_out(lang):
    missing = sorted({(code, where) for code, where in _codes()
                      if not texts.has(lang, f"error.{code}") or not texts.has(lang, f"error.{code}.hint")})
    assert missing == []


def _pages():
    return sorted(path for path in folder("templates").rglob("*.html") if not path.name.startswith("_"))


def test_every_page_extends_the_same_base():
    strays = [str(path.relative_to(folder("templates"))) for path in _pages()
              if path.name != "base.html" and "{% extends" not in path.read_text(encoding="utf-8")]
    assert strays == []


def test_no_page_carries_script_or_handlers_inline():
    inline = re.compile(r"\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
    found = [path.name for path in folder("templates").rglob("*.html") if inline.search(path.read_text("utf-8"))]
    assert found == []


def test_no_file_names_a_host_that_a_page_would_ask():
    hosts = re.compile(r"(?:src|href|url)\s*[=(]\s*[\"']?https?://(?!www\.w3\.org)")
    files = [path for name in ("static/css", "static/js", "templates") for path in (ROOT / name).rglob("*")
             if path.is_file()]
    assert [_name(path) for path in files if hosts.search(path.read_text("utf-8"))] == []


def test_every_text_that_a_template_asks_for_is_in_the_catalogue():
    asked = re.compile(r"\bt\(\s*'([a-z0-9_.]+)'")
    keys = {key for path in folder("templates").rglob("*.html") for key in asked.findall(path.read_text("utf-8"))}
    keys |= {f"{key}" for path in (folder("static") / "js").glob("*.js")
             for key in re.findall(r"\bt\(\s*[\"'](js\.[a-z0-9_.]+)[\"']", path.read_text("utf-8"))}
    assert sorted(key for key in keys if not key.endswith(".") and not texts.has("zh", key)) == []


def test_nothing_on_disk_is_written_by_a_machine_of_one_person():
    places = re.compile("/(?:root|home/[a-z]+|work|mnt)/")
    tracked = [path for path in SOURCES + sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__)]
    assert [_name(path) for path in tracked if places.search(path.read_text("utf-8"))] == []
