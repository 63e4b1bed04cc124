"""Which places a written street means: a subdistrict or community by code or name, or the street of a point."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.queries import the_city
from civmap.draws.rules import Weight
from civmap.errors import CivmapError, Invalid
from civmap.fields import refuse
from civmap.points.models import InspectionPoint
from civmap.units.models import Unit
from civmap.zones.models import Zone

PLACES = ("subdistrict", "community")
ENDINGS = ("街道办事处", "街道办", "街道", "乡", "镇")
MOST_NEAR = 5


class Known(NamedTuple):
    """The places of a city that may be named: division codes by name, those that exist, and streets of points."""

    city: str
    divisions: dict[str, tuple[str, ...]]
    codes: frozenset[str]
    streets: frozenset[str]


def known(session: Session) -> Known:
    """Return what a written street may mean in this city."""
    named: dict[str, set[str]] = {}
    zones = session.execute(select(Zone.code, Zone.name, Zone.division).where(
        Zone.kind.in_(PLACES), Zone.valid_to.is_(None)))
    codes = set()
    for code, name, division in zones:
        held = code if code.isdigit() and len(code) in (9, 12) else division or ""
        if held:
            named.setdefault(name, set()).add(held)
            codes.add(held)
    offices = session.execute(select(Unit.name, Unit.territory).where(
        Unit.kind.in_(PLACES), Unit.territory.is_not(None), Unit.valid_to.is_(None)))
    for name, territory in offices:
        named.setdefault(name, set()).add(territory)
    streets, places = set(), set()
    for street, division in session.execute(select(InspectionPoint.street, InspectionPoint.division).where(
            InspectionPoint.valid_to.is_(None)).distinct()):
        streets.add(street)
        places.add(division)
    return Known(the_city(session).division_code, {name: tuple(sorted(found)) for name, found in named.items()},
                 frozenset(codes | places) - {None, ""}, frozenset(streets - {None, ""}))


def resolved(session: Session, written: Sequence[tuple[str, float]]) -> tuple[Weight, ...]:
    """Return the weights with what each street means; raise Invalid or Several for unknown or repeated ones."""
    if not written:
        return ()
    places = known(session)
    problems: list[CivmapError] = []
    found: list[Weight] = []
    meant: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
    for name, weight in written:
        divisions, streets = _meaning(places, name)
        if not divisions and not streets:
            problems.append(Invalid("draw_street_unknown", field="weights", value=name[:40], near=_near(places, name)))
        elif (divisions, streets) in meant:
            problems.append(Invalid("draw_street_twice", field="weights", value=name[:40],
                                    other=meant[divisions, streets][:40]))
        else:
            meant[divisions, streets] = name
            found.append(Weight(name, weight, divisions, streets))
    refuse(problems)
    return tuple(found)


def _meaning(places: Known, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if name.isascii() and name.isdigit() and len(name) in (3, 9, 12):
        code = places.city[:6] + name if len(name) == 3 else name
        if len(code) == 12 and code.endswith("000"):
            code = code[:9]
        return (code,) if any(one.startswith(code) for one in places.codes) else (), ()
    named = places.divisions.get(name) or _shortened(places, name)
    return named, (name,) if name in places.streets else ()


def _shortened(places: Known, name: str) -> tuple[str, ...]:
    """Return the one subdistrict whose name is this but for its ending (河东 for 河东街道)."""
    if name in places.streets:
        return ()
    found = {codes for said, codes in places.divisions.items() if _stem(said) == _stem(name)}
    return found.pop() if len(found) == 1 else ()


def _stem(name: str) -> str:
    return next((name.removesuffix(end) for end in ENDINGS if name.endswith(end) and len(name) > len(end)), name)


def _near(places: Known, name: str) -> list[str]:
    everything = sorted({*places.divisions, *places.streets})
    alike = difflib.get_close_matches(name, everything, MOST_NEAR, 0.3)
    return alike or sorted(places.divisions)[:MOST_NEAR] or sorted(places.streets)[:MOST_NEAR] or ["—"]
