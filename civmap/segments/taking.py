"""Rows "road, from, to" of a table become segments: sure ones at once, doubtful ones as choices, others not at all."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city.models import StreetEdge
from civmap.errors import Conflict, Invalid
from civmap.fields import as_feature
from civmap.geo.bulk import exported
from civmap.people.rules import Viewer
from civmap.segments import actions, foundling, queries
from civmap.segments.matching import Answer, matched
from civmap.segments.models import RoadSegment
from civmap.segments.network import network_for
from civmap.segments.written import folded, road_spellings
from civmap.units.queries import resolve

Values = dict[str, Any]
DivisionAt = Callable[[float, float], str | None]
LINE_DECIMALS = 9
GIVEN_UP = ("road", "from_name", "to_name")


class Matches(NamedTuple):
    """What the rows without a line mean, by their codes: an answer of the network, or the segment already there."""

    answers: dict[str, Answer]
    present: frozenset[str]


NO_MATCHES = Matches({}, frozenset())


def code_of(road: str, start: str, end: str) -> str:
    """Return the code of a row that has none: always the same for the same road, from and to."""
    said = "|".join((road_spellings(road)[-1], folded(start), folded(end)))
    return f"LD-{hashlib.sha256(said.encode()).hexdigest()[:10].upper()}"


def keyed(values: Values) -> Values:
    """Return a row without a line with its road and code filled in: the road from the name, the code from all three."""
    road = str(values.get("road") or values.get("name") or "")
    code = values.get("code") or code_of(str(values.get("name") or road), values["from_name"], values["to_name"])
    return {**values, "road": road, "code": code}


def found(session: Session, viewer: Viewer, rows: Sequence[Mapping[str, Any]]) -> Matches:
    """Look rows without a line up on the network, all of a table at once."""
    codes = [row["code"] for row in rows]
    present = set()
    for low in range(0, len(codes), 500):
        present |= set(session.scalars(select(RoadSegment.code).where(
            RoadSegment.code.in_(codes[low:low + 500]), queries.visible(viewer))))
    asked = {row["code"]: (row["road"], row["from_name"], row["to_name"]) for row in rows if row["code"] not in present}
    network = network_for(session, asked.values()) if asked else None
    answers = {code: matched(network, *written) for code, written in asked.items()} if network else {}
    return Matches(answers, frozenset(present))


def take(session: Session, viewer: Viewer, values: Values, now: datetime, matches: Matches,
         division_at: DivisionAt) -> str:
    """Take one row without a line: return created, updated or unchanged.

    A segment that is there keeps its line, whatever was split or drawn since. Raise Conflict `match_doubtful` for what
    a person has to choose, Invalid `match_…` for what cannot be found.
    """
    code = values["code"]
    if code in matches.present:
        kept = {name: value for name, value in values.items() if name not in GIVEN_UP}
        return actions.save(session, viewer, with_chief(session, kept), now)
    answer = matches.answers[code]
    if answer.state == "sure":
        best = answer.candidates[0]
        (shape,) = exported([best.line], LINE_DECIMALS)
        made(session, viewer, named(values, best.road, best.start, best.end), shape, now, division_at)
        return "created"
    if answer.candidates:
        raise Conflict("match_doubtful", field="from_name", count=len(answer.candidates), code=code,
                       score=percent(answer.candidates[0].score))
    raise Invalid(f"match_{answer.reason}", field="name" if answer.reason == "no_road" else "from_name",
                  road=values["road"], start=values["from_name"], end=values["to_name"],
                  known=list(answer.nearest) or ["—"])


def made(session: Session, viewer: Viewer, values: Values, shape: dict[str, Any], now: datetime,
         division_at: DivisionAt) -> RoadSegment:
    """Make the segment of a row with the line that was found, chosen or drawn; pieces nobody holds give way to it."""
    told = with_chief(session, {"class": class_of(session, values["road"]), **values, "geometry": shape})
    ends = {name: tidy(str(values[name])) for name in ("from_name", "to_name")}
    feature = as_feature({**told, **ends})
    middle = shape["coordinates"][len(shape["coordinates"]) // 2]
    segment = actions.create(session, viewer, feature, now, division=division_at(middle[0], middle[1]))
    foundling.give_way(session, viewer, segment, now)
    return segment


def class_of(session: Session, road: str) -> str | None:
    """Return the class that most metres of a street have on the network, None where it is not there."""
    kinds = dictionaries.osm_roads()
    metres: dict[str, float] = {}
    for highway, size in session.execute(select(StreetEdge.highway, func.sum(StreetEdge.length_m)).where(
            StreetEdge.name == road).group_by(StreetEdge.highway)):
        if highway in kinds:
            metres[kinds[highway].road_class] = metres.get(kinds[highway].road_class, 0.0) + size
    return max(sorted(metres), key=metres.__getitem__) if metres else None


def named(values: Values, road: str, start: str, end: str) -> Values:
    """Return a row with the names that the map has for its road and its crossings."""
    return {**values, "road": road, "from_name": start, "to_name": end}


def tidy(written: str) -> str:
    """Return a crossing's name as the map shows it: 长江路口 is the crossing with 长江路."""
    plain = written.strip()
    for ending in ("交叉路口", "交叉口", "路口"):
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            short = plain[:-len(ending)]
            return f"{short}路" if ending == "路口" and not short.endswith(_STREETS) else short
    return plain[:-1] if plain.endswith("口") and plain[:-1].endswith(_STREETS) else plain


_STREETS = ("路", "街", "巷", "道", "弄", "里", "桥", "盘")


def with_chief(session: Session, values: Values) -> Values:
    """Put the one chief that a table names without a level at level one, with the phone; a known office answers."""
    told = dict(values)
    name, phone, office = (told.pop(key, None) for key in ("chief", "chief_phone", "chief_office"))
    if name and not any(told.get(f"chief{level}") for level in range(4)):
        told["chief1"] = f"{name},{phone}" if phone else name
    if office and not told.get("unit"):
        with suppress(Invalid, Conflict):
            told["unit"] = resolve(session, office).code
    return told


def percent(score: float) -> int:
    """Return a score as a whole percentage."""
    return round(100 * score)
