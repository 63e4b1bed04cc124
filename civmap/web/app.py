"""Builds the web application: pages and JSON at the edge of the same queries and actions."""

import logging
from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine

from civmap import resources
from civmap.config import Settings
from civmap.web import api, compression, context, errors, headers, memory, offline, pages, throttle, waking
from civmap.web.release import release
from civmap.web.statics import Statics

UPLOAD_BYTES = 11 * 1024 * 1024
FORM_BYTES = 512 * 1024


def create_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """Return the application over a city's database; without an engine it opens its own at the first request."""
    app = Flask("civmap", static_folder=None, template_folder=str(resources.folder("templates")))
    app.config.update(MAX_CONTENT_LENGTH=UPLOAD_BYTES, MAX_FORM_MEMORY_SIZE=FORM_BYTES, MAX_FORM_PARTS=200,
                      SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365), SECRET_KEY=None, TRAP_HTTP_EXCEPTIONS=False)
    hold(app, settings, engine)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    throttle.add_to(app)
    waking.add_to(app)
    errors.add_to(app)
    context.add_to(app, release())
    pages.add_to(app)
    api.add_to(app)
    headers.add_to(app)
    offline.add_to(app)
    memory.add_to(app)
    compression.add_to(app)
    app.wsgi_app = Statics(app.wsgi_app)  # type: ignore[method-assign]
    logging.getLogger("civmap.web").setLevel(logging.INFO)
    return app


def hold(app: Flask, settings: Settings, engine: Engine | None = None) -> None:
    """Let an application serve a city: all that it keeps of one lies here, nothing in its routes."""
    app.extensions["civmap"] = {"settings": settings, "engine": engine, "schema_seen": False}
