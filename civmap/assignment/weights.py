"""How much room an issue of a class takes at its unit: the editable value `class_weights`, 1 where nothing is said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.city.customs import Kept, keep, kept
from civmap.errors import CivmapError, Invalid
from civmap.fields import refuse
from civmap.people.rules import Viewer

NAME, MOST = "class_weights", 20


def read(value: Any) -> dict[str, int]:
    """Return weights by class code; raise Several for unknown classes and what is no whole number from 1 to 20."""
    if not isinstance(value, Mapping):
        raise Invalid("class_weights_unreadable", field=NAME)
    problems: list[CivmapError] = []
    found: dict[str, int] = {}
    for name, weight in value.items():
        if isinstance(weight, bool) or not isinstance(weight, int) or not 1 <= weight <= MOST:
            problems.append(Invalid("class_weight_range", field=str(name)[:40], most=MOST))
            continue
        try:
            found[dictionaries.issue_class(str(name)).code] = weight
        except CivmapError as problem:
            problems.append(problem)
    refuse(problems)
    return found


def weights_of(session: Session) -> Kept:
    """Return the weights of this city and their version."""
    found = kept(session, NAME)
    return Kept(read(found.value or {}), found.version)


def save(session: Session, viewer: Viewer, value: Any, version: int, now: datetime) -> Kept:
    """Keep weights; raise Several, Forbidden or Stale."""
    return keep(session, viewer, NAME, read(value), version, now)
