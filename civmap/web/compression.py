"""Smaller answers for phones on slow networks: pages, data, styles and scripts travel compressed.

A page carries a token beside text that a stranger may have written, and compressed lengths would give a fixed token
away letter by letter (the BREACH attack): `csrf.masked` writes it differently in every answer.
"""

from flask import Flask
from flask_compress import Compress

MEDIA_TYPES = ["text/html", "application/json", "application/geo+json", "application/problem+json", "text/css",
               "text/javascript", "application/javascript", "image/svg+xml"]


def add_to(app: Flask) -> None:
    """Compress answers of the data kinds above one kilobyte, as the browser wishes."""
    app.config.update(COMPRESS_MIMETYPES=MEDIA_TYPES, COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=4,
                      COMPRESS_LEVEL=5, COMPRESS_MIN_SIZE=1000, COMPRESS_STREAMS=False)
    Compress(app)
