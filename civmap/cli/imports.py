"""Commands that take tables in, list what was imported, and undo an import."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from civmap.cli import frame
from civmap.errors import NotFound

SHOWN_PROBLEMS = 50
BAR, TELL_EVERY, SILENT_ROWS = 24, 0.5, 500


@frame.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--crs", default="auto", show_default=True, metavar="C",
              help="wgs84, gcj02, bd09, cgcs2000, EPSG:n or auto.")
@click.option("--sheet", metavar="S", help="Which sheet of a workbook; default the first visible one.")
@click.option("--column", "columns", type=frame.Pairs(), multiple=True, metavar="FIELD=HEADER",
              help="Which heading holds a field; FIELD==VALUE says the same of every row.")
@click.option("--accept", multiple=True, metavar="CODE", help="Accept the repair of a problem wherever it occurs.")
@click.option("--report", type=click.Path(path_type=Path), metavar="OUT.xlsx",
              help="Write the rows with their problems beside them.")
@click.option("--yes", is_flag=True, help="Save; without it the table is only examined.")
def take_in(kind: str, file: Path, crs: str, sheet: str | None, columns: tuple[tuple[str, str], ...],
            accept: tuple[str, ...], report: Path | None, yes: bool) -> None:
    """Take a table or layer in: units, shops, points, zones, segments, streets, buildings, issues … or auto."""
    from civmap import clock
    from civmap.exchange.intake import Wish
    from civmap.imports import attempts
    from civmap.people.rules import OFFICE

    if report is not None and not report.parent.is_dir():
        raise NotFound("folder_not_found", field="report", folder=str(report.parent))
    wish = Wish(crs, sheet, dict(columns), accept)
    with frame.database() as engine:
        frame.wake(engine)
        home = frame.settings().home
        with attempts.attempted(engine, home, OFFICE, kind, file, wish, frame.language(), clock.now(), is_saved=yes,
                                tell=_Bar()) as done:
            if report is not None:
                from civmap.imports import returning

                returning.write(done.folder, report, frame.language())
                frame.tell("cli.import.report", file=report)
            frame.answer(done.answer, lambda: _told(done, kind, accept, yes))


class _Bar:
    """Draws how far the work is on stderr, for tables that take a while."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Draw, at most twice a second."""
        if total < SILENT_ROWS or time.monotonic() - self._at < TELL_EVERY:
            return
        self._at = time.monotonic()
        full = round(BAR * done / total)
        told = frame.say("cli.import.reading", phase=frame.say(f"import.phase.{phase}"), done=done, total=total)
        click.echo(f"[{'#' * full}{'.' * (BAR - full)}] {told}", err=True)


def _told(done: Any, kind: str, accept: tuple[str, ...], is_saved: bool) -> Iterator[str]:
    answer = done.answer
    yield from _read_as(done, kind)
    for problem in answer["problems"][:SHOWN_PROBLEMS]:
        yield frame.say("cli.import.problem", row=problem["row"], column=problem["column"] or "—",
                        message=problem["message"])
    if len(answer["problems"]) > SHOWN_PROBLEMS:
        yield frame.say("cli.import.more", count=len(answer["problems"]) - SHOWN_PROBLEMS)
    yield from _repairs(answer, accept)
    if answer["repaired"]:
        yield frame.say("cli.import.repaired", count=len(answer["repaired"]))
    for name, password in answer.get("passwords", {}).items():
        yield frame.say("cli.import.password", name=name, password=password)
    if answer.get("matches"):
        yield _matched(answer["matches"])
    yield frame.say("cli.import.saved" if is_saved else "cli.import.would",
                    **{name: answer[name] for name in ("rows", "ok", "created", "updated", "unchanged")})
    if is_saved:
        yield frame.say("cli.import.code", code=answer["import"])


def _repairs(answer: dict[str, Any], accepted: tuple[str, ...]) -> Iterator[str]:
    """Say which repairs `--accept` would take, and which of those named were not there to take."""
    offered = Counter(problem["code"] for problem in answer["problems"] if problem["repair"])
    for code, count in offered.items():
        yield frame.say("cli.import.offered", code=code, count=count)
    taken = {problem["code"] for problem in answer["repaired"]}
    for code in (code for code in accepted if code not in taken):
        yield frame.say("cli.import.not_there", code=code)


def _read_as(done: Any, kind: str) -> Iterator[str]:
    if kind == "auto":
        yield frame.say("cli.import.kind", kind=frame.say(f"imports.kind.{done.kind}"))
    yield frame.say("cli.import.columns", used="、".join(f"{field}={name}" for field, name in done.used.items()))
    if done.left_aside:
        yield frame.say("cli.import.left_aside", names="、".join(done.left_aside))
    for note in done.answer["notes"]:
        yield note["message"]


def _matched(matches: list[dict[str, Any]]) -> str:
    states = [match["state"] for match in matches]
    scores = [match["score"] for match in matches if match["state"] == "sure"]
    return frame.say("cli.import.matches", sure=states.count("sure"), doubtful=states.count("doubtful"),
                     none=states.count("none"), score=min(scores, default=0))


@frame.command("imports")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, metavar="N", help="How many.")
def listed(limit: int) -> None:
    """List what was imported, newest first."""
    from civmap.imports import folders, queries, showing
    from civmap.people.rules import OFFICE

    with frame.reading() as session:
        runs, _ = queries.listed(session, OFFICE, limit)
        home, lang = frame.settings().home, frame.language()
        found = [showing.shown(run, folders.folder(home, run.code), OFFICE, lang, is_whole=False) for run in runs]
    frame.answer({"imports": found}, lambda: [_line(each) for each in found] or [frame.say("cli.imports.none")])


def _line(told: dict[str, Any]) -> str:
    return frame.say("cli.imports.line", code=told["import"], at=told["saved_at"] or told["made_at"],
                     kind=told["kind_name"], file=told["file"]["name"], who=told["made_by"],
                     state=frame.say(f"import.state.{told['state']}"),
                     **{name: told["counts"][name] for name in ("created", "updated", "problems")})


@frame.command("import-undo")
@click.argument("code")
def undo(code: str) -> None:
    """Undo an import as a whole; what was touched since stays, and is named."""
    from civmap import clock
    from civmap.errors import Conflict
    from civmap.imports import folders, queries, rules, saving, undoing
    from civmap.people.rules import OFFICE

    with frame.writing() as session:
        run = saving.locked(session, code)
        if run is None:
            raise NotFound("import_not_found", field="code", code=code)
        state, _ = queries.standing(run, folders.folder(frame.settings().home, run.code))
        if state != rules.SAVED:
            raise Conflict("import_not_now", field="state")
        told = undoing.undo(session, OFFICE, run, clock.now(), _Bar())
    frame.answer({"import": code, **told}, lambda: [
        *(frame.say("cli.import.undo_line", kind=each["kind"], code=each["key"],
                    what=frame.say(f"import.undo.{each['why']}")) for each in told["stays"][:SHOWN_PROBLEMS]),
        frame.say("cli.import.undone", code=code, **told["counts"])])


COMMANDS = {"import": take_in, "imports": listed, "import-undo": undo}
