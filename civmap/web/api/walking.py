"""What a team takes along on its round, in one answer that a phone can keep."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from civmap.routes import walking
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class WalkQuery(BaseModel):
    """Of which team; without one, one's own, else the first."""

    model_config = ConfigDict(extra="forbid")

    team: Annotated[int, Field(ge=1, le=1000)] | None = None


class WalkOut(Loose):
    """The stops of a team in order with open issues and navigation; check lists by type; ways and streets."""

    route: str
    team: int
    stops: list[dict[str, Any]]
    lists: dict[str, list[dict[str, Any]]]
    teams: list[dict[str, Any]]


@operation("GET", "/routes/{code}/walk", summary="A round as a team walks it", permission=("create", "visit"),
           tag="visits", query=WalkQuery, answers={200: WalkOut})
def walk(desk: Desk, code: str, query: WalkQuery) -> Answer:
    """Answer everything that the phone page of a round needs, also without a network afterwards."""
    return Answer(walking.walk(desk.session, desk.viewer, code, query.team, desk.now, desk.lang))
