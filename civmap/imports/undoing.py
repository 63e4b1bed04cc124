"""Undoing an import as a whole: what it made goes, what it changed is put back; what was touched since stays."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap.imports.models import Import
from civmap.people.rules import Viewer


def undo(session: Session, viewer: Viewer, run: Import, now: datetime,
         tell: Callable[[str, int, int], None]) -> dict[str, Any]:
    """Undo in the open transaction; return what was done and what stays, and why."""
    raise NotImplementedError
