"""What is in the tiles of a kind, in the words of TileJSON 3.0.0."""

from typing import Any

from civmap import texts
from civmap.tiles.building import SORTS

COUNTED = {"open_issues": "Number", "due_soon_issues": "Number", "overdue_issues": "Number"}
CLUSTER = {name: "Number" for name in ("count", "none", "open", "due_soon", "overdue", "west", "south", "east",
                                       "north")}


def layers(kind: str, by: str, lang: str) -> dict[str, Any]:
    """Return the name, description and vector layers of a kind."""
    fields: dict[str, str] = {"code": "String"}
    if kind == "issues":
        fields |= {"class": "String", "state": "String"}
    else:
        fields |= {"name": "String", SORTS[kind][0]: "String", **COUNTED}
    value = {} if by == "status" else {"value": "Number"}
    fields |= {"status": "String", **value, "here": "Number"}
    name = texts.say(lang, f"tiles.layer.{kind}")
    return {"name": name, "description": texts.say(lang, "tiles.description", name=name), "vector_layers": [
        {"id": kind, "description": name, "minzoom": 0, "maxzoom": 22, "fields": fields},
        {"id": f"{kind}_clusters", "description": texts.say(lang, "tiles.clusters", name=name), "minzoom": 0,
         "maxzoom": 22, "fields": {**CLUSTER, "status": "String", **value, "code": "String"}}]}
