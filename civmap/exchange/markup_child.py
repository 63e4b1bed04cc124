"""A program of its own: reads KML, KMZ and GPX element by element; `markup_child.py FILE FORMAT SHEET SHAPES`.

No tree of a whole document, no document type, no entity, no link is ever followed.
"""

import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from civmap.exchange import telling
from civmap.exchange.placemarks import Gpx, Kml
from civmap.exchange.transcoded import Text, encoding_of

MAX_DEPTH, MAX_KML = 60, 512 << 20


def main(path: Path, fmt: str, sheet: str, wanted: str) -> None:
    """Tell the marks."""
    telling.limit()
    from defusedxml.common import DefusedXmlException

    try:
        if fmt == "kmz":
            with tempfile.TemporaryDirectory() as folder:
                _read(_taken_out(path, Path(folder)), "kml", sheet, wanted)
        else:
            _read(path, fmt, sheet, wanted)
    except ParseError as problem:
        telling.refuse("markup_unreadable", kind=fmt.upper(), line=problem.position[0])
    except DefusedXmlException:
        telling.refuse("file_has_dtd")
    except (UnicodeError, ValueError, zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError):
        telling.refuse("file_damaged")


def _read(path: Path, fmt: str, sheet: str, wanted: str) -> None:
    told = telling.Features()
    reader = Kml(sheet, wanted) if fmt == "kml" else Gpx(sheet, wanted)
    telling.tell({"headings": [], "crs": "EPSG:4326"})
    for geometry, properties, weight in reader.read(_elements(path, reader.marks)):
        told.add(geometry, properties, weight)
    told.finish()
    sheets = list(reader.sheets)
    if sheet and sheet not in sheets:
        telling.refuse("sheet_not_found", sheet=sheet, known=sheets)
    telling.end(headings=list(told.keys), sheets=sheets, sheet=reader.sheet)


def _taken_out(path: Path, folder: Path) -> Path:
    """Lay the main document of a KMZ aside: `doc.kml`, else the first one."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
        names.sort(key=lambda name: (name.lower() != "doc.kml", name.count("/")))
        if archive.getinfo(names[0]).file_size > MAX_KML:
            telling.refuse("file_unpacks_too_large")
        with archive.open(names[0]) as packed, (folder / "doc.kml").open("wb") as laid:
            while chunk := packed.read(1 << 20):
                laid.write(chunk)
    return folder / "doc.kml"


def _elements(path: Path, marks: tuple[str, ...]) -> Iterator[tuple[str, Element, list[Element]]]:
    """Yield the beginnings and ends of elements with those around them; a mark is forgotten when it was yielded."""
    from defusedxml.ElementTree import DefusedXMLParser

    parser: Any = DefusedXMLParser(encoding="utf-8", forbid_dtd=True)
    from xml.etree.ElementTree import iterparse

    around: list[Element] = []
    text = Text(path, encoding_of(path))
    for event, element in iterparse(text, ("start", "end"), parser):  # type: ignore[arg-type]
        if event == "start":
            around.append(element)
            if len(around) > MAX_DEPTH:
                telling.refuse("markup_unreadable", kind="XML", line=1)
            yield event, element, around
            continue
        around.pop()
        yield event, element, around
        if element.tag.rpartition("}")[2] in marks and around:
            text.passed = 0
            around[-1].remove(element)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])
