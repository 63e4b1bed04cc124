"""The command that prints a wall map or an atlas into a file."""

from pathlib import Path
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import Conflict, NotFound

SIZES = ("A4", "A3", "A2", "A1", "A0")


@frame.command("paper")
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), metavar="FILE.pdf",
              help="Where the PDF goes.")
@click.option("--size", type=click.Choice(SIZES), default="A3", show_default=True, help="Paper.")
@click.option("--portrait", is_flag=True, help="Upright; without it across.")
@click.option("--area", metavar="CODE", help="A subdistrict, community or grid by its code.")
@click.option("--bbox", type=frame.BOX, metavar="W,S,E,N", help="A piece of the city; without both, all of it.")
@click.option("--scale", type=click.IntRange(200, 5_000_000), metavar="N", help="1:N; without it what fits.")
@click.option("--atlas", type=click.Choice(("chief", "grid", "unit", "subdistrict")), help="A page for each.")
@click.option("--title", default="", metavar="T", help="What stands above the map.")
def paper(target: Path, size: str, portrait: bool, area: str | None, bbox: tuple[float, ...] | None,
          scale: int | None, atlas: str | None, title: str) -> None:
    """Print a wall map or an atlas as a vector PDF."""
    from civmap.paper.wishes import Wish

    if not target.parent.is_dir():
        raise NotFound("folder_not_found", field="out", folder=str(target.parent))
    if target.is_dir():
        raise Conflict("out_is_folder", field="out", folder=str(target))
    wish = Wish(size=size, orientation="portrait" if portrait else "landscape", title=title, bbox=bbox, area=area,
                scale=scale, atlas=atlas)
    sheets = _drawn(wish, target)
    frame.answer({"out": str(target), "sheets": sheets, "bytes": target.stat().st_size},
                 lambda: [frame.say("cli.paper.done", sheets=sheets, file=target)])


def _drawn(wish: Any, target: Path) -> int:
    """Draw as the office, and keep in the ledger that a map left the house."""
    from civmap import clock
    from civmap.city.queries import the_city
    from civmap.people.rules import OFFICE
    from civmap.store import database, ledger
    from civmap.web import drawing
    from civmap.web.desk import CityFacts, Desk, Identity

    settings, now = frame.settings(), clock.now()
    with frame.database(settings) as engine:
        with database.reading(engine) as session:
            row = the_city(session)
            city = CityFacts(row.name, row.division_code, row.frame, row.attribution, row.is_demo)
            desk = Desk(session, Identity(viewer=OFFICE, is_signed_in=True, city=city), now, frame.language(), settings)
            sheets = drawing.draw(desk, drawing.checked(wish, desk), target, _progress())
        with database.writing(engine) as session:
            ledger.record(session, OFFICE.actor, "export", "paper", target.name[:64], at=now,
                          after={name: value for name, value in wish.as_json().items() if value})
    return sheets


def _progress() -> Any:
    last = [-10]

    def tell(share: float) -> None:
        if round(share) >= last[0] + 10 or share >= 100 > last[0]:
            last[0] = round(share)
            frame.tell("cli.paper.progress", share=last[0])

    return tell


COMMANDS = {"paper": paper}
