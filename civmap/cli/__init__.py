"""The command line `civmap …`: every command loads its own module only when it is called, so that starting is quick."""

import importlib

import click

COMMANDS = {
    "demo": "civmap.cli.cities", "init": "civmap.cli.cities", "serve": "civmap.cli.servers",
    "import": "civmap.cli.imports", "imports": "civmap.cli.imports", "import-undo": "civmap.cli.imports",
    "export": "civmap.cli.tables",
    "paper": "civmap.cli.papers", "document": "civmap.cli.papers",
    "assign": "civmap.cli.answers", "assign-file": "civmap.cli.spots",
    "assign-plan": "civmap.cli.plans", "deadline": "civmap.cli.answers",
    "coverage": "civmap.cli.answers", "place": "civmap.cli.addresses", "grids": "civmap.cli.grids",
    "draw": "civmap.cli.draws", "route": "civmap.cli.routes",
    "frontage": "civmap.cli.frontages",
    "pledge": "civmap.cli.pledges",
    "issue": "civmap.cli.people", "person": "civmap.cli.people",
    "messages": "civmap.cli.messages", "outbox": "civmap.cli.outbox",
    "backup": "civmap.cli.safety", "restore": "civmap.cli.safety", "ledger": "civmap.cli.safety",
    "doctor": "civmap.cli.safety",
}


class Lazily(click.Group):
    """A group whose commands lie in modules that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name])
        return module.COMMANDS[cmd_name]


@click.group(cls=Lazily, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="civmap", prog_name="civmap")
def main() -> None:
    """Run the map of a civilised-city office: points, segments, zones, issues and who answers for them."""
