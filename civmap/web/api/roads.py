"""Roads as the office keeps them: figure of the arterials, chiefs of a road, rows to choose, boards, ways."""

from typing import Annotated, Any

from pydantic import Field

from civmap.city import placards
from civmap.city.queries import frame_of
from civmap.errors import BadInput, Invalid
from civmap.geo.bulk import exported, lengths_m
from civmap.geo.validity import check_spot, read_geometry
from civmap.segments import boards, chiefs, choosing, figure, following
from civmap.segments import queries as segments
from civmap.segments.models import TAKEN
from civmap.web import versions
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Code, Exact, Geometry, Loose, Text
from civmap.web.api.operations import operation
from civmap.web.api.parting import EDITS
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.zones.queries import division_at

IMPORTS = ("import", "segment")
STATES = (choosing.OPEN, TAKEN, choosing.DRAWN, choosing.SKIPPED)


class FigureQuery(Exact):
    """Of which road; without one, of all arterials."""

    road: Text | None = None


class Figure(Loose):
    """Metres of the arterials held by exactly one segment, by none and by several; rows by road; places on the map."""

    total_m: int
    one_m: int
    none_m: int
    several_m: int
    hidden_m: int
    percent: float | None
    roads: list[dict[str, Any]]
    places: list[dict[str, Any]]


class WayQuery(Exact):
    """Two spots beside streets, each as lon,lat."""

    start: Annotated[str, Field(max_length=60, alias="from")]
    end: Annotated[str, Field(max_length=60, alias="to")]


class Way(Loose):
    """A line along the streets."""

    geometry: dict[str, Any]
    length_m: float


class ChiefEntry(Exact):
    """A chief of a level; without a name the level loses its chief."""

    level: Annotated[int, Field(ge=0, le=3)]
    name: Annotated[str, Field(max_length=60)] | None = None
    title: Annotated[str, Field(max_length=100)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None


class ChiefsBody(Exact):
    """Which segments, or which road, get which chiefs."""

    segments: Annotated[list[Code], Field(max_length=chiefs.MOST)] | None = None
    road: Text | None = None
    side: Text | None = None
    chiefs: Annotated[list[ChiefEntry], Field(min_length=1, max_length=4)]


class ChoiceQuery(Exact):
    """Which choices: open (usual), taken, drawn or skipped."""

    state: Annotated[str, Field(max_length=12)] = choosing.OPEN


class ChoiceAnswer(Exact):
    """One of: the number of a candidate, a line drawn instead, or to skip the row."""

    pick: Annotated[int, Field(ge=0, le=100)] | None = None
    geometry: Geometry | None = None
    skip: bool = False


class BoardValue(Exact):
    """What the city writes on its sign boards."""

    value: dict[str, Any]


@operation("GET", "/segments/figure", summary="Metres of the arterials held by one segment, by none, by several",
           permission=SIGNED_IN, tag="segments", query=FigureQuery, answers={200: Figure})
def figure_of(desk: Desk, query: FigureQuery) -> Answer:
    """Answer the figure with its places."""
    found = figure.figure(desk.session, desk.viewer, desk.now)
    if query.road is None:
        return Answer(found)
    rows = [row for row in found["roads"] if row["road"] == query.road]
    totals = rows[0] if rows else {"total_m": 0, "one_m": 0, "none_m": 0, "several_m": 0, "hidden_m": 0,
                                          "percent": None}
    return Answer({**totals, "roads": rows, "places": [row for row in found["places"] if row["road"] == query.road]})


@operation("GET", "/segments/way", summary="The way along the streets between two spots", permission=EDITS,
           tag="segments", query=WayQuery, answers={200: Way})
def way(desk: Desk, query: WayQuery) -> Answer:
    """Answer a line that a segment may take over as it stands."""
    frame = frame_of(desk.session)
    start, end = (check_spot(*_spot(text, name), frame, name)
                  for text, name in ((query.start, "from"), (query.end, "to")))
    line = following.way(desk.session, start, end)
    return Answer({"geometry": exported([line], 9)[0], "length_m": round(lengths_m([line])[0], 1)})


def _spot(text: str, name: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as problem:
        raise BadInput("spot_unreadable", field=name, value=text[:40]) from problem
    return lon, lat


@operation("POST", "/segments/chiefs", summary="Name chiefs for many segments or a whole road", permission=EDITS,
           tag="segments", body=ChiefsBody, answers={200: Loose})
def name_chiefs(desk: Desk, body: ChiefsBody) -> Answer:
    """Set chiefs by level; levels that are not named stay."""
    if bool(body.road) == bool(body.segments):
        raise Invalid("chiefs_selection", field="segments", count=0, most=chiefs.MOST)
    rows = chiefs.chosen(desk.session, desk.viewer, body.segments or [], body.road, desk.now)
    changed = chiefs.assign(desk.session, desk.viewer, rows, [one.model_dump() for one in body.chiefs], desk.now,
                            side=body.side)
    return Answer({"segments": len(rows), "changed": changed})


@operation("GET", "/segments/choices", summary="Rows of tables that fit the streets in several ways",
           permission=IMPORTS, tag="segments", query=ChoiceQuery, answers={200: Loose})
def choices(desk: Desk, query: ChoiceQuery) -> Answer:
    """Answer the rows that wait for a choice, with their candidates."""
    if query.state not in STATES:
        raise Invalid("choice_unknown", field="state", value=query.state, known=list(STATES))
    rows = choosing.listed(desk.session, desk.viewer, query.state)
    return Answer({"choices": [choosing.as_json(row) for row in rows], "open": choosing.open_count(desk.session)})


@operation("POST", "/segments/choices/{id}", summary="Take a candidate, draw the line, or skip the row",
           permission=IMPORTS, tag="segments", body=ChoiceAnswer, answers={200: Loose})
def settle(desk: Desk, id: int, body: ChoiceAnswer) -> Answer:
    """Settle one row; the segment is made at once."""
    drawn = None
    if body.geometry is not None:
        drawn = body.geometry.model_dump()
        read_geometry(drawn, ("LineString",), frame_of(desk.session))
    if [body.pick is not None, drawn is not None, body.skip].count(True) != 1:
        raise Invalid("choice_answer", field="pick")
    choice, segment = choosing.settle(desk.session, desk.viewer, id,
                                      {"pick": body.pick, "geometry": drawn, "skip": body.skip}, desk.now,
                                      lambda lon, lat: division_at(desk.session, lon, lat))
    return Answer({"id": choice.id, "state": choice.state, "segment": segment.code if segment else None,
                   "open": choosing.open_count(desk.session)})


@operation("POST", "/segments/{code}/board", summary="Make the code of a sign board, or read it", permission=EDITS,
           tag="segments", answers={200: Loose})
def make_board(desk: Desk, code: str) -> Answer:
    """Answer the address of the public page; it is made once."""
    row = segments.by_code(desk.session, desk.viewer, code)
    board = placards.placard_for(desk.session, desk.viewer, "segment", row.code, desk.now)
    return Answer({"key": board.key, "path": f"/board/{board.key}",
                   "address": placards.address_of(desk.settings.public_url or "", board)})


@operation("DELETE", "/segments/{code}/board", summary="End the code of a sign board: the next one gets another",
           permission=EDITS, tag="segments", answers={200: Loose})
def end_board(desk: Desk, code: str) -> Answer:
    """End the live key of a segment."""
    row = segments.by_code(desk.session, desk.viewer, code)
    return Answer({"ended": placards.end(desk.session, desk.viewer, "segment", row.code, desk.now)})


@operation("GET", "/boards/custom", summary="What the city writes on its sign boards", permission=EDITS,
           tag="segments", answers={200: Loose})
def read_custom(desk: Desk) -> Answer:
    """Answer title, office, supervision phone, duties, and whether mobile numbers are shown."""
    kept = boards.customs.kept(desk.session, boards.NAME)
    return Answer({"value": boards.custom(desk.session).as_json(), "version": kept.version}, 200,
                  {"ETag": versions.etag(kept.version)})


@operation("PUT", "/boards/custom", summary="Change what the city writes on its sign boards",
           permission=("manage", "city"), tag="segments", body=BoardValue, answers={200: Loose}, is_versioned=True)
def keep_custom(desk: Desk, body: BoardValue, version: int) -> Answer:
    """Keep the value; boards that are printed from now on, and all public pages, follow it."""
    if version == versions.ANY_VERSION:
        version = boards.customs.kept(desk.session, boards.NAME).version
    boards.keep(desk.session, desk.viewer, body.value, version, desk.now)
    return read_custom(desk)
