"""The access matrix: every route × role × own and foreign object, against one table that is written by hand.

A route that the table does not name, or names twice, fails. Who a route is for is asked of its guard for every role;
that guards and visibility hold is asked over HTTP: as a stranger, as a role that may not, and for each object.
"""

import io
import re

import pytest
from PIL import Image

from civmap.errors import CivmapError
from civmap.issues import actions
from civmap.issues.models import Issue, Photo
from civmap.issues.notices import issue_notice
from civmap.people.rules import OFFICE
from civmap.segments.models import RoadSegment
from civmap.store.database import writing
from civmap.units.models import Unit
from civmap.web import access
from civmap.web.access import EVERYONE, PROCESS
from civmap.web.desk import GUEST, Identity
from civmap.zones.models import Zone
from tests.support import town

pytestmark = pytest.mark.spatialite
CAST = ("admin", "dispatcher", "inspector", "handler", "head", "clerk", "grid", "chief", "industry", "leader",
        "discipline", "shop")
WEST = ("doctor", "clerk_west")


def but(*names):
    return frozenset(CAST) - frozenset(names)


ALL, NOBODY = frozenset(CAST), frozenset()
OFFICE_WORK = frozenset({"admin", "dispatcher"})
ADMIN = frozenset({"admin"})
UNIT_WORK = OFFICE_WORK | {"handler", "head", "clerk"}
HANDS_ON = UNIT_WORK | {"grid", "shop"}
DRAWS = OFFICE_WORK | {"clerk"}
VISITORS = DRAWS | {"inspector", "grid", "industry"}
EXPORTS = but("grid", "chief", "shop")
EXPORTS_STREETS = EXPORTS | {"chief"}
ID, PAPER = r"<int\(max=2147483647\):\w+>", r"\.(docx|pdf|xlsx)"
THINGS = "(points|segments|zones|units)"
TABLE = (  # method and route, for whom, and of what kind the thing in it is ('' where there is none)
    (r"GET /(healthz|readyz|sw\.js|favicon\.ico|static/<path:filename>)", PROCESS, ""),
    (r"(GET|POST) /(login|logout|language|help|offline)|GET /api/v1/openapi\.json", EVERYONE, ""),
    (r"GET /(units|zones)/<code>/feed\.(atom|json)", EVERYONE, ""),  # by the key of a feed: tests of the feeds
    (r"GET /feeds/<any\(rounds,duties\):which>\.ics", EVERYONE, ""),
    (r"GET /|GET /(inbox|outbox|notifications|feeds|rates|coverage|coverage/declared|notices|issues)", ALL, ""),
    (rf"GET /{THINGS}|(GET|POST) /password|POST /(notifications/read|feeds/key|feeds/key/revoke)", ALL, ""),
    (r"(GET|POST) /mapit(/|/<path:rest>)?|GET /(tiles|ground|basemap)[/.].*", ALL, ""),
    (r"GET /ogc(/(api|conformance|queryables|collections(/<name>(/(queryables|schema|items(/<code>)?))?)?))?", ALL, ""),
    (r"POST /ogc/collections/(points|segments|units)/items", OFFICE_WORK, ""),
    (r"(PUT|PATCH|DELETE) /ogc/collections/(points|segments|units)/items/<code>", OFFICE_WORK, ""),
    (r"POST /ogc/collections/zones/items|(PUT|PATCH|DELETE) /ogc/collections/zones/items/<code>", DRAWS, ""),
    (r"POST /ogc/collections/issues/items", but("head", "industry", "leader", "discipline"), ""),
    (r"GET /open311/(v2/)?(discovery|services|services/<code>)\.<form>", EVERYONE, ""),
    (r"(GET|POST) /open311/v2/(<path:rest>)?", EVERYONE, ""),
    (r"GET /open311/v2/(requests|requests/<number>|tokens/<token>|servicerequestupdates)\.<form>", ALL, ""),
    (rf"GET /open311/v2/media/{ID}|POST /open311/v2/servicerequestupdates\.<form>", ALL, ""),
    (r"POST /open311/v2/requests\.<form>", but("head", "industry", "leader", "discipline"), ""),
    (r"GET /exports(/file)?", ALL, ""),
    (rf"GET /connections(/.*)?|POST /connections/tokens(/{ID}/revoke)?", ALL, ""),
    (r"GET /imports(/<code>|/templates/<kind>\.xlsx)?", ALL, ""),  # who may import nothing is told whom to ask
    (rf"GET /{THINGS}/<code>", ALL, "page"),
    (r"GET /issues/<no>", ALL, "page"),
    (rf"GET /notices/{ID}", ALL, "page"),
    (rf"GET /notices/{ID}{PAPER}", EXPORTS_STREETS, ""),
    (r"(GET|POST) /notices/new|GET /(plan|responsibility)", OFFICE_WORK, ""),
    (rf"GET /documents/waiting/{ID}", ALL, ""),
    (r"(GET|POST) /documents/(issue_list|register)\.(docx|pdf|xlsx|csv)", EXPORTS_STREETS, ""),
    (r"(GET|POST) /points/list\.(csv|xlsx|geojson|kml|gpx)", EXPORTS, ""),
    (r"(GET|POST) /(points|zones|units)\.(csv|xlsx|geojson|gpkg|shp\.zip|kml|gpx)", EXPORTS, ""),
    (r"(GET|POST) /(segments|issues)\.(csv|xlsx|geojson|gpkg|shp\.zip|kml|gpx)", EXPORTS_STREETS, ""),
    (r"GET /rates\.(csv|xlsx)", EXPORTS_STREETS, ""),
    (r"GET /(points|segments|units)/(new|<code>/edit)", OFFICE_WORK, ""),
    (r"GET /zones/<code>/edit", DRAWS, ""),
    (r"(GET|POST) /people|POST /people/<name>/active|GET /(calendar|workflow)", ADMIN, ""),
    (r"GET /api/v1/(assignment|calendar|changes|choices|coverage|days|inbox|legend|me|news|notifications)", ALL, ""),
    (r"GET /api/v1/coverage/(findings|figure)", ALL, ""),
    (r"POST /api/v1/coverage/match", DRAWS, ""),
    (r"GET /coverage\.xlsx|GET /differences\.(csv|xlsx)", EXPORTS, ""),
    (r"GET (/api/v1)?/(differences|pledges)", ALL, ""),
    (r"GET /pledge/<key>", EVERYONE, ""),
    (r"POST (/api/v1)?/pledges|(GET|POST) /(pledges|plates)\.(pdf|docx)|GET /api/v1/pledges/terms", DRAWS, ""),
    (r"PUT /api/v1/pledges/terms", ADMIN, ""),
    (r"GET /api/v1/(issues\.possible|linework|search|standing|rates|workflow(/<part>)?|rows/\w+|notices)", ALL, ""),
    (r"(GET|POST) /api/v1/imports|POST /api/v1/imports/<code>/(confirm|halt|repairs|undo)", DRAWS, ""),
    (r"GET /api/v1/imports/<code>(/(rows|quality|map\.geojson|report\.xlsx))?", DRAWS, ""),
    (r"(PATCH|DELETE) /api/v1/imports/<code>", DRAWS, ""),
    (r"GET /api/v1/places(/at)?|POST /api/v1/places", ALL, ""),
    (r"GET /api/v1/(points|segments|zones|units|issues)(\.geojson)?|POST /api/v1/notifications/read", ALL, ""),
    (rf"GET /api/v1/{THINGS}/<code>(/about)?|GET /api/v1/issues/<no>(/about|/ledger)?", ALL, "read"),
    (rf"GET /api/v1/(photos|notices)/{ID}", ALL, "read"),
    (r"POST /api/v1/issues/<no>/photos", ALL, "photo"),
    (rf"GET /api/v1/notices/{ID}{PAPER}", EXPORTS_STREETS, ""),
    (r"GET /api/v1/documents/(issue_list|register)\.\w+|POST /api/v1/papers", EXPORTS_STREETS, ""),
    (rf"GET /api/v1/papers/{ID}(\.pdf)?", ALL, ""),
    (r"POST /api/v1/notices", OFFICE_WORK | {"leader"}, ""),  # a leader: only supervision, the action sees to it
    (rf"POST /api/v1/photos/{ID}/masks", OFFICE_WORK, ""),
    (r"PUT /api/v1/(assignment/weights|calendar|calendar/campaign|cascade|workflow/<part>)", ADMIN, ""),
    (rf"(GET|POST) /api/v1/(cascade(/try)?|rulings(/{ID})?)|DELETE /api/v1/rulings/{ID}", OFFICE_WORK, ""),
    (rf"GET /api/v1/duties(/{ID})?|(GET|POST) /api/v1/assignment/(plan|weights).*", OFFICE_WORK, ""),
    (rf"POST /api/v1/duties|(PUT|DELETE) /api/v1/duties/{ID}", ADMIN, ""),
    (r"GET /api/v1/routes(/<code>(/legs)?)?", ALL, ""),  # what is hidden is 404: tests/routes
    (r"GET /api/v1/routes/<code>\.(xlsx|csv|gpx|kml|geojson|gpkg|shp\.zip|pdf)", ALL, ""),
    (r"GET /routes(/<code>(/(qr\.svg|sheet\.pdf))?)?", ALL, ""),  # as above: whom a round is hidden from gets 404
    (r"GET /routes/new", OFFICE_WORK, ""),
    (r"GET /api/v1/rounds/custom", VISITORS, ""),
    (r"PUT /api/v1/rounds/custom", ADMIN, ""),
    (r"POST /api/v1/routes|GET /api/v1/routes/<code>/plans|PATCH /api/v1/routes/<code>", OFFICE_WORK, ""),
    (r"POST /api/v1/routes/<code>/(move|lock|add|remove|undo|replan|halt|start|finish|cancel|carry|publish)",
     OFFICE_WORK, ""),
    (r"GET (/api/v1)?/draws(/<code>)?|POST /api/v1/draws/<code>/publish", ALL, ""),
    (r"POST /api/v1/draws|GET /draws/new", OFFICE_WORK, ""),
    (r"GET /api/v1/points/ranked", ALL, ""),
    (rf"POST /api/v1/visits(/{ID}/issues)?|PUT /api/v1/visits/{ID}", VISITORS, ""),
    (rf"GET /api/v1/visits(/{ID})?", ALL, ""),
    (r"GET (/api/v1/routes/<code>/walk|/routes/<code>/go)", VISITORS, ""),  # strangers to the round: 403 or 404
    (r"GET /points/<code>/check", VISITORS, "page"),
    (r"GET /api/v1/points/<code>/checklist", ALL, "read"),
    (r"GET /api/v1/(scores|routes/<code>/results)|GET /(scores|routes/<code>/result)", ALL, ""),
    (r"GET /scores\.(csv|xlsx)", EXPORTS, ""),
    (r"GET /routes/<code>/result\.(csv|xlsx)", OFFICE_WORK | {"inspector", "leader", "clerk", "grid", "industry"}, ""),
    (r"POST /api/v1/(segments/<code>/)?frontage", DRAWS, ""),
    (r"GET /api/v1/frontage/rules", ALL, ""),
    (r"GET /frontage", DRAWS, ""),
    (r"PUT /api/v1/frontage/rules", ADMIN, ""),
    (r"POST /api/v1/zones/(merge|fill|halve|<code>/(split|reshape|give|trim|pledge))", DRAWS, ""),
    (r"POST /api/v1/segments/(join|undo|chiefs|<code>/split)", OFFICE_WORK, ""),
    (r"(POST|DELETE) /api/v1/segments/<code>/board|GET /api/v1/(segments/way|boards/custom)", OFFICE_WORK, ""),
    (rf"GET /(api/v1/)?segments/choices|POST /api/v1/segments/choices/{ID}", OFFICE_WORK, ""),
    (r"GET /(api/v1/)?segments/figure|GET /roads/<path:name>", ALL, ""),
    (r"(GET|POST) /segments/boards(\.pdf)?", OFFICE_WORK, ""),
    (r"PUT /api/v1/boards/custom", ADMIN, ""),
    (r"GET /board/<key>", EVERYONE, ""),
    (r"GET /api/v1/segments/<code>/crossings", ALL, "read"),
    (r"POST /api/v1/(points|segments|units)", OFFICE_WORK, ""),
    (r"(PUT|DELETE) /api/v1/(points|segments|units)/<code>", OFFICE_WORK, "write"),
    (r"POST /api/v1/zones(/undo)?|POST /api/v1/grids|GET /zones/<code>/grids", DRAWS, ""),
    (r"(PUT|DELETE) /api/v1/zones/<code>", DRAWS, "write"),
    (r"POST /api/v1/issues", but("head", "industry", "leader", "discipline"), ""),
    (r"POST /api/v1/issues/<no>/<verb>", ALL, ""),
    (r"POST /api/v1/issues/<no>/(file|reject|duplicate|dispatch|resume|reopen)", OFFICE_WORK, "verb"),
    (r"POST /api/v1/issues/<no>/verify", OFFICE_WORK | {"inspector", "clerk", "grid"}, "verb"),
    (r"POST /api/v1/issues/<no>/check", OFFICE_WORK | {"inspector"}, "verb"),
    (r"POST /api/v1/issues/<no>/(acknowledge|start)", HANDS_ON, "verb"),
    (r"POST /api/v1/issues/<no>/feedback", HANDS_ON | {"inspector"}, "verb"),
    (r"POST /api/v1/issues/<no>/(return|suspend|extend|appeal)", UNIT_WORK, "verb"),
    (r"POST /api/v1/issues/<no>/supervise", OFFICE_WORK | {"leader"}, "verb"),
)
EVERYWHERE = {"admin", "dispatcher", "inspector", "leader"}
REFERENCE = EVERYWHERE | {"industry", "discipline"}
SEES = {  # who sees which thing: A east and of HW-C, B west and of YY or SC, C on River Street and of the noodle shop
    "issues": {"A": EVERYWHERE | {"handler", "head", "clerk", "grid"},
               "B": EVERYWHERE | {"doctor", "clerk_west", "industry"},
               "C": EVERYWHERE | {"shop", "chief", "clerk", "grid", "discipline"}},
    "points": {"P001": REFERENCE | {"doctor", "clerk", "grid", "chief"}, "P002": REFERENCE | {"clerk_west"}},
    "segments": {"LD0001": REFERENCE | {"clerk", "grid", "chief"}, "LD0002": REFERENCE | {"clerk_west", "doctor"}},
    "zones": {"SB000001": REFERENCE | {"clerk", "grid", "chief", "shop"},
              "SB000002": REFERENCE | {"clerk_west", "doctor"}},
    "units": {"HW-C": (ALL | set(WEST)) - {"shop"}, "LI": ALL | set(WEST)},
}
SEES |= {"photos": SEES["issues"], "notices": SEES["issues"]}
BODIES = {"verify": {"exists": True}, "duplicate": {"of": "x"}, "feedback": {"measure": "x"}, "check": {"pass": True},
          "supervise": {"level": 1}, "file": {}, "dispatch": {}, "acknowledge": {}, "start": {}, "resume": {}}


def policy_of(method, route):
    """Return for whom a route is and of what kind its thing is; there must be exactly one line of the table."""
    found = [(who, kind) for pattern, who, kind in TABLE if re.fullmatch(pattern, f"{method} {route}")]
    assert len(found) == 1, f"{method} {route}: {len(found)} lines of the table speak of it"
    return found[0]


def routes_of(app):
    return sorted((method, str(rule), rule.endpoint) for rule in app.url_map.iter_rules()
                  for method in rule.methods - {"HEAD", "OPTIONS"})


def role_of(name):
    return {"doctor": "handler", "clerk_west": "clerk"}.get(name, name)


@pytest.fixture(autouse=True)
def frozen(monkeypatch, now):
    """Stop the clock while all issues are in time: discipline sees what is late."""
    monkeypatch.setenv("CIVMAP_TESTING", "1")
    monkeypatch.setenv("CIVMAP_NOW", now.isoformat())


@pytest.fixture
def things(engine, settings, now):
    """Give the addresses of the things that roles see or do not: `{kind: {name in SEES: address part}}`."""
    places = {"A": (town.SPOT_A2, "E0102", "HW-C"), "B": ((115.85, 28.683), "X2114", "YY"),
              "C": (town.SPOT_NOODLES, "outside_shop", "LI")}
    made = {kind: {name: name for name in names} for kind, names in SEES.items()}
    with writing(engine) as session:
        units = {unit.code: unit for unit in session.query(Unit)}
        shape = town.ROAD.__class__([(115.848, 28.684), (115.852, 28.684)])
        west = {"division": town.QIAOXI, "unit_id": units["YY"].id, "valid_from": town.FOUNDED}
        session.add_all([RoadSegment(code="LD0002", name="西路", road="西路", road_class="branch", geom=shape, **west),
                         Zone(code="SB000002", name="西店", kind="frontage", geom=shape.buffer(0.0001), **west)])
        for name, ((lon, lat), code, unit) in places.items():
            issue = actions.report(session, OFFICE, {"class": code, "description": "x", "lon": lon, "lat": lat,
                                                     "on_site": True, "unit": unit}, now)
            photo = Photo(issue_id=issue.id, kind="before", sha256=name * 64, file=f"{name}.jpg", width=1, height=1,
                          media_type="image/jpeg", uploaded_at=now, uploaded_by="office")
            session.add(photo)
            settings.photos.mkdir(parents=True, exist_ok=True)
            (settings.photos / photo.file).write_bytes(b"x")
            notice = issue_notice(session, OFFICE, "dispatch_sheet", [issue], units[unit], None, now, {"issues": []})
            session.flush()
            made["issues"][name], made["photos"][name] = issue.issue_no, str(photo.id)
            made["notices"][name] = str(notice.id)
        session.query(Issue).filter_by(issue_no=made["issues"]["C"]).update({"supervision_level": 3})
    return made


def test_every_route_is_for_whom_the_table_says(app, engine, things):
    with writing(engine) as session:
        viewers = town.viewers(session)
    wrong = []
    for method, route, endpoint in routes_of(app):
        who, _kind = policy_of(method, route)
        needed = app.view_functions[endpoint].permission
        if who in (EVERYONE, PROCESS):
            assert needed == who, (method, route)
            continue
        with app.test_request_context("/"):
            let_in = {name for name in CAST if _admits(viewers[name], needed)}
            assert not _admits(GUEST, needed), (method, route)
        if let_in != who:
            wrong.append((method, route, sorted(let_in ^ who)))
    assert wrong == []


def _admits(viewer, needed):
    try:
        access.admit(Identity(viewer=viewer, is_signed_in=viewer is not GUEST), needed)
    except CivmapError:
        return False
    return True


def test_strangers_and_roles_that_may_not_are_turned_away_at_every_route(app, signed_in, stranger):
    people = {name: signed_in(name) for name in CAST}
    for method, route, _endpoint in routes_of(app):
        who, _kind = policy_of(method, route)
        if who in (EVERYONE, PROCESS):
            continue
        path = re.sub(r"<int[^>]*>", "1", re.sub(r"<(?!int)[^>]*>", "x", route))
        refused = stranger.client.open(path, method=method, headers={"Accept": "application/json"})
        turned_away = (403,) if path.startswith("/open311") else (401, 302)  # GeoReport v2 knows no 401
        assert refused.status_code in turned_away, (method, path, refused.status_code)
        other = next((name for name in CAST if name not in who), None)
        if other:
            answer = people[other]._write(method, path, json=None if method == "GET" else {})
            assert answer.status_code == 403, (method, path, other, answer.status_code)


def test_each_role_meets_its_own_things_and_no_others(app, signed_in, things):
    """Ask for one thing of one's own and one of others; a role that the guard turns away was asked above."""
    people = {name: signed_in(name) for name in (*CAST, *WEST)}
    wrong = []
    for method, route, _endpoint in routes_of(app):
        who, kind = policy_of(method, route)
        if not kind or who in (EVERYONE, PROCESS):
            continue
        room = route.removeprefix("/api/v1").split("/")[1]
        for name, person in people.items():
            if role_of(name) not in who:
                continue
            for sees in (True, False):
                thing = next((one for one, seers in SEES[room].items() if (name in seers) is sees), None)
                if thing is None:
                    continue
                status = ask(person, method, re.sub(r"<[^>]*>", things[room][thing], route), kind, people["admin"])
                if status not in (RIGHT[kind] if sees else (404,)):
                    wrong.append((method, route, thing, name, status))
    assert wrong == [], "\n".join(map(str, wrong))


RIGHT = {"page": (200,), "read": (200,), "verb": (412,), "write": (412,), "photo": (201, 403)}


def ask(person, method, path, kind, admin):
    """Send something sound with a version that is not the present one: who may and sees is told so (412)."""
    if kind == "photo":
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, "PNG")
        out.seek(0)
        return person.post(path, data={"kind": "before", "file": (out, "a.png")}).status_code
    if method == "GET":
        return person.get(path, buffered=True).status_code
    body = admin.get(path).json if method == "PUT" else BODIES.get(path.rsplit("/", 1)[1], {"reason": "x"})
    return person._write(method, path, json=None if method == "DELETE" else body,
                         headers={"If-Match": '"v999"'}).status_code
