"""The register of inspections (督查台账) in the columns of `domain.md` §8, and the lists of problems per point or unit.

Rows are read and told in portions, so a register of any length takes the memory of one portion.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import texts
from civmap.documents.blocks import CODE, COUNT, DAY, LANDSCAPE, MOMENT, PHOTOS, TEXT, Column, Document, Table
from civmap.documents.house import House, day, moment
from civmap.exchange import gather
from civmap.issues import narrowing
from civmap.issues.lines import COLUMNS, Line, lines
from civmap.issues.models import Issue
from civmap.people.rules import Viewer
from civmap.store.listing import Here

REGISTER = (
    ("serial", 6, COUNT), ("number", 17, TEXT), ("date", 13, DAY), ("team", 12, TEXT), ("point", 14, TEXT),
    ("type", 11, TEXT), ("place", 20, TEXT), ("group", 11, TEXT), ("class", 12, TEXT), ("description", 28, TEXT),
    ("before", 16, PHOTOS), ("unit", 15, TEXT), ("person", 9, TEXT), ("dispatched", 16, MOMENT), ("due", 16, MOMENT),
    ("fed_back", 16, MOMENT), ("measure", 20, TEXT), ("after", 16, PHOTOS), ("check", 11, TEXT), ("state", 11, TEXT),
    ("overdue", 10, TEXT), ("rework", 7, COUNT), ("closed", 16, MOMENT), ("remark", 18, TEXT))
LISTED = (
    ("serial", 8, COUNT), ("number", 21, TEXT), ("problem", 30, TEXT), ("place", 22, TEXT), ("answers", 17, TEXT),
    ("limit", 16, TEXT), ("standing", 17, TEXT), ("before", 20, PHOTOS), ("after", 20, PHOTOS), ("code", 13, CODE))
Layout = Sequence[tuple[str, float, str]]
BY = ("point", "unit")
PORTION = 1_000


@dataclass(frozen=True, slots=True)
class Wish:
    """Which issues, grouped by what (point or unit), in which language, and whether photos are shown or linked."""

    asked: gather.Narrowing = field(default_factory=gather.Narrowing)
    lang: str = "zh"
    by: str = "point"
    is_pictured: bool = True


def count(session: Session, viewer: Viewer, wish: Wish, now: datetime) -> int:
    """Return how many issues a viewer sees and asks for; raise Invalid."""
    found = _selected(gather.here_of(session, viewer, "issues", wish.asked, now), wish.asked)
    return session.scalar(select(func.count()).select_from(found.with_only_columns(Issue.id).subquery())) or 0


def _selected(here: Here, asked: gather.Narrowing) -> Any:
    filters = {**asked.filters, **({"q": asked.q} if asked.q else {}),
               **({"status": asked.status} if asked.status else {})}
    return narrowing.selected("issues", here, filters, bbox=asked.bbox, limit=asked.limit, after=asked.after)


def told(session: Session, viewer: Viewer, wish: Wish, now: datetime) -> Iterator[Line]:
    """Yield the lines of the issues that a viewer sees and asks for, the oldest first; raise Invalid.

    What is wrong with the question is said before the first one comes.
    """
    here = gather.here_of(session, viewer, "issues", wish.asked, now)
    statement = _selected(here, wish.asked).order_by(None).order_by(Issue.id).with_only_columns(*COLUMNS)
    portions = session.execute(statement.execution_options(yield_per=PORTION)).partitions()
    found = chain.from_iterable(lines(session, rows, wish.lang, now, here.at) for rows in portions)
    first = next(found, None)
    return chain(() if first is None else (first,), found)


def columns(layout: Layout, lang: str) -> list[Column]:
    """Return the columns of a layout with their headings."""
    return [Column(texts.say(lang, f"documents.column.{name}"), width, holds) for name, width, holds in layout]


def shown_with(layout: Layout, house: House) -> Layout:
    """Return a layout without its last column of codes where there is no address that they could lead to."""
    return layout if house.address or layout[-1][2] != CODE else layout[:-1]


def register(found: Iterable[Line], wish: Wish, house: House, city: str) -> Document:
    """Return the register of some issues; its rows come as they are asked for."""
    lang = wish.lang
    rows = (_register_row(number, line, house, lang) for number, line in enumerate(found, start=1))
    table = Table(columns(REGISTER, lang), rows)  # type: ignore[arg-type]
    return Document("register", texts.say(lang, "documents.title.register", city=city), lang, [table],
                    orientation=LANDSCAPE, size="A3", subtitle=_as_of(wish, house), foot=house.foot(lang))


def _as_of(wish: Wish, house: House) -> str:
    at = moment((wish.asked.on or house.now).isoformat()) if not wish.asked.on or isinstance(
        wish.asked.on, datetime) else wish.asked.on
    return texts.say(wish.lang, "documents.as_of", at=f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else at)


def _register_row(number: int, line: Line, house: House, lang: str) -> list[Any]:
    yes = texts.say(lang, "export.yes" if line["is_overdue"] else "export.no")
    return [number, line["issue_no"], day(line["reported_at"]), line["team"], line["point_name"], line["point_type"],
            _place(line), line["group"], line["class_name"], line["description"],
            house.pictures(line, "before"), line["unit_name"], line["person"],
            moment(line["dispatched_at"]), moment(line["due_at"]), moment(line["resolved_at"]), line["measure"],
            house.pictures(line, "after"), line["check"], line["state_name"], yes, line["rework_count"],
            moment(line["closed_at"]), line["remark"]]


def _place(line: Line) -> str:
    return f"{line['place']} ({line['spot']})" if line["place"] else line["spot"]


def issue_list(found: Iterable[Line], wish: Wish, house: House, city: str) -> Document:
    """Return the list of problems, a table per point or per unit, each with its code."""
    lang = wish.lang
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in found:
        key = (line[wish.by] or "", line["point_name" if wish.by == "point" else "unit_name"] or "")
        groups.setdefault(key, []).append(line)
    tables = [_listed(key, group, wish, house) for key, group in sorted(groups.items(), key=lambda one: (
        not one[0][0], one[0][0]))]
    title = texts.say(lang, f"documents.title.issue_list.{wish.by}", city=city)
    count = sum(map(len, groups.values()))
    return Document("issue_list", title, lang, tables or [Table(columns(LISTED, lang), [])], orientation=LANDSCAPE,
                    subtitle=texts.say(lang, "documents.counted", as_of=_as_of(wish, house), count=count),
                    foot=house.foot(lang), facts={"group": texts.say(lang, f"documents.column.{wish.by}")})


def _listed(key: tuple[str, str], group: list[Line], wish: Wish, house: House) -> Table:
    lang, (code, name) = wish.lang, key
    late = sum(line["is_overdue"] for line in group)
    about = texts.say(lang, "documents.group", count=len(group), late=late)
    if wish.by == "point" and code:
        about = texts.say(lang, "documents.group.point", code=code, type=group[0]["point_type"] or "", about=about)
    title = name or texts.say(lang, f"documents.without.{wish.by}")
    shown = shown_with(LISTED, house)
    rows = [_listed_row(number, line, house, wish)[:len(shown)] for number, line in enumerate(group, start=1)]
    return Table(columns(shown, lang), rows, title, about, house.code(f"{wish.by}s", code) if code else None)


def _listed_row(number: int, line: Line, house: House, wish: Wish) -> list[Any]:
    problem = f"{line['class_name']}\n{line['description']}" if line["description"] else line["class_name"]
    return [number, line["issue_no"], problem, _where(line, wish), _answers(line), due_words(line),
            f"{line['state_name']}\n{line['mark']}", house.pictures(line, "before"),
            house.pictures(line, "after"), house.code("issues", line["issue_no"])]


def _where(line: Line, wish: Wish) -> str:
    names = [line["point_name"] if wish.by != "point" else None, line["place"], line["spot"]]
    return "\n".join(dict.fromkeys(name for name in names if name))


def _answers(line: Line) -> str:
    return "\n".join(part for part in (line["unit_name"], line["person"]) if part) or "—"


def due_words(line: Line) -> str:
    """Return a limit and the moment it runs out, or a dash before it is handed over."""
    at = moment(line["due_at"])
    return "\n".join(part for part in (line["limit"], f"{at:%Y-%m-%d %H:%M}" if at else None) if part) or "—"
