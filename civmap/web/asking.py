"""What tiles and legends are asked by: the filters of the lists under the same names, a day, and a measure."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from civmap import clock
from civmap.issues.narrowing import NAMES
from civmap.tiles.serving import Question
from civmap.web.api.lists import STATUS_TOLD, TOLD, AsOf, Words
from civmap.web.desk import Desk

Short = Annotated[str, Field(max_length=40)]


class Asking(BaseModel):
    """What everything drawn from the mirror takes beside the filters; others are refused."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[str, Field(max_length=60, description=STATUS_TOLD)] | None = None
    on: AsOf | None = None
    by: Short = "status"


def model(name: str, filters: tuple[str, ...], base: type[Asking] = Asking) -> type[Asking]:
    """Return a query model with some filters of the lists."""
    fields: dict[str, Any] = {one: (TOLD.get(one, Words) | None, None) for one in filters
                              if one not in base.model_fields}
    return create_model(name, __base__=base, **fields)


MODELS = {kind: model(f"{kind.capitalize()}Tiles", names) for kind, names in NAMES.items()}


def question(here: Desk, kind: str, query: Asking) -> Question:
    """Return what a query asks of a kind; a filter it does not have is refused where it is answered."""
    known = {name for names in NAMES.values() for name in names} - {"status"}
    filters = {name: value for name, value in query.model_dump(exclude_none=True).items() if name in known}
    statuses = tuple(part.strip() for part in (query.status or "").split(",") if part.strip())
    moment = clock.as_of(clock.parse_asked(query.on) if query.on else None, here.now)
    return Question(kind, filters, None if moment == here.now else moment, statuses, query.by)
