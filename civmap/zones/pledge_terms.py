"""How this city words its pledges: the editable value `pledge`, read and checked; no amount stands in the code."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from civmap.city import customs
from civmap.errors import CivmapError, Invalid
from civmap.fields import refuse
from civmap.zones.pledge_rules import MOST_MONTHS

NAME = "pledge"
MOST_ITEMS, MOST_TEXT = 12, 2_000
PREFIX = "MQSB"


@dataclass(frozen=True, slots=True)
class Terms:
    """Months of a pledge, prefix of its number, who signs for the city, the items of the duty, and local clauses.

    `items` are (name, words) pairs; empty ones mean the usual three of the catalogue. `clauses` are the city's own
    text on breach, reward and fine.
    """

    months: int = 12
    prefix: str = PREFIX
    party: str = ""
    items: tuple[tuple[str, str], ...] = ()
    clauses: tuple[str, ...] = ()


def terms_of(session: Session) -> Terms:
    """Return how this city words its pledges."""
    value = customs.kept(session, NAME).value
    return Terms() if value is None else read(value)


def as_value(terms: Terms) -> dict[str, Any]:
    """Return the terms as they are kept and sent."""
    return {**asdict(terms), "items": [{"name": name, "words": words} for name, words in terms.items],
            "clauses": list(terms.clauses)}


def read(value: Any) -> Terms:
    """Return a kept or sent value as terms; what it leaves out is the default. Raise Several with each problem."""
    if not isinstance(value, Mapping):
        raise Invalid("pledge_terms", field="pledge")
    problems: list[CivmapError] = []
    problems += [Invalid("pledge_terms", field=str(name)[:40]) for name in value
                 if name not in ("months", "prefix", "party", "items", "clauses")]
    months = value.get("months", 12)
    if not isinstance(months, int) or isinstance(months, bool) or not 1 <= months <= MOST_MONTHS:
        problems.append(Invalid("pledge_months", field="months", value=str(months)[:20], most=MOST_MONTHS))
        months = 12
    prefix, party = (_text(problems, value.get(name, usual), name, most)
                     for name, usual, most in (("prefix", PREFIX, 20), ("party", "", 100)))
    items = tuple(_item(problems, each) for each in _listed(problems, value.get("items", []), "items"))
    clauses = tuple(_text(problems, each, "clauses", MOST_TEXT)
                    for each in _listed(problems, value.get("clauses", []), "clauses"))
    refuse(problems)
    return Terms(months, prefix or PREFIX, party, tuple(item for item in items if item[0]),
                 tuple(clause for clause in clauses if clause))


def _listed(problems: list[CivmapError], value: Any, field: str) -> list[Any]:
    if isinstance(value, list | tuple) and len(value) <= MOST_ITEMS:
        return list(value)
    problems.append(Invalid("pledge_terms", field=field))
    return []


def _item(problems: list[CivmapError], value: Any) -> tuple[str, str]:
    if not isinstance(value, Mapping):
        problems.append(Invalid("pledge_terms", field="items"))
        return "", ""
    return (_text(problems, value.get("name", ""), "items", 40),
            _text(problems, value.get("words", ""), "items", MOST_TEXT))


def _text(problems: list[CivmapError], value: Any, field: str, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        problems.append(Invalid("pledge_terms", field=field))
        return ""
    return value.strip()
