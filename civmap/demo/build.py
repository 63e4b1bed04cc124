"""Build the invented demo district into an empty database: plan it, write it, draw its pictures and its basemap."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from civmap.basemap import archive
from civmap.calendar import WorkCalendar
from civmap.city.actions import found
from civmap.city.models import Building, LandCover, StreetEdge
from civmap.city.queries import has_city, the_city
from civmap.config import Settings
from civmap.demo import album, happened, rounds
from civmap.demo.picture import draw, frame_of
from civmap.demo.plan_demo import Demo, demo
from civmap.demo.plan_territory import DISTRICT
from civmap.demo.recipe import recipe
from civmap.demo.rows import TERRITORIES, Ids, Rows
from civmap.errors import Conflict
from civmap.people.models import Person
from civmap.people.passwords import hashed
from civmap.store.editing import facts_of
from civmap.store.ledger import Actor, Line, append
from civmap.zones.models import Zone

SEED = 20260522
NAME = "云溪区(演示)"
FOUNDER = Actor("admin", "demo")
FOUNDED_DAYS_BEFORE = 190
PASSWORD = "yunxi-{login}"  # the demo is invented and serves this machine alone; its passwords are printed
LOGINS = tuple((row["login"], PASSWORD.format(login=row["login"]), row["role"]) for row in recipe().people)
BATCH = 1500
Progress = Callable[[str, float | None], None]


def silent(step: str, share: float | None = None) -> None:
    """Report progress to nobody."""


def build(session: Session, settings: Settings, seed: int, day: date, progress: Progress = silent) -> dict[str, int]:
    """Write the demo of a seed as of a day in the caller's transaction; return how much of each there is.

    `progress(step, share)` is told what is being done; its texts are `demo.step.<step>`. Equal seed and day give
    equal rows and equal pictures. Raises Conflict `city_exists` where there is a city already.
    """
    if has_city(session):
        raise Conflict("city_exists", name=the_city(session).name)
    progress("plan", 0.0)
    plan = demo(seed, day, recipe(), WorkCalendar())
    shots = happened.shots_of(plan)
    with album.drawing(shots) as pictures:
        counts = _write(session, settings, plan, pictures, progress)
    progress("done", 1.0)
    return counts


def _write(
    session: Session, settings: Settings, plan: Demo, pictures: Iterator[bytes], progress: Progress
) -> dict[str, int]:
    """Write the plan; the pictures are drawn beside, and taken up when they are needed."""
    founded_at = plan.times.start - timedelta(days=FOUNDED_DAYS_BEFORE) + timedelta(hours=9)
    progress("places", 0.35)
    found(session, FOUNDER, NAME, DISTRICT, frame_of(plan), now=founded_at, is_demo=True,
          demo_seed=plan.seed, demo_on=plan.day)
    units, points, segments = _write_places(session, plan, founded_at)
    progress("ground", 0.45)
    _write_ground(session, Rows(plan, founded_at))
    progress("people", 0.5)
    _write_people(session, plan, units, founded_at)
    progress("issues", 0.55)
    ids = happened.write_issues(session, plan, units, points, segments)
    walked = rounds.Writer(session, plan, ids).write()
    progress("basemap", 0.6)
    count = len(happened.shots_of(plan))
    told = partial(_told, progress, "photos", 0.7, 0.2)
    with _basemap_laid(settings.basemap, plan), album.kept(pictures, count, settings.photos, told) as digests:
        photos = happened.write_photos(session, plan, digests, ids)
        progress("ledger", 0.92)
        append(session, sorted([*happened.lines_of(plan, units, ids, photos), *walked], key=lambda line: line.at))
    return {"points": len(points), "segments": len(segments), "units": len(units), "issues": len(ids),
            "frontages": len(plan.shops), "buildings": len(plan.town.houses), "photos": len(photos)}  # fmt: skip


def _told(progress: Progress, step: str, start: float, part: float, share: float) -> None:
    progress(step, start + share * part)


@contextmanager
def _basemap_laid(path: Path, plan: Demo) -> Iterator[None]:
    """Draw the basemap beside its place, and move it there only when the block ends well."""
    beside = path.with_name(f"{path.name}.demo")
    try:
        archive.write(beside, draw(plan), name=NAME)
        yield
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write_places(session: Session, plan: Demo, founded_at: datetime) -> tuple[Ids, Ids, Ids]:
    """Write units, points, segments, zones and duties with a ledger line each; return the ids by code."""
    rows = Rows(plan, founded_at)
    units = rows.units()
    session.add_all(units)
    session.flush()
    rows.set_parents(units)
    unit_ids = {unit.code: unit.id for unit in units}
    points, segments = rows.points(unit_ids), rows.segments(unit_ids)
    session.add_all([*points, *segments, *rows.duties(unit_ids)])
    zones = _write_zones(session, rows, unit_ids)
    kinds = (("unit", units), ("point", points), ("segment", segments), ("zone", zones))
    append(session, [_created(kind, row.code, row, founded_at) for kind, made in kinds for row in made])
    return unit_ids, {p.code: p.id for p in points}, {s.code: s.id for s in segments}


def _write_zones(session: Session, rows: Rows, units: Ids) -> list[Zone]:
    """Write the zones level by level, each under the one above."""
    zones: list[Zone] = []
    ids: dict[str, int] = {}
    makers = [*(partial(rows.territories, kind) for kind in TERRITORIES), rows.estates, rows.frontages]
    for make in makers:
        made = make(units, ids)
        session.add_all(made)
        session.flush()
        ids |= {zone.code: zone.id for zone in made}
        zones += made
    return zones


def _created(kind: str, key: str, row: Any, at: datetime) -> Line:
    return Line(at, FOUNDER.name, FOUNDER.via, "create", kind, key, after=facts_of(row))


def _write_ground(session: Session, rows: Rows) -> None:
    """Write what only the map and the network need; it has no history of its own."""
    made: Iterable[tuple[Any, Iterator[dict[str, Any]]]] = (
        (StreetEdge, rows.street_edges()), (Building, rows.buildings()), (LandCover, rows.land()),
    )  # fmt: skip
    for model, every in made:
        batch: list[dict[str, Any]] = []
        for row in every:
            batch.append(row)
            if len(batch) == BATCH:
                session.execute(insert(model), batch)
                batch = []
        if batch:
            session.execute(insert(model), batch)


def _write_people(session: Session, plan: Demo, units: Ids, founded_at: datetime) -> None:
    """Write the twelve logins, and the liaisons without a password who handled issues."""
    people = []
    phones = {unit.code: (unit.liaison, unit.phone, unit.kind) for unit in plan.units}
    for login, password, role in LOGINS:
        facts = plan.logins[login]
        salt = hashlib.sha256(f"{plan.seed}/{login}".encode()).digest()[:16]
        people.append(Person(
            name=login, full_name=facts["title"], role=role, unit_id=units[facts["unit"]] if facts["unit"] else None,
            territory=facts["territory"] or None, segment_code=facts["segment"] or None,
            phone=phones[facts["unit"]][1] if facts["unit"] else None, password_hash=hashed(password, salt),
            created_at=founded_at,
        ))  # fmt: skip
    names = {step.who for issue in plan.issues for step in issue.life.steps} - set(plan.logins)
    for code, (liaison, phone, kind) in sorted(phones.items()):
        if code.lower() in names:
            role = "shop" if kind == "shop" else "unit_handler"
            people.append(Person(name=code.lower(), full_name=liaison, role=role, unit_id=units[code], phone=phone,
                                 created_at=founded_at))  # fmt: skip
    session.add_all(people)
    session.flush()
    append(session, [Line(founded_at, FOUNDER.name, FOUNDER.via, "add", "person", person.name, after=facts_of(person))
                     for person in people])  # fmt: skip
