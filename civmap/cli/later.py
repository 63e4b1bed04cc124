"""Commands that are promised and not built yet: each answers with a sentence and exit status 1."""

import click

from civmap.cli.frame import Command
from civmap.errors import NotBuilt

ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}


def _later(name: str, summary: str) -> click.Command:
    @click.command(name, cls=Command, context_settings=ANYTHING, help=summary)
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def run(rest: tuple[str, ...]) -> None:
        raise NotBuilt("command_not_built", command=name)

    return run


COMMANDS = {
    "route": _later("route", "Plan a route over points and write it."),
}
