"""The whole examination: every finding about a city and its machine, worst first."""

import os
from collections.abc import Mapping

from civmap.config import Settings
from civmap.doctor import database, grounds, machine, printing
from civmap.doctor.findings import LEVELS, Finding, refusal
from civmap.errors import CivmapError


def examine(environ: Mapping[str, str] | None = None, with_basemaps: bool = False) -> list[Finding]:
    """Return all findings, errors first; settings that are refused are findings too.

    Other hosts are asked only `with_basemaps`.
    """
    environ = os.environ if environ is None else environ
    try:
        settings = Settings.from_environ(environ)
    except CivmapError as problem:
        return [refusal(problem)]
    found = [*machine.look(settings), *database.look(settings), *printing.look()]
    if with_basemaps:
        found += grounds.look(settings)
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))
