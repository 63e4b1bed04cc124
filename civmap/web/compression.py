"""Smaller answers for phones on slow networks: pages, data, styles and scripts travel compressed.

A page carries a token beside text that a stranger may have written, and compressed lengths would give a fixed token
away letter by letter (the BREACH attack): `csrf.masked` writes it differently in every answer.
"""

import re

from flask import Flask, Response
from flask_compress import Compress

MEDIA_TYPES = ["text/html", "application/json", "application/geo+json", "application/problem+json", "text/css",
               "text/javascript", "application/javascript", "image/svg+xml"]


_MARKED = re.compile(r":(?:br|gzip)(?=\"$)")


def add_to(app: Flask) -> None:
    """Compress answers above one kilobyte, as the browser wishes; an ETag stays what the room that made it said.

    The library marks the tags of compressed answers (`"v3:br"`); programs echo them in If-Match, where they name the
    version of a row and not its bytes on the wire. The hook is registered first, so it runs after the library's.
    """

    @app.after_request
    def _own_tag(response: Response) -> Response:
        if "ETag" in response.headers:
            response.headers["ETag"] = _MARKED.sub("", response.headers["ETag"])
        return response

    app.config.update(COMPRESS_MIMETYPES=MEDIA_TYPES, COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=4,
                      COMPRESS_LEVEL=5, COMPRESS_MIN_SIZE=1000, COMPRESS_STREAMS=False)
    Compress(app)
