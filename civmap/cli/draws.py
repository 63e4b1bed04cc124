"""`civmap draw`: points by quota and lot, and `civmap draw publish ID`."""

from collections.abc import Iterator
from typing import Any

import click

from civmap.cli import frame

Pairs = tuple[tuple[str, str], ...]


class Amounts(click.ParamType):
    """NAME=NUMBER pairs apart by commas."""

    name = "name=n,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Pairs:
        """Return the pairs; fail as wrong usage where a sign is missing."""
        if isinstance(value, tuple):
            return value
        found = []
        for part in str(value).replace(",", ",").replace("、", ",").split(","):
            if part.strip():
                name, sign, number = part.replace("=", "=").rpartition("=")
                if not sign or not name.strip() or not number.strip():
                    self.fail(frame.say("cli.usage.pair", value=part.strip()), param, ctx)
                found.append((name.strip(), number.strip()))
        return tuple(found)


AMOUNTS = Amounts()


@frame.command("draw")
@click.argument("verb", required=False, type=click.Choice(["publish"]))
@click.argument("code", required=False, metavar="ID")
@click.option("--quota", type=AMOUNTS, multiple=True, metavar="TYPE=N,…", help="How many points of which type.")
@click.option("--mandatory", is_flag=True, help="All declared points of the types that are always inspected.")
@click.option("--weights", type=AMOUNTS, multiple=True, metavar="STREET=W,…",
              help="How much a subdistrict or street counts; 0 leaves it out, others count 1.")
@click.option("--not-seen-days", type=int, default=0, metavar="N", help="Leave out what was seen in the last N days.")
@click.option("--seed", metavar="S", help="The same seed draws the same points; without one it is made.")
@click.option("--covert", is_flag=True, help="Hide the draw from responsible units until it is published.")
@click.option("--name", default="", metavar="TEXT", help="What the draw is called.")
def draw(verb: str | None, code: str | None, quota: tuple[Pairs, ...], mandatory: bool, weights: tuple[Pairs, ...],
         not_seen_days: int, seed: str | None, covert: bool, name: str) -> None:
    """Draw points blindly by quota and seed; `draw publish ID` lets everybody know of a draw."""
    from civmap import clock
    from civmap.draws import actions, queries
    from civmap.people.rules import OFFICE
    from civmap.routes.actions import publish_draw

    with frame.writing() as session:
        now = clock.now()
        if verb:
            if not code:
                raise click.UsageError(frame.say("cli.draw.which"))
            made = publish_draw(session, OFFICE, code, now)
        else:
            wish = actions.wish(session, _flat(quota), _flat(weights), is_mandatory=mandatory,
                                not_seen_days=not_seen_days)
            made = actions.make(session, OFFICE, wish, seed, now, is_covert=covert, name=name)
        shown = queries.told(session, OFFICE, made, frame.language())
    frame.answer(shown, lambda: _told(shown, is_published=bool(verb)))


def _flat(groups: tuple[Pairs, ...]) -> Pairs:
    return tuple(pair for group in groups for pair in group)


def _told(shown: dict[str, Any], is_published: bool) -> Iterator[str]:
    if is_published:
        yield frame.say("cli.draw.published", code=shown["draw"])
        return
    yield frame.say("cli.draw.drawn", code=shown["draw"], seed=shown["seed"], n=shown["count"])
    for row in shown["chosen"]:
        why = frame.say(f"draws.why.{row['why']}")
        yield f"{row['code']}  {row['name']}  {row['type_name']}  {why}"
    for lack in shown["shortfall"]:
        yield frame.say("cli.draw.lack", type=lack["type_name"], wanted=lack["wanted"], got=lack["got"])
    for note in shown["notes"]:
        yield note["message"]


COMMANDS = {"draw": draw}
