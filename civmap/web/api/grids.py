"""Tiling a community with grids: shown first, then written in one transaction."""

from typing import Annotated, Any

from pydantic import Field

from civmap.delimiting import grids
from civmap.issues import divisions
from civmap.store.editing import one_at_a_time
from civmap.web.api.bodies import Code, Exact
from civmap.web.api.operations import operation
from civmap.web.api.zone_bodies import PreviewQuery, ZoneChanges
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones.carrying import DRAWING_KEY, carry_out


class GridsBody(Exact):
    """Which community, and how large a grid shall be: square metres, households, or how many there shall be.

    `replace` retires the grids that are there; `estates` keeps each closed estate a grid of its own.
    """

    community: Code
    size_m2: Annotated[float, Field(ge=100, le=100_000_000)] | None = None
    households: Annotated[float, Field(ge=1, le=1_000_000)] | None = None
    count: Annotated[int, Field(ge=1, le=999)] | None = None
    replace: bool = False
    estates: bool = True


class GridsOut(ZoneChanges):
    """The grids; `figures` tell how many and how large, `retired` which ones end."""

    community: str
    retired: list[str]
    households_guessed: bool
    figures: dict[str, Any]


@operation("POST", "/grids", summary="Tile a community with grids", permission=("create", "zone"), tag="zones",
           query=PreviewQuery, body=GridsBody, answers={200: GridsOut, 201: GridsOut}, may_preview=True)
def tile(desk: Desk, query: PreviewQuery, body: GridsBody) -> Answer:
    """Show the grids (`preview=true`), or write them."""
    if not query.preview:
        one_at_a_time(desk.session, DRAWING_KEY)
    wishes = grids.Wishes(body.size_m2, body.households, body.count, body.replace, body.estates)
    found = grids.proposed(desk.session, desk.viewer, body.community, wishes, desk.now)
    told = grids.as_json(found)
    if query.preview:
        return Answer(told)
    codes = carry_out(desk.session, desk.viewer, found.plan, desk.now, grids.VERB)
    for kind, box in found.plan.moved().items():
        divisions.follow(desk.session, kind, desk.now, box)
    desk.session.flush()
    return Answer({**told, "zones": codes, "undo": {"path": "/zones/undo", "body": {"zones": codes}}}, 201)
