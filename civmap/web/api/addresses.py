"""From words to a place and back: addresses, crossings and names found in the city's own data."""

from typing import Annotated

from pydantic import ConfigDict, Field

from civmap.addresses import backwards, wording
from civmap.addresses.asking import gazetteer
from civmap.errors import Invalid
from civmap.geo.validity import check_spot
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Exact, Longitude, Loose, Swappable
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

LONGEST, MOST_TEXTS, DEFAULT_LIMIT, MOST = 200, 1_000, 5, 20
Text = Annotated[str, Field(max_length=LONGEST)]


class PlacesQuery(Exact):
    """An address or a name; a spot, where given, decides between equals."""

    model_config = ConfigDict(strict=False, extra="forbid")

    q: Annotated[str, Field(max_length=LONGEST, description="an address, a crossing or a name; nothing finds nothing")
                 ] = ""
    lon: Longitude | None = None
    lat: Swappable | None = None
    limit: Annotated[int, Field(ge=1, le=10_000, description=f"at most {MOST}; larger is clamped")] = DEFAULT_LIMIT


class PlacesBody(Exact):
    """Many addresses at once."""

    texts: Annotated[list[Text], Field(max_length=MOST_TEXTS)]
    limit: Annotated[int, Field(ge=1, le=DEFAULT_LIMIT)] = 1


class PlaceOut(Loose):
    """A place: `score` is how likely it lies within `reach_m`; `sure` sure (0.8 and more), likely, doubtful."""

    lon: float
    lat: float
    score: float
    sure: str
    sure_name: str
    basis: str
    basis_name: str
    name: str
    reach_m: float
    code: str | None


class PlacesOut(Loose):
    """What a text may mean, best first."""

    text: str
    places: list[PlaceOut]


class ManyOut(Loose):
    """What many texts may mean, in their order."""

    results: list[PlacesOut]


class AtQuery(Exact):
    """A spot."""

    model_config = ConfigDict(strict=False, extra="forbid")

    lon: Longitude
    lat: Swappable


class AtOut(Loose):
    """The words for a spot; `address` is null where no street and nothing named is near."""

    address: str | None
    road: str | None
    road_m: float | None
    crossing: str | None
    crossing_m: float | None
    number: int | None
    number_m: float | None
    divisions: list[str]


@operation("GET", "/places", summary="Where an address, a crossing or a name is", permission=SIGNED_IN, tag="places",
           query=PlacesQuery, answers={200: PlacesOut})
def places(desk: Desk, query: PlacesQuery) -> Answer:
    """Answer the places that a text may mean, best first, of what the viewer may see."""
    if (query.lon is None) != (query.lat is None):
        raise Invalid("field_missing", field="lat" if query.lat is None else "lon")
    near = None if query.lon is None or query.lat is None else check_spot(query.lon, query.lat)
    found = gazetteer(desk.session, desk.viewer).find(query.q, min(query.limit, MOST), near)
    return Answer({"text": query.q, "places": [wording.as_json(one, desk.lang) for one in found]})


@operation("POST", "/places", summary="Where many addresses are", permission=SIGNED_IN, tag="places",
           body=PlacesBody, answers={200: ManyOut}, is_question=True)
def many_places(desk: Desk, body: PlacesBody) -> Answer:
    """Answer each text as `GET /places` does, in their order; nothing is written."""
    found = gazetteer(desk.session, desk.viewer).find_many(body.texts, body.limit)
    return Answer({"results": [{"text": text, "places": [wording.as_json(one, desk.lang) for one in some]}
                               for text, some in zip(body.texts, found, strict=True)]})


@operation("GET", "/places/at", summary="The words for a spot: street, crossing, house number", permission=SIGNED_IN,
           tag="places", query=AtQuery, answers={200: AtOut})
def words_at(desk: Desk, query: AtQuery) -> Answer:
    """Answer how one would write a spot as an address."""
    frame = desk.identity.city.frame if desk.identity.city else None
    spot = check_spot(query.lon, query.lat, *([frame] if frame else []))
    return Answer(wording.here_as_json(backwards.at(gazetteer(desk.session, desk.viewer), *spot), desk.lang))
