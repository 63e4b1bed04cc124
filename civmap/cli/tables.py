"""The command that writes tables and layers out."""

import os
from pathlib import Path
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import Conflict, NotFound


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
    """Write a layer or list into a file: points, segments, zones, units, issues, shops, streets, people …"""
    from civmap import clock
    from civmap.exchange import export, gather, leaving
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
            found = leaving.features(session, OFFICE, kind, now, lang, filters=narrowed, bbox=bbox)
            mark = leaving.mark(session, OFFICE, kind, now, lang, system)
            with unfinished.open("wb") as out:
                count = export.write(kind, found, out, fmt, lang, system, mark)
            gather.note(session, OFFICE, kind, count, fmt, now, {**narrowed, **({"bbox": bbox} if bbox else {})})
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    frame.answer({"kind": kind, "count": count, "out": str(target)},
                 lambda: [frame.say("cli.export.done", count=count, file=target)])


COMMANDS = {"export": write_out}
