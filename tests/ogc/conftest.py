"""The served town for other software: programs with tokens, and a server that real clients ask."""

import threading

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.web.conftest import app, program, signed_in, stranger  # noqa: F401


class Silent(WSGIRequestHandler):
    """A handler that writes no line for each request."""

    def log_request(self, *_):
        """Say nothing."""


@pytest.fixture
def address(app):  # noqa: F811
    """Give the address of a server over the town."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(app, program):  # noqa: F811
    """Give a way to ask /ogc as somebody: `ask(name, path, **query)`, or with `method`, `json`, `headers`."""
    client, tokens = app.test_client(), {}

    def asked(name, path, *, method="GET", json=None, headers=None, **query):
        tokens.setdefault(name, program(name))
        return client.open(f"/ogc{path}", method=method, json=json, headers={**tokens[name], **(headers or {})},
                           query_string={key.replace("_", "-") if key in ("bbox_crs", "filter_lang", "filter_crs")
                                         else key: value for key, value in query.items()} or None)

    return asked
