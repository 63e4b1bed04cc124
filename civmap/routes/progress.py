"""How far a planning is, as it is kept with the round: any process may read it, halt it, or see that it died."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from civmap import clock

QUIET = timedelta(seconds=20)


def is_interrupted(progress: Mapping[str, Any] | None, now: datetime) -> bool:
    """Tell whether nobody works on a planning any more: its sign of life is too old."""
    if progress is None:
        return True
    try:
        seen = clock.parse_moment(progress["at"])
    except (KeyError, ValueError, TypeError):
        return True
    return now - seen > QUIET


def shown(route: Any, now: datetime) -> dict[str, Any] | None:
    """Return how far a planning is, as it is told; None where nothing is being planned."""
    if route.progress is None:
        return None
    told = {name: route.progress.get(name) for name in ("fraction", "seconds", "best_m")}
    return {**told, "is_halting": bool(route.progress.get("is_halting")),
            "is_interrupted": is_interrupted(route.progress, now)}
