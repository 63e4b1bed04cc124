"""An import and its rows as programs and pages read them, in the reader's language."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from civmap import clock, texts
from civmap.dictionaries import saying
from civmap.errors import CivmapError
from civmap.exchange import gate, kinds, settling_telling
from civmap.exchange.kinds import Kind
from civmap.exchange.repairs import choices_of
from civmap.imports import queries, rules, staging
from civmap.imports.folders import Folder
from civmap.imports.models import Import
from civmap.imports.values import unpacked
from civmap.people.rules import Viewer

MOST_ASIDE = 200
EMPTY = {"rows": 0, "ok": 0, "problems": 0, "warnings": 0, "repaired": 0, "created": 0, "updated": 0, "unchanged": 0,
         "aside": 0}


def shown(run: Import, place: Folder, viewer: Viewer, lang: str, *, is_whole: bool = True) -> dict[str, Any]:
    """Return an import; in lists without its layout and codes."""
    state, error = queries.standing(run, place)
    told: dict[str, Any] = {
        "import": run.code, "kind": run.kind, "kind_name": kind_name(lang, run.kind),
        "state": state, "progress": _progress(place, lang) if state in rules.AT_WORK else None,
        "error": _error(lang, error), "counts": {**EMPTY, **run.summary},
        "file": {"name": run.file_name, "bytes": run.file_bytes, "format": run.wish.get("format"), "sheets": []},
        "made_at": clock.iso(run.made_at), "made_by": run.made_by,
        "saved_at": _moment(run.saved_at), "undone_at": _moment(run.undone_at), "undone_by": run.undone_by,
        "can": [verb for verb in rules.CAN[state] if rules.may(viewer, run.kind)], "version": run.version}
    if is_whole:
        told |= _whole(run, place, viewer, lang)
    return told


def kind_name(lang: str, kind: str) -> str:
    """Return a kind's name."""
    key = f"imports.kind.{kind}"
    return texts.say(lang, key) if texts.has(lang, key) else kind


def _moment(at: datetime | None) -> str | None:
    return clock.iso(at) if at else None


def _progress(place: Folder, lang: str) -> dict[str, Any]:
    told = place.progress()
    key, total = f"import.phase.{told['phase']}", told["total"]
    return {**told, "phase_name": texts.say(lang, key) if texts.has(lang, key) else told["phase"],
            "fraction": round(told["done"] / total, 3) if total else None}


def _error(lang: str, error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if error is None:
        return None
    code = error["code"] if texts.has(lang, f"error.{error['code']}") else "import_failed"
    message, hint = saying.refusal(lang, CivmapError(code, field=error.get("field"), **error.get("facts", {})))
    return {"code": error["code"], "message": message, "hint": hint,
            **{name: error["facts"][name] for name in ("different", "count") if name in error.get("facts", {})}}


def _whole(run: Import, place: Folder, viewer: Viewer, lang: str) -> dict[str, Any]:
    told: dict[str, Any] = {"wish": {"columns": {}, "accept": [], "sheet": None, "crs": "auto", **run.wish},
                            "layout": None, "crs": None, "codes": [], "aside": [], "kinds": [],
                            "quality": run.quality or None}
    if run.state in (rules.SAVED, rules.UNDOING, rules.UNDONE) and "undo" in run.evidence:
        told["undo"] = run.evidence["undo"]
    if place.rows.exists():
        with staging.opened(place.rows) as staged:
            facts = staging.facts(staged)
            told["quality"] = told["quality"] or facts.get("quality")
            told |= {"layout": _layout(facts, lang), "crs": _crs(facts, lang), "codes": codes(staged, lang),
                     "aside": _aside(staged, lang), "matches": facts.get("matches") or [],
                     "kinds": [{**each, "name": kind_name(lang, each["kind"])} for each in facts.get("kinds", [])],
                     "file": {"name": run.file_name, "bytes": run.file_bytes, "format": facts.get("format"),
                              "sheets": facts.get("sheets") or []}}
    told["most_bytes"] = gate.MAX_BYTES
    if run.made_by == viewer.name and (once := place.passwords()):
        told["passwords"] = once
    return told


def _layout(facts: Mapping[str, Any], lang: str) -> dict[str, Any] | None:
    """Return how the columns are read; None where nobody could tell what the table is."""
    if "kind" not in facts:
        return None
    kind = kinds.KINDS[facts["kind"]]
    field_of = {column: name for name, column in facts["columns"].items()}
    by, sure, headings = facts.get("by") or {}, facts.get("sure") or {}, facts["headings"]
    return {"heading_row": facts["heading_row"], "is_remembered": bool(facts.get("is_remembered")),
            "headings": [{"heading": heading, "field": field_of.get(column),
                          "by": by.get(field_of.get(column), "name" if column in field_of else None),
                          "sure": sure.get(field_of.get(column), 1.0 if column in field_of else 0.0),
                          "examples": facts["samples"][column] if column < len(facts["samples"]) else []}
                         for column, heading in enumerate(headings)],
            "fields": [{"field": name, "name": field_name(kind.name, name, lang),
                        "is_required": name in kind.required and not _is_made(kind, name),
                        "heading": headings[facts["columns"][name]] if name in facts["columns"] else None}
                       for name in (*kind.fields, *kind.helpers)],
            "notes": notes(facts, lang)}


def _is_made(kind: Kind, name: str) -> bool:
    """Tell whether a required field is made where no column holds it: codes, and classes by the words."""
    return (name == "code" and kind.makes_code) or (name == "class" and kind.name == "issues")


def notes(facts: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """Return what was done to the table as a whole, in words."""
    found = []
    for code, told in facts.get("notes") or []:
        key = next((key for key in (f"reading.note.{code}", f"import.note.{code}") if texts.has(lang, key)), "")
        found.append({"code": code, "message": texts.say(lang, key, **told) if key else code})
    return found


def field_name(kind: str, name: str, lang: str) -> str:
    """Return what a field is called: the office's own heading in Chinese, else what the catalogue says."""
    words, key = kinds.spellings(kind).get(name), f"imports.field.{name}"
    if words and lang == "zh":
        return words[0]
    return texts.say(lang, key) if texts.has(lang, key) else name


def _crs(facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    evidence = facts.get("evidence") or {}
    if "code" in evidence:
        evidence = settling_telling.worded(evidence, lang)
    found = evidence.get("found") or facts.get("used_crs")
    return {"found": found, "shares": evidence.get("shares") or [], "is_sure": evidence.get("is_sure", True),
            "message": evidence.get("message"), "samples": evidence.get("samples") or [], "said": facts.get("crs"),
            **{name: value for name, value in evidence.items()
               if name not in ("found", "shares", "is_sure", "message", "samples")}}


def codes(staged: sqlite3.Connection, lang: str) -> list[dict[str, Any]]:
    """Return what was found, by code, with the sentence of the first."""
    rows = queries.codes(staged)
    found = []
    for row in rows:
        first = staging.problem_of(staged.execute("SELECT * FROM problem WHERE rowid=?", (row["first"],)).fetchone())
        found.append({"code": row["code"], "severity": row["severity"], "rows": row["n"],
                      "message": saying.sentence(lang, first.error), "repair": bool(row["repairs"]),
                      "repairs": row["repairs"] or 0, "accepted": row["accepted"] or 0})
    return found


def _aside(staged: sqlite3.Connection, lang: str) -> list[dict[str, Any]]:
    return [{"row": row["number"], "why": row["why"], "why_name": _why(row["why"], lang), "text": row["text"]}
            for row in staged.execute("SELECT * FROM aside ORDER BY number LIMIT ?", (MOST_ASIDE,))]


def _why(why: str, lang: str) -> str:
    key = f"import.aside.{why}"
    return texts.say(lang, key) if texts.has(lang, key) else why


def rows(staged: sqlite3.Connection, place: Folder, lang: str, found: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Return staged rows with their cells, values and problems."""
    problems = queries.problems_of(staged, [row["id"] for row in found])
    typed = staging.decisions(place.wishes, ()).typed
    return [{"row": row["number"], "part": row["part"], "name": row["name"], "did": row["did"],
             "cells": [text_of(cell) for cell in unpacked(row["cells"])],
             "values": {name: text_of(value) for name, value in unpacked(row["vals"]).items() if name != "geometry"},
             "lon": row["lon"], "lat": row["lat"], "system": row["system"], "typed": typed.get(row["number"], {}),
             "problems": [_problem(each, row["part"], lang) for each in problems.get(row["id"], [])]}
            for row in found]


def _problem(row: sqlite3.Row, part: int, lang: str) -> dict[str, Any]:
    problem = staging.problem_of(row, part)
    return {**problem.as_json(lang), "field": problem.field, "accepted": problem.is_accepted,
            "offer": problem.repair, "choices": choices_of(problem.error), "score": problem.error.facts.get("score"),
            "alternatives": problem.error.facts.get("alternatives")}


def text_of(value: Any) -> str:
    """Return a cell or value as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return clock.to_office(value).strftime("%Y-%m-%d %H:%M") if value.tzinfo else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)[:2000] if isinstance(value, dict) else str(value)


def features(staged: sqlite3.Connection, found: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Return staged rows as features of a map; a doubtful one stands where its repair would put it."""
    problems = queries.problems_of(staged, [row["id"] for row in found])
    told = []
    for row in found:
        worst = sorted(problems.get(row["id"], []), key=lambda each: (each["accepted"], each["severity"] != "error"))
        values = unpacked(row["vals"])
        shape = values.get("geometry") or {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
        told.append({"type": "Feature", "geometry": shape, "properties": {
            "row": row["number"], "part": row["part"], "name": row["name"], "did": row["did"],
            "severity": worst[0]["severity"] if worst and not worst[0]["accepted"] else None,
            "code": worst[0]["code"] if worst else None}})
    return told
