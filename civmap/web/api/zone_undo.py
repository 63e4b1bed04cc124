"""Taking back what was just done to zones."""

from typing import Annotated, Any

from pydantic import Field

from civmap.issues import divisions
from civmap.web.api.bodies import Code, Exact, Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones import undoing
from civmap.zones.plans import as_json

MOST = 5000


class ZonesUndoBody(Exact):
    """The zones of one operation, as its answer named them in `zones`."""

    zones: Annotated[list[Code], Field(min_length=1, max_length=MOST)]


class ZonesUndone(Loose):
    """Every zone that changed back, and the codes written."""

    changes: list[dict[str, Any]]
    zones: list[str]


@operation("POST", "/zones/undo", summary="Take back the newest operation on some zones", permission=("edit", "zone"),
           tag="zones", body=ZonesUndoBody, answers={200: ZonesUndone})
def undo(desk: Desk, body: ZonesUndoBody) -> Answer:
    """Put the zones back as they were before it; asked again, it is done again."""
    plan, written = undoing.undo(desk.session, desk.viewer, body.zones, desk.now)
    for kind in sorted({change.kind for change in plan.changes}):
        divisions.follow(desk.session, kind, desk.now)
    return Answer({**as_json(plan), "zones": written})
