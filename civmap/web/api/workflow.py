"""How this city runs the life of issues: names, limits and windows, read by all, changed by the administrator."""

from typing import Any

from civmap.errors import NotFound
from civmap.issues import customs
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Body, Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer


class Part(Body):
    """What differs from the usual: an empty object is as usual."""

    value: dict[str, Any]


class PartOut(Loose):
    """What the city has of its own, what is usual, and the version for If-Match."""

    value: dict[str, Any]
    usual: dict[str, Any]
    version: int


class WorkflowOut(Loose):
    """The three parts: limits, wording, workflow."""

    limits: PartOut
    wording: PartOut
    workflow: PartOut


def shown(desk: Desk, part: str) -> dict[str, Any]:
    """Return a part as programs read it."""
    found = customs.kept(desk.session, part)
    return {"value": found.value, "usual": customs.usual(part), "version": found.version}


@operation("GET", "/workflow", summary="Names, limits and windows of the workflow", permission=SIGNED_IN,
           tag="workflow", answers={200: WorkflowOut})
def read(desk: Desk) -> Answer:
    """Answer the three parts."""
    return Answer({part: shown(desk, part) for part in customs.PARTS})


@operation("GET", "/workflow/{part}", summary="One part: limits, wording or workflow", permission=SIGNED_IN,
           tag="workflow", answers={200: PartOut})
def read_part(desk: Desk, part: str) -> Answer:
    """Answer one part with its version."""
    found = shown(desk, _known(part))
    return Answer(found, 200, {"ETag": versions.etag(found["version"])})


@operation("PUT", "/workflow/{part}", summary="Change names, limits or windows", permission=("manage", "city"),
           tag="workflow", body=Part, answers={200: PartOut}, is_versioned=True)
def change(desk: Desk, part: str, body: Part, version: int) -> Answer:
    """Keep a part; issues that are handed over from now on follow it."""
    name = _known(part)
    if version == versions.ANY_VERSION:
        version = customs.kept(desk.session, name).version
    customs.keep(desk.session, desk.viewer, name, body.value, version, desk.now)
    return read_part(desk, name)


def _known(part: str) -> str:
    if part not in customs.PARTS:
        raise NotFound("part_unknown", field="part", part=part)
    return part
