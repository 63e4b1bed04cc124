"""The plain list of points for inspection: the columns of a route sheet, in the order in which they were chosen."""

from collections.abc import Sequence
from datetime import date
from typing import BinaryIO

from civmap import dictionaries, texts
from civmap.exchange import rounds
from civmap.exchange.layout import Feature
from civmap.exchange.round_rows import Round, Told

FORMATS = ("xlsx", "csv", "gpx", "kml", "geojson")
NAME = "points-list"


def write(features: Sequence[Feature], codes: Sequence[str], target: BinaryIO, fmt: str, lang: str, day: date) -> int:
    """Write points as a list, those of `codes` in that order, others as they come; return how many."""
    places = {code: place for place, code in enumerate(codes)}
    found = sorted(features, key=lambda feature: places.get(feature["properties"]["code"], len(places)))
    title = texts.say(lang, "sheets.list")
    team = {"team": 1, "name": title, "start": None, "end": None, "people": [], "length_m": None, "minutes": None}
    told = {"route": "", "name": title, "day": day.isoformat(), "mode": None, "is_list": True, "teams": [team],
            "unreached": [], "stops": [_stop(number, feature, lang) for number, feature in enumerate(found, start=1)]}
    return rounds.write(Round(told, {"features": []}, lang), target, fmt)


def _stop(number: int, feature: Feature, lang: str) -> Told:
    known, kind = feature["properties"], dictionaries.point_types().get(feature["properties"].get("type"))
    lon, lat = feature["geometry"]["coordinates"]
    told = {name: known.get(name) for name in ("code", "name", "type", "address", "unit", "unit_name", "open_hours",
                                               "open_issues", "overdue_issues")}
    return {**told, "type_name": kind.name(lang) if kind else known.get("type"), "phone": known.get("unit_phone"),
            "team": 1, "position": number, "lon": lon, "lat": lat}
