"""Pledges of zones: sign, renew, mark and take back, one or many; how they stand; and how the city words them."""

from typing import Annotated, Any

from flask import request
from pydantic import Field

from civmap.city import customs
from civmap.dictionaries import saying
from civmap.web import kinds, versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, Feature, Loose, Text
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones import pledge_rules, pledge_terms, pledges

EDITS = ("edit", "zone")
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="2026-05-20")]


class PledgeBody(Exact):
    """What is done with a pledge: sign, renew, changing (the shop changes hands), void, undo."""

    verb: Annotated[Text, Field(description=", ".join(pledge_rules.VERBS))]
    months: Annotated[int, Field(ge=1, le=pledge_rules.MOST_MONTHS, description="default the city's")] | None = None
    signed_on: Day | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None
    holder: Annotated[str, Field(max_length=60)] | None = None


class PledgesBody(PledgeBody):
    """The same for many zones at once."""

    zones: Annotated[list[Code], Field(min_length=1, max_length=pledges.MOST)]


class TermsBody(Exact):
    """Months, number prefix, who signs for the city, the items of the duty, and local clauses."""

    months: int | None = None
    prefix: str | None = None
    party: str | None = None
    items: list[dict[str, str]] | None = None
    clauses: list[str] | None = None


class PledgesOut(Loose):
    """How many frontage zones stand in each state."""

    states: dict[str, int]


class DoneOut(Loose):
    """The zones done, and those whose state did not allow it with the reason."""

    done: list[str]
    refused: list[dict[str, Any]]


def said(body: PledgeBody) -> pledges.Said:
    """Return what came with a verb; raise Invalid for a day that is none."""
    return pledges.Said(body.months, pledges.read_day(body.signed_on), (body.reason or "").strip(),
                        (body.holder or "").strip() or None)


@operation("POST", "/zones/{code}/pledge", summary="Sign, renew, mark or take back a pledge", permission=EDITS,
           tag="zones", body=PledgeBody, answers={200: Feature})
def act(desk: Desk, code: str, body: PledgeBody) -> Answer:
    """Perform a verb on the pledge of a zone; If-Match is honoured where it is sent."""
    is_sent = bool(request.headers.get("If-Match", "").strip())
    version = versions.wanted_version(request) if is_sent else None
    zone = pledges.act(desk.session, desk.viewer, code, body.verb, said(body), version, desk.now,
                       is_checked=is_sent and version != versions.ANY_VERSION)
    desk.session.flush()
    return Answer(kinds.one(desk, "zones", zone), 200, {"ETag": versions.etag(zone.version)})


@operation("GET", "/pledges", summary="How many pledges stand in each state", permission=SIGNED_IN, tag="zones",
           answers={200: PledgesOut})
def counts(desk: Desk) -> Answer:
    """Answer the counts of the frontage zones that the viewer sees."""
    return Answer({"states": pledges.counts(desk.session, desk.viewer, desk.now)})


@operation("POST", "/pledges", summary="Sign, renew or mark many pledges", permission=EDITS, tag="zones",
           body=PledgesBody, answers={200: DoneOut})
def act_on_many(desk: Desk, body: PledgesBody) -> Answer:
    """Perform a verb on many pledges; those that do not allow it are told and the others done."""
    done, refused = pledges.act_on_many(desk.session, desk.viewer, body.zones, body.verb, said(body), desk.now)
    return Answer({"done": done, "refused": [{"zone": code, "code": problem.code,
                                              "message": saying.refusal(desk.lang, problem)[0]}
                                             for code, problem in refused]})


@operation("GET", "/pledges/terms", summary="How this city words its pledges", permission=EDITS, tag="zones",
           answers={200: Loose})
def terms(desk: Desk) -> Answer:
    """Answer months, prefix, party, items and clauses."""
    kept = customs.kept(desk.session, pledge_terms.NAME)
    told = pledge_terms.as_value(pledge_terms.terms_of(desk.session))
    return Answer(told, 200, {"ETag": versions.etag(kept.version)})


@operation("PUT", "/pledges/terms", summary="Change how this city words its pledges", permission=("manage", "city"),
           tag="zones", body=TermsBody, answers={200: Loose}, is_versioned=True)
def change_terms(desk: Desk, body: TermsBody, version: int) -> Answer:
    """Keep other terms; pledges that were printed stay as they are."""
    known = customs.kept(desk.session, pledge_terms.NAME)
    said_now = pledge_terms.as_value(pledge_terms.terms_of(desk.session))
    checked = pledge_terms.read({**said_now, **body.model_dump(exclude_none=True)})
    kept = customs.keep(desk.session, desk.viewer, pledge_terms.NAME, pledge_terms.as_value(checked),
                        known.version if version == versions.ANY_VERSION else version, desk.now)
    return Answer(pledge_terms.as_value(checked), 200, {"ETag": versions.etag(kept.version)})
