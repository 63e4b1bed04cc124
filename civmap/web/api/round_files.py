"""Rounds as files: the list, geodata for phones and desktop GIS, and the route sheet as PDF."""

import re
import tempfile
from pathlib import Path
from typing import Any

from flask import Response, make_response

from civmap.documents import rounds
from civmap.grounds.sources import OFFLINE
from civmap.web import desk as keeping
from civmap.web.access import SIGNED_IN
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


def download(desk: Desk, code: str, fmt: str) -> Response:
    """Return a round as a file; its ledger keeps who took it out and as what. Raise NotFound where it is hidden."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"round.{fmt}"
        with keeping.reading() as session:
            rounds.write(session, desk.viewer, code, target, fmt, desk.lang, desk.now, approval=approval(desk))
        with keeping.writing() as session:
            rounds.note(session, desk.viewer, code, fmt, desk.now)
        response = make_response(target.read_bytes())
    response.headers["Content-Type"] = rounds.MEDIA_TYPES[fmt]
    response.headers["Content-Disposition"] = f'attachment; filename="{name(code, fmt)}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def name(code: str, fmt: str) -> str:
    """Return the name under which a round is saved."""
    return f"{_NOT_IN_NAMES.sub('_', code)}.{fmt}"


def approval(desk: Desk) -> str:
    """Return the approval number of the ground that is drawn on paper."""
    return next((under.approval for under in desk.settings.grounds if under.kind == OFFLINE), "")


def _register(fmt: str) -> None:
    def take(desk: Desk, code: str) -> Answer:
        return Answer(download(desk, code, fmt))

    told: dict[str, Any] = {"permission": SIGNED_IN, "tag": "routes", "answers": {200: rounds.MEDIA_TYPES[fmt]}}
    operation("GET", f"/routes/{{code}}.{fmt}", summary=f"A round as {fmt}", **told)(take)


for _fmt in rounds.FORMATS:
    _register(_fmt)
