"""Places and the words for a spot as the interface tells them."""

from typing import Any

from civmap import texts
from civmap.addresses.backwards import Here
from civmap.addresses.gazetteer import Place

SURE, LIKELY = 0.8, 0.6


def sureness(score: float) -> str:
    """Return how sure a place is, as a word of ours: sure, likely, doubtful."""
    return "sure" if score >= SURE else "likely" if score >= LIKELY else "doubtful"


def as_json(place: Place, lang: str) -> dict[str, Any]:
    """Return a place with what it rests on and how sure it is, in words too."""
    sure = sureness(place.score)
    return {"lon": place.lon, "lat": place.lat, "score": place.score, "sure": sure,
            "sure_name": texts.say(lang, f"addresses.sure.{sure}"), "basis": place.basis,
            "basis_name": texts.say(lang, f"addresses.basis.{place.basis}"), "name": place.name,
            "reach_m": place.reach_m, "code": place.code}


def here_as_json(here: Here, lang: str) -> dict[str, Any]:
    """Return the words for a spot, and what they were made of."""
    thing = here.thing
    told = None if here.form == "none" else texts.say(
        lang, f"addresses.at.{here.form}", road=here.road, crossing=here.crossing, number=here.number,
        name=thing.name if thing else "", metres=round(here.road_m or 0))
    return {"address": told, "road": here.road, "road_m": _metres(here.road_m), "crossing": here.crossing,
            "crossing_m": _metres(here.crossing_m), "number": here.number, "number_m": _metres(here.number_m),
            "near": {"name": thing.name, "basis": thing.basis, "code": thing.code} if thing else None,
            "divisions": here.divisions}


def _metres(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
