"""How this city runs the life of issues: limits per class and criterion, names of states and verbs, windows.

Only names and amounts can be changed, never what a state or a verb means. Kept in `city.customs` under `limits`,
`wording` and `workflow`; what is not said there is as `domain.md` §3 and §4 has it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap import dictionaries, texts
from civmap.calendar import Limit
from civmap.city import customs
from civmap.city.customs import Kept
from civmap.errors import CivmapError, Invalid
from civmap.fields import number, plain_text, refuse, whole
from civmap.issues import rules
from civmap.people.rules import Viewer

LIMITS, WORDING, WORKFLOW = PARTS = ("limits", "wording", "workflow")
LEVELS = (1, 2, 3)
MOST_WORD = 24
STAGES = ("report", "file", "dispatch", "handle", "feedback", "close")
WORDS: Mapping[str, tuple[str, ...]] = {
    **{f"state.{state}": () for state in rules.STATES},
    **{f"verb.{verb}": (f"pages.verb.{verb}", f"js.bulk.verb_{verb}", f"ledger.verb.{verb}") for verb in rules.FROM},
    **{f"stage.{stage}": (f"pages.step.{stage}",) for stage in STAGES},
    **{f"level.{level}": (f"life.level.{level}", f"js.life.level_{level}") for level in LEVELS},
}
"""Every name a city may change, with the texts that say it."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """The windows and counts of the workflow, each with its default of `domain.md` §4."""

    return_window: str = "4 work_hour"
    most_extensions: int = 2
    suspension_days: int = 365
    rework_share: float = 0.0
    reopen_share: float = 1.0
    duplicate_m: float = 30.0
    duplicate_hours: float = 24.0
    recurrence_m: float = 30.0
    recurrence_days: float = 30.0
    after_photo_m: float = 50.0
    file_target: str = "0.5 work_hour"
    dispatch_target: str = "0.5 work_hour"
    acknowledge_target: str = "2 work_hour"
    check_target: str = "4 work_hour"


def _limit(value: Any) -> str:
    return str(Limit.parse(plain_text(value, 32)))


READERS: Mapping[str, Callable[[Any], Any]] = {
    **{field.name: _limit for field in fields(Workflow) if isinstance(field.default, str)},
    "most_extensions": whole(0, 10), "suspension_days": whole(1, 365),
    "rework_share": number(0, 2), "reopen_share": number(0, 2),
    "duplicate_m": number(1, 500), "duplicate_hours": number(1, 720),
    "recurrence_m": number(1, 500), "recurrence_days": number(1, 365), "after_photo_m": number(5, 1_000),
}


def workflow(session: Session) -> Workflow:
    """Return the windows and counts as this city has them."""
    return Workflow(**(customs.kept(session, WORKFLOW).value or {}))


def limit_of(session: Session, class_code: str, criterion: str | None = None) -> Limit:
    """Return the limit of a class, or of one of its filing criteria: the city's own, else the dictionary's."""
    own = customs.kept(session, LIMITS).value or {}
    if criterion and f"{class_code}/{criterion}" in own:
        return Limit.parse(own[f"{class_code}/{criterion}"])
    if criterion:
        return dictionaries.filing_criterion(class_code, criterion).limit
    return Limit.parse(own[class_code]) if class_code in own else dictionaries.issue_classes()[class_code].limit


def speak(session: Session) -> None:
    """Say states, verbs, stages and levels in the city's own words from now on in this request or command."""
    speak_as(customs.kept(session, WORDING).value)


def speak_as(kept: Mapping[str, Mapping[str, str]] | None) -> None:
    """Do so with the words as they are kept."""
    said: dict[str, dict[str, str]] = {lang: {} for lang in texts.LANGUAGES}
    for key, names in (kept or {}).items():
        for lang, word in names.items():
            said[lang].update(dict.fromkeys((key, *WORDS.get(key, ())), word))
    texts.speak(said if kept else {})


def usual(part: str) -> dict[str, Any]:
    """Return what a part is where the city never changed it."""
    if part == WORKFLOW:
        return asdict(Workflow())
    if part == LIMITS:
        return {key: str(limit) for key, limit in _known_limits().items()}
    return {key: {lang: _word(lang, key) for lang in texts.LANGUAGES} for key in WORDS}


def _known_limits() -> dict[str, Limit]:
    known = {code: entry.limit for code, entry in dictionaries.issue_classes().items()}
    return known | {f"{code}/{one.code}": one.limit for code, criteria in dictionaries.filing_criteria().items()
                    for one in criteria}


def _word(lang: str, key: str) -> str:
    if key.startswith("state."):
        state = dictionaries.issue_states()[key.removeprefix("state.")]
        return state.name_zh if lang == "zh" else state.name_en
    return texts.catalogue(lang)[WORDS[key][0]]


def kept(session: Session, part: str) -> Kept:
    """Return what the city keeps of a part (only what differs from `usual`) and its version."""
    found = customs.kept(session, part)
    return Kept(found.value or {}, found.version)


def keep(session: Session, viewer: Viewer, part: str, value: Any, version: int, now: datetime) -> Kept:
    """Keep a part after reading it; raise Forbidden, Invalid, Several naming each key, or Stale."""
    viewer.must("manage", "city")
    checked = read(part, value)
    return customs.keep(session, viewer, part, checked, version, now)


def read(part: str, value: Any) -> dict[str, Any]:
    """Return a part's checked values, without what is as usual; raise Invalid or Several naming the keys."""
    if not isinstance(value, Mapping):
        raise Invalid("custom_not_object", field=part)
    checked: dict[str, Any] = {}
    problems: list[CivmapError] = []
    for key, given in value.items():
        try:
            name, found = _READ[part](str(key), given)
            checked[name] = found
        except Invalid as problem:
            problem.field = str(key)[:64]
            problems.append(problem)
    refuse(problems)
    known = usual(part)
    return {key: found for key, found in checked.items() if found not in (known[key], {})}


def _read_limit(key: str, given: Any) -> tuple[str, str]:
    written, _, criterion = key.partition("/")
    code = dictionaries.issue_class(written).code
    name = f"{code}/{dictionaries.filing_criterion(code, criterion).code}" if criterion else code
    return name, _limit(given)


def _read_words(key: str, given: Any) -> tuple[str, dict[str, str]]:
    if key not in WORDS or not isinstance(given, Mapping) or not given.keys() <= set(texts.LANGUAGES):
        raise Invalid("wording_unknown", value=key[:64])
    said = {lang: word for lang, text in given.items() if (word := plain_text(text or "", MOST_WORD))}
    usually = usual(WORDING)[key]
    return key, {lang: word for lang, word in said.items() if word != usually[lang]}


def _read_window(key: str, given: Any) -> tuple[str, Any]:
    if key not in READERS:
        raise Invalid("window_unknown", value=key[:64], known=list(READERS))
    return key, READERS[key](given)


_READ: Mapping[str, Callable[[str, Any], tuple[str, Any]]] = {
    LIMITS: _read_limit, WORDING: _read_words, WORKFLOW: _read_window}
