"""A round as files: table, GPX, KML, GeoJSON, GeoPackage and Shapefile, each with the same stops in the same order."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from civmap.exchange import export, kml, vectors
from civmap.exchange.layout import Cell
from civmap.exchange.round_rows import LEG_FIELDS, TEAM, Round, Told, told_legs

FORMATS = ("xlsx", "csv", "gpx", "kml", "geojson", "gpkg", "shp.zip")
COLOURS = ("ffb4631d", "ff1f1fc0", "ff4b8f2e", "ff007ad9", "ff8a2d7a", "ff6b6b00", "ff2a4a8b", "ff5a5a5a")
"""Of the teams' ways in KML (alpha, blue, green, red)."""
MOST_SHEET_NAME = 31
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'\n\t", " "))
MOST_HEADER = 200
WEB_LINKS = ("amap", "baidu", "tencent")


def write(round_: Round, target: BinaryIO, fmt: str) -> int:
    """Write a round into a binary file in one of FORMATS; return how many stops it holds."""
    makers = {"xlsx": _xlsx, "csv": _csv, "gpx": _gpx, "kml": _kml, "geojson": _geojson, "gpkg": _gpkg,
              "shp.zip": _shapefiles}
    makers[fmt](round_, target)
    return len(round_.stops)


def _csv(round_: Round, target: BinaryIO) -> None:
    columns = round_.on_paper if round_.is_list else (TEAM, *round_.on_paper)
    target.write(export.table("csv", "", round_.headings(columns), round_.lines(columns, round_.stops)))


def _xlsx(round_: Round, target: BinaryIO) -> None:
    """Write a sheet per team, then what is told of the teams, then the points nobody serves."""
    book = export.open_workbook(target)
    taken: set[str] = set()
    for team in round_.teams:
        stops = round_.of_team(team["team"])
        _sheet(book, _sheet_name(round_.names[team["team"]], taken), round_, round_.headings(round_.on_paper),
               list(round_.lines(round_.on_paper, stops)))
        _link_cells(book, round_, stops)
    if round_.is_list:
        book.close()
        return
    _sheet(book, _sheet_name(round_.say("overview"), taken), round_, *_overview(round_))
    left = [[stop["code"], stop["name"], stop["message"]] for stop in round_.told["unreached"]]
    if left:
        heads = [round_.say(f"column.{name}") for name in ("code", "name", "why")]
        _sheet(book, _sheet_name(round_.say("unreached"), taken), round_, heads, left)
    book.close()


def _sheet(book: Any, name: str, round_: Round, headings: Sequence[str], lines: Sequence[Sequence[Cell]]) -> None:
    export.fill_sheet(book, name, headings, lines)
    sheet = book.worksheets()[-1]
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    title = f"{round_.title} · {name}"[:MOST_HEADER // 2].replace("&", "&&")
    sheet.set_header(f"&L{title}&R{round_.say('internal')}")
    sheet.set_footer("&C&P / &N")


def _link_cells(book: Any, round_: Round, stops: Sequence[Told]) -> None:
    """Make the addresses of web pages links; the text stays the address, so that a program reads it."""
    look, sheet = book.add_format({"font_color": "#0B5394", "underline": 1}), book.worksheets()[-1]
    places = {column.field: place for place, column in enumerate(round_.on_paper) if column.field in WEB_LINKS}
    for row, stop in enumerate(stops, start=1):
        for maker, place in places.items():
            link = round_.links[stop["code"]][maker]
            sheet.write_url(row, place, link, look, link)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """Return a name that a sheet may have and no other sheet has."""
    plain = " ".join(wanted.translate(NOT_IN_SHEET_NAMES).split()) or "?"
    name, number = plain[:MOST_SHEET_NAME], 1
    while name.casefold() in taken or name.casefold() == "history":
        number += 1
        name = f"{plain[:MOST_SHEET_NAME - 4]} {number}"
    taken.add(name.casefold())
    return name


def _overview(round_: Round) -> tuple[list[str], list[list[Cell]]]:
    fields = ("team_name", "people", "stops", "length_m", "minutes", "start", "end")
    rows: list[list[Cell]] = []
    for team in round_.told["teams"]:
        rows.append([round_.names[team["team"]], "、".join(one["full_name"] for one in team["people"]),
                     len(round_.of_team(team["team"])), team["length_m"], team["minutes"], _spot(team["start"]),
                     _spot(team["end"])])
    return [round_.say(f"column.{name}") for name in fields], rows


def _spot(spot: Told | None) -> Cell:
    return None if spot is None else spot["name"] or f"{spot['lon']}, {spot['lat']}"


def _facts(round_: Round, stop: Told) -> list[tuple[str, Cell]]:
    """Return what is told of a stop beside its name, by heading."""
    told = [column for column in round_.on_paper if column.field not in ("name", "lon", "lat")]
    return [(round_.say(f"column.{column.field}"), column.make(round_, stop)) for column in told]


def _gpx(round_: Round, target: BinaryIO) -> None:
    """Write all stops as waypoints, a route per team in its order, and a track per team along the streets."""
    from gpxpy.gpx import GPXRoute

    from civmap.exchange import gpx

    made = gpx.document(round_.title)
    described = {stop["code"]: gpx.description(_facts(round_, stop)) for stop in round_.stops}
    for stop in round_.stops:
        made.waypoints.append(gpx.waypoint((stop["lon"], stop["lat"]), stop["name"], stop["code"],
                                           described[stop["code"]], stop["type_name"]))
    for team in () if round_.is_list else round_.teams:
        name = round_.names[team["team"]]
        route = GPXRoute(name=name, number=team["team"])
        route.points = [gpx.stop((stop["lon"], stop["lat"]), stop["name"], stop["code"], described[stop["code"]],
                                 stop["type_name"]) for stop in round_.of_team(team["team"])]
        made.routes.append(route)
        course = _course(round_, team["team"])
        if course:
            made.tracks.append(gpx.track(name, course))
    gpx.save(made, target)


def _course(round_: Round, team: int) -> list[list[Sequence[float]]]:
    """Return a team's way as lines: one where every leg begins where the one before it ends."""
    lines: list[list[Sequence[float]]] = []
    for leg in round_.ways(team):
        places = leg["geometry"]["coordinates"]
        if lines and lines[-1][-1] == places[0]:
            lines[-1].extend(places[1:])
        else:
            lines.append(list(places))
    return lines


def _kml(round_: Round, target: BinaryIO) -> None:
    """Write a folder per team: its stops in order, then its way."""
    styles = "".join(kml.style(f"team-{place}", colour, 4) for place, colour in enumerate(COLOURS))
    target.write((kml.HEAD.format(kml.marked(round_.title)) + styles).encode())
    for place, team in enumerate(round_.teams):
        for text in kml.folder(round_.names[team["team"]], _placemarks(round_, team, f"team-{place % len(COLOURS)}")):
            target.write(text.encode())
    target.write(kml.TAIL.encode())


def _placemarks(round_: Round, team: Told, look: str) -> Iterator[str]:
    for stop in round_.of_team(team["team"]):
        spot = {"type": "Point", "coordinates": [stop["lon"], stop["lat"]]}
        number = round_.say("stop_number", number=stop["position"])
        yield kml.placemark(stop["name"], spot, _facts(round_, stop), look, snippet=number)
    course = _course(round_, team["team"])
    if course:
        way = {"type": "MultiLineString", "coordinates": course} if len(course) > 1 else {
            "type": "LineString", "coordinates": course[0]}
        told = [(round_.say("column.length_m"), team["length_m"]), (round_.say("column.minutes"), team["minutes"])]
        yield kml.placemark(round_.say("way"), way, told, look)


def _geojson(round_: Round, target: BinaryIO) -> None:
    """Write the stops, then the legs, as one collection of RFC 7946."""
    names = [column.field for column in round_.in_data]
    features = [{"type": "Feature", "id": stop["code"],
                 "geometry": {"type": "Point", "coordinates": [stop["lon"], stop["lat"]]},
                 "properties": {"kind": "stop", **dict(zip(names, cells, strict=True))}}
                for stop, cells in zip(round_.stops, round_.lines(round_.in_data, round_.stops), strict=True)]
    features += [{"type": "Feature", "geometry": shape,
                  "properties": {"kind": "leg", **dict(zip(LEG_FIELDS, cells, strict=True))}}
                 for cells, shape in told_legs(round_)]
    document = {"type": "FeatureCollection", "name": round_.told["route"], "features": features}
    target.write(json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())


def _layers(round_: Round) -> list[vectors.Layer]:
    legs = told_legs(round_)
    stops = vectors.Layer(
        "stops", [column.field for column in round_.in_data], round_.headings(round_.in_data),
        list(round_.lines(round_.in_data, round_.stops)),
        [{"type": "Point", "coordinates": [stop["lon"], stop["lat"]]} for stop in round_.stops])
    ways = vectors.Layer("legs", LEG_FIELDS, [round_.say(f"column.{name}") for name in LEG_FIELDS],
                         [cells for cells, _shape in legs], [shape for _cells, shape in legs], "LineString")
    return [stops, ways]


def _gpkg(round_: Round, target: BinaryIO) -> None:
    vectors.geopackage(_layers(round_), target)


def _shapefiles(round_: Round, target: BinaryIO) -> None:
    vectors.shapefiles(_layers(round_), target, round_.lang)
