"""`civmap route`: points become a round by streets, hours and teams, and the round becomes files."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import Conflict, NotFound

Target = tuple[Path, str]


class Codes(click.ParamType):
    """Codes apart by commas."""

    name = "code,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the codes."""
        if isinstance(value, tuple):
            return value
        return tuple(part.strip() for part in str(value).replace(",", ",").replace("、", ",").split(",")
                     if part.strip())


CODES = Codes()


@frame.command("route")
@click.option("--points", type=CODES, multiple=True, metavar="CODES", help="Codes of points, apart by commas.")
@click.option("--type", "types", multiple=True, metavar="T", help="All points of a type: PTnn, identifier or name.")
@click.option("--draw", metavar="ID", help="The points of a draw.")
@click.option("--where", type=frame.Pairs(), multiple=True, metavar="FIELD=VALUE",
              help="Points by any filter of the list; narrows --type.")
@click.option("--start", type=frame.SPOT, metavar="LON,LAT", help="Where the teams start; default: anywhere.")
@click.option("--end", type=frame.SPOT, metavar="LON,LAT", help="Where they end; default: with the last stop.")
@click.option("--return", "is_back", is_flag=True, help="They return to where they started.")
@click.option("--teams", type=int, default=1, show_default=True, metavar="K", help="How many teams.")
@click.option("--hours", type=float, metavar="H",
              help="Hours of work without the break; 0: no limit. Default: the office's day.")
@click.option("--visit-min", type=float, metavar="M", help="Minutes at each point; default: by its type.")
@click.option("--metric", type=click.Choice(["road", "air"]), default="road", show_default=True,
              help="Along streets, or straight.")
@click.option("--mode", type=click.Choice(["walk", "cycle", "drive"]), default="walk", show_default=True,
              help="How the teams move.")
@click.option("--balance", type=click.Choice(["shortest", "balanced"]), default="shortest", show_default=True,
              help="Least metres, or days of equal length.")
@click.option("--must", type=CODES, multiple=True, metavar="CODES", help="Only these must be seen.")
@click.option("--nice", type=CODES, multiple=True, metavar="CODES", help="These may give way.")
@click.option("--together", type=CODES, multiple=True, metavar="CODES", help="One team visits these in one go.")
@click.option("--day", metavar="DATE", help="On which day; default today.")
@click.option("--seconds", type=float, metavar="N", help="How long to search; default by size.")
@click.option("--ignore-opening", is_flag=True, help="Do not look at opening hours.")
@click.option("--covert", is_flag=True, help="Hide the round from responsible units until it is published.")
@click.option("--name", default="", metavar="TEXT", help="What the round is called.")
@click.option("--out", "outs", type=click.Path(path_type=Path), multiple=True, metavar="FILE…",
              help="Files by ending: xlsx, csv, gpx, kml, geojson, gpkg, shp.zip, pdf.")
@click.argument("more", nargs=-1, type=click.Path(path_type=Path), metavar="")
def route(outs: tuple[Path, ...], more: tuple[Path, ...], is_back: bool, **asked: Any) -> None:
    """Plan a round over points by code, type, filter or draw, and write it into files."""
    if more and not outs:
        raise click.UsageError(frame.say("cli.route.unexpected", value=str(more[0])))
    targets = _targets((*outs, *more))
    sent = _sent(is_back, asked)
    with frame.database() as engine:
        frame.wake(engine)
        told = _planned(engine, sent, targets)
    frame.answer(told, lambda: _lines(told))


def _targets(files: tuple[Path, ...]) -> list[Target]:
    """Return the files with their formats, checked before anything is planned."""
    from civmap.documents.rounds import format_of

    targets = [(file, format_of(file.name)) for file in files]
    for file, _fmt in targets:
        if not file.parent.is_dir():
            raise NotFound("folder_not_found", field="out", folder=str(file.parent))
        if file.is_dir():
            raise Conflict("out_is_folder", field="out", folder=str(file))
    return targets


def _sent(is_back: bool, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for as the interface takes it."""
    def spot(value: tuple[float, float] | None) -> dict[str, float] | None:
        return None if value is None else {"lon": value[0], "lat": value[1]}

    flat = {name: [code for some in asked[name] for code in some] for name in ("points", "must", "nice")}
    filters: dict[str, Any] = {}
    for name, value in asked["where"]:
        filters[name] = f"{filters[name]},{value}" if name in filters else value
    sent = {**flat, "types": list(asked["types"]), "draw": asked["draw"], "filters": filters,
            "together": [list(group) for group in asked["together"]], "start": spot(asked["start"]),
            "end": spot(asked["end"]), "ends": "return" if is_back else None, "teams": asked["teams"],
            "must": flat["must"] or None, "covert": asked["covert"] or None,
            **{name: asked[name] for name in ("hours", "visit_min", "metric", "mode", "balance", "day", "seconds",
                                              "ignore_opening", "name")}}
    return {name: value for name, value in sent.items() if value not in (None, [], {}, "")}


def _planned(engine: Any, sent: dict[str, Any], targets: list[Target]) -> dict[str, Any]:
    """Plan, keep and write the round; return what is told of it."""
    from civmap import clock
    from civmap.documents import rounds
    from civmap.people.rules import OFFICE
    from civmap.routes import actions, planning, queries
    from civmap.store.database import reading, writing

    now, lang = clock.now(), frame.language()
    with reading(engine) as session:
        prepared = planning.prepare(session, OFFICE, sent, now)
    seconds = planning.seconds_of(prepared.wish.seconds, len(prepared.draft.stops))
    bar = _Bar()
    with _halting() as is_halted:
        found, notes = planning.planned(prepared.found, seconds, bar.tell, is_halted)
    bar.end()
    with writing(engine) as session:
        code = actions.create(session, OFFICE, replace(prepared, found=found), now, notes).route.code
        for _file, fmt in targets:
            rounds.note(session, OFFICE, code, fmt, now)
    with reading(engine) as session:
        _write(session, code, targets, now, lang)
        return {**queries.told(session, OFFICE, code, lang), "out": [str(file) for file, _fmt in targets]}


def _write(session: Any, code: str, targets: list[Target], now: datetime, lang: str) -> None:
    from civmap.documents import rounds
    from civmap.people.rules import OFFICE

    for file, fmt in targets:
        unfinished = file.with_name(f".{file.name}.part.{fmt}")
        try:
            rounds.write(session, OFFICE, code, unfinished, fmt, lang, now)
            os.replace(unfinished, file)
        finally:
            unfinished.unlink(missing_ok=True)
        frame.tell("cli.route.written", file=file)


@contextmanager
def _halting() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C keep the best plan so far; the second one ends the command."""
    halted: list[bool] = []

    def note(*_signal: Any) -> None:
        if halted:
            raise KeyboardInterrupt
        halted.append(True)
        frame.tell("cli.route.halting")

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # not the main thread
        yield lambda: False
        return
    try:
        yield lambda: bool(halted)
    finally:
        signal.signal(signal.SIGINT, before)


class _Bar:
    """How far the planning is, on stderr: one line that is written over, or a line now and then."""

    def __init__(self) -> None:
        self.last = -20.0
        self.is_live = sys.stderr.isatty()

    def tell(self, progress: Any) -> None:
        """Show the progress where it is worth it."""
        share = min(progress.fraction, 1.0) * 100
        if share < self.last + (1 if self.is_live else 20) and share < 100:
            return
        self.last = share
        done = round(share / 5)
        best = "—" if progress.best_m is None else f"{progress.best_m:,.0f}"
        line = frame.say("cli.route.progress", bar="█" * done + "░" * (20 - done), share=f"{share:.0f}", best=best)
        click.echo(f"\r{line}" if self.is_live else line, err=True, nl=not self.is_live)

    def end(self) -> None:
        """Leave the line."""
        if self.is_live and self.last >= 0:
            click.echo("", err=True)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield frame.say("cli.route.done", code=told["route"], metres=f"{told['total_m']:,.0f}", stops=len(told["stops"]))
    for team in told["teams"]:
        yield frame.say("cli.route.team", name=team["name"], stops=len(team["stops"]), minutes=f"{team['minutes']:.0f}",
                        metres=f"{team['length_m']:,.0f}")
        for stop in (one for one in told["stops"] if one["team"] == team["team"]):
            yield f"  {stop['position']:>3} {_clock(stop['arrive_at'])} {stop['code']} {stop['name']} " \
                  f"+{stop['leg_m']:,.0f} m"
    for one in told["unreached"]:
        yield frame.say("cli.route.unreached", code=one["code"], name=one["name"], reason=one["message"])
    for note in told["notes"]:
        yield f"· {note['message']}"


def _clock(moment: str | None) -> str:
    from civmap import clock

    return f"{clock.to_office(clock.parse_moment(moment)):%H:%M}" if moment else "—"


COMMANDS = {"route": route}
