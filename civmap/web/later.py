"""Addresses at the root that a later piece builds: each answers 501 with a sentence, after signing in."""

from flask import Blueprint

from civmap.errors import NotBuilt
from civmap.web.access import SIGNED_IN, permission
from civmap.web.desk import Desk

blueprint = Blueprint("later", __name__)
PROMISED = ("/mapit",)


def _not_built(_desk: Desk, **_parts: str) -> None:
    raise NotBuilt("not_built")


for _path in PROMISED:
    _view = permission(SIGNED_IN)(_not_built)
    _name = _path.strip("/").replace("/", "_")
    blueprint.add_url_rule(_path, _name, _view, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{_path}/<path:rest>", f"{_name}_rest", _view, methods=["GET", "POST"])
