"""MapIt at /mapit: which areas hold a spot, and their shapes, as other civic software asks for them.

Addresses and answers are those of mySociety's MapIt (mapit.mysociety.org/docs), so that its clients work with our
zones. Generations are days: what zones a day began with. There are no postcodes here.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from civmap.errors import BadInput, CivmapError, Conflict, NotFound, NotSignedIn
from civmap.mapit import finding, shapes
from civmap.mapit.finding import Here
from civmap.web import credentials, versions
from civmap.web.access import SAFE, SIGNED_IN, permission
from civmap.web.desk import Desk
from civmap.web.errors import language, sentence, status_of
from civmap.web.replies import to_json

blueprint = Blueprint("mapit", __name__, url_prefix="/mapit")
MOST_IDS, MOST_ID = 1_000, 2**31 - 1
VARY = "Authorization, X-Api-Key, Cookie, Accept-Language"
HTML = ("html", "map.html")
_NUMBER, _IDS, _END = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", r"\d+(?:,\d+)*", r"(?:\.(?P<form>map\.html|html|json))?"
ROUTES: list[tuple[re.Pattern[str], Callable[..., Any]]] = []


def _route(pattern: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a view for a pattern of the path below /mapit/; they are tried in order."""
    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        ROUTES.append((re.compile(pattern), view))
        return view
    return register


@blueprint.route("", methods=["GET", "POST"])
@blueprint.route("/", methods=["GET", "POST"])
@blueprint.route("/<path:rest>", methods=["GET", "POST"])
@permission(SIGNED_IN)
def mapit(desk: Desk, rest: str = "") -> Response:
    """Answer one of MapIt's addresses; POST takes the rest of a long one as `URL`."""
    if request.method == "POST":
        if not request.form.get("URL"):
            raise BadInput("mapit_no_url", field="URL")
        rest = f"{rest.strip('/')}/{request.form['URL']}"
    for pattern, view in ROUTES:
        found = pattern.fullmatch(rest)
        if found:
            asked = finding.here(desk.session, desk.viewer, desk.lang, request.values.get("generation") or None)
            return _tagged(view(asked, **found.groupdict()))
    raise NotFound("mapit_address", field="path", path=rest[:80])


def _tagged(answer: Any) -> Response:
    response = make_response(answer)
    if response.status_code == 200 and request.method in SAFE:
        tag = versions.list_etag(response.get_data(as_text=True))
        if versions.is_known(request, tag):
            response = make_response("", 304)
        response.headers.update({"ETag": tag, "Cache-Control": "private, no-cache"})
    response.headers["Vary"] = VARY
    return _open(response)


def _open(response: Response) -> Response:
    """Let scripts of other sites read what a key of theirs asked for; a browser's own session stays with our pages."""
    if credentials.shown(request) is not None:
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.after_request
def _preflight(response: Response) -> Response:
    if request.method == "OPTIONS":
        response.headers.update({"Access-Control-Allow-Origin": "*", "Access-Control-Max-Age": "86400",
                                 "Access-Control-Allow-Headers": "X-Api-Key, Authorization"})
    return response


@blueprint.errorhandler(CivmapError)
def refused(error: CivmapError) -> Response:
    """Answer a refusal as MapIt writes it: its status as `code`, the sentence as `error`."""
    status = 400 if status_of(error) == 422 else status_of(error)
    told = sentence(language(), error)
    body = _page("error", told, [], status) if request.path.endswith(HTML) and not isinstance(error, NotSignedIn) \
        else _json({"code": status, "error": told}, status)
    response = make_response(body)
    if status == 401:
        response.headers["WWW-Authenticate"] = credentials.challenge(request.path)
    if status == 503:
        response.headers["Retry-After"] = "5"
    response.headers["Vary"] = VARY
    return response


def _json(body: Any, status: int = 200) -> Response:
    return make_response(to_json(body), status, {"Content-Type": "application/json; charset=utf-8"})


def _page(what: str, about: str, areas: list[Any], status: int = 200) -> Response:
    return make_response(render_template("mapit/areas.html", what=what, about=about, areas=areas), status)


def _areas(asked: Here, rows: list[Any], form: str | None, what: str, about: str = "") -> Response:
    told = finding.told(asked, rows)
    return _page(what, about, list(told.values())) if form in HTML else _json(told)


@_route("")
def _index(asked: Here) -> Response:
    kinds = finding.types(asked)
    return make_response(render_template("mapit/index.html", kinds=kinds, days=list(finding.generations(
        asked.session, asked.viewer).values())[::-1][:12]))


@_route(rf"generations{_END}")
def _generations(asked: Here, form: str | None) -> Response:
    return _json({str(number): one for number, one in finding.generations(asked.session, asked.viewer).items()})


@_route(rf"(?:postcode/.*|nearest/.*|area/\d+/example_postcode{_END})")
def _postcode(asked: Here, form: str | None = None) -> Response:
    raise NotFound("mapit_no_postcodes")


@_route(rf"point/(?P<srid>\d{{1,6}})/(?P<x>{_NUMBER}),(?P<y>{_NUMBER})(?P<box>/box)?{_END}")
def _point(asked: Here, srid: str, x: str, y: str, box: str | None, form: str | None) -> Response:
    lon, lat = finding.spot_of(srid, float(x), float(y))
    rows = finding.at_point(asked, lon, lat, _types(), is_box=bool(box))
    return _areas(asked, rows, form, "point", f"{x},{y}")


@_route(rf"point/latlon/(?P<lat>{_NUMBER}),(?P<lon>{_NUMBER})(?P<box>/box)?{_END}")
def _latlon(asked: Here, lat: str, lon: str, box: str | None, form: str | None) -> Response:
    return redirect(f"/mapit/point/4326/{lon},{lat}{box or ''}{f'.{form}' if form else ''}{_query()}")


@_route(rf"area/(?P<number>\d+){_END}")
def _area(asked: Here, number: str, form: str | None) -> Response:
    row = finding.one(asked, _id(number))
    told = finding.told(asked, [row], with_names=True)[str(row.id)]
    return _page("area", row.name, [told]) if form in HTML else _json(told)


@_route(rf"area/(?P<number>\d+)/children{_END}")
def _children(asked: Here, number: str, form: str | None) -> Response:
    row = finding.one(asked, _id(number))
    return _areas(asked, finding.children(asked, row.id, _types()), form, "children", row.name)


@_route(r"area/(?P<number>\d+)/geometry(?:\.json)?")
def _geometry(asked: Here, number: str) -> Response:
    return _json(shapes.measured(finding.one(asked, _id(number)).geom))


@_route(rf"area/(?P<number>\d+)/(?P<relation>{'|'.join(finding.RELATIONS)}){_END}")
def _related(asked: Here, number: str, relation: str, form: str | None) -> Response:
    row = finding.one(asked, _id(number))
    return _areas(asked, finding.related(asked, row, relation, _types()), form, relation, row.name)


@_route(r"area/(?:(?P<srid>\d{1,6})/)?(?P<number>\d+)\.(?P<form>kml|geojson|wkt|json)")
def _shape(asked: Here, srid: str | None, number: str, form: str) -> Response:
    row = finding.one(asked, _id(number))
    shape = shapes.drawn(row.geom, srid, request.values.get("simplify_tolerance"))
    return _typed(shapes.one(shape, row.name, form), form)


@_route(rf"areas/(?P<ids>{_IDS}){_END}")
def _several(asked: Here, ids: str, form: str | None) -> Response:
    return _areas(asked, finding.by_ids(asked, _ids(ids)), form, "areas")


@_route(rf"areas/(?:(?P<srid>\d{{1,6}})/)?(?P<ids>{_IDS})\.(?P<form>kml|geojson|wkt)")
def _shapes(asked: Here, srid: str | None, ids: str, form: str) -> Response:
    rows = finding.by_ids(asked, _ids(ids))
    told = finding.told(asked, rows)
    tolerance = request.values.get("simplify_tolerance")
    drawn = [(told[str(row.id)], shapes.drawn(row.geom, srid, tolerance)) for row in rows]
    return _typed(shapes.several(drawn, form), form)


@_route(rf"areas/(?P<ids>{_IDS})/geometry(?:\.json)?")
def _geometries(asked: Here, ids: str) -> Response:
    return _json({str(row.id): shapes.measured(row.geom) for row in finding.by_ids(asked, _ids(ids))})


@_route(rf"areas/(?P<types>[A-Z0-9,]*[A-Z0-9]){_END}")
def _by_types(asked: Here, types: str, form: str | None) -> Response:
    return _areas(asked, finding.by_types(asked, types), form, "types", types)


@_route(rf"areas/(?P<name>.+?){_END}")
def _by_name(asked: Here, name: str, form: str | None) -> Response:
    return _areas(asked, finding.by_name(asked, name, _types()), form, "name", name)


@_route(rf"code/(?P<sort>[^/]+)/(?P<code>[^/]+?){_END}")
def _by_code(asked: Here, sort: str, code: str, form: str | None) -> Response:
    rows = finding.by_code(asked, sort, code)
    if len(rows) > 1:
        raise Conflict("mapit_code_several", field="code", sort=sort[:20], value=code[:60])
    if not rows:
        raise NotFound("mapit_code", field="code", sort=sort[:20], value=code[:60])
    return redirect(f"/mapit/area/{rows[0].id}{f'.{form}' if form else ''}{_query()}")


def _typed(text: str, form: str) -> Response:
    return make_response(text, 200, {"Content-Type": f"{shapes.TYPES[form]}; charset=utf-8"})


def _types() -> str:
    return ",".join(part for value in request.values.getlist("type") for part in value.split(",") if part)


def _query() -> str:
    return f"?{request.query_string.decode()}" if request.query_string else ""


def _id(text: str) -> int:
    return min(int(text[:11]), MOST_ID)


def _ids(text: str) -> list[int]:
    found = list(dict.fromkeys(_id(part) for part in text.split(",")))
    if len(found) > MOST_IDS:
        raise BadInput("mapit_too_many", field="areas", count=len(found), most=MOST_IDS)
    return found
