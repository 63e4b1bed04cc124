"""Services: every class of issue is one that can be asked for, with what may be said beside the words.

Source: GeoReport v2, "GET Service List" and "GET Service Definition".
"""

from typing import Any

from civmap import dictionaries, texts
from civmap.dictionaries import IssueClass
from civmap.errors import NotFound

ATTRIBUTES = (("point", "string"), ("accuracy_m", "number"), ("captured_at", "datetime"), ("external_id", "string"))
"""What may be said of any request beside GeoReport's own members: (code, datatype)."""


def listed(lang: str) -> list[dict[str, Any]]:
    """Return every service as GeoReport's list tells it."""
    return [{"service_code": found.code, "service_name": found.name(lang), "metadata": True, "type": "realtime",
             "description": texts.say(lang, "open311.service", name=found.name(lang), closing=_closing(found, lang)),
             "keywords": ",".join((found.identifier, *found.aliases)),
             "group": found.group_zh if lang == "zh" else found.group_en}
            for found in dictionaries.issue_classes().values()]


def definition(code: str, lang: str) -> dict[str, Any]:
    """Return what may be said of a service; raise NotFound `open311_service_unknown`."""
    found = dictionaries.issue_classes().get(code)
    if found is None:
        raise NotFound("open311_service_unknown", field="service_code", code=code[:60])
    return {"service_code": found.code, "attributes": [
        {"variable": True, "code": name, "datatype": datatype, "required": False, "order": order,
         "description": texts.say(lang, f"open311.attribute.{name}"),
         "datatype_description": texts.say(lang, f"open311.datatype.{datatype}")}
        for order, (name, datatype) in enumerate(ATTRIBUTES, start=1)]}


def known(code: str) -> IssueClass:
    """Return the class that a service code, an identifier or a name means; raise NotFound."""
    classes = dictionaries.issue_classes()
    wanted = code.strip()
    for found in classes.values():
        if wanted in (found.code, found.identifier, found.name("zh"), found.name("en")):
            return found
    raise NotFound("open311_service_unknown", field="service_code", code=wanted[:60])


def _closing(found: IssueClass, lang: str) -> str:
    return found.closing_zh if lang == "zh" else found.closing_en
