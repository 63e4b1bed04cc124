"""The commands that print: a wall map or an atlas, and the office's lists and numbered papers."""

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

    _check_target(target)
    wish = Wish(size=size, orientation="portrait" if portrait else "landscape", title=title, bbox=bbox, area=area,
                scale=scale, atlas=atlas)
    sheets = _drawn(wish, target)
    frame.answer({"out": str(target), "sheets": sheets, "bytes": target.stat().st_size},
                 lambda: [frame.say("cli.paper.done", sheets=sheets, file=target)])


def _check_target(target: Path) -> None:
    if not target.parent.is_dir():
        raise NotFound("folder_not_found", field="out", folder=str(target.parent))
    if target.is_dir():
        raise Conflict("out_is_folder", field="out", folder=str(target))


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


@frame.command("document")
@click.argument("kind", type=click.Choice(("issue_list", "register", "notice")))
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Form by ending: pdf, docx, xlsx; the register also csv.")
@click.option("--where", type=frame.Pairs(), multiple=True, metavar="FIELD=VALUE",
              help="Narrow by any filter of the issues, also status=overdue or on=DAY.")
@click.option("--group", type=click.Choice(("point", "unit")), default="point", show_default=True,
              help="A table of the list per point or per unit.")
@click.option("--photos", type=click.Choice(("pictures", "links")), help="Small pictures, or their addresses.")
@click.option("--number", metavar="N", help="Of a notice: its number, as 创建办改〔2026〕1号.")
def document(kind: str, target: Path, where: tuple[tuple[str, str], ...], group: str, photos: str | None,
             number: str | None) -> None:
    """Print a list of problems, the register, or a numbered notice again."""
    from civmap.documents import printing

    _check_target(target)
    fmt = target.suffix.lstrip(".").lower()
    printing.check("issue_list" if kind == "notice" else kind, fmt)
    unfinished = target.with_name(f".{target.name}.part.{fmt}")
    try:
        if kind == "notice":
            count = _notice(number or "", fmt, unfinished)
        else:
            is_pictured = photos == "pictures" if photos else (kind, fmt) not in (("register", "xlsx"),
                                                                                   ("register", "csv"))
            count = _listed(kind, fmt, unfinished, where, group, is_pictured)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    frame.answer({"kind": kind, "count": count, "out": str(target)},
                 lambda: [frame.say("cli.export.done", count=count, file=target)])


def _house(session: Any) -> Any:
    from civmap import clock
    from civmap.city.queries import the_city
    from civmap.documents.house import House
    from civmap.people.rules import OFFICE

    settings = frame.settings()
    return House(the_city(session).name, settings.photos, settings.public_url or "", OFFICE, clock.now())


def _listed(kind: str, fmt: str, target: Path, where: tuple[tuple[str, str], ...], group: str,
            is_pictured: bool) -> int:
    from civmap.documents import printing
    from civmap.documents.register import Wish
    from civmap.exchange import gather
    from civmap.issues import customs
    from civmap.store import database

    filters: dict[str, Any] = {}
    for name, value in where:
        filters[name] = [*filters[name], value] if name in filters else [value]
    narrowed = {name: values if len(values) > 1 else values[0] for name, values in filters.items()}
    wish = Wish(gather.asked_of(narrowed), frame.language(), group, is_pictured)
    with frame.database() as engine:
        frame.wake(engine)
        with database.reading(engine) as session:
            customs.speak(session)
            house = _house(session)
            count = printing.write(session, kind, wish, fmt, target, house)
        with database.writing(engine) as session:
            gather.note(session, house.viewer, kind, count, fmt, house.now, narrowed)
    return count


def _notice(number: str, fmt: str, target: Path) -> int:
    from sqlalchemy import select

    from civmap.documents import actions, printing
    from civmap.issues.models import Notice

    with frame.writing() as session:
        house = _house(session)
        notice = session.scalar(select(Notice).where(Notice.number == number))
        if notice is None:
            raise NotFound("notice_not_found", field="number", number=number[:60])
        is_copy = actions.note_print(session, house.viewer, notice, fmt, house.now)
        printing.write_notice(session, notice, fmt, target, house, frame.language(), is_copy)
    return 1


COMMANDS = {"paper": paper, "document": document}
