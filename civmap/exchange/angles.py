"""What one cell says of a place: numbers, degrees with minutes and seconds, both coordinates, with what names them.

Pure. Every spelling that offices, handsets and surveyors use becomes a list of tokens; a text with anything else in
it is refused, never guessed at.
"""

import re
import unicodedata
from typing import NamedTuple

from civmap.errors import Invalid

EAST, NORTH = "e", "n"
MOST = 500
_MARKS = str.maketrans({
    **dict.fromkeys("′’‘´`ʹ＇‵＇՚", "'"), **dict.fromkeys("″”“ʺ＂〃〞〝", '"'), **dict.fromkeys("º˚°∘", "°"),
    **dict.fromkeys("—–−－‐‑﹣", "-"), **dict.fromkeys("，、；", ";"), "　": " ", "\ufeff": " ", "\u200b": " "})
_WORDS = tuple((re.compile(pattern), sign) for pattern, sign in (
    (r"东经|经度|LONGITUDE|LONG|LNG|LON|EAST", "E"), (r"北纬|纬度|LATITUDE|LAT|NORTH", "N"), (r"西经|WEST", "W"),
    (r"南纬|SOUTH", "S"), (r"东(?=[\s:]*\d)|经(?=[\s:]*\d)", "E"), (r"北(?=[\s:]*\d)|纬(?=[\s:]*\d)", "N"),
    (r"横坐标|X坐标|坐标X", "X"), (r"纵坐标|Y坐标|坐标Y", "Y"), (r"(?<=\d)\s*度", "°"), (r"(?<=\d)\s*分", "'"),
    (r"(?<=\d)\s*秒", '"'), (r"(?<=\d)\s*(?:米|公尺|M)(?![A-Z])", " "), (r"(?<=\d)\s*[.。·]\s*(?=\d)", "."),
    (r"\(([ENWS])\)", r" \1 ")))
_USUAL = re.compile(r"""[\d.,;:'"°+\-ENX=Y/|]*""")
_NUMBER = r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+"
_WKT = re.compile(rf"(?:SRID\s*=\s*\d+\s*;)?\s*POINT\s*Z?M?\s*\(\s*({_NUMBER})\s+({_NUMBER})[^()]*\)")
_GEOJSON = re.compile(rf'\{{.*"COORDINATES"\s*:\s*\[\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?:,[^\]]*)?\].*\}}', re.DOTALL)
_URI = re.compile(rf"GEO:\s*({_NUMBER}),({_NUMBER}).*")
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?=\.\d|\s*(?:[;/|MＭ米 ]|$))")
_COMMAS = re.compile(r"([+-]?\d{1,3}),(\d+)(?:\s*[;/|\s]\s*([+-]?\d{1,3}),(\d+))?")
_ONE = re.compile(r"""
    (?P<lead>(?:[ENWSXY][\s:="']*)*)
    (?:(?P<turned>-)?(?:(?P<d3>\d{1,3})(?P<sign>[-:])(?P<m3>\d{1,2})(?P=sign)(?P<s3>\d{1,2}(?:\.\d+)?)(?![\d.:-])
      |(?P<deg>\d{1,3})°\s*(?:(?P<min>\d+(?:\.\d+)?)(?![\d.]|\s*°)\s*
            (?:'(?!')\s*(?:(?P<sec>\d+(?:\.\d+)?)(?![\d.]|\s*°)\s*(?:"|'')?)?)?)?)
      |(?P<science>[+-]?\d(?:\.\d+)?E[+-]?\d{1,2}(?![\d.°'A-Z]))
      |(?P<number>(?:[+-]?\d+(?:\.\d*)?|[+-]?\.\d+))\s*°?)
    (?P<tail>(?:\s*[ENWS](?![A-Z]))?)""", re.VERBOSE)
_FILLER = re.compile(r"""[\s,;:/|()\[\]{}"'=_&]*""")


class Token(NamedTuple):
    """One coordinate of a cell: degrees or metres, what names it (e, n, x, y or nothing), spelling and decimals.

    `decimals` are those of a degree that the spelling can tell: seconds with two decimals tell six.
    """

    value: float
    axis: str
    spelling: str
    decimals: int


def tokens(written: str) -> list[Token]:
    """Return the coordinates in a text in their order; raise Invalid `coordinates_unreadable` for anything else."""
    text = plain(written)
    for pattern, spelling, axes in ((_WKT, "wkt", "en"), (_GEOJSON, "json", "en"), (_URI, "uri", "ne")):
        if found := pattern.fullmatch(text):
            return [Token(float(part), axis, spelling, _digits(part)) for part, axis in zip(found.groups(), axes,
                                                                                           strict=True)]
    found_all = _spaced(_tokens(_with_points(_worded(text)), written))
    if text.startswith(("[", "{")):
        found_all = [token._replace(spelling="json") for token in found_all]
    return found_all


def plain(written: str) -> str:
    """Return a text in plain widths and marks: one sign for minutes, one for seconds, one for degrees."""
    if len(written) > MOST:
        raise unreadable(written)
    return unicodedata.normalize("NFKC", written.translate(_MARKS)).strip().upper().replace("''", '"')


def unreadable(written: object) -> Invalid:
    """Return the refusal of a text that is no coordinate."""
    return Invalid("coordinates_unreadable", field="lon", value=str(written)[:60])


def _worded(text: str) -> str:
    if not _USUAL.fullmatch(text):
        for pattern, sign in _WORDS:
            text = pattern.sub(sign, text)
    return text


def _with_points(text: str) -> str:
    """Return the text with decimal points where a comma was one, and without the commas of thousands."""
    alone = _COMMAS.fullmatch(text)
    if alone and (alone[3] or not re.fullmatch(r"\d{3}", alone[2]) or abs(int(alone[1])) <= 180):
        return f"{alone[1]}.{alone[2]}" + (f";{alone[3]}.{alone[4]}" if alone[3] else "")
    return _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)


def _tokens(text: str, written: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while one := _ONE.search(text, at):
        if not _FILLER.fullmatch(text, at, one.start()):
            raise unreadable(written)
        lead = re.sub(r"[^A-Z]", "", one["lead"])
        at = one.end() if not lead else one.start("tail")
        found.append(_token(one, lead[-1:] or one["tail"].strip(), written))
    if not found or not _FILLER.fullmatch(text, at):
        raise unreadable(written)
    return found


def _token(one: re.Match[str], letter: str, written: str) -> Token:
    if one["d3"]:
        value, decimals = _sexagesimal(one["d3"], one["m3"], one["s3"], written)
        spelling = "dashes" if one["sign"] == "-" else "colons"
    elif one["deg"]:
        value, decimals = _sexagesimal(one["deg"], one["min"], one["sec"], written)
        spelling = "dms" if one["sec"] else "dm" if one["min"] else "degrees"
    elif one["science"]:
        mantissa, _, power = one["science"].partition("E")
        value, decimals, spelling = float(one["science"]), max(0, _digits(mantissa) - int(power)), "science"
    else:
        value, decimals, spelling = float(one["number"]), _digits(one["number"]), "text"
    if one["turned"] or letter in ("W", "S"):
        value = -abs(value)
    axis = {"E": EAST, "W": EAST, "N": NORTH, "S": NORTH}.get(letter, letter.lower())
    return Token(value, axis, spelling, decimals)


def _sexagesimal(degrees: str, minutes: str | None, seconds: str | None, written: str) -> tuple[float, int]:
    """Return degrees, and how many decimals of a degree the last part tells; a minute is 2, a second 4."""
    parts = [float(minutes or 0), float(seconds or 0)]
    if parts[0] >= 60 or parts[1] > 60 or (seconds is not None and not parts[0].is_integer()):
        raise unreadable(written)
    value = float(degrees) + parts[0] / 60 + parts[1] / 3600
    return value, 4 + _digits(seconds) if seconds else 2 + _digits(minutes) if minutes else 0


def _digits(number: str) -> int:
    return len(number.partition(".")[2])


def _spaced(found: list[Token]) -> list[Token]:
    """Join "118 46 12.35" (three numbers, or twice three) to degrees; leave everything else."""
    if len(found) not in (3, 6) or any(token.spelling != "text" for token in found):
        return found
    joined: list[Token] = []
    for first in range(0, len(found), 3):
        degrees, minutes, seconds = found[first:first + 3]
        if degrees.decimals or minutes.decimals or not 0 <= minutes.value < 60 or not 0 <= seconds.value <= 60:
            return found
        joined.append(Token(degrees.value + minutes.value / 60 + seconds.value / 3600, degrees.axis or seconds.axis,
                            "dms", 4 + seconds.decimals))
    return joined
