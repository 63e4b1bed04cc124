"""What changed since a cursor: for maps that live, and in words for whoever comes back."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from civmap import clock, texts
from civmap.errors import Invalid
from civmap.issues import changes, passing, told
from civmap.mirror.weights import weights
from civmap.routes import happenings
from civmap.store.listing import many
from civmap.web import mirrored
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose, Moment
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

WEIGHED = ("points", "segments", "zones", "units")
CursorText = Annotated[str, Field(max_length=40, description="the `cursor` of an earlier answer")]


class ChangesQuery(BaseModel):
    """Since when; `seen` is the `at` of the last answer and asks for colours that the clock changed."""

    model_config = ConfigDict(extra="forbid")

    since: CursorText | None = None
    seen: Moment | None = None
    counts: Annotated[str, Field(max_length=60, description=f"{', '.join(WEIGHED)}; several by comma: tell status and "
                                 "counts beside each of these that changed")] | None = None


class NewsQuery(BaseModel):
    """Since when."""

    model_config = ConfigDict(extra="forbid")

    since: CursorText


class ChangesOut(Loose):
    """What to refresh, what is gone, which kinds to ask for anew, and when the clock will next change a colour.

    Where `counts` asks for its kind, a change carries `status` and the counts of the issues that the sender sees.
    """

    cursor: str
    at: str
    changes: list[dict[str, Any]]
    gone: list[dict[str, Any]]
    reload: list[str]
    next_status_at: str | None


class NewsOut(Loose):
    """What others did since then to things that the viewer sees, newest first."""

    cursor: str
    total: int
    cut: bool
    items: list[dict[str, Any]]


@operation("GET", "/changes", summary="What changed, for live maps", permission=SIGNED_IN, tag="live",
           query=ChangesQuery, answers={200: ChangesOut})
def changed(desk: Desk, query: ChangesQuery) -> Answer:
    """Answer the present cursor, and what changed since an earlier one."""
    rounds: list[happenings.Happening] = []
    if query.since is None:
        cursor = changes.newest(desk.session)
        found = changes.Changes(cursor, next_status_at=passing.next_status_at(desk.session, desk.viewer, desk.now,
                                                                              cursor))
    else:
        seen = clock.parse_moment(query.seen) if query.seen else None
        asked = changes.parse(query.since)
        found = changes.since(desk.session, desk.viewer, asked, desk.now, seen)
        if not found.reload:
            rounds = happenings.since(desk.session, desk.viewer, asked.line, found.cursor.line)
    told = changes.as_json(found, str(clock.iso(desk.now)), clock.iso, _weights(desk, found, query.counts))
    told["changes"] += [{"kind": happenings.LAYER, "code": one.code, "verb": one.verb, "at": clock.iso(one.at),
                         **({"own": True} if one.is_own else {})} for one in rounds]
    return Answer(told)


def _weights(desk: Desk, found: changes.Changes, written: str | None) -> dict[tuple[str, str], Any]:
    """Return how the issues stand on what changed, for the kinds that are asked for; raise Invalid for others."""
    kinds = many(written) if written else []
    for kind in kinds:
        if kind not in WEIGHED:
            raise Invalid("choice_unknown", field="counts", value=kind[:40], known=list(WEIGHED))
    codes = {kind: [code for of, code in found.told if of == kind] for kind in kinds} if not found.reload else {}
    asked = {kind: some for kind, some in codes.items() if some}
    return weights(mirrored.mirror(), desk.session, desk.viewer, asked, desk.now) if asked else {}


@operation("GET", "/news", summary="What others changed, in words", permission=SIGNED_IN, tag="live",
           query=NewsQuery, answers={200: NewsOut})
def news(desk: Desk, query: NewsQuery) -> Answer:
    """Answer what others did since a cursor, gathered by thing."""
    cursor = changes.parse(query.since)
    found = told.report(desk.session, desk.viewer, cursor, desk.now, desk.lang)
    names = told.full_names(desk.session, {one.who for one in found.items if one.who})
    items = [{"kind": one.layer, "code": one.code, "name": one.name, "verb": one.verb,
              "verb_name": _verb(desk.lang, one.verb), "who": names.get(one.who, one.who) if one.who else None,
              "at": clock.iso(one.at), "times": one.times, "state": one.state,
              "lon": one.spot[0] if one.spot else None, "lat": one.spot[1] if one.spot else None}
             for one in found.items]
    return Answer({"cursor": changes.newest(desk.session).text, "total": found.total, "cut": found.is_cut,
                   "items": items})


def _verb(lang: str, verb: str) -> str:
    key = f"ledger.verb.{verb}"
    return texts.say(lang, key) if texts.has(lang, key) else verb
