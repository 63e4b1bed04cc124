"""`civmap place`: where addresses are, a few in words or a table of them."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import Invalid, NotFound

HEADINGS = ("地址", "address", "详细地址", "门牌地址", "位置", "text")
OUT_COLUMNS = ("lon", "lat", "score", "basis", "name", "reach_m", "code")
PIECE, LIMIT = 20_000, 3


@frame.command("place")
@click.argument("texts", nargs=-1, metavar="TEXT…")
@click.option("--file", "source", type=click.Path(path_type=Path), metavar="IN.csv",
              help="A table with a column 地址 or address.")
@click.option("--out", "target", type=click.Path(path_type=Path), metavar="OUT.csv", help="Where the places go.")
def place(texts: tuple[str, ...], source: Path | None, target: Path | None) -> None:
    """Tell where addresses, crossings and names are, from the city's own data."""
    from civmap.addresses.asking import gazetteer
    from civmap.people.rules import OFFICE

    if (source is None and not any(text.strip() for text in texts)) or (source is None) != (target is None):
        raise Invalid("addresses_without_text", field="texts")
    with frame.reading() as session:
        known = gazetteer(session, OFFICE)
        if source is not None and target is not None:
            _place_file(known, source, target)
        else:
            _place_texts(known, texts)


def _place_texts(known: Any, texts: tuple[str, ...]) -> None:
    from civmap.addresses import wording

    found = [(text, known.find(text, LIMIT)) for text in texts]
    lang = frame.language()
    document = [{"text": text, "places": [wording.as_json(one, lang) for one in places]} for text, places in found]
    frame.answer({"results": document}, lambda: _lines(document))


def _lines(document: list[dict[str, Any]]) -> Iterator[str]:
    for one in document:
        if not one["places"]:
            yield frame.say("addresses.cli.nothing", text=one["text"])
            continue
        yield one["text"]
        for place in one["places"]:
            yield frame.say("addresses.cli.line", sure=place["sure_name"], score=f"{place['score']:.2f}",
                            basis=place["basis_name"], name=place["name"], lon=place["lon"], lat=place["lat"],
                            reach=round(place["reach_m"]))


def _place_file(known: Any, source: Path, target: Path) -> None:
    from civmap.addresses import wording
    from civmap.cli.spots import encoding_of

    if not source.is_file():
        raise NotFound("file_not_found", field="file", file=source.name)
    unfinished = target.with_name(f".{target.name}.part")
    count = placed = sure = 0
    try:
        with (source.open(encoding=encoding_of(source), newline="") as brought,
              unfinished.open("w", encoding="utf-8-sig", newline="") as out):
            lines, writer = csv.reader(brought), csv.writer(out)
            headings = next(lines, [])
            column = _column(headings)
            writer.writerow([*headings, *OUT_COLUMNS])
            while piece := list(islice(lines, PIECE)):
                found = known.find_many(line[column] if column < len(line) else "" for line in piece)
                for line, places in zip(piece, found, strict=True):
                    best = places[0] if places else None
                    writer.writerow([*line, *["" for _ in headings[len(line):]], *_cells(best)])
                    placed += best is not None
                    sure += best is not None and best.score >= wording.SURE
                count += len(piece)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    frame.answer({"rows": count, "found": placed, "sure": sure, "out": str(target)},
                 lambda: [frame.say("addresses.cli.done", count=count, found=placed, sure=sure, file=target)])


def _cells(best: Any) -> list[Any]:
    if best is None:
        return [""] * len(OUT_COLUMNS)
    return [best.lon, best.lat, best.score, best.basis, best.name, round(best.reach_m), best.code or ""]


def _column(headings: list[str]) -> int:
    named = {heading.strip().lower(): number for number, heading in reversed(list(enumerate(headings)))}
    for heading in HEADINGS:
        if heading in named:
            return named[heading]
    raise Invalid("addresses_column", field="file", found=headings[:20])


COMMANDS = {"place": place}
