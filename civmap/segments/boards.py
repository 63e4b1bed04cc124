"""The road chief's sign board (路长公示牌): what stands on it, on the street and behind its code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from civmap import texts
from civmap.city import customs
from civmap.errors import CivmapError, Invalid
from civmap.fields import flag, phone, plain_text, refuse
from civmap.people.rules import Viewer
from civmap.segments.models import RoadSegment
from civmap.segments.queries import length_of
from civmap.units.queries import names

NAME = "board"
MEMBERS = ("title", "office", "supervision_phone", "duties", "mobiles_on_board", "mobiles_online")
MOST_DUTIES, LONGEST = 8, 60
_MOBILE = re.compile(r"((00)?86|0)?1[3-9]\d{9}")


@dataclass(frozen=True)
class Custom:
    """What the city writes on its boards; empty texts are as usual."""

    title: str = ""
    office: str = ""
    supervision_phone: str = ""
    duties: tuple[str, ...] = ()
    mobiles_on_board: bool = True
    mobiles_online: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the value as it is kept and shown."""
        return {name: list(value) if isinstance(value := getattr(self, name), tuple) else value for name in MEMBERS}


@dataclass(frozen=True)
class ChiefLine:
    """One chief as the board names them; `phone` is None where it is private."""

    level: int
    name: str
    title: str | None
    phone: str | None


@dataclass(frozen=True)
class Board:
    """What a board says."""

    code: str
    road: str
    name: str
    from_name: str | None
    to_name: str | None
    length_m: float
    side: str
    unit: str | None
    chiefs: tuple[ChiefLine, ...]
    title: str
    office: str
    supervision_phone: str
    duties: tuple[str, ...]


def custom(session: Session) -> Custom:
    """Return what this city writes on its boards."""
    kept = customs.kept(session, NAME).value
    return read(kept) if kept else Custom()


def read(value: Any) -> Custom:
    """Return a kept or sent value, checked; raise Several with each problem."""
    if not isinstance(value, Mapping):
        raise Invalid("board_unreadable", field=NAME)
    problems: list[CivmapError] = [Invalid("board_member_unknown", field=str(name)[:40], known=list(MEMBERS))
                                   for name in value if name not in MEMBERS]
    found: dict[str, Any] = {}
    for name in MEMBERS:
        if name not in value or value[name] in (None, ""):
            continue
        try:
            found[name] = _member(name, value[name])
        except CivmapError as problem:
            problem.field = name
            problems.append(problem)
    refuse(problems)
    return Custom(**found)


def _member(name: str, value: Any) -> Any:
    if name.startswith("mobiles"):
        return flag(value)
    if name == "supervision_phone":
        return phone(value)
    if name != "duties":
        return plain_text(value, LONGEST)
    if not isinstance(value, list) or len(value) > MOST_DUTIES:
        raise Invalid("board_duties", most=MOST_DUTIES)
    return tuple(text for each in value if (text := plain_text(each, LONGEST)))


def keep(session: Session, viewer: Viewer, value: Any, version: int, now: Any) -> customs.Kept:
    """Keep what the city writes on its boards; raise Forbidden, Stale, Several."""
    return customs.keep(session, viewer, NAME, read(value).as_json(), version, now)


def is_mobile(number: str) -> bool:
    """Tell whether a number is a mobile one, whatever is dialled before or after it: a person's, not the office's."""
    return _MOBILE.match(re.sub(r"\D", "", number)) is not None


def board_of(session: Session, segment: RoadSegment, city: str, lang: str, *, is_online: bool) -> Board:
    """Return what the board of a segment says; private numbers only where the city wants them there."""
    said = custom(session)
    shows = said.mobiles_online if is_online else said.mobiles_on_board
    unit = names(session, [segment.unit_id]).get(segment.unit_id or 0)
    chiefs = tuple(ChiefLine(one.level, one.name, one.title, one.phone if one.phone and (
        shows or not is_mobile(one.phone)) else None) for one in sorted(segment.chiefs, key=lambda one: one.level))
    duties = said.duties or tuple(texts.say(lang, f"board.duty.{number}") for number in range(1, 6))
    return Board(segment.code, segment.road or segment.name, segment.name, segment.from_name, segment.to_name,
                 length_of(segment), segment.side, unit.name if unit else None, chiefs,
                 said.title or texts.say(lang, "board.title"),
                 said.office or texts.say(lang, "board.office", city=city),
                 said.supervision_phone or texts.say(lang, "board.supervision_usual"), duties)
