"""The numbered papers as they are set: 交办单, 整改通知书 and 督办单 from what was kept when they were issued."""

from dataclasses import dataclass
from typing import Any

from civmap import clock, texts
from civmap.documents.blocks import CODE, COUNT, PHOTOS, TEXT, Block, Document, Facts, Signature, Table, Words
from civmap.documents.house import House, written_day, written_moment
from civmap.documents.register import columns, due_words, shown_with
from civmap.issues.lines import Line
from civmap.issues.models import Notice

LAYOUTS = {
    "dispatch_sheet": (("serial", 7, COUNT), ("number", 17, TEXT), ("place", 21, TEXT), ("problem", 25, TEXT),
                       ("photo", 18, PHOTOS), ("standard", 15, TEXT), ("limit", 16, TEXT), ("code", 13, CODE)),
    "rectification": (("serial", 7, COUNT), ("number", 17, TEXT), ("place", 22, TEXT), ("problem", 26, TEXT),
                      ("photo", 18, PHOTOS), ("standard", 16, TEXT), ("limit", 16, TEXT)),
    "supervision": (("serial", 7, COUNT), ("number", 17, TEXT), ("place", 20, TEXT), ("problem", 24, TEXT),
                    ("photo", 17, PHOTOS), ("limit", 16, TEXT), ("late_by", 17, TEXT), ("code", 13, CODE)),
}


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom a notice goes to, with the phone as the reader may see it."""

    code: str = ""
    name: str = ""
    phone: str = ""


def document(notice: Notice, found: list[Line], to: Addressed, house: House, lang: str,
             is_copy: bool = False) -> Document:
    """Return a numbered paper in a language; `found` are the lines kept with it."""
    kept = notice.facts
    blocks = BUILDERS[notice.kind](notice, kept, found, to, house, lang)
    marks = [texts.say(lang, "documents.copy")] if is_copy else []
    title = texts.say(lang, f"documents.title.{notice.kind}", city=house.city)
    return Document(notice.kind, title, lang, blocks, number=notice.number, marks=marks,
                    code=house.code("notices", str(notice.id)), foot=house.foot(lang, is_copy), is_formal=True)


def _said(kept: dict[str, Any], name: str, kind: str, lang: str, **facts: Any) -> str:
    """Return what was written for this paper, its blank for the number of issues filled, else the usual words."""
    written = str(kept.get(name) or "")
    for blank in {texts.say(one, "documents.count_here") for one in texts.LANGUAGES if "count" in facts}:
        written = written.replace(blank, str(facts["count"]))
    return written or texts.say(lang, f"documents.{kind}.{name}", **facts)


def _table(kind: str, found: list[Line], house: House, lang: str) -> Table:
    layout = shown_with(LAYOUTS[kind], house)
    rows = []
    for number, line in enumerate(found, start=1):
        made = {"serial": number, "number": line["issue_no"], "place": _place(line), "problem": _problem(line),
                "photo": house.pictures(line, "before", 1), "standard": _standard(line, lang),
                "limit": due_words(line), "late_by": line["mark"], "code": house.code("issues", line["issue_no"])}
        rows.append([made[name] for name, _width, _holds in layout])
    return Table(columns(layout, lang), rows)


def _place(line: Line) -> str:
    parts = (line["point_name"], line["place"], line["spot"])
    return "\n".join(dict.fromkeys(part for part in parts if part))


def _problem(line: Line) -> str:
    return f"{line['class_name']}\n{line['description']}" if line["description"] else line["class_name"]


def _standard(line: Line, lang: str) -> str:
    parts = (texts.say(lang, "documents.until", closing=line["standard"]) if line["standard"] else "",
             line["criterion"])
    return "\n".join(part for part in parts if part) or "—"


def _persons(found: list[Line]) -> str:
    return "、".join(dict.fromkeys(line["person"] for line in found if line["person"])) or "—"


def _office(kept: dict[str, Any], house: House, lang: str) -> str:
    return str(kept.get("office") or texts.say(lang, "documents.office", city=house.city))


def _dispatch_sheet(notice: Notice, kept: dict[str, Any], found: list[Line], to: Addressed, house: House,
                    lang: str) -> list[Block]:
    issued = f"{written_day(notice.issued_at, lang)} {clock.to_office(notice.issued_at):%H:%M}"
    facts = (("sheet_no", notice.number), ("issuer", _office(kept, house, lang)), ("issued", issued),
             ("unit", to.name or "—"), ("person", _persons(found)), ("phone", to.phone or "—"),
             ("reply", _said(kept, "reply", "dispatch_sheet", lang)), ("signer", kept.get("signer") or "—"))
    receipt = [texts.say(lang, "documents.receipt")]
    return [Facts([(texts.say(lang, f"documents.fact.{name}"), value) for name, value in facts]),
            _table("dispatch_sheet", found, house, lang),
            Words(_said(kept, "demand", "dispatch_sheet", lang, count=len(found)), "note"),
            Signature(_office(kept, house, lang), written_day(notice.issued_at, lang),
                      texts.say(lang, "documents.seal"), receipt)]


def _rectification(notice: Notice, kept: dict[str, Any], found: list[Line], to: Addressed, house: House,
                   lang: str) -> list[Block]:
    colon = "：" if lang == "zh" else ":"
    return [Words(f"{to.name or '—'}{colon}", "to"), Words(_said(kept, "basis", "rectification", lang)),
            Words(texts.say(lang, "documents.rectification.listed", count=len(found))),
            _table("rectification", found, house, lang), Words(_said(kept, "demand", "rectification", lang)),
            Words(_said(kept, "consequence", "rectification", lang)), _signed(notice, kept, house, lang)]


def _supervision(notice: Notice, kept: dict[str, Any], found: list[Line], to: Addressed, house: House,
                 lang: str) -> list[Block]:
    colon = "：" if lang == "zh" else ":"
    level = texts.say(lang, f"documents.level.{notice.level or 1}")
    reply_by = written_moment(kept.get("reply_by"), lang) or texts.say(lang, "documents.supervision.reply_by")
    facts = (("notice_no", notice.number), ("level", level),
             ("late_by", _latest(found)), ("reply_by", reply_by),
             ("copy_to", _said(kept, "copy_to", "supervision", lang)))
    why = kept.get("reason_words") or texts.say(lang, f"documents.supervision.why.{notice.level or 1}",
                                                count=len(found))
    return [Facts([(texts.say(lang, f"documents.fact.{name}"), value) for name, value in facts]),
            Words(f"{to.name or '—'}{colon}", "to"), Words(str(why)), _table("supervision", found, house, lang),
            Words(_said(kept, "demand", "supervision", lang)), _signed(notice, kept, house, lang)]


def _latest(found: list[Line]) -> str:
    late = [line for line in found if line["is_overdue"]]
    worst = min(late, key=lambda line: line["due_at"]) if late else found[0] if found else None
    return str(worst["mark"]) if worst else "—"


def _signed(notice: Notice, kept: dict[str, Any], house: House, lang: str) -> Signature:
    return Signature(_office(kept, house, lang), written_day(notice.issued_at, lang),
                     texts.say(lang, "documents.seal"))


BUILDERS = {"dispatch_sheet": _dispatch_sheet, "rectification": _rectification, "supervision": _supervision}
