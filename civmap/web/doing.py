"""What may be done with an issue, as its page offers it: buttons, what waits for a decision, the log in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from civmap import dictionaries, texts
from civmap.calendar import Limit
from civmap.issues import customs, rules
from civmap.units.queries import names as unit_names
from civmap.web.desk import Desk

Line = dict[str, Any]
ORDER = ("file", "dispatch", "acknowledge", "start", "feedback", "check", "resume", "verify", "extend", "suspend",
         "appeal", "return", "supervise", "reject", "duplicate", "reopen")
MAIN = frozenset({"file", "dispatch", "acknowledge", "start", "feedback", "check"})
CARE = frozenset({"reject", "return", "duplicate", "reopen"})
WORDS = ("reason", "measure", "opinion", "remark", "plan")


def buttons(desk: Desk, issue: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what this viewer may do now, the next step first, then what only the circumstances forbid, with why."""
    waiting = _waiting(issue)
    can = [{"verb": verb, "label": _label(desk, verb, waiting), "why": None, "tone": _tone(verb, waiting)}
           for verb in ORDER if verb in issue["allowed"]]
    can.sort(key=lambda one: one["tone"] != "decide")
    for one in [one for one in can if one["tone"] == "main"][1:]:
        one["tone"] = ""  # one next step stands out
    cannot = [{"verb": verb, "label": _label(desk, verb, {}), "why": issue["why_not"][verb], "tone": ""}
              for verb in ORDER if verb in issue["why_not"] and desk.viewer.may(verb, "issue")]
    return can + cannot


def _waiting(issue: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {plea["kind"]: plea for plea in issue["pleas"] if plea["state"] in rules.WAITING}


def _label(desk: Desk, verb: str, waiting: Mapping[str, Any]) -> str:
    """Return the words of a button; a verb that asks and decides is called by what it does now."""
    kind = rules.PLEAS.get(verb)
    if kind is None or (verb == "suspend" and kind not in waiting and desk.viewer.role in rules.OFFICE_ROLES):
        return texts.say(desk.lang, f"pages.verb.{verb}")
    return texts.say(desk.lang, f"life.{'decide' if kind in waiting else 'ask'}.{verb}")


def _tone(verb: str, waiting: Mapping[str, Any]) -> str:
    if rules.PLEAS.get(verb) in waiting:
        return "decide"
    return "main" if verb in MAIN else "care" if verb in CARE else ""


def facts(desk: Desk, issue: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the forms of the verbs need to know."""
    criteria = dictionaries.filing_criteria().get(issue["class"], ())
    return {"waiting": _waiting(issue), "is_office": desk.viewer.role in rules.OFFICE_ROLES,
            "criteria": [{"code": one.code, "name": one.name(desk.lang),
                          "limit": limit_name(desk.lang, customs.limit_of(desk.session, one.class_code, one.code))}
                         for one in criteria]}


def limit_name(lang: str, limit: Limit) -> str:
    """Return a limit in words."""
    unit = dictionaries.limit_units()[limit.unit]
    name = unit.plural_en if lang == "en" and limit.amount != 1 else unit.name(lang)
    return f"{limit.amount:g} {name}"


def in_words(desk: Desk, lines: list[Line]) -> list[Line]:
    """Say what each line of an issue's log did: passed or failed, granted or refused, to whom and until when."""
    units = unit_names(desk.session, {line["after"].get("unit_id") for line in lines if line["after"]} - {None})
    for line in lines:
        after = line["after"] or {}
        line["verb_name"] = _outcome(desk.lang, line["verb"], after) or line["verb_name"]
        line["told"] = list(_told(desk.lang, after, units))
    return lines


def _outcome(lang: str, verb: str, after: Mapping[str, Any]) -> str | None:
    """Return what a step came to, where the verb alone does not say it."""
    said, plea = after.get("said") or {}, after.get("plea") or {}
    if verb == "check":
        return texts.say(lang, f"life.check.{'passed' if said.get('passed') else 'failed'}")
    if verb == "feedback" and after.get("state") == "closed":
        return texts.say(lang, "life.fixed_on_spot")
    if plea.get("kind"):
        return texts.say(lang, f"life.plea.{plea['kind']}", state=texts.say(lang, f"life.plea_state.{plea['state']}"))
    if verb == "dispatch" and after.get("is_designated"):
        return texts.say(lang, "life.designated")
    return None


def _told(lang: str, after: Mapping[str, Any], units: Mapping[int, Any]) -> Iterable[str]:
    """Yield what else a line tells: to whom, until when (as a moment the page shows in office time), which paper."""
    said = after.get("said") or {}
    if after.get("unit_id") in units:
        yield texts.say(lang, "life.told.unit", unit=units[after["unit_id"]].name)
    if after.get("person"):
        yield texts.say(lang, "life.told.person", person=after["person"])
    if after.get("time_limit"):
        yield texts.say(lang, "life.told.limit", limit=limit_name(lang, Limit.parse(after["time_limit"])))
    if said.get("level"):
        yield texts.say(lang, f"life.level.{said['level']}")
    if after.get("notice"):
        yield texts.say(lang, "life.told.notice", number=after["notice"])
