"""Commands that keep the city safe: backup, restore, ledger verify, doctor."""

from pathlib import Path

import click

from civmap.cli import frame

SHOWN_TABLES = ("inspection_point", "road_segment", "zone", "unit", "issue", "photo", "person", "ledger_entry")


@frame.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole city into one file: database, photos, basemap."""
    from civmap import clock
    from civmap.doctor import backup as keeping

    settings = frame.settings()
    with frame.database(settings) as engine:
        manifest = keeping.write(engine, settings, file, clock.now(), _step)
    size = file.stat().st_size
    counts = manifest["counts"]
    frame.answer({"file": str(file), "bytes": size, "counts": counts, "files": len(manifest["files"])},
                 lambda: [frame.say("cli.backup.done", file=file, mb=f"{size / 1e6:.1f}"), *_counted(counts)])


def _step(name: str) -> None:
    if not name.startswith("photos/"):
        frame.tell("cli.step", name=name)


def _counted(counts: dict[str, int]) -> list[str]:
    return [frame.say(f"cli.table.{table}", count=counts[table]) for table in SHOWN_TABLES if table in counts]


@frame.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Bring a city back from a backup into an empty CIVMAP_HOME; the copy is opened and counted first."""
    from civmap.doctor import restore as bringing_back

    done = bringing_back.read(file, frame.settings(), _step)
    frame.answer(done, lambda: [frame.say("cli.restore.done", made=done["made_at"], lines=done["ledger_lines"]),
                                *_counted(done["counts"])])


@click.group("ledger")
def ledger() -> None:
    """The append-only trail of every change."""


@ledger.command("verify", cls=frame.Command)
def verify() -> None:
    """Check the whole chain; exit 1 names the first line that does not hold."""
    from civmap.errors import Conflict
    from civmap.store import ledger as trail

    with frame.reading(is_awake=False) as session:
        good, bad = trail.verify_all(session)
    if bad is not None:
        raise Conflict("ledger_line_broken", line=bad, good=good)
    frame.answer({"lines": good, "ok": True, "first_bad": None}, lambda: [frame.say("cli.ledger.good", lines=good)])


@frame.command("doctor")
@click.option("--basemaps", is_flag=True, help="Ask every basemap of the settings for one tile, over the network.")
def doctor(basemaps: bool) -> None:
    """Examine the city and its machine; every finding has a code, a sentence and a hint."""
    from civmap.doctor.examine import examine

    lang = frame.language()
    findings = examine(with_basemaps=basemaps)
    is_well = not any(finding.level == "error" for finding in findings)
    frame.answer({"ok": is_well, "findings": [finding.as_json(lang) for finding in findings]}, lambda: [
        line for finding in findings for line in (
            f"[{frame.say(f'cli.doctor.{finding.level}')}] {finding.code}: {finding.sentence(lang)}",
            f"    {finding.hint(lang)}")] or [frame.say("cli.doctor.well")])
    if not is_well:
        frame.tell("cli.doctor.ill", count=sum(finding.level == "error" for finding in findings))
        raise SystemExit(1)


COMMANDS = {"backup": backup, "restore": restore, "ledger": ledger, "doctor": doctor}
