"""The street network of the city as far as the rows of a table speak of it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from civmap.city.models import StreetEdge
from civmap.city.queries import frame_of
from civmap.segments.matching import Network
from civmap.segments.models import TAKEN, MatchChoice
from civmap.segments.ways import Edge
from civmap.segments.written import Names, crossing_spellings, road_spellings

CHUNK = 400


def learned(session: Session) -> dict[str, str]:
    """Return the spellings that persons have settled: as a table wrote them, and the street they chose for it."""
    found: dict[str, str] = {}
    for choice in session.scalars(select(MatchChoice).where(MatchChoice.state == TAKEN).order_by(MatchChoice.id)):
        picked = choice.candidates[0]
        found[road_spellings(choice.row["road"])[-1]] = picked["road"]
        for end in ("from_name", "to_name"):
            found[crossing_spellings(choice.row[end])[-1]] = picked[end]
    return found


def network_for(session: Session, rows: Iterable[Sequence[str]]) -> Network:
    """Return the streets that rows (road, from, to) may mean; those of other names stay in the database."""
    names = Names(session.scalars(select(StreetEdge.name).where(StreetEdge.name.is_not(None)).distinct()),
                  learned(session))
    wanted: set[str] = set()
    for road, start, end in set(map(tuple, rows)):
        for spellings in (road_spellings(road), crossing_spellings(start), crossing_spellings(end)):
            wanted.update(one.name for one in names.readings(spellings))
    edges = []
    ordered = sorted(wanted)
    for low in range(0, len(ordered), CHUNK):
        edges += [Edge(*row) for row in session.execute(select(
            StreetEdge.name, StreetEdge.from_node, StreetEdge.to_node, StreetEdge.geom, StreetEdge.is_oneway)
            .where(StreetEdge.name.in_(ordered[low:low + CHUNK])).order_by(StreetEdge.id))]
    west, south, east, north = frame_of(session)
    return Network(edges, names, ((west + east) / 2, (south + north) / 2))
