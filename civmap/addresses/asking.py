"""From words to a place: crossings, house numbers, streets, and the names of things, each with how sure it is.

The score of a place is how likely it lies within its reach; 0.8 and more is right in 95 of 100 texts. What is known
of the streets is kept per city, what is known of things per viewer, both until something of it changes.
"""

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from civmap import clock
from civmap.addresses import gathering
from civmap.addresses.gazetteer import Gazetteer
from civmap.addresses.streets import Streets
from civmap.city.queries import the_city
from civmap.people.rules import Viewer
from civmap.store.prepared import Shelf

MOST_VIEWERS = 12


class _Kept(NamedTuple):
    network: tuple[Any, ...]
    streets: Streets
    gazetteers: Shelf[Gazetteer]


_KEPT: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()


def gazetteer(session: Session, viewer: Viewer) -> Gazetteer:
    """Return the gazetteer of what a viewer may see, as of the newest change; raise NotFound `no_city`."""
    city = the_city(session)
    network = (*gathering.network_key(session), city.name, city.founded_at)
    engine = session.get_bind()
    kept = _KEPT.get(engine)
    if kept is None or kept.network != network:
        west, south, east, north = city.frame
        streets = Streets(gathering.edges(session), ((west + east) / 2, (south + north) / 2))
        kept = _KEPT[engine] = _Kept(network, streets, Shelf(MOST_VIEWERS))
    now = clock.now()
    key = (viewer.scope, gathering.things_key(session), now.date())
    return kept.gazetteers.of(key, lambda: Gazetteer(
        kept.streets.joined(gathering.other_edges(session, viewer, now, kept.streets.network.edges)),
        gathering.things(session, viewer, now), gathering.borders(session, viewer, now), city.name))
