"""Say an answer: as programs read it and as a unit accepts it."""

from typing import Any

from civmap import texts
from civmap.assignment.places import Answer, Claim, UnitRef
from civmap.people.rules import SEES_ALL, Viewer

VARIANTS = (("frontage", "supervisor", ".supervised"), ("segment", "chief", ".chief"),
            ("territorial", "expired", ".expired"), ("designated", "ruling", ".ruling"))
"""A basis whose sentence says more where a fact is known."""


def seen_by(viewer: Viewer, found: Answer) -> Answer:
    """Return what a viewer may know of an answer: who answers, and the runners-up for those who see all.

    A runner-up names zones, segments and shops that are hidden from units, shops and chiefs everywhere else.
    """
    return found if viewer.role in SEES_ALL else Answer(found.claims[:1], found.is_ambiguous)


def as_json(found: Answer, lang: str) -> dict[str, Any]:
    """Return an answer as programs read it (`interfaces.md` §2, `assign --json`)."""
    return {
        "unit": _unit_json(found.unit),
        "basis": found.basis,
        "reason": reason(found.claims[0], lang) if found.claims else texts.say(lang, "reason.none"),
        "distance_m": _metres(found.distance_m),
        "ambiguous": found.is_ambiguous,
        "claims": [claim_json(claim, lang) for claim in found.claims],
    }


def claim_json(claim: Claim, lang: str) -> dict[str, Any]:
    """Return one claim as programs read it."""
    return {"unit": _unit_json(claim.unit), "basis": claim.basis, "distance_m": _metres(claim.distance_m),
            "reason": reason(claim, lang), "facts": claim.facts}


def _unit_json(unit: UnitRef | None) -> dict[str, str] | None:
    return {"code": unit.code, "name": unit.name} if unit else None


def _metres(distance: float | None) -> float | None:
    return None if distance is None else round(distance, 2)


def reason(claim: Claim, lang: str) -> str:
    """Return the sentence that tells why a unit answers."""
    return _said("reason", claim, lang)


def why_me(claim: Claim, lang: str) -> str:
    """Return the same sentence said to the unit itself."""
    return _said("why_me", claim, lang)


def _said(form: str, claim: Claim, lang: str) -> str:
    variant = next((name for basis, fact, name in VARIANTS if basis == claim.basis and claim.facts.get(fact)), "")
    facts = {name: value for name, value in claim.facts.items() if name != "unit"}
    distance = "" if claim.distance_m is None else f"{round(claim.distance_m)}"
    return texts.say(lang, f"{form}.{claim.basis}{variant}", **{"unit": claim.unit.name, "distance": distance, **facts})
