"""Whatever leaves the house as a file: the five kinds of the map and the others, asked for and marked in one way."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civmap.city.queries import the_city
from civmap.exchange import export, gather, marks, others
from civmap.exchange.layout import Feature
from civmap.people.rules import Viewer

KINDS = ("points", "segments", "zones", "units", "issues", *others.NEEDED)


def needed(kind: str) -> tuple[str, str]:
    """Return the right (verb, kind of thing) that taking a kind out of the house asks for; raise Invalid."""
    export.layout.columns_of(kind)
    return others.NEEDED.get(kind, ("export", kind.removesuffix("s")))


def features(session: Session, viewer: Viewer, kind: str, now: datetime, lang: str, *,
             filters: Mapping[str, Any] | None = None, bbox: Sequence[float] | None = None,
             q: str | None = None) -> Iterator[Feature]:
    """Yield what a viewer may take out of a kind; raise Invalid or Forbidden as `gather.features` does."""
    if kind not in others.NEEDED:
        return gather.features(session, viewer, kind, now, lang, filters=filters, bbox=bbox, q=q)
    rest = dict(filters or {})
    q = rest.pop("q", None) or q
    return others.features(session, viewer, kind, now, q=q, bbox=bbox, filters=rest)


def mark(session: Session, viewer: Viewer, kind: str, now: datetime, lang: str, crs: str = "wgs84") -> str:
    """Return the mark of a file: city, what, by whom, when."""
    return marks.mark(lang, the_city(session).name, viewer, now, kind, crs)
