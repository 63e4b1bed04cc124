"""The filters of a view in words, as a printed sheet tells them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from civmap import dictionaries, texts
from civmap.units.models import Unit
from civmap.web.desk import Desk
from civmap.zones.models import Zone

MOST = 4
TABLES = {"type": dictionaries.point_types, "kind": dictionaries.zone_kinds, "class": dictionaries.issue_classes,
          "state": dictionaries.issue_states, "issue_class": dictionaries.issue_classes,
          "issue_state": dictionaries.issue_states}
SAME = {"issue_class": "class", "issue_state": "state", "issue_source": "source", "issue_from": "from",
        "issue_to": "to", "road": "street"}
QUIET = ("by", "bbox", "limit", "after")
USUAL = {("state", "open"), ("kind", "frontage,estate")}


def told(desk: Desk, view: Mapping[str, Mapping[str, str]], codes: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one text per filter that differs from the usual view, each told once whatever layers it narrows."""
    found: dict[str, str] = {}
    for narrowing in view.values():
        for name, value in narrowing.items():
            plain = SAME.get(name, name)
            if value and plain not in QUIET and (plain, value) not in USUAL:
                found.setdefault(plain, value)
    said = [_one(desk, name, value) for name, value in sorted(found.items())]
    selected = sum(len(chosen) for chosen in codes.values())
    return said + ([texts.say(desk.lang, "paper.filter.selected", count=selected)] if selected else [])


def _one(desk: Desk, name: str, value: str) -> str:
    key = f"paper.filter.{name}"
    label = texts.say(desk.lang, key) if texts.has(desk.lang, key) else name
    if name in ("within", "code"):
        return label
    parts = [part.strip() for part in value.split(",") if part.strip()]
    names = "、".join(_named(desk, name, part) for part in parts[:MOST])
    more = texts.say(desk.lang, "paper.filter.more", count=len(parts) - MOST) if len(parts) > MOST else ""
    return texts.say(desk.lang, "paper.filter", label=label, value=names + more)


def _named(desk: Desk, name: str, value: str) -> str:
    if name in TABLES:
        entry = TABLES[name]().get(value)
        return entry.name(desk.lang) if entry else value
    if name == "status":
        return texts.say(desk.lang, f"map.status.{value}") if texts.has(desk.lang, f"map.status.{value}") else value
    if name == "unit":
        return desk.session.scalar(select(Unit.name).where(Unit.code == value)) or value
    if name in ("division", "grid"):
        return desk.session.scalar(select(Zone.name).where(Zone.code == value)) or value
    return value
