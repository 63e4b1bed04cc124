"""Calendars (RFC 5545) of what somebody has to do: rounds to walk, issues to answer by a day, pledges that run out."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import clock, dictionaries, texts
from civmap.issues import queries as issues
from civmap.issues.filters import is_open
from civmap.issues.happenings import without_phones
from civmap.issues.models import Issue
from civmap.people.rules import Viewer
from civmap.routes import queries as routes
from civmap.routes.models import Route, Stop, Team
from civmap.store.base import holds_at
from civmap.zones import queries as zones
from civmap.zones.models import Zone

PAST, AHEAD = timedelta(days=31), timedelta(days=120)
MOST = 500
REFRESH = timedelta(hours=1)


def rounds(session: Session, viewer: Viewer, now: datetime, lang: str, base: str, city: str) -> bytes:
    """Return the rounds that a viewer knows of, one event per team, from a month ago on."""
    first = clock.office_day(now - PAST)
    rows = session.execute(
        select(Route, Team, func.count(Stop.id), func.min(Stop.arrive_at, type_=Stop.arrive_at.type),
               func.max(Stop.leave_at, type_=Stop.leave_at.type))
        .join(Team, Team.route_id == Route.id).outerjoin(Stop, Stop.team_id == Team.id)
        .where(routes.visible(viewer), Route.day >= first, Route.state != "cancelled", Team.is_absent.is_(False))
        .group_by(Route.id, Team.id).order_by(Route.day.desc(), Route.id, Team.position).limit(MOST))
    return _calendar(texts.say(lang, "connections.ics.rounds", city=city),
                     (_round(route, team, count, begins, ends, lang, base)
                      for route, team, count, begins, ends in rows if count), now)


def duties(session: Session, viewer: Viewer, now: datetime, lang: str, base: str, city: str) -> bytes:
    """Return by when open issues of the viewer's units (others': all they see) must be fixed, and when pledges end."""
    mine = Issue.unit_id.in_(viewer.unit_ids) if viewer.unit_ids else issues.visible(viewer, now)
    due = session.scalars(select(Issue).where(
        issues.visible(viewer, now), mine, is_open(), Issue.due_at.is_not(None), Issue.due_at >= now - PAST)
        .order_by(Issue.due_at).limit(MOST))
    return _calendar(texts.say(lang, "connections.ics.duties", city=city),
                     [*(_due(issue, lang, base) for issue in due), *_pledges(session, viewer, now, lang, base)], now)


def _round(route: Route, team: Team, count: int, begins: datetime | None, ends: datetime | None, lang: str,
           base: str) -> Event:
    start = begins or clock.as_of(route.day, clock.now())
    summary = texts.say(lang, "connections.ics.round", name=route.name or route.code, team=team.name, count=count)
    words = texts.say(lang, "connections.ics.round_words", count=count, km=f"{team.length_m / 1000:.1f}",
                      start=team.start_name or "—")
    event = _event(f"{route.code}/{team.position}", summary, words, f"{base}/routes/{route.code}", start,
                   max(ends or start, start + timedelta(minutes=15)))
    if team.start_name:
        event.add("location", team.start_name)
    if team.start_lon is not None and team.start_lat is not None:
        event.add("geo", (team.start_lat, team.start_lon))
    event.add("sequence", route.version)
    return event


def _due(issue: Issue, lang: str, base: str) -> Event:
    assert issue.due_at is not None
    name = dictionaries.issue_classes()[issue.class_code].name(lang)
    event = _event(issue.issue_no, texts.say(lang, "connections.ics.due", name=name, no=issue.issue_no),
                   without_phones(issue.description), f"{base}/issues/{issue.issue_no}",
                   issue.due_at - timedelta(minutes=30), issue.due_at)
    event.add("geo", (round(issue.geom.y, 6), round(issue.geom.x, 6)))
    event.add("sequence", issue.version)
    if issue.address:
        event.add("location", issue.address)
    return event


def _pledges(session: Session, viewer: Viewer, now: datetime, lang: str, base: str) -> list[Event]:
    today = clock.office_day(now)
    rows = session.execute(select(Zone.pledge_expires_on, func.count()).where(
        zones.visible(viewer), holds_at(Zone, now), Zone.pledge_expires_on.between(today, today + AHEAD))
        .group_by(Zone.pledge_expires_on).order_by(Zone.pledge_expires_on).limit(MOST)).all()
    return [_all_day(f"pledges/{day}", texts.say(lang, "connections.ics.pledges", count=count), f"{base}/zones", day)
            for day, count in rows]


def _event(mark: str, summary: str, words: str, url: str, start: datetime, end: datetime) -> Event:
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, f"civmap/{mark}")))
    event.add("summary", summary)
    event.add("description", f"{words}\n{url}")
    event.add("url", url)
    event.add("dtstart", start)
    event.add("dtend", end)
    return event


def _all_day(mark: str, summary: str, url: str, day: date) -> Event:
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, f"civmap/{mark}")))
    event.add("summary", summary)
    event.add("url", url)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def _calendar(name: str, events: Iterable[Event], now: datetime) -> bytes:
    made: Any = Calendar()
    made.add("prodid", "-//civmap//civmap//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", "Asia/Shanghai")
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for event in events:
        event.add("dtstamp", now)
        made.add_component(event)
    return made.to_ical()
