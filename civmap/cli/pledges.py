"""`civmap pledge` and `civmap differences`: pledges of zones from the command line, and two days compared."""

from collections.abc import Iterator
from typing import Any

import click

from civmap.cli import frame


@frame.command("pledge")
@click.argument("verb", metavar="VERB")
@click.argument("codes", nargs=-1, metavar="ZONE…")
@click.option("--months", type=click.IntRange(1, 120), metavar="N", help="For how many months; default the city's.")
@click.option("--signed-on", metavar="DAY", help="When it was signed; default today.")
@click.option("--reason", default="", metavar="TEXT", help="Why: needed by changing and void.")
@click.option("--holder", metavar="NAME", help="Who holds the zone from now on.")
@click.option("--state", metavar="STATE", help="All zones in this state in place of codes: expiring, expired …")
@click.option("--as", "person", metavar="PERSON", help="In whose name; default the office.")
def pledge(verb: str, codes: tuple[str, ...], months: int | None, signed_on: str | None, reason: str,
           holder: str | None, state: str | None, person: str | None) -> None:
    """Do a verb on pledges of zones (sign, renew, changing, void, undo), or count them (states)."""
    from civmap import clock
    from civmap.cli.people import viewer_named
    from civmap.errors import Invalid
    from civmap.zones import pledges, queries

    now = clock.now()
    with (frame.reading if verb == "states" else frame.writing)() as session:
        viewer = viewer_named(session, person)
        if verb == "states":
            told: dict[str, Any] = {"states": pledges.counts(session, viewer, now)}
        else:
            wanted = [*codes, *((row.code for row in queries.listed(session, viewer, on=now, filters={
                "kind": "frontage", "pledge": state}, limit=pledges.MOST)) if state else ())]
            if not wanted:
                raise Invalid("pledge_none_chosen", field="code")
            said = pledges.Said(months, pledges.read_day(signed_on), reason.strip(), holder)
            done, refused = pledges.act_on_many(session, viewer, wanted, verb, said, now)
            told = {"done": done, "refused": [{"zone": code, "code": problem.code} for code, problem in refused]}
    frame.answer(told, lambda: _told(told))


def _told(told: dict[str, Any]) -> Iterator[str]:
    if "states" in told:
        for state, count in told["states"].items():
            yield f"{frame.say(f'pledge.state.{state}')}  {count}"
        return
    yield frame.say("pledge.done", n=len(told["done"]))
    if told["refused"]:
        yield frame.say("pledge.refused", n=len(told["refused"]))
        yield " ".join(one["zone"] for one in told["refused"])


COMMANDS = {"pledge": pledge}
