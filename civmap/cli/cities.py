"""Commands that make a city: the invented demo district, or a real one from an OpenStreetMap extract."""

import os
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import Conflict, Invalid

NO_DIVISION = "100000"
SHOWN_SHARE = 0.05
TAKEN = ("streets", "segments", "points", "zones", "buildings", "water", "green")


@frame.command("init")
@click.option("--name", metavar="N", help="What the city is called.")
@click.option("--division", metavar="CODE", help="Its division code, six digits; without it the country's, 100000.")
@click.option("--osm", type=click.Path(path_type=Path), metavar="FILE", help=".osm, .osm.gz or .osm.pbf.")
@click.option("--bbox", type=frame.BOX, metavar="W,S,E,N", help="Only what lies in the box.")
def init(name: str | None, division: str | None, osm: Path | None, bbox: tuple[float, ...] | None) -> None:
    """Found a new city, with streets, places and borders from an extract."""
    from civmap import clock
    from civmap.founding import actions
    from civmap.people.rules import OFFICE
    from civmap.store.database import writing

    settings = frame.settings()
    _refuse_existing(settings)
    ground = _surveyed(osm, bbox) if osm is not None else None
    called = name or (ground.name if ground is not None else "") or frame.say("cli.init.unnamed")
    laid = actions.basemap_laid(settings.basemap, ground, called) if ground is not None else nullcontext()
    with frame.database(settings, create=True) as engine, laid, writing(engine) as session:
        counts = actions.found_city(session, OFFICE.actor, called, division or NO_DIVISION, now=clock.now(),
                                    ground=ground, frame=bbox, source=osm.name if osm is not None else "")
    if division is None:
        frame.tell("cli.init.no_division", code=NO_DIVISION)
    frame.answer(counts, lambda: _founded(called, counts))


def _refuse_existing(settings: Any) -> None:
    """Raise Conflict where there is a city already, before anything long begins."""
    from sqlalchemy.engine import make_url

    from civmap.city.queries import has_city, the_city
    from civmap.store.database import reading

    if settings.is_embedded and not Path(str(make_url(settings.database_url).database)).is_file():
        return
    with frame.database(settings, create=True) as engine, reading(engine) as session:
        if has_city(session):
            raise Conflict("city_exists", name=the_city(session).name)


def _surveyed(osm: Path, bbox: tuple[float, ...] | None) -> Any:
    from civmap.founding import survey

    return survey.survey(osm, bbox, _teller("founding.step"))


def _founded(name: str, counts: dict[str, Any]) -> Iterator[str]:
    yield frame.say("cli.init.done", name=name)
    if any(counts[what] for what in TAKEN):
        yield frame.say("founding.taken", **{what: counts[what] for what in TAKEN})
    if counts["zones"]:
        yield frame.say("founding.codes_note")
    for left in counts["skipped"]:
        yield frame.say("cli.init.left", reason=frame.say(f"founding.skipped.{left['reason']}"), count=left["count"])


@frame.command("demo")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="N")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), metavar="N", help="Which invented district.")
@click.option("--on", metavar="DATE", help="As of which day; default today.")
@click.option("--no-serve", is_flag=True, help="Only build it.")
def demo(port: int, seed: int | None, on: str | None, no_serve: bool) -> None:
    """Build the invented demo district where it is not there yet, and serve it."""
    from civmap.config import check_listening

    settings = frame.settings()
    check_listening(settings, "127.0.0.1")
    if not no_serve and port:
        _refuse_taken_port(port)
    facts = _demo_facts(settings, seed, on)
    if no_serve:
        frame.answer(facts, lambda: _logins(facts["logins"]))
        return
    from civmap.web import serving

    serving.serve(settings, "127.0.0.1", port, 1, lambda address: _invite({**facts, "address": address}))


def _refuse_taken_port(port: int) -> None:
    """Raise Conflict before the district is built, not after."""
    from civmap.web import serving

    serving.bind("127.0.0.1", port).close()


def _demo_facts(settings: Any, seed: int | None, on: str | None) -> dict[str, Any]:
    """Build the district where there is none; return name, day, seed and logins. Raise Conflict for another city."""
    from civmap import clock
    from civmap.city.queries import has_city, the_city
    from civmap.demo.build import LOGINS, SEED
    from civmap.store.database import reading, writing

    day = _day(on) if on else clock.office_day(clock.now())
    with frame.database(settings, create=True) as engine:
        with reading(engine) as session:
            is_there = has_city(session)
        if not is_there:
            with writing(engine) as session:
                _build(session, settings, SEED if seed is None else seed, day)
        with reading(engine) as session:
            city = the_city(session)
    if not city.is_demo:
        raise Conflict("demo_other_city", name=city.name)
    if is_there and (city.demo_on != day or (seed is not None and seed != city.demo_seed)):
        frame.tell("cli.demo.older", on=city.demo_on, seed=city.demo_seed, folder=settings.home)
    return {"name": city.name, "on": str(city.demo_on), "seed": city.demo_seed, "built": not is_there,
            "logins": [dict(zip(("name", "password", "role"), login, strict=True)) for login in LOGINS]}


def _day(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Invalid("demo_day", field="on", value=text[:40]) from problem


def _build(session: Any, settings: Any, seed: int, day: Any) -> None:
    from civmap.demo.build import build

    frame.tell("cli.demo.building", on=day, seed=seed)
    begun = time.monotonic()
    build(session, settings, seed, day, _teller("demo.step"))
    frame.tell("cli.demo.built", seconds=f"{time.monotonic() - begun:.0f}")


def _teller(prefix: str) -> Callable[[str, float | None], None]:
    """Return a progress function that prints each step when it begins and again every 5 %."""
    shown: dict[str, float] = {}

    def tell(step: str, share: float | None = None) -> None:
        now = share or 0.0
        if step in shown and now - shown[step] < SHOWN_SHARE:
            return
        shown[step] = now
        name = frame.say(f"{prefix}.{step}") if frame.has(f"{prefix}.{step}") else step
        frame.tell("cli.progress", share=f"{now:4.0%}", name=name)

    return tell


def _logins(logins: list[dict[str, str]]) -> Iterator[str]:
    yield frame.say("cli.demo.logins")
    for login in logins:
        yield f"  {login['name']:<12}{login['password']:<24}{_role(login['role'])}"


def _role(code: str) -> str:
    from civmap import dictionaries

    known = dictionaries.roles().get(code)
    return known.name(frame.language()) if known else code


def _invite(facts: dict[str, Any]) -> None:
    """Print the address and the logins, and open a browser where there is a display."""
    frame.answer(facts, lambda: [*_logins(facts["logins"]), frame.say("cli.demo.open", address=facts["address"])])
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(facts["address"])


COMMANDS = {"demo": demo, "init": init}
