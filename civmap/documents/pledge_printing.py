"""Print pledges and plates: many cards in one PDF, each on a page of its own; pledges also as DOCX for the office."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import Markup

from civmap import resources, texts
from civmap.documents import pdf, word
from civmap.documents.blocks import Block, Code, Document, Facts, Signature, Words
from civmap.documents.pictures import code_png
from civmap.documents.pledges import Card
from civmap.documents.typesetting import setting

SHEETS = ("pledge", "plate")
MOST = 100


def write_pdf(cards: Sequence[Card], sheet: str, lang: str, target: Path, foot: str) -> None:
    """Press pledges (A4) or plates (A5 across) into one PDF; raise Unavailable where that fails."""
    files: dict[str, bytes] = {}
    codes: dict[str, str] = {}
    for number, card in enumerate(cards):
        if card.address:
            files[f"code-{number}.png"] = code_png(card.address)
            codes[card.code] = f"{pdf.SCHEME}:code-{number}.png"
    style = (resources.folder("static") / "css" / "pledge-print.css").read_text(encoding="utf-8")

    def say(key: str, **facts: Any) -> str:
        return texts.say(lang, key, **facts)

    page = pdf.environment().get_template("pledges/_print.html").render(
        cards=cards, sheet=sheet, lang=lang, t=say, style=Markup(style), set=lambda text: Markup(setting(text)),
        codes=codes, figure=Markup, day=lambda one: day_words(one, lang), foot=foot)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in {"sheets.html": page.encode("utf-8", "replace"), **files}.items():
            (Path(folder) / name).write_bytes(data)
        pdf.press(folder, target)


def write_docx(cards: Sequence[Card], lang: str, target: Path, foot: str) -> None:
    """Write pledges as one DOCX, each from a page of its own."""
    blocks: list[Block] = []
    for number, card in enumerate(cards):
        if number:
            blocks.append(Words("", "break"))
        blocks += _blocks(card, lang, is_first=number == 0)
    first = cards[0]
    made = Document("pledge", texts.say(lang, "pledge.title"), lang, blocks, number=first.number, is_formal=True,
                    code=Code(first.address) if first.address else None, foot=foot)
    with target.open("wb") as out:
        word.write(made, out, None)


def _blocks(card: Card, lang: str, *, is_first: bool) -> list[Block]:
    def say(key: str, **facts: Any) -> str:
        return texts.say(lang, f"pledge.{key}", **facts)

    ground = card.ground
    head: list[Block] = [] if is_first else [Words(f"{say('title')} {card.number}", "to")]
    facts = Facts([(say("party_a"), card.party), (say("party_b"), card.shop), (say("door_no"), card.door_no),
                   (say("holder"), card.holder), (say("phone"), card.phone), (say("plate_no"), card.plate),
                   (say("left"), ground.left), (say("right"), ground.right), (say("depth"), say("wall_to_kerb")),
                   (say("size"), size_words(card, lang)), (say("term"), term_words(card, lang))])
    items: list[Block] = [Words(f"{number}. {name}：{words}" if lang == "zh" else f"{number}. {name}: {words}")
                          for number, (name, words) in enumerate(card.items, 1)]
    clauses: list[Block] = [Words(clause) for clause in card.clauses]
    signed = Signature(receipt=[say("sign_a"), say("sign_b"), say("sign_day")])
    return [*head, facts, Words(say("items"), "to"), *items,
            *([Words(say("clauses"), "to"), *clauses] if clauses else []), signed]


def size_words(card: Card, lang: str) -> str:
    """Return frontage, depth and area in words."""
    ground = card.ground
    return texts.say(lang, "pledge.size.words", along=f"{ground.frontage_m:.1f}", deep=f"{ground.depth_m:.1f}",
                     m2=f"{ground.area_m2:,.1f}")


def term_words(card: Card, lang: str) -> str:
    """Return from when until when a pledge runs, in words; a line to fill in where it is not signed."""
    return texts.say(lang, "pledge.term.words", begins=day_words(card.signed_on, lang),
                     ends=day_words(card.expires_on, lang))


def day_words(day: date | None, lang: str) -> str:
    """Return a day as a paper is dated."""
    if day is None:
        return texts.say(lang, "pledge.day.open")
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day.strftime('%B %Y')}"
