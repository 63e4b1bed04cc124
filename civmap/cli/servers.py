"""The command that serves the city."""

import click

from civmap.cli import frame


@frame.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="N")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N",
              help="Processes that share the port.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the city until it is stopped."""
    from civmap.city.queries import the_city
    from civmap.config import check_listening
    from civmap.store.database import reading
    from civmap.web import serving

    settings = frame.settings()
    check_listening(settings, host)
    with frame.database(settings) as engine, reading(engine) as session:
        name = the_city(session).name
    serving.serve(settings, host, port, workers,
                  lambda address: frame.tell("cli.serve.ready", name=name, address=address))


COMMANDS = {"serve": serve}
