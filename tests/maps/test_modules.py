"""What every template and browser module promises: texts in both languages, no markup from data, no other host."""

import json
import re

import pytest

from civmap import texts
from civmap.resources import folder
from civmap.web import context
from civmap.web.modules import needed

MODULES = sorted((folder("static") / "js").glob("*.js"))
SHEETS = sorted((folder("static") / "css").glob("*.css"))
PAGES = sorted(folder("templates").rglob("*.html"))
KEY_IN_MODULE = re.compile(r"""['"`](js\.[a-z_0-9.]+[a-z_0-9])['"`]""")
KEY_IN_PAGE = re.compile(r"""\bt\('([a-z_0-9.]+)'[,)]""")
FAMILIES_IN_MODULE = re.compile(r"`(js\.[a-z_.]+\.)\$\{")
MARKUP = re.compile(r"innerHTML\s*\+?=|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser")


def _name(path):
    return path.name


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_speaks_only_words_of_both_catalogues(module):
    said = module.read_text(encoding="utf-8")
    for lang in texts.LANGUAGES:
        known = texts.catalogue(lang)
        assert [key for key in KEY_IN_MODULE.findall(said) if key not in known] == []
        families = FAMILIES_IN_MODULE.findall(said)
        assert [family for family in families if not any(key.startswith(family) for key in known)] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_page_speaks_only_words_of_both_catalogues(page):
    said = page.read_text(encoding="utf-8")
    for lang in texts.LANGUAGES:
        assert [key for key in KEY_IN_PAGE.findall(said) if not texts.has(lang, key)] == []


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_never_makes_markup_of_data(module):
    assert MARKUP.findall(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_holds_one_idea_and_says_it_first(module):
    lines = module.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ") and len(lines) <= 300


@pytest.mark.parametrize("file", [*MODULES, *SHEETS], ids=_name)
def test_nothing_of_ours_asks_another_host(file):
    addresses = re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}", file.read_text(encoding="utf-8"))
    assert addresses == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_page_has_nothing_inline_that_the_policy_would_stop(page):
    said = page.read_text(encoding="utf-8")
    assert re.findall(r"<[a-z][^>]*\son[a-z]+\s*=", said) == []
    scripts = re.findall(r"<script[^>]*>", said)
    assert [tag for tag in scripts if "src=" not in tag and "application/json" not in tag] == []


def test_the_words_for_modules_stay_small():
    for lang in texts.LANGUAGES:
        carried = context.texts_js(lang)
        assert len(json.dumps(carried, ensure_ascii=False).encode()) < 24_000
        assert "js.inbox.next" in context.texts_js(lang, "/inbox") and "js.inbox.next" not in carried


def test_the_first_picture_of_the_map_needs_few_modules_and_its_tools_none_that_is_fetched_when_somebody_asks():
    first, tools = needed("map.js"), needed("map-city.js")
    assert first[0] == "map.js" and len(first) == len(set(first)) <= 26
    assert "layers.js" in first and not {"tile-desk.js", "panel.js", "legend.js", "basemap.js", "stack.js"} & set(first)
    assert {"panel.js", "lightbox.js", "basemap.js"} <= set(tools)
    assert not {"report.js", "draw.js", "tile-worker.js"} & {*first, *tools}


def test_the_worker_of_the_tiles_names_all_it_needs_itself():
    named = (folder("static") / "js" / "tile-worker.js").read_text(encoding="utf-8")
    for module in needed("tile-worker.js")[1:]:
        wanted = re.findall(r"""from '(\.\.?/[^']+)'""", (folder("static") / "js" / module).read_text(encoding="utf-8"))
        assert [other for other in wanted if f"'{other}'" not in named] == []
