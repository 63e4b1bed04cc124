"""What waits for the one who asks: the queues of their role with counts, and the rows of one of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from civmap import clock, dictionaries, texts
from civmap.calendar import Limit
from civmap.errors import Invalid
from civmap.geo.measure import distance_m
from civmap.inbox import queries, rules
from civmap.inbox.limits import Bar
from civmap.inbox.queries import Waiting
from civmap.inbox.rules import Queue
from civmap.issues import changes, standing
from civmap.issues.rules import Standing, why_not
from civmap.store.listing import Here
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

PAGE, MOST = 30, 200


class InboxQuery(BaseModel):
    """Which queue; without one the first in which something waits."""

    model_config = ConfigDict(extra="forbid")

    queue: Annotated[str, Field(max_length=30, description="name of a queue of the role")] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = PAGE
    offset: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    near: Annotated[str, Field(max_length=40, description="lon,lat: the nearest come first")] | None = None


class InboxOut(Loose):
    """The queues with how many wait and how many of them too long; rows, the most urgent first; `total` is distinct."""

    total: int
    queues: list[dict[str, Any]]
    queue: str | None
    rows: list[dict[str, Any]]


@operation("GET", "/inbox", summary="What waits for me", permission=SIGNED_IN, tag="inbox", query=InboxQuery,
           answers={200: InboxOut})
def inbox(desk: Desk, query: InboxQuery) -> Answer:
    """Answer the queues of the viewer's role, and the rows of the one that is asked for."""
    return Answer(facts(desk, query.queue, query.limit, query.offset, _spot(query.near)))


def _spot(text: str | None) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as problem:
        raise Invalid("near_unreadable", field="near", value=text) from problem
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Invalid("near_unreadable", field="near", value=text)
    return lon, lat


def facts(desk: Desk, name: str | None, limit: int = PAGE, offset: int = 0,
          near: tuple[float, float] | None = None) -> dict[str, Any]:
    """Return the inbox as programs and the page read it; raise Invalid for a queue that the role has not."""
    here = Here(desk.session, desk.viewer, desk.now, desk.now)
    known, pace = queries.queues(desk.session, desk.viewer), queries.times(desk.session)
    if name:
        queries.named(known, name)
    counted = queries.counts(here, known, pace)
    queue = rules.chosen(known, name, {one: count.total for one, count in counted.items()})
    rows = queries.page(here, queue, pace, desk.lang, limit=limit, offset=offset, near=near) if queue else []
    stand = standing.of_many(desk.session, [row.issue for row in rows], desk.now)
    return {
        "at": clock.iso(desk.now), "cursor": changes.newest(desk.session).text, "total": queries.total(here, known),
        "queues": [_queue(desk, one, counted[one.name], pace.targets) for one in known],
        "queue": queue.name if queue else None,
        "offset": offset, "rows": [_row(desk, queue, row, stand[row.issue.id], near) for row in rows] if queue else [],
        "done": _done(desk),
    }


def _queue(desk: Desk, queue: Queue, count: queries.Count, targets: Mapping[str, Limit]) -> dict[str, Any]:
    target = targets.get(queue.target or "")
    return {"name": queue.name, "title": texts.say(desk.lang, f"inbox.queue.{queue.name}"), "count": count.total,
            "late": count.late, "filters": dict(queue.filters), "href": f"/issues?{urlencode(queue.filters)}",
            "verbs": _verbs(desk, queue), "target": str(target) if target else None,
            "target_words": _amount(desk.lang, *_told(target)) if target else None, "is_lens": queue.is_lens,
            "is_near": queue.is_near}


def _told(target: Limit) -> tuple[float, str]:
    return (target.amount * 60, "minute") if target.amount < 1 else (target.amount, target.unit)


def _verbs(desk: Desk, queue: Queue) -> list[str]:
    return [verb for verb in queue.verbs if desk.viewer.may(verb, "issue")]


def _row(desk: Desk, queue: Queue, row: Waiting, stands: Standing, near: tuple[float, float] | None) -> dict[str, Any]:
    issue = row.issue
    state = dictionaries.issue_states()[issue.state]
    told = {name: row.facts[name] for name in ("issue_no", "class", "class_name", "description", "state", "status",
                                               "lon", "lat", "unit", "unit_name", "reported_at", "due_at")}
    fit = [verb for verb in _verbs(desk, queue) if why_not(desk.viewer, verb, stands) is None]
    return {**told, "state_name": state.name(desk.lang), "place": row.place, "photo": row.photo,
            "since": clock.iso(row.since), "etag": versions.etag(issue.version), "verbs": fit,
            "bar": _bar(desk.lang, row.bar), "stage": _bar(desk.lang, row.stage),
            "marks": _marks(desk.lang, row),
            "distance_m": round(distance_m(near, (told["lon"], told["lat"]))) if near else None}


def _bar(lang: str, bar: Bar | None) -> dict[str, Any] | None:
    if bar is None:
        return None
    told = {"kind": bar.kind, "status": bar.status, "share": bar.share, "until": clock.iso(bar.until)}
    return {**told, "words": _words(lang, bar)}


def _words(lang: str, bar: Bar) -> str:
    if bar.kind == "rest":
        if bar.until is None:
            return texts.say(lang, "inbox.bar.rests")
        return texts.say(lang, "inbox.bar.rest", day=f"{clock.office_day(bar.until):%Y-%m-%d}")
    which = "over" if bar.status == "overdue" else "left"
    return texts.say(lang, f"inbox.bar.{bar.kind}.{which}", amount=_amount(lang, bar.amount, bar.unit))


def _amount(lang: str, amount: float, unit: str) -> str:
    if unit == "minute":
        return texts.say(lang, "inbox.minute", n=f"{amount:g}")
    named = dictionaries.limit_units()[unit]
    return f"{amount:g} {named.plural_en if lang == 'en' and amount != 1 else named.name(lang)}"


def _marks(lang: str, row: Waiting) -> list[str]:
    """Return what else should be known before one acts, in words."""
    issue = row.issue
    marks: Sequence[tuple[bool, str]] = (
        (issue.is_ambiguous or issue.unit_id is None, "doubtful"), (issue.rework_count > 0, "rework"),
        (issue.return_count > 0, "returned"), (issue.supervision_level > 0, "supervised"), (issue.on_site, "on_site"))
    return [texts.say(lang, f"inbox.mark.{name}", level=issue.supervision_level, n=issue.rework_count)
            for is_so, name in marks if is_so]


def _done(desk: Desk) -> dict[str, Any] | None:
    line = queries.last_done(desk.session, desk.viewer)
    if line is None:
        return None
    key = f"ledger.verb.{line.verb}"
    words = texts.say(desk.lang, key) if texts.has(desk.lang, key) else line.verb
    return {"at": clock.iso(line.at), "issue_no": line.key, "verb": line.verb, "verb_name": words}
