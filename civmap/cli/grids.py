"""`civmap grids COMMUNITY`: tile a community by streets and water; told first, written when asked."""

from collections.abc import Iterator
from typing import Any

import click

from civmap.cli import frame


@frame.command("grids")
@click.argument("community", metavar="COMMUNITY")
@click.option("--size-m2", type=click.FloatRange(100), metavar="M2", help="How large a grid shall be.")
@click.option("--households", type=click.FloatRange(1), metavar="N", help="How many households a grid shall have.")
@click.option("--count", type=click.IntRange(1, 999), metavar="N", help="How many grids there shall be.")
@click.option("--replace", is_flag=True, help="Retire the grids that are there.")
@click.option("--no-estates", is_flag=True, help="Do not keep closed estates as grids of their own.")
@click.option("--yes", is_flag=True, help="Write the grids; without it nothing is written.")
def grids(community: str, size_m2: float | None, households: float | None, count: int | None, replace: bool,
          no_estates: bool, yes: bool) -> None:
    """Tile a community (code) with grids of about a size, a number of households, or into a number of grids."""
    from civmap import clock
    from civmap.delimiting import grids as room
    from civmap.issues import divisions
    from civmap.people.rules import OFFICE
    from civmap.store.editing import one_at_a_time
    from civmap.zones.carrying import DRAWING_KEY, carry_out

    now, opened = clock.now(), frame.writing if yes else frame.reading
    with opened() as session:
        if yes:
            one_at_a_time(session, DRAWING_KEY)
        wishes = room.Wishes(size_m2, households, count, replace, not no_estates)
        found = room.proposed(session, OFFICE, community, wishes, now)
        told = room.as_json(found)
        if yes:
            told["zones"] = carry_out(session, OFFICE, found.plan, now, room.VERB)
            for kind, box in found.plan.moved().items():
                divisions.follow(session, kind, now, box)
    frame.answer(told, lambda: _lines(told))


def _lines(told: dict[str, Any]) -> Iterator[str]:
    for change in told["changes"]:
        if change["is_new"]:
            yield f"{change['zone']}  {change['after_m2']:>12,.0f} m²  {change['households']:>6}  {change['name']}"
    figures = told["figures"]
    yield frame.say("cli.grids.total", n=figures["cells"], m2=f"{figures['middle_m2']:,}",
                    least=f"{figures['least_m2']:,}", most=f"{figures['most_m2']:,}", gone=len(told["retired"]))
    yield frame.say("cli.grids.written" if "zones" in told else "cli.grids.not_written")


COMMANDS = {"grids": grids}
