"""GeoReport v2's answers as XML; as JSON they are the same values. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from civmap.exchange.signs import clean


class Shape(NamedTuple):
    """The names that an answer has in XML: its root, and each of its rows."""

    root: str
    row: str


SERVICES = Shape("services", "service")
REQUESTS = Shape("service_requests", "request")
UPDATES = Shape("service_request_updates", "request_update")
ERRORS = Shape("errors", "error")
_ROWS_OF = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}


def xml(shape: Shape, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as an XML document in UTF-8."""
    root = ElementTree.Element(shape.root)
    for row in rows:
        _fill(ElementTree.SubElement(root, shape.row), row)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def xml_of_one(root: str, value: Mapping[str, Any]) -> bytes:
    """Return one value as an XML document in UTF-8."""
    element = ElementTree.Element(root)
    _fill(element, value)
    return ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)


def _fill(parent: ElementTree.Element, value: Mapping[str, Any]) -> None:
    for name, member in value.items():
        child = ElementTree.SubElement(parent, name)
        if isinstance(member, list | tuple):
            for part in member:
                _put(ElementTree.SubElement(child, _ROWS_OF.get(name, "item")), part)
        else:
            _put(child, member)


def _put(element: ElementTree.Element, member: Any) -> None:
    if isinstance(member, Mapping):
        _fill(element, member)
    elif member is not None:
        element.text = _plain(member)


def _plain(member: Any) -> str:
    if isinstance(member, bool):
        return "true" if member else "false"
    return clean(member)
