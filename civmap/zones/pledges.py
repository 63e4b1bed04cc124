"""Sign, renew, mark and take back pledges of zones, each with its line in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.city.reach import must_reach
from civmap.errors import Invalid, NotAllowed
from civmap.fields import day, masked_phone
from civmap.people.rules import Viewer
from civmap.store.base import holds_at
from civmap.store.editing import change, check_version, facts_of, locked_row, one_at_a_time
from civmap.store.ledger import history
from civmap.store.listing import Here
from civmap.units.models import Unit
from civmap.zones import pledge_rules as rules
from civmap.zones import queries
from civmap.zones.models import Zone
from civmap.zones.pledge_asking import stands
from civmap.zones.pledge_terms import Terms, terms_of

COLUMNS = ("pledge_no", "pledge_signed_on", "pledge_expires_on", "pledge_mark", "plate_no", "holder", "holder_phone")
DAYS = ("pledge_signed_on", "pledge_expires_on")
LOCK = 360_208
PREFIX = "pledge_"
STEPS = frozenset(f"{PREFIX}{verb}" for verb in rules.VERBS)
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Said:
    """What comes with a verb: for how many months, from which day, why, and who holds the zone from now on."""

    months: int | None = None
    signed_on: date | None = None
    reason: str = ""
    holder: str | None = None
    holder_phone: str | None = None


def act(session: Session, viewer: Viewer, code: str, verb: str, said: Said, version: int | None, now: datetime, *,
        is_checked: bool = True) -> Zone:
    """Perform a verb (sign, renew, changing, void, undo) on the pledge of a zone.

    Raise NotFound, Forbidden, Missing without a version (unless not checked), Stale, NotAllowed, Invalid.
    """
    viewer.must("edit", "zone")
    one_at_a_time(session, LOCK)
    zone: Zone = locked_row(session, Zone, "zone", code, queries.visible(viewer))
    must_reach(viewer, zone.division)
    if is_checked:
        check_version(zone, version, lambda: queries.as_feature(session, viewer, zone))
    today = clock.office_day(now)
    if not rules.has_pledge(zone.kind, zone.pledge_signed_on) or (zone.valid_to is not None and zone.valid_to <= now):
        raise NotAllowed("pledge_of_none", field="zone", code=code, allowed=[])
    rules.check(verb, state_of(zone, today), said.reason)
    values = _values(session, zone, verb, said, today)
    reason = {"said": {"reason": said.reason}} if said.reason else {}
    change(session, viewer.actor, "zone", zone, values, now, verb=f"{PREFIX}{verb}",
           facts=lambda row: {**facts_of(row), **reason})
    return zone


def act_on_many(session: Session, viewer: Viewer, codes: Sequence[str], verb: str, said: Said,
                now: datetime) -> tuple[list[str], list[tuple[str, NotAllowed]]]:
    """Perform a verb on many zones at once; return the codes done, and those whose state did not allow it."""
    if len(codes) > MOST:
        raise Invalid("filter_too_long", field="zones", count=len(codes), most=MOST)
    done: list[str] = []
    refused: list[tuple[str, NotAllowed]] = []
    for code in sorted(set(codes)):  # one order for all who lock zones
        try:
            act(session, viewer, code, verb, said, None, now, is_checked=False)
            done.append(code)
        except NotAllowed as problem:
            refused.append((code, problem))
    return done, refused


def numbered(session: Session, viewer: Viewer, zone: Zone, now: datetime) -> None:
    """Give a pledge its number where it has none: it is printed before it is signed, and keeps the number."""
    if zone.pledge_no:
        return
    viewer.must("edit", "zone")
    one_at_a_time(session, LOCK)
    number = _next_number(session, terms_of(session), clock.office_day(now))
    change(session, viewer.actor, "zone", zone, {"pledge_no": number, "plate_no": zone.plate_no or number}, now,
           verb=f"{PREFIX}number")


def can_undo(session: Session, zone: Zone) -> bool:
    """Tell whether the newest step of a zone's pledge can be taken back."""
    try:
        _before(session, zone)
    except NotAllowed:
        return False
    return True


def read_day(written: str | None) -> date | None:
    """Return the day on which a pledge was signed as somebody wrote it; raise Invalid for what is none."""
    if not written:
        return None
    try:
        return day(written)
    except Invalid as problem:
        problem.field = "signed_on"
        raise


def state_of(zone: Any, today: date) -> str:
    """Return the state of a zone's pledge on a day."""
    return rules.state(zone.pledge_signed_on, zone.pledge_expires_on, zone.pledge_mark, today)


def counts(session: Session, viewer: Viewer, now: datetime) -> dict[str, int]:
    """Return how many frontage zones that a viewer sees stand in each state."""
    here = Here(session, viewer, now, now)
    told = select(case(*((stands(here, name), name) for name in rules.STATES)).label("state")).where(
        queries.visible(viewer), holds_at(Zone, now), Zone.kind == rules.KIND).subquery()
    rows = session.execute(select(told.c.state, func.count()).group_by(told.c.state))
    found = dict.fromkeys(rules.STATES, 0)
    found.update({name: count for name, count in rows if name})
    return found


def _values(session: Session, zone: Zone, verb: str, said: Said, today: date) -> dict[str, Any]:
    if verb == "undo":
        return _before(session, zone)
    if verb in rules.MARKS:
        return {"pledge_mark": verb}
    terms = terms_of(session)
    months = said.months if said.months is not None else terms.months
    held: dict[str, Any] = {"holder": said.holder} if said.holder else {}
    if said.holder_phone or (said.holder and said.holder != zone.holder):
        held["holder_phone"] = said.holder_phone or None  # a new holder is not called at the number of the old one
    if verb == "renew":
        return {**held, "pledge_expires_on": rules.renewed(zone.pledge_expires_on, today, months)}
    begins = said.signed_on or today
    if begins > today:
        raise Invalid("pledge_signed_later", field="signed_on", day=begins.isoformat())
    numbered = zone.pledge_no or _next_number(session, terms, today)
    return {**held, "pledge_no": numbered, "plate_no": zone.plate_no or numbered, "pledge_mark": None,
            "pledge_signed_on": begins, "pledge_expires_on": rules.term(begins, months)}


def _next_number(session: Session, terms: Terms, today: date) -> str:
    stem = f"{terms.prefix}-{today.year}-"
    last = session.scalar(select(func.max(Zone.pledge_no)).where(
        Zone.pledge_no.startswith(stem, autoescape=True), func.length(Zone.pledge_no) == len(stem) + 5))
    return rules.number(terms.prefix, today.year, last)


def _before(session: Session, zone: Zone) -> dict[str, Any]:
    """Return what the newest step of the pledge had changed, as it was; raise NotAllowed where there is none."""
    steps = [line for line in history(session, "zone", zone.code) if line.verb in STEPS]
    if not steps or steps[-1].verb == f"{PREFIX}undo" or steps[-1].before is None or steps[-1].after is None:
        raise NotAllowed("pledge_nothing_to_undo", field="verb", allowed=[])
    before, after = steps[-1].before, steps[-1].after
    now = facts_of(zone)
    changed = [name for name in COLUMNS if before.get(name) != after.get(name) and name != "holder_phone"]
    if any(now.get(name) != after.get(name) for name in changed):
        raise NotAllowed("pledge_changed_since", field="verb", allowed=[])
    values = {name: date.fromisoformat(before[name]) if name in DAYS and before.get(name) else before.get(name)
              for name in changed}
    return values | _number_of_before(session, zone, before)


def _number_of_before(session: Session, zone: Zone, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the telephone as it was, where the unit still has it: the ledger keeps its masked form only."""
    masked, unit = before.get("holder_phone"), session.get(Unit, zone.unit_id) if zone.unit_id else None
    if unit is None or not masked or masked_phone(unit.phone) != masked or masked_phone(zone.holder_phone) == masked:
        return {}
    return {"holder_phone": unit.phone}
