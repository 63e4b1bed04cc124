"""Feeds of units and areas (Atom, RFC 4287; JSON Feed 1.1) and calendars, by a personal key or a signed-in browser."""

import json
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from flask import Blueprint, Response, make_response, render_template, request

from civmap import texts
from civmap.clock import iso
from civmap.connections import calendars
from civmap.exchange.signs import clean
from civmap.inbox import feeds
from civmap.inbox.feeds import Item
from civmap.people import keys
from civmap.people.rules import Viewer
from civmap.units.queries import by_code
from civmap.web import versions
from civmap.web.access import EVERYONE, SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.zones import queries as zones

blueprint = Blueprint("feeds", __name__)
ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
LONGEST_KEY = 100


@blueprint.get("/units/<code>/feed.atom")
@permission(EVERYONE)
def atom(desk: Desk, code: str) -> Response:
    """Answer what happened to a unit's issues as an Atom feed."""
    return _answer(_atom(desk, _of_unit(desk, code)), "application/atom+xml; charset=utf-8")


@blueprint.get("/units/<code>/feed.json")
@permission(EVERYONE)
def json_feed(desk: Desk, code: str) -> Response:
    """Answer what happened to a unit's issues as a JSON Feed."""
    return _answer(_json(desk, _of_unit(desk, code)), "application/feed+json")


@blueprint.get("/zones/<code>/feed.atom")
@permission(EVERYONE)
def area_atom(desk: Desk, code: str) -> Response:
    """Answer what happened to the issues in a zone as an Atom feed."""
    return _answer(_atom(desk, _of_area(desk, code)), "application/atom+xml; charset=utf-8")


@blueprint.get("/zones/<code>/feed.json")
@permission(EVERYONE)
def area_json_feed(desk: Desk, code: str) -> Response:
    """Answer what happened to the issues in a zone as a JSON Feed."""
    return _answer(_json(desk, _of_area(desk, code)), "application/feed+json")


@blueprint.get("/feeds/<any(rounds,duties):which>.ics")
@permission(EVERYONE)
def calendar(desk: Desk, which: str) -> Response:
    """Answer the rounds or the deadlines of whoever the key belongs to as a calendar."""
    make = calendars.rounds if which == "rounds" else calendars.duties
    return _answer(make(desk.session, _reader(desk), desk.now, desk.lang, base(desk), _city(desk)),
                   "text/calendar; charset=utf-8")


class Feed(NamedTuple):
    """What a feed is of: its mark, its title, its page, and what happened."""

    mark: str
    title: str
    page: str
    items: list[Item]


def _json(desk: Desk, feed: Feed) -> bytes:
    told = {"version": JSON_FEED, "title": feed.title, "home_page_url": feed.page,
            "language": "zh-CN" if desk.lang == "zh" else "en", "authors": [{"name": _city(desk)}],
            "items": [{"id": _urn(item.mark), "url": _issue_page(desk, item), "title": item.title,
                       "content_text": item.words or item.title, "date_published": iso(item.at)}
                      for item in feed.items]}
    return json.dumps(told, ensure_ascii=False, allow_nan=False).encode()


def _reader(desk: Desk) -> Viewer:
    """Return who reads: a signed-in browser without a key, else whom the key belongs to; raise NotSignedIn."""
    key = request.args.get("key")
    is_at_home = desk.identity.is_signed_in and not desk.identity.must_change_password
    return desk.viewer if is_at_home and not key else keys.by_key(desk.session, (key or "")[:LONGEST_KEY])


def _of_unit(desk: Desk, code: str) -> Feed:
    viewer = _reader(desk)
    unit = by_code(desk.session, viewer, code)
    return Feed(unit.code, _title(desk, unit.name), f"{base(desk)}/units/{quote(unit.code, safe='')}",
                feeds.items(desk.session, viewer, unit, desk.now, desk.lang))


def _of_area(desk: Desk, code: str) -> Feed:
    viewer = _reader(desk)
    zone = zones.by_code(desk.session, viewer, code)
    return Feed(f"zones/{zone.code}", _title(desk, zone.name or zone.code),
                f"{base(desk)}/zones/{quote(zone.code, safe='')}",
                feeds.items_within(desk.session, viewer, zone.geom, desk.now, desk.lang))


def _answer(body: bytes, media_type: str) -> Response:
    tag = versions.list_etag(body.decode())
    is_known = versions.is_known(request, tag)
    response = make_response(b"" if is_known else body, 304 if is_known else 200)
    response.headers.update({"Content-Type": media_type, "ETag": tag, "Cache-Control": "private, no-cache",
                             "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
    return response


def _atom(desk: Desk, found: Feed) -> bytes:
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": desk.lang})
    _add(feed, "id", _urn(f"{_city(desk)}/{found.mark}"))
    _add(feed, "title", found.title)
    _add(feed, "updated", _moment(found.items[0].at if found.items else desk.now))
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{found.page}/feed.atom")
    _add(feed, "link", rel="alternate", type="text/html", href=found.page)
    _add(_add(feed, "author"), "name", _city(desk))
    for item in found.items:
        entry = _add(feed, "entry")
        _add(entry, "id", _urn(item.mark))
        _add(entry, "title", item.title)
        _add(entry, "updated", _moment(item.at))
        _add(entry, "link", rel="alternate", type="text/html", href=_issue_page(desk, item))
        _add(entry, "summary", item.words or item.title)
    return ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)


def _add(parent: ElementTree.Element, name: str, words: str | None = None, **members: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", members)
    child.text = None if words is None else clean(words)
    return child


def _moment(moment: datetime) -> str:
    return str(iso(moment))


def _urn(text: str) -> str:
    return uuid5(NAMESPACE_URL, f"civmap/{text}").urn


def _city(desk: Desk) -> str:
    return desk.identity.city.name if desk.identity.city else "civmap"


def _title(desk: Desk, name: str) -> str:
    return texts.say(desk.lang, "feed.title", unit=name, city=_city(desk))


def base(desk: Desk) -> str:
    """Return the address under which others reach this city: the setting, else how this request came."""
    return desk.settings.public_url or request.url_root.rstrip("/")


def _issue_page(desk: Desk, item: Item) -> str:
    return f"{base(desk)}/issues/{quote(item.issue_no, safe='')}"


@blueprint.get("/feeds")
@permission(SIGNED_IN)
def mine(desk: Desk) -> str:
    """Show how to follow a unit in a feed reader, and whether there is a key."""
    return _page(desk, None)


@blueprint.post("/feeds/key")
@permission(SIGNED_IN)
def renew(desk: Desk) -> Response:
    """Make a new key and show it this once."""
    return make_response(_page(desk, keys.renew(desk.session, desk.viewer, desk.now)))


@blueprint.post("/feeds/key/revoke")
@permission(SIGNED_IN)
def revoke(desk: Desk) -> Response:
    """Take the key away."""
    keys.revoke(desk.session, desk.viewer, desk.now)
    return make_response(_page(desk, None))


def _page(desk: Desk, key: str | None) -> str:
    code = desk.identity.unit_code or "CODE"
    links: list[dict[str, Any]] = [
        {"name": name, "href": f"{base(desk)}/units/{quote(code, safe='')}/feed.{form}?key={key}"}
        for name, form in (("Atom", "atom"), ("JSON Feed", "json"))] if key else []
    links += [{"name": texts.say(desk.lang, f"feed.{which}"), "href": f"{base(desk)}/feeds/{which}.ics?key={key}"}
              for which in ("rounds", "duties")] if key else []
    links += [{"name": texts.say(desk.lang, "feed.area"), "href": f"{base(desk)}/zones/CODE/feed.atom?key={key}"}
              ] if key else []
    return render_template("people/feeds.html", has_key=keys.has_key(desk.session, desk.viewer), links=links,
                           is_own=bool(desk.identity.unit_code))
