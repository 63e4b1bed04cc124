"""Who would answer for a fail, asked before it is reported: the cascade per class, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap import dictionaries
from civmap.assignment import queries as assignment
from civmap.assignment import rules
from civmap.assignment.customs import cascade_of
from civmap.points.models import InspectionPoint


def answering(session: Session, point: InspectionPoint, classes: Iterable[str], now: datetime,
              lang: str) -> dict[str, dict[str, Any]]:
    """Return by class which unit the cascade names at a point and on which ground; None where nobody answers.

    What lies around is gathered once for all of them.
    """
    table = cascade_of(session)
    around = assignment.gather(session, (point.geom.x, point.geom.y), now, point.code, reach=table.reach)
    found = {}
    for code in sorted(set(classes)):
        answer = rules.choose(around, assignment.asked_of(code), table)
        basis = dictionaries.bases().get(answer.basis or "")
        found[code] = {"unit": answer.unit.code if answer.unit else None,
                       "unit_name": answer.unit.name if answer.unit else None,
                       "basis": basis.name(lang) if basis else None}
    return found
