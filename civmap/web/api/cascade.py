"""The cascade as this city runs it: read, tried on a spot, its consequences looked at, saved."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from civmap import clock
from civmap.assignment import customs, wording
from civmap.assignment import queries as assignment
from civmap.assignment import rules as cascade
from civmap.assignment.table import MOVABLE
from civmap.city.customs import keep, kept
from civmap.errors import Invalid, Stale
from civmap.geo.validity import check_spot
from civmap.issues import moving
from civmap.issues.moving import Move, would_move
from civmap.store import ledger
from civmap.web import versions
from civmap.web.api.bodies import Body, Exact, Longitude, Loose, Swappable
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

READ, EDIT = ("dispatch", "issue"), ("manage", "city")


class CascadeBody(Body):
    """The settings: order of the rules, reaches in metres, frontage classes, whether doubt waits for a person."""

    order: list[str] | None = None
    reach: dict[str, Any] | None = None
    frontage_classes: list[str] | None = None
    waits_for_person: bool | None = None


class CascadeOut(Loose):
    """The settings as they are, and what they were before the last change."""

    order: list[str]
    reach: dict[str, float]
    frontage_classes: list[str]
    waits_for_person: bool


class PreviewQuery(Exact):
    """A page of what would change."""

    model_config = ConfigDict(strict=False, extra="forbid")

    preview: bool = False
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=5000)] = 2000


class PreviewOut(Loose):
    """The open issues that another unit would answer for: not yet dispatched (`moves`), and dispatched already."""

    moves: list[dict[str, Any]]
    dispatched: list[dict[str, Any]]
    checked: int
    total: int
    next: int | None


class SaveQuery(Exact):
    """Whether saving also hands on what no unit has yet."""

    model_config = ConfigDict(strict=False, extra="forbid")

    move: bool = False


class TryBody(Body):
    """A spot and a class, and the settings to try there."""

    lon: Longitude
    lat: Swappable
    issue_class: Annotated[str, Field(alias="class", max_length=64)]
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    cascade: CascadeBody


class TryOut(Loose):
    """The answer now, and under the settings that were sent."""

    now: dict[str, Any]
    then: dict[str, Any]


def shown(desk: Desk) -> Answer:
    """Return the settings with their version, and what they were before the last change."""
    known = kept(desk.session, customs.NAME)
    table = customs.default_table() if known.value is None else customs.read(known.value)
    lines = ledger.history(desk.session, "custom", customs.NAME) if known.version else []
    previous = None
    if lines:
        value = (lines[-1].before or {}).get("value")
        previous = {"value": customs.as_value(customs.read(value or {})), "at": clock.iso(lines[-1].at),
                    "who": lines[-1].who}
    return Answer({**customs.as_value(table), "version": known.version, "previous": previous,
                   "default": customs.as_value(customs.default_table()), "rules": list(MOVABLE)},
                  headers={"ETag": versions.etag(known.version)})


@operation("GET", "/cascade", summary="The settings of the cascade", permission=READ, tag="assignment",
           answers={200: CascadeOut})
def read(desk: Desk) -> Answer:
    """Answer the settings with their version, and what they were before."""
    return shown(desk)


@operation("PUT", "/cascade", summary="Save the settings; `move=true` also hands on what no unit has yet",
           permission=EDIT, tag="assignment", query=SaveQuery, body=CascadeBody, answers={200: CascadeOut},
           as_sent=True, is_versioned=True)
def save(desk: Desk, query: SaveQuery, body: dict[str, Any], version: int) -> Answer:
    """Keep the settings, with a line in the ledger."""
    table = customs.read(body)
    moves = would_move(desk.session, desk.viewer, table, desk.now, limit=100_000).moves if query.move else []
    known = kept(desk.session, customs.NAME).version
    try:
        keep(desk.session, desk.viewer, customs.NAME, customs.as_value(table),
             known if version == versions.ANY_VERSION else version, desk.now)
    except Stale as refusal:
        raise Stale(refusal.code, current=shown(desk).body, version=known) from refusal
    moved = moving.move(desk.session, desk.viewer, moves, desk.now)
    answer = shown(desk)
    answer.body["moved"] = moved
    return answer


@operation("POST", "/cascade", summary="What would change under other settings (`preview=true`)", permission=READ,
           tag="assignment", query=PreviewQuery, body=CascadeBody, answers={200: PreviewOut}, as_sent=True)
def preview(desk: Desk, query: PreviewQuery, body: dict[str, Any]) -> Answer:
    """Answer the open issues that would move; nothing is written."""
    if not query.preview:
        raise Invalid("preview_only", field="preview")
    page = would_move(desk.session, desk.viewer, customs.read(body), desk.now, after=query.after, limit=query.limit)
    return Answer({"moves": [_move_json(desk, one) for one in page.moves if not one.is_dispatched],
                   "dispatched": [_move_json(desk, one) for one in page.moves if one.is_dispatched],
                   "checked": page.checked, "next": page.next,
                   "total": moving.open_count(desk.session, desk.viewer, desk.now)})


def _move_json(desk: Desk, one: Move) -> dict[str, Any]:
    return {"issue_no": one.issue_no, "class": one.class_code, "state": one.state,
            "from": _side(desk, one.now), "to": _side(desk, one.then)}


def _side(desk: Desk, answer: Any) -> dict[str, Any]:
    said = wording.as_json(answer, desk.lang)
    return {name: said[name] for name in ("unit", "basis", "reason", "distance_m")}


@operation("POST", "/cascade/try", summary="Who answers for a spot now, and under other settings", permission=READ,
           tag="assignment", body=TryBody, answers={200: TryOut}, as_sent=True)
def try_on(desk: Desk, body: dict[str, Any]) -> Answer:
    """Answer both, with every claim; nothing is written."""
    frame = desk.identity.city.frame if desk.identity.city else None
    spot = check_spot(body["lon"], body["lat"], *([frame] if frame else []))
    asked, then = assignment.asked_of(body["class"]), customs.read(body["cascade"])
    now = customs.cascade_of(desk.session)
    found = {}
    for name, table in (("now", now), ("then", then)):
        around = assignment.gather(desk.session, spot, desk.now, asked=asked, reach=table.reach)
        found[name] = wording.as_json(cascade.choose(around, asked, table, body.get("accuracy_m")), desk.lang)
    return Answer(found)
