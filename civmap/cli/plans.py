"""`civmap assign-plan`: filed issues to the nearest units that have room; told first, carried out when asked."""

from collections.abc import Iterator
from typing import Any

import click

from civmap.cli import frame


@frame.command("assign-plan")
@click.option("--issues", metavar="NO,…", help="Only these issues.")
@click.option("--where", type=frame.Pairs(), multiple=True, metavar="FIELD=VALUE",
              help="Narrow by any filter of the list of issues.")
@click.option("--carry-out", is_flag=True, help="Dispatch each issue to its unit; without it nothing is written.")
def assign_plan(issues: str | None, where: tuple[tuple[str, str], ...], carry_out: bool) -> None:
    """Plan filed issues within the capacity of the nearest units, with the least metres in all."""
    from civmap import clock
    from civmap.issues import planned
    from civmap.people.rules import OFFICE

    numbers = [one.strip() for one in issues.split(",") if one.strip()] if issues else None
    now, opened = clock.now(), frame.writing if carry_out else frame.reading
    with opened() as session:
        found = planned.make(session, OFFICE, now, numbers=numbers, filters=dict(where))
        shown = planned.as_json(found)
        if carry_out:
            shown["told"] = planned.carry_out(session, OFFICE, found, found.hash, now, frame.language())
    frame.answer(shown, lambda: _told(shown))


def _told(shown: dict[str, Any]) -> Iterator[str]:
    for move in shown["moves"]:
        yield frame.say("cli.plan.line", no=move["issue_no"], unit=move["unit"], name=move["unit_name"],
                        m=f"{move['distance_m']:.0f}")
    for row in shown["unserved"]:
        yield frame.say("cli.plan.unserved", no=row["issue_no"], reason=frame.say(f"plan.reason.{row['reason']}"))
    yield frame.say("cli.plan.total", n=len(shown["moves"]), km=f"{shown['total_m'] / 1000:.2f}",
                    left=len(shown["unserved"]))
    told = shown.get("told")
    if told is not None:
        for row in told:
            if not row["done"]:
                yield f"{row['issue_no']} {row['message']}"
        done = sum(row["done"] for row in told)
        yield frame.say("cli.plan.told", done=done, failed=len(told) - done)


COMMANDS = {"assign-plan": assign_plan}
