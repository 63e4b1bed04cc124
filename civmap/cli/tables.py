"""Commands that take tables in and write them out."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import Conflict, NotFound

SHOWN_PROBLEMS = 50


@frame.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--crs", default="auto", show_default=True, metavar="C",
              help="wgs84, gcj02, bd09, cgcs2000, EPSG:n or auto.")
@click.option("--sheet", metavar="S", help="Which sheet of a workbook; default the first visible one.")
@click.option("--column", "columns", type=frame.Pairs(), multiple=True, metavar="FIELD=HEADER",
              help="Which heading holds a field.")
@click.option("--report", type=click.Path(path_type=Path), metavar="OUT.xlsx",
              help="Write the rows with their problems beside them.")
@click.option("--yes", is_flag=True, help="Save; without it the table is only examined.")
def take_in(kind: str, file: Path, crs: str, sheet: str | None, columns: tuple[tuple[str, str], ...],
            report: Path | None, yes: bool) -> None:
    """Take a table or layer in: units, shops, points, zones, segments, streets, buildings, issues, duties, people …"""
    from civmap import clock
    from civmap.exchange import intake
    from civmap.people.rules import OFFICE
    from civmap.store.database import writing

    wish = intake.Wish(crs, sheet, dict(columns), frame.language())
    found_kind, table = intake.read_table(kind, file, wish)
    outcome: Any = None
    with frame.database() as engine:
        frame.wake(engine)
        try:
            with writing(engine) as session:
                outcome = intake.take_in(session, OFFICE, found_kind, table, wish, clock.now(), name=file.name,
                                         progress=_progress)
                if not yes:
                    outcome.secrets.clear()
                    raise _NotConfirmed
        except _NotConfirmed:
            pass
    if report is not None:
        _write_report(outcome, report)
    frame.answer(outcome.as_json(), lambda: _told(outcome, yes))


class _NotConfirmed(Exception):
    """The person has not said yes: the transaction is rolled back."""


def _progress(done: int, total: int) -> None:
    if total >= 500 and (done % 250 == 0 or done == total):
        click.echo(frame.say("cli.import.progress", done=done, total=total), err=True)


def _write_report(outcome: Any, report: Path) -> None:
    from civmap.exchange import report as handed_back

    if not report.parent.is_dir():
        raise NotFound("folder_not_found", field="report", folder=str(report.parent))
    handed_back.write(outcome, report, frame.language())
    frame.tell("cli.import.report", file=report)


def _told(outcome: Any, is_saved: bool) -> Iterator[str]:
    yield frame.say("cli.import.columns", used="、".join(f"{field}={name}" for field, name in outcome.used.items()))
    if outcome.left_aside:
        yield frame.say("cli.import.left_aside", names="、".join(outcome.left_aside))
    for problem in outcome.problems[:SHOWN_PROBLEMS]:
        yield frame.say("cli.import.problem", row=problem.row, column=problem.column or "—", message=problem.message)
    if len(outcome.problems) > SHOWN_PROBLEMS:
        yield frame.say("cli.import.more", count=len(outcome.problems) - SHOWN_PROBLEMS)
    for name, password in outcome.secrets.items():
        yield frame.say("cli.import.password", name=name, password=password)
    if outcome.matches:
        states = [match["state"] for match in outcome.matches]
        scores = [match["score"] for match in outcome.matches if match["state"] == "sure"]
        yield frame.say("cli.import.matches", sure=states.count("sure"), doubtful=states.count("doubtful"),
                        none=states.count("none"), score=min(scores, default=0))
    yield frame.say("cli.import.saved" if is_saved else "cli.import.would", rows=outcome.rows, ok=outcome.ok,
                    created=outcome.created, updated=outcome.updated, unchanged=outcome.unchanged)


@frame.command("export")
@click.argument("kind")
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Format by ending: xlsx, csv, geojson, gpkg, shp.zip, kml, gpx.")
@click.option("--where", type=frame.Pairs(), multiple=True, metavar="FIELD=VALUE",
              help="Narrow by any filter of the lists, also on=DAY; several values by comma.")
@click.option("--bbox", type=frame.BOX, metavar="W,S,E,N", help="Only what meets the box.")
@click.option("--crs", default="wgs84", show_default=True, metavar="C", help="wgs84, gcj02, bd09, cgcs2000, EPSG:n.")
def write_out(kind: str, target: Path, where: tuple[tuple[str, str], ...], bbox: tuple[float, ...] | None,
              crs: str) -> None:
    """Write points, units, segments, zones or issues into a file."""
    from civmap import clock
    from civmap.exchange import export, gather
    from civmap.geo.crs import check_name
    from civmap.people.rules import OFFICE

    fmt, system, now, lang = export.format_of(target.name), check_name(crs), clock.now(), frame.language()
    export.check(kind, fmt, system)
    if not target.parent.is_dir():
        raise NotFound("folder_not_found", field="out", folder=str(target.parent))
    if target.is_dir():
        raise Conflict("out_is_folder", field="out", folder=str(target))
    filters: dict[str, Any] = {}
    for field, value in where:
        filters[field] = [*filters[field], value] if field in filters else [value]
    narrowed = {field: values if len(values) > 1 else values[0] for field, values in filters.items()}
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with frame.writing() as session:
            found = gather.features(session, OFFICE, kind, now, lang, filters=narrowed, bbox=bbox)
            with unfinished.open("wb") as out:
                count = export.write(kind, found, out, fmt, lang, system)
            gather.note(session, OFFICE, kind, count, fmt, now, {**narrowed, **({"bbox": bbox} if bbox else {})})
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    frame.answer({"kind": kind, "count": count, "out": str(target)},
                 lambda: [frame.say("cli.export.done", count=count, file=target)])


COMMANDS = {"import": take_in, "export": write_out}
