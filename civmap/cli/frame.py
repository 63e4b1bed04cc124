"""What every command shares: settings and database, one JSON document, sentences instead of traces, exit status.

Exit 0 done, 1 refused (a sentence on stderr), 2 wrong usage. With `--json` stdout carries exactly one JSON document,
also for a refusal; everything meant for people goes to stderr.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from civmap import texts
from civmap.config import Settings
from civmap.dictionaries import saying
from civmap.errors import CivmapError, Invalid, NotFound, Several

FAILURES = "failures.log"
JSON_ASKED = "civmap.json"


def language() -> str:
    """Return the language of messages, also where the settings themselves are wrong."""
    lang = os.environ.get("CIVMAP_LANG") or "zh"
    return lang if lang in texts.LANGUAGES else "zh"


def say(key: str, **facts: Any) -> str:
    """Return a text of the command line."""
    return texts.say(language(), key, **facts)


def has(key: str) -> bool:
    """Tell whether there is a text of that key."""
    return texts.has(language(), key)


def tell(key: str, **facts: Any) -> None:
    """Print a message for people on stderr."""
    click.echo(say(key, **facts), err=True)


class Command(click.Command):
    """A command that turns every refusal into a sentence and exit status 1, and takes `--json`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(click.Option(["--json", "as_json"], is_flag=True, expose_value=False,
                                        callback=_note_json, is_eager=True,
                                        help="Print exactly one JSON document on stdout."))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raise SystemExit 1 where it is refused or fails."""
        try:
            return super().invoke(ctx)
        except CivmapError as problem:
            refuse(problem)
        except (click.exceptions.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            _silence_stdout()
            raise SystemExit(1) from None
        except Exception as problem:
            fail(problem)


def wants_json() -> bool:
    """Tell whether the running command was called with `--json`."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(JSON_ASKED, False))


def _note_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.meta[JSON_ASKED] = value


def command(name: str, **options: Any) -> Callable[[Callable[..., None]], click.Command]:
    """Return a decorator that makes a command of ours."""
    return click.command(name, cls=Command, **options)


def answer(document: Any, lines: Callable[[], Iterator[str] | list[str]]) -> None:
    """Print the JSON document, or the lines for people, on stdout."""
    if wants_json():
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    for line in lines():
        click.echo(line)


def refuse(problem: CivmapError) -> NoReturn:
    """Print a refusal in words on stderr (as JSON on stdout too where asked for) and end with status 1."""
    lang = language()
    parts = problem.problems if isinstance(problem, Several) else [problem]
    sentences = [sentence(lang, part) for part in parts]
    if wants_json():
        click.echo(json.dumps({
            "code": problem.code, "detail": "\n".join(sentences),
            "errors": [{"field": part.field, "code": part.code, "message": told}
                       for part, told in zip(parts, sentences, strict=True)],
            **{name: problem.facts[name] for name in ("allowed", "who") if name in problem.facts}},
            ensure_ascii=False))
    for told in sentences:
        click.echo(told, err=True)
    raise SystemExit(1)


def sentence(lang: str, problem: CivmapError) -> str:
    """Return the sentence of a refusal with its way out; its bare code where the catalogue lacks it."""
    return saying.sentence(lang, problem) if texts.has(lang, f"error.{problem.code}") else str(problem)


def fail(problem: Exception) -> NoReturn:
    """Keep the trace in the data folder, print a sentence with the way there, and end with status 1."""
    kept = _keep_trace(problem)
    refuse(CivmapError("unexpected_failure", kind=type(problem).__name__, file=kept))


def _keep_trace(problem: Exception) -> str:
    file = Path(os.environ.get("CIVMAP_HOME") or "var") / FAILURES
    try:
        with file.open("a", encoding="utf-8") as out:
            out.write("".join(traceback.format_exception(problem)) + "\n")
        return str(file)
    except OSError:
        traceback.print_exception(problem, file=sys.stderr)
        return "stderr"


def _silence_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def settings() -> Settings:
    """Return the settings from the environment; raise Invalid naming the one that is wrong."""
    return Settings.from_environ()


@contextmanager
def database(chosen: Settings | None = None, *, create: bool = False) -> Iterator[Any]:
    """Give an engine on the city's database with the newest schema; raise NotFound where there is none to open."""
    from sqlalchemy.engine import make_url

    from civmap.schema import standing
    from civmap.store.database import open_engine, translated

    chosen = chosen or settings()
    if create:
        _make_home(chosen.home)
    if chosen.is_embedded and not create and not Path(str(make_url(chosen.database_url).database)).is_file():
        raise NotFound("no_city")
    engine = open_engine(chosen.database_url)
    try:
        with translated():
            if not standing.is_newest(engine):
                from civmap.schema import migrate

                migrate.upgrade(engine)
            yield engine
    finally:
        engine.dispose()


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Invalid("setting_home", field="CIVMAP_HOME", path=home, problem=problem.strerror) from problem


@contextmanager
def reading(*, is_awake: bool = True) -> Iterator[Any]:
    """Give a session for reading the city, in which what is due by itself has happened unless told otherwise."""
    from civmap.store import database as store

    with database() as engine:
        if is_awake:
            wake(engine)
        with store.reading(engine) as session:
            _speak(session)
            yield session


@contextmanager
def writing() -> Iterator[Any]:
    """Give a session whose one transaction is kept when the command ends well."""
    from civmap.store import database as store

    with database() as engine:
        wake(engine)
        with store.writing(engine) as session:
            _speak(session)
            yield session


def _speak(session: Any) -> None:
    from civmap.issues import customs

    customs.speak(session)


def wake(engine: Any) -> None:
    """Let everything happen that is due by itself: issues come back, levels of supervision are reached."""
    from civmap import clock
    from civmap.issues.waking import wake_up

    wake_up(engine, clock.now())


class Pairs(click.ParamType):
    """A value NAME=TEXT."""

    name = "name=text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return the two parts; fail as wrong usage where the sign is missing."""
        name, sign, text = str(value).partition("=")
        if not sign or not name.strip():
            self.fail(say("cli.usage.pair", value=value), param, ctx)
        return name.strip(), text.strip()


class Numbers(click.ParamType):
    """So many numbers apart by commas: LON,LAT or W,S,E,N."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.name = "lon,lat" if count == 2 else "w,s,e,n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Return the numbers; fail as wrong usage where they are not that many."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(float(part) for part in str(value).replace(",", ",").split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != self.count or not all(abs(number) < 1e9 for number in numbers):
            self.fail(say("cli.usage.numbers", value=value, wanted=self.name), param, ctx)
        return numbers


SPOT, BOX = Numbers(2), Numbers(4)


def moment(text: str | None) -> Any:
    """Return a moment from a day (noon in office time) or an ISO moment; now where nothing is said. Raise Invalid."""
    from datetime import date

    from civmap import clock
    from civmap.store.listing import moment_of

    if text is None:
        return clock.now()
    try:
        return moment_of(date.fromisoformat(text.strip()) if len(text.strip()) == 10 else clock.parse_moment(text))
    except ValueError as problem:
        raise Invalid("moment_unreadable", field="on", value=text[:40]) from problem
