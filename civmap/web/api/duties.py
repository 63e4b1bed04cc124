"""The table of professional owners (权责配置表), and the decisions kept as rules."""

from typing import Annotated, Any, Literal

import shapely
from pydantic import ConfigDict, Field

from civmap import clock, dictionaries
from civmap.assignment import actions, rulings
from civmap.assignment.models import Duty, Ruling
from civmap.geo.bulk import exported
from civmap.issues import queries as issues
from civmap.units.models import Unit
from civmap.web import versions
from civmap.web.api.bodies import Body, Code, Exact, Geometry, Longitude, Loose, Moment, Swappable, Text
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.moments import moment_or
from civmap.web.replies import Answer

READ, EDIT = ("dispatch", "issue"), ("manage", "city")


class ListQuery(Exact):
    """Which rows: those that hold, at a moment or now, or all there ever were."""

    model_config = ConfigDict(strict=False, extra="forbid")

    on: Moment | None = None
    retired: Literal["no", "any"] = "no"


class DutyBody(Body):
    """A row: for a class or a category, in a territory, this unit answers."""

    issue_class: Annotated[Text | None, Field(alias="class")] = None
    category: Text | None = None
    territory: Annotated[str, Field(max_length=20)] | None = None
    unit: Text | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class DutyOut(Loose):
    """A row as it is kept."""

    id: int
    category: str | None
    territory: str
    unit: str
    version: int


class DutiesOut(Loose):
    """The rows of the table."""

    items: list[DutyOut]


class RulingBody(Body):
    """A decision: in a geometry, or around a spot or an issue, this unit answers; without a class, for every class."""

    issue_class: Annotated[Text | None, Field(alias="class")] = None
    unit: Text | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None
    issue: Code | None = None
    geometry: Geometry | None = None
    lon: Longitude | None = None
    lat: Swappable | None = None
    radius_m: float | None = None
    valid_to: Moment | None = None


class RulingOut(Loose):
    """A decision as it is kept."""

    id: int
    unit: str
    reason: str
    version: int


class RulingsOut(Loose):
    """The decisions, the newest first."""

    items: list[RulingOut]


def class_name(code: str | None, lang: str) -> str | None:
    """Return the name of an issue class, None where no class is meant."""
    return dictionaries.issue_classes()[code].name(lang) if code else None


def duty_json(desk: Desk, row: Duty) -> dict[str, Any]:
    """Return a row of the table as programs read it."""
    unit = desk.session.get_one(Unit, row.unit_id)
    return {"id": row.id, "class": row.class_code, "class_name": class_name(row.class_code, desk.lang),
            "category": row.category, "territory": row.territory, "unit": unit.code, "unit_name": unit.name,
            "valid_from": clock.iso(row.valid_from), "valid_to": clock.iso(row.valid_to), "version": row.version}


def ruling_json(desk: Desk, row: Ruling) -> dict[str, Any]:
    """Return a decision as programs read it."""
    unit = desk.session.get_one(Unit, row.unit_id)
    middle = shapely.centroid(row.geom)
    return {"id": row.id, "class": row.class_code, "class_name": class_name(row.class_code, desk.lang),
            "unit": unit.code, "unit_name": unit.name, "reason": row.reason, "issue": row.issue_no,
            "made_at": clock.iso(row.made_at), "made_by": row.made_by, "lon": round(middle.x, 7),
            "lat": round(middle.y, 7), "geometry": exported([row.geom])[0], "valid_from": clock.iso(row.valid_from),
            "valid_to": clock.iso(row.valid_to), "version": row.version}


def _shown(desk: Desk, kind: str, row: Any, status: int = 200) -> Answer:
    found = duty_json(desk, row) if kind == "duties" else ruling_json(desk, row)
    headers = versions.etag_of(row) | ({"Location": f"{PREFIX}/{kind}/{row.id}"} if status == 201 else {})
    return Answer(found, status, headers)


def _asked(desk: Desk, query: ListQuery) -> Any:
    return None if query.retired == "any" else moment_or(query.on, desk.now)


def _version(row: Any, version: int) -> int:
    return row.version if version == versions.ANY_VERSION else version


@operation("GET", "/duties", summary="The table of professional owners", permission=READ, tag="assignment",
           query=ListQuery, answers={200: DutiesOut})
def duties(desk: Desk, query: ListQuery) -> Answer:
    """Answer the rows of the table."""
    return Answer({"items": [duty_json(desk, row) for row in actions.listed(desk.session, _asked(desk, query))]})


@operation("POST", "/duties", summary="Add a row to the table of professional owners", permission=EDIT,
           tag="assignment", body=DutyBody, answers={201: DutyOut}, as_sent=True)
def create_duty(desk: Desk, body: dict[str, Any]) -> Answer:
    """Take a new row."""
    return _shown(desk, "duties", actions.create(desk.session, desk.viewer, body, desk.now), 201)


@operation("GET", "/duties/{id}", summary="Read a row of the table of professional owners", permission=READ,
           tag="assignment", answers={200: DutyOut})
def read_duty(desk: Desk, id: int) -> Answer:
    """Answer one row."""
    return _shown(desk, "duties", actions.by_id(desk.session, id))


@operation("PUT", "/duties/{id}", summary="Change a row; what it said until now is kept", permission=EDIT,
           tag="assignment", body=DutyBody, answers={200: DutyOut}, as_sent=True, is_versioned=True)
def change_duty(desk: Desk, id: int, body: dict[str, Any], version: int) -> Answer:
    """Change one row."""
    known = _version(actions.by_id(desk.session, id, for_change=True), version)
    return _shown(desk, "duties", actions.change(desk.session, desk.viewer, id, body, known, desk.now,
                                                 lambda row: duty_json(desk, row)))


@operation("DELETE", "/duties/{id}", summary="Retire a row: it holds until now, nothing is deleted", permission=EDIT,
           tag="assignment", answers={200: DutyOut}, is_versioned=True)
def retire_duty(desk: Desk, id: int, version: int) -> Answer:
    """Retire one row."""
    known = _version(actions.by_id(desk.session, id, for_change=True), version)
    return _shown(desk, "duties", actions.retire(desk.session, desk.viewer, id, known, desk.now,
                                                 lambda row: duty_json(desk, row)))


@operation("GET", "/rulings", summary="The decisions kept as rules", permission=READ, tag="assignment",
           query=ListQuery, answers={200: RulingsOut})
def listed_rulings(desk: Desk, query: ListQuery) -> Answer:
    """Answer the decisions, the newest first."""
    return Answer({"items": [ruling_json(desk, row) for row in rulings.listed(desk.session, _asked(desk, query))]})


@operation("POST", "/rulings", summary="Keep a decision as a rule", permission=READ, tag="assignment",
           body=RulingBody, answers={201: RulingOut}, as_sent=True)
def make_ruling(desk: Desk, body: dict[str, Any]) -> Answer:
    """Keep a decision; about an issue, around where it is and for its class, unless the body says otherwise."""
    values, spot, number = dict(body), None, None
    if body.get("issue"):
        issue = issues.by_no(desk.session, desk.viewer, body["issue"], desk.now)
        spot, number = (issue.geom.x, issue.geom.y), issue.issue_no
        values.setdefault("class", issue.class_code)
    return _shown(desk, "rulings", rulings.make(desk.session, desk.viewer, values, desk.now, spot, number), 201)


@operation("GET", "/rulings/{id}", summary="Read a decision kept as a rule", permission=READ, tag="assignment",
           answers={200: RulingOut})
def read_ruling(desk: Desk, id: int) -> Answer:
    """Answer one decision."""
    return _shown(desk, "rulings", rulings.by_id(desk.session, id))


@operation("DELETE", "/rulings/{id}", summary="Retire a decision: it holds until now, nothing is deleted",
           permission=READ, tag="assignment", answers={200: RulingOut}, is_versioned=True)
def retire_ruling(desk: Desk, id: int, version: int) -> Answer:
    """Retire one decision."""
    known = _version(rulings.by_id(desk.session, id, for_change=True), version)
    return _shown(desk, "rulings", rulings.retire(desk.session, desk.viewer, id, known, desk.now,
                                                  lambda row: ruling_json(desk, row)))
