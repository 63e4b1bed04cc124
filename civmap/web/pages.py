"""Every page of the product, one module per capability."""

from flask import Flask

from civmap.web import downloads, later, map, people, system

BLUEPRINTS = (system.blueprint, people.blueprint, map.blueprint, downloads.blueprint, later.blueprint)


def add_to(app: Flask) -> None:
    """Register every page and the static files."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=system.static)
    app.url_defaults(system.versioned)
