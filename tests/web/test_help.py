"""The manual leaves nothing out."""

import re

import pytest

from civmap import texts
from civmap.cli import COMMANDS
from civmap.config import NAMES
from civmap.resources import PACKAGE
from civmap.web import help as manual

RAISED = re.compile(r"(?:BadInput|Invalid|NotFound|NotSignedIn|Forbidden|Conflict|NotAllowed|Stale|Missing|TooLarge|"
                    r'TooMany|NotBuilt|Unavailable|refused)\(\s*"([a-z0-9_]+)"')


def test_every_command_is_in_the_manual():
    assert set(manual.COMMANDS) == set(COMMANDS)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_setting_and_code_is_in_the_manual(stranger, lang):
    stranger.post("/language", data={"lang": lang})
    stranger.client.set_cookie("civmap_lang", lang)
    page = stranger.get("/help").get_data(as_text=True)
    for name in NAMES:
        assert f'id="setting-{name}"' in page
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
