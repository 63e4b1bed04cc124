"""The manual that the product serves about itself: settings, commands, states, roles and every error code.

The command line stands above the web and cannot be imported here: its usage lines are kept here, and a test compares
them with the commands there are.
"""

from typing import Any

from flask import Blueprint, render_template

from civmap import dictionaries, texts
from civmap.config import NAMES
from civmap.issues.rules import FROM, OPEN, TO
from civmap.people.rules import MAY, ROLES
from civmap.web import manual
from civmap.web.access import EVERYONE, permission
from civmap.web.desk import Desk

blueprint = Blueprint("help", __name__)
COMMANDS = {
    "demo": "[--port N] [--seed N] [--on DATE] [--no-serve]",
    "init": "[--name N] [--division CODE] [--osm FILE] [--bbox W,S,E,N]",
    "serve": "[--host H] [--port N] [--workers N]",
    "import": "KIND|auto FILE [--crs C] [--sheet S] [--column FIELD=HEADER]… [--accept CODE]… "
              "[--report OUT.xlsx] [--yes]",
    "imports": "[--limit N]",
    "import-undo": "CODE",
    "export": "KIND --out FILE [--where FIELD=VALUE]… [--bbox W,S,E,N] [--crs C]",
    "paper": "--out FILE.pdf [--size A0] [--portrait] [--area CODE | --bbox W,S,E,N] [--scale N] "
             "[--atlas chief|grid|unit|subdistrict] [--title T]",
    "document": "issue_list|register|notice --out FILE [--where FIELD=VALUE]… [--group point|unit] "
                "[--photos pictures|links] [--number N]",
    "place": "TEXT [--limit N] [--near LON,LAT] | --file IN --out OUT",
    "assign": "--at LON,LAT [--class CODE] [--on DATE] [--accuracy-m N] [--point CODE]",
    "assign-file": "IN.csv --out OUT.csv",
    "assign-plan": "[--issues NO,…] [--where FIELD=VALUE]… [--carry-out]",
    "grids": "COMMUNITY (--size-m2 M2 | --households N | --count N) [--replace] [--no-estates] [--yes]",
    "frontage": "[SEGMENT…] [--road NAME] [--all] [--depth-rule R] [--depth-m M] [--sides S] [--every-m M] "
                "[--most-gap-m M] [--corners] [--no-shops] [--no-buildings] [--no-fill] [--yes]",
    "deadline": '--limit "2 work_day" --from MOMENT [--pause FROM/TO]… [--factor F]',
    "coverage": "[--kind KIND]",
    "draw": "--quota TYPE=N,… [--mandatory] [--weights STREET=W,…] [--not-seen-days N] [--seed S] [--covert] "
            "[--name TEXT] | publish ID",
    "route": "[--points CODES] [--type T]… [--draw ID] [--where FIELD=VALUE]… [--start LON,LAT] [--end LON,LAT] "
             "[--return] [--teams K] [--hours H] [--visit-min M] [--metric road|air] [--mode walk|cycle|drive] "
             "[--balance shortest|balanced] [--must CODES] [--nice CODES] [--together CODES]… [--day DATE] "
             "[--seconds N] [--ignore-opening] [--covert] [--name TEXT] [--out FILE…]",
    "pledge": "states | VERB [ZONE…] [--state STATE] [--months N] [--signed-on DAY] [--reason TEXT] [--holder NAME]",
    "issue": "VERB NO [--body JSON] [--as PERSON] [--if-match V] [--key K]",
    "person": "add NAME --role R [--unit CODE] [--territory DIVISION] [--segment CODE] | token NAME [--days N]",
    "messages": "list [--all] | send | retry [ID…]",
    "outbox": "FILE",
    "backup": "FILE",
    "restore": "FILE",
    "ledger": "verify",
    "doctor": "[--basemaps]",
}
ROLE_VERBS = {
    "report": ("report", "issue"), "on_site": ("on_site", "issue"), "verify": ("verify", "issue"),
    "dispatch": ("dispatch", "issue"), "feedback": ("feedback", "issue"), "ask": ("extend", "issue"),
    "check": ("check", "issue"), "supervise": ("supervise", "issue"), "draw": ("create", "zone"),
    "manage_points": ("create", "point"), "export": ("export", "issue"), "import": ("import", "point"),
    "manage_people": ("manage", "person"), "manage_city": ("manage", "city"),
}


@blueprint.get("/help")
@permission(EVERYONE)
def index(desk: Desk) -> str:
    """Show the manual."""
    return render_template("help/index.html", **facts(desk.lang))


def facts(lang: str) -> dict[str, Any]:
    """Return all that the manual lists, in a language."""
    return {
        "settings": [{"name": name, "meaning": texts.say(lang, f"help.setting.{name}")} for name in NAMES],
        "commands": [{"name": name, "usage": usage, "does": texts.say(lang, f"help.command.{name}")}
                     for name, usage in COMMANDS.items()],
        "states": [{"code": state.code, "name": state.name(lang), "holder": state.holder(lang),
                    "is_open": state.is_open} for state in dictionaries.issue_states().values()],
        "roles": [{"code": role.code, "name": role.name(lang), "may": _verbs(role.code, lang)}
                  for role in dictionaries.roles().values()],
        "bases": [{"code": basis.code, "name": basis.name(lang)}
                  for basis in sorted(dictionaries.bases().values(), key=lambda basis: basis.rule)],
        "verbs": _life(lang),
        "warnings": warning_codes(lang),
        "codes": error_codes(lang),
        "findings": _codes(lang, "doctor."),
        **manual.parts(lang),
    }


def _verbs(role: str, lang: str) -> list[str]:
    held = [texts.say(lang, f"help.may.{name}") for name, pair in ROLE_VERBS.items() if pair in MAY[role]]
    return held or [texts.say(lang, "help.may.nothing")]


def _life(lang: str) -> list[dict[str, Any]]:
    """Return every verb of an issue: where it leads from and to, and whose it is."""
    names = {code: state.name(lang) for code, state in dictionaries.issue_states().items()}
    roles = {role.code: role.name(lang) for role in dictionaries.roles().values()}
    joined = texts.say(lang, "help.joined")
    return [{"code": verb, "name": texts.say(lang, f"pages.verb.{verb}"), "from": _states(verb, names, lang),
             "to": names[TO[verb]] if verb in TO else texts.say(lang, f"help.to.{verb}"),
             "who": joined.join(roles[role] for role in ROLES if (verb, "issue") in MAY[role])} for verb in FROM]


def _states(verb: str, names: dict[str, str], lang: str) -> str:
    if FROM[verb] == OPEN:
        return texts.say(lang, "help.any_open")
    return texts.say(lang, "help.joined").join(names[state] for state in FROM[verb])


def warning_codes(lang: str) -> list[dict[str, str]]:
    """Return every warning code with its sentence: what is told beside an answer and blocks nothing."""
    known = texts.catalogue(lang)
    return [{"code": key.removeprefix("warning."), "sentence": _bare(known[key])}
            for key in sorted(known) if key.startswith("warning.")]


def error_codes(lang: str) -> list[dict[str, str]]:
    """Return every code with its sentence and its way out, placeholders as they stand."""
    return _codes(lang, "error.")


def _codes(lang: str, kind: str) -> list[dict[str, str]]:
    known = texts.catalogue(lang)
    keys = sorted(key for key in known if key.startswith(kind) and f"{key}.hint" in known)
    return [{"code": key.removeprefix(kind), "sentence": _bare(known[key]), "hint": _bare(known[f"{key}.hint"])}
            for key in keys]


def _bare(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")
