"""The states of pledges as conditions: what `pledge_rules.state` says, asked of all zones at once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_

from civmap import clock
from civmap.errors import Invalid
from civmap.store.listing import Here, many
from civmap.zones.models import Zone
from civmap.zones.pledge_rules import EXPIRING_DAYS, KIND, MARKS, STATES


def stands(here: Here, state: str) -> Any:
    """Return the condition that the pledge of a zone stands in a state on the day that is asked about."""
    today = clock.office_day(here.at)
    takes_part = or_(Zone.kind == KIND, Zone.pledge_signed_on.is_not(None))
    mark = func.coalesce(Zone.pledge_mark, "")
    if state in MARKS:
        return and_(takes_part, mark == state)
    unmarked, last = and_(takes_part, mark.not_in(MARKS)), Zone.pledge_expires_on
    unsigned = or_(Zone.pledge_signed_on.is_(None), Zone.pledge_signed_on > today)
    if state == "unsigned":
        return and_(unmarked, unsigned)
    soon = today + timedelta(days=EXPIRING_DAYS)
    term = {"signed": or_(last.is_(None), last > soon), "expiring": and_(last >= today, last <= soon),
            "expired": last < today}[state]
    return and_(unmarked, Zone.pledge_signed_on <= today, term)


def in_states(here: Here, value: Any) -> Any:
    """Return the condition of the filter `pledge`: one or several states by comma; raise Invalid for others."""
    asked = many(value)
    wrong = [one for one in asked if one not in STATES]
    if wrong:
        raise Invalid("choice_unknown", field="pledge", value=wrong[0][:40], known=list(STATES))
    return or_(*(stands(here, one) for one in asked))
