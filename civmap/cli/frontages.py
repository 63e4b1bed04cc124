"""`civmap frontage`: the frontage zones of segments or whole roads, shown or written."""

from collections.abc import Iterator
from typing import Any

import click

from civmap.cli import frame

SHOWN = 40
METRES = click.FloatRange(0, 1000)


@frame.command("frontage")
@click.argument("segments", nargs=-1, metavar="SEGMENT…")
@click.option("--road", "roads", multiple=True, metavar="NAME", help="A whole road by its name.")
@click.option("--all", "takes_all", is_flag=True, help="Every segment of the city.")
@click.option("--depth-rule", type=click.Choice(["kerb", "centre_line", "fixed_m"]), help="Default: the city's rules.")
@click.option("--depth-m", type=METRES, help="The depth where the rule is fixed_m.")
@click.option("--sides", type=click.Choice(["both", "left", "right"]), default="both", show_default=True)
@click.option("--every-m", type=click.FloatRange(1, 1000), help="Parts of sides without shops and buildings.")
@click.option("--most-gap-m", type=METRES, help="Wider gaps between neighbours stay free.")
@click.option("--corners", is_flag=True, help="Extend the ends of a row to the next street.")
@click.option("--no-shops", is_flag=True, help="Take buildings only.")
@click.option("--no-buildings", is_flag=True, help="Take shops only.")
@click.option("--no-fill", is_flag=True, help="Leave sides without shops and buildings free.")
@click.option("--yes", is_flag=True, help="Write; without it only what would change is shown.")
def delimit(segments: tuple[str, ...], roads: tuple[str, ...], takes_all: bool, yes: bool, **how: Any) -> None:
    """Delimit the frontage zones (门前三包) of road segments; again only what is missing or changed."""
    from civmap import clock
    from civmap.delimiting import answers, frontage
    from civmap.people.rules import OFFICE

    with frame.writing() if yes else frame.reading() as session:
        codes = _all_codes(session) if takes_all else list(segments)
        if yes:
            frontage.locked(session)
        proposal = frontage.proposed(session, OFFICE, _asked(codes, roads, how), clock.now(), frame.language())
        told = answers.as_json(proposal)
        if yes:
            told["zones"] = frontage.carry_out(session, OFFICE, proposal, clock.now())
    frame.answer(told, lambda: _told(told))


def _all_codes(session: Any) -> list[str]:
    from sqlalchemy import select

    from civmap import clock
    from civmap.segments.models import RoadSegment
    from civmap.store.base import holds_at

    return list(session.scalars(select(RoadSegment.code).where(holds_at(RoadSegment, clock.now()))))


def _asked(codes: list[str], roads: tuple[str, ...], how: dict[str, Any]) -> Any:
    from civmap.delimiting.frontage import Asked

    rules = {name: how[name] for name in ("depth_rule", "depth_m", "most_gap_m") if how[name] is not None}
    return Asked(codes, roads, how["sides"], rules, how["every_m"], not how["no_fill"], how["corners"],
                 with_shops=not how["no_shops"], with_buildings=not how["no_buildings"])


def _told(told: dict[str, Any]) -> Iterator[str]:
    changes, free = told["changes"], told["uncovered"]
    for one in changes[:SHOWN]:
        yield frame.say("cli.frontage.row", zone=one["zone"], name=one["name"], side=one.get("side") or "—",
                        frontage=one.get("frontage_m", "—"), area=one["after_m2"])
    if len(changes) > SHOWN:
        yield frame.say("cli.import.more", count=len(changes) - SHOWN)
    for one in free[:SHOWN]:
        yield frame.say("cli.frontage.free", segment=one["segment"], side=one["side"], low=one["from_m"],
                        high=one["to_m"], length=one["length_m"])
    yield frame.say("cli.frontage.written" if "zones" in told else "cli.frontage.would", count=len(changes),
                    unchanged=told["unchanged"], metres=round(sum(one["length_m"] for one in free)),
                    shops=len(told["left_out"]))


COMMANDS = {"frontage": delimit}
