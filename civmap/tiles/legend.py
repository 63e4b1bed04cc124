"""The legend of a layer: breaks from everything that a question leaves, counts within a frame where one is given."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from civmap.errors import Invalid
from civmap.mirror import classes, standing
from civmap.mirror.following import Mirror
from civmap.mirror.places import Places, mercator
from civmap.people.rules import Viewer
from civmap.store.listing import checked_frame
from civmap.tiles.serving import Question, answer

MOST_LIMITS = classes.MOST + 1


def legend(mirror: Mirror, session: Session, viewer: Viewer, asked: Question, now: datetime, *, how: str = "quantile",
           count: int = 5, limits: Sequence[float] = (), bbox: Sequence[float] | None = None) -> dict[str, Any]:
    """Return breaks and counts as the interface tells them; raise Invalid for what cannot be asked."""
    found = answer(mirror, session, viewer, asked, now)
    shown = found.left if bbox is None else found.left & within(found.table.places, bbox)
    statuses = np.bincount(found.colours.status[shown], minlength=len(standing.STATUSES)).tolist()
    told = {"kind": asked.kind, "by": asked.by, "how": how, "breaks": [], "classes": [], "no_value": 0,
            "statuses": dict(zip(standing.STATUSES, statuses, strict=True)), "total": int(found.left.sum()),
            "in_view": None if bbox is None else int(shown.sum())}
    values = found.colours.values
    if values is not None:
        breaks = classes.breaks_of(values[found.left], how, count, limits)
        counts = classes.counted(values[shown], breaks)
        told |= {"breaks": breaks, "no_value": int(np.isnan(values[shown]).sum()),
                 "classes": [{"from": low, "to": high, "count": number}
                             for low, high, number in zip(breaks, breaks[1:], counts, strict=False)]}
    return told


def within(places: Places, bbox: Sequence[float]) -> np.ndarray:
    """Return which rows' boxes meet a frame W, S, E, N in degrees; what lies nowhere meets none."""
    west, south, east, north = checked_frame(bbox)
    (left, bottom), (right, top) = mercator(np.array([[west, south], [east, north]])).tolist()
    low, high = (places.xy, places.xy) if places.box is None else (places.box[:, :2], places.box[:, 2:])
    return (low[:, 0] <= right) & (high[:, 0] >= left) & (low[:, 1] <= bottom) & (high[:, 1] >= top)


def limits_of(text: str | None) -> list[float]:
    """Return the limits that somebody wrote; raise Invalid for what is none, or too many."""
    try:
        found = [float(part) for part in (text or "").split(",") if part.strip()]
    except ValueError as problem:
        raise Invalid("legend_limits", field="breaks", most=MOST_LIMITS) from problem
    if not found or len(found) > MOST_LIMITS or not all(map(math.isfinite, found)):
        raise Invalid("legend_limits", field="breaks", most=MOST_LIMITS)
    return found
