"""The manual leaves nothing out."""

import re

import pytest

from civmap import dictionaries, texts
from civmap.cli import COMMANDS
from civmap.config import NAMES
from civmap.issues.rules import FROM
from civmap.resources import PACKAGE, folder
from civmap.web import help as manual
from civmap.web import manual as chapters

RAISED = re.compile(r"(?:BadInput|Invalid|NotFound|NotSignedIn|Forbidden|Conflict|NotAllowed|Stale|Missing|TooLarge|"
                    r'TooMany|NotBuilt|Unavailable|Unreachable|refused)\(\s*"([a-z0-9_]+)"')


def test_every_command_is_in_the_manual():
    assert set(manual.COMMANDS) == set(COMMANDS)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_setting_and_code_is_in_the_manual(stranger, lang):
    stranger.post("/language", data={"lang": lang})
    stranger.client.set_cookie("civmap_lang", lang)
    page = stranger.get("/help").get_data(as_text=True)
    for name in NAMES:
        assert f'id="setting-{name}"' in page
    told = [f"state-{code}" for code in dictionaries.issue_states()]
    told += [f"start-{code}" for code in dictionaries.roles()] + [f"verb-{verb}" for verb in FROM]
    told += [f"warning-{entry['code']}" for entry in manual.warning_codes(lang)]
    told += [f"key-{name}" for _, name in chapters.KEYS] + [f"measure-{by}" for by in chapters.MEASURES]
    assert [mark for mark in (*told, *chapters.CHAPTERS) if f'id="{mark}"' not in page] == []
    for entry in manual.error_codes(lang):
        assert f'id="error-{entry["code"]}"' in page
        assert entry["hint"], entry["code"]


def test_every_code_that_the_program_raises_has_its_sentence():
    raised = set()
    for file in PACKAGE.rglob("*.py"):
        raised |= set(RAISED.findall(file.read_text(encoding="utf-8")))
    for lang in texts.LANGUAGES:
        lacking = {code for code in raised if not texts.has(lang, f"error.{code}")
                   or not texts.has(lang, f"error.{code}.hint")}
        assert not lacking, lang


def test_every_key_of_the_map_is_in_the_manual():
    wired = (folder("static") / "js" / "shortcuts.js").read_text(encoding="utf-8")
    keys = {quoted or bare: name for quoted, bare, name in re.findall(r"(?:'(.)'|\b(\w)): \['(\w+)',", wired)}
    told = dict(re.findall(r"\['([^']+)', '(\w+)'\]", wired))
    assert keys and {**keys, **told} == dict(chapters.KEYS)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_chapter_that_was_written_is_in_the_manual(lang):
    written = {key.split(".")[1] for key in texts.catalogue(lang) if key.startswith("manual.") and ".title" in key}
    assert written == set(chapters.CHAPTERS)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_picture_of_the_manual_is_small_and_says_what_it_shows(lang):
    for chapter in chapters.chapters(lang):
        assert chapter.intro and (chapter.steps or chapter.name == "keys")
        if chapter.picture is not None:
            assert chapter.alt and (folder("static") / chapter.picture).stat().st_size <= 61_440, chapter.picture


def test_every_setting_that_the_program_reads_is_known():
    read = set()
    for file in PACKAGE.rglob("*.py"):
        read |= set(re.findall(r"\bCIVMAP_[A-Z_]+", file.read_text(encoding="utf-8")))
    assert read - {"CIVMAP_"} <= set(NAMES)
