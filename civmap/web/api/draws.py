"""The blind draw for programs: draw or preview, list, read again with its proof, publish."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from civmap.draws import actions, queries
from civmap.draws.models import Draw
from civmap.people.rules import SEES_COVERT
from civmap.routes.actions import publish_draw
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Exact, Loose, Text
from civmap.web.api.lists import Cursor, Words
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

MOST_TYPES, MOST_STREETS = 100, 500


class DrawBody(Exact):
    """How many points of which type (PTnn, identifier or Chinese name), which streets weigh how much, and the seed.

    `mandatory` takes all declared points of the types that are always inspected; a street is a subdistrict by code or
    name, or the street of a point: weight 0 leaves it out, others count 1. Without a seed one is made.
    A draw is hidden from responsible units until it is published, unless `covert` is false.
    """

    quota: Annotated[dict[str, Any], Field(default_factory=dict, max_length=MOST_TYPES)]
    mandatory: bool = False
    weights: Annotated[dict[str, Any], Field(default_factory=dict, max_length=MOST_STREETS)]
    not_seen_days: int | None = None
    seed: str | int | None = None
    covert: bool = True
    name: Text = ""


class PreviewQuery(BaseModel):
    """With `preview=true` nothing is drawn: how many there would be, and what would be lacking."""

    model_config = ConfigDict(extra="forbid")

    preview: bool = False


class DrawsQuery(BaseModel):
    """Which draws are asked for, newest first."""

    model_config = ConfigDict(extra="forbid")

    q: Words | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[Cursor, Field(description="the cursor that `next` carries")] | None = None


class DrawOut(Loose):
    """A draw: its points in order and what was lacking; a preview has no `draw` and names no points."""

    draw: str | None
    shortfall: list[dict[str, Any]]


class DrawsOut(Loose):
    """Draws, newest first, and the address of the older ones."""

    draws: list[dict[str, Any]]
    next: str | None


def shown(desk: Desk, draw: Draw) -> dict[str, Any]:
    """Return a draw as this viewer sees it; with its proof for those who may know of every point."""
    told = queries.told(desk.session, desk.viewer, draw, desk.lang)
    if desk.viewer.role in SEES_COVERT:
        told["proof"] = queries.proof(desk.session, desk.viewer, draw, desk.now)
    return told


@operation("POST", "/draws", summary="Draw points blindly, or preview how many there would be",
           permission=("create", "draw"), tag="draws", query=PreviewQuery, body=DrawBody,
           answers={200: DrawOut, 201: DrawOut}, may_preview=True)
def draw(desk: Desk, query: PreviewQuery, body: DrawBody) -> Answer:
    """Draw and keep it, or tell how many there would be."""
    wish = actions.wish(desk.session, body.quota.items(), body.weights.items(), is_mandatory=body.mandatory,
                        not_seen_days=body.not_seen_days)
    if query.preview:
        sample = queries.sampled(desk.session, desk.viewer, wish, "preview", desk.now, desk.now)
        return Answer(queries.preview(desk.session, desk.viewer, sample, desk.lang))
    made = actions.make(desk.session, desk.viewer, wish, body.seed, desk.now, is_covert=body.covert, name=body.name)
    return Answer(shown(desk, made), 201, {"Location": f"{PREFIX}/draws/{made.code}", **versions.etag_of(made)})


@operation("GET", "/draws", summary="List draws", permission=SIGNED_IN, tag="draws", query=DrawsQuery,
           answers={200: DrawsOut})
def index(desk: Desk, query: DrawsQuery) -> Answer:
    """Answer the draws that the viewer may know of."""
    rows = queries.listed(desk.session, desk.viewer, q=query.q, after=query.after, limit=query.limit + 1)
    following = None
    if len(rows) > query.limit:
        rows = rows[:query.limit]
        following = f"{PREFIX}/draws?limit={query.limit}&after={rows[-1].id}"
    return Answer({"draws": queries.summaries(desk.session, desk.viewer, rows), "next": following})


@operation("GET", "/draws/{code}", summary="A draw, and whether its seed draws the same again", permission=SIGNED_IN,
           tag="draws", answers={200: DrawOut})
def read(desk: Desk, code: str) -> Answer:
    """Answer one draw with the points that the viewer sees."""
    found = queries.by_code(desk.session, desk.viewer, code)
    return Answer(shown(desk, found), headers=versions.etag_of(found))


@operation("POST", "/draws/{code}/publish", summary="Publish a draw, its rounds and visits",
           permission=SIGNED_IN, tag="draws", answers={200: DrawOut})
def publish(desk: Desk, code: str) -> Answer:
    """Let everybody know of a draw; again is no error. From whom it is hidden hears 404, never 403."""
    found = publish_draw(desk.session, desk.viewer, code, desk.now)
    return Answer(shown(desk, found), headers=versions.etag_of(found))
