"""Draw points blindly, and publish a draw."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.clock import iso, office_day
from civmap.draws import queries, rules
from civmap.draws.models import Draw, Drawn
from civmap.draws.rules import Wish
from civmap.draws.streets import resolved
from civmap.errors import CivmapError, Invalid
from civmap.fields import plain_text, refuse, whole
from civmap.people.rules import Viewer
from civmap.points.models import InspectionPoint
from civmap.store import ledger
from civmap.store.editing import one_at_a_time
from civmap.store.listing import one_of

NUMBER_KEY = 360_206
SIGNS = "2346789ABCDEFGHJKMNPQRTUVWXYZ"
"""No signs that are mistaken for each other on the telephone."""
Pairs = Iterable[tuple[Any, Any]]


def wish(session: Session, quota: Pairs, weights: Pairs = (), *, is_mandatory: bool = False,
         not_seen_days: Any = 0) -> Wish:
    """Return what is asked for, read and resolved; raise Invalid, or Several naming everything that is wrong."""
    problems: list[CivmapError] = []

    def read(reader: Any, *values: Any, otherwise: Any) -> Any:
        try:
            return reader(*values)
        except CivmapError as problem:
            problems.extend(getattr(problem, "problems", [problem]))
            return otherwise

    counts = read(rules.read_quota, quota, otherwise={"": 1})  # something was asked for, only not readably
    places = read(resolved, session, read(rules.read_weights, weights, otherwise=[]), otherwise=())
    days = read(_days, not_seen_days or 0, otherwise=0)
    found = Wish(counts, is_mandatory, places, days)
    read(rules.check, found, otherwise=None)
    refuse(problems)
    return found


def _days(value: Any) -> int:
    try:
        return whole(0, rules.MOST_DAYS)(value)
    except Invalid as problem:
        problem.field = "not_seen_days"
        raise


def new_seed() -> str:
    """Return a seed for whoever names none."""
    return str(secrets.randbelow(900_000) + 100_000)


def make(session: Session, viewer: Viewer, asked: Wish, seed: Any, now: datetime, *, is_covert: bool = False,
         name: Any = "") -> Draw:
    """Draw and keep the draw with its rule, its seed and its line in the ledger; raise Forbidden or Invalid."""
    viewer.must("create", "draw")
    given = new_seed() if seed is None else seed
    text = rules.read_seed(given)
    title = _name(name)
    one_at_a_time(session, NUMBER_KEY)
    sample = queries.sampled(session, viewer, asked, text, now, now)
    draw = Draw(code=next_code(session, now, is_covert), name=title, seed=text, is_covert=is_covert,
                rule=queries.rule_of(asked, given, now, sample),
                shortfall=[{"type": one.type, "wanted": one.wanted, "got": one.got} for one in sample.shortfall],
                made_at=now, made_by=viewer.name)
    session.add(draw)
    session.flush()
    codes = [pick.code for pick in sample.picks]
    ids = {code: point_id for code, point_id in session.execute(
        select(InspectionPoint.code, InspectionPoint.id).where(one_of(InspectionPoint.code, codes)))}
    session.add_all(Drawn(draw_id=draw.id, point_id=ids[pick.code], position=place, why=pick.why)
                    for place, pick in enumerate(sample.picks, 1))
    session.flush()
    ledger.record(session, viewer.actor, "create", "draw", draw.code, at=now, after=_facts(draw, codes))
    return draw


def _name(value: Any) -> str:
    try:
        return plain_text(value or "", 200)
    except Invalid as problem:
        problem.field = "name"
        raise


def _facts(draw: Draw, codes: list[str]) -> Mapping[str, Any]:
    return {**ledger.row_facts(draw), "points": codes}


def next_code(session: Session, now: datetime, is_covert: bool) -> str:
    """Return the next number of the day; a covert draw gets one at random, for a gap in a series would tell of it."""
    prefix = f"CJ{office_day(now):%Y%m%d}-"
    taken = set(session.scalars(select(Draw.code).where(Draw.code.startswith(prefix))))
    if is_covert:
        while True:
            code = prefix + "".join(secrets.choice(SIGNS) for _ in range(4))
            if code not in taken and not code[-4:].isdigit():
                return code
    serials = [int(code[len(prefix):]) for code in taken if code[len(prefix):].isdigit()]
    return f"{prefix}{max(serials, default=0) + 1:02d}"


def publish(session: Session, viewer: Viewer, code: str, now: datetime) -> Draw:
    """Let everybody know of a draw; doing so again changes nothing. Raise Forbidden, or NotFound where it is hidden.

    The routes of the draw and their visits follow in the same transaction: `routes.actions.publish_draw` calls this.
    """
    draw = queries.by_code(session, viewer, code, for_change=True)
    viewer.must("publish", "draw")
    if draw.published_at is not None:
        return draw
    before = {"published_at": None, "is_covert": draw.is_covert}
    draw.published_at, draw.published_by = now, viewer.name
    session.flush()
    ledger.record(session, viewer.actor, "publish", "draw", draw.code, at=now, before=before,
                  after={"published_at": iso(now), "is_covert": draw.is_covert, "published_by": viewer.name})
    return draw


