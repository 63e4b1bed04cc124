"""The press: a document and its drawings become a PDF. The only place that knows WeasyPrint; runs in a child process.

`python -m civmap.paper.press FOLDER OUT.pdf` takes `sheets.html` and the drawings it names, asks no address whatever,
and writes its progress (0 to 100) as lines to standard output.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any

SHARES = {"Step 1": 4, "Step 2": 8, "Step 3": 12, "Step 4": 18, "Step 5": 32, "Step 6": 48, "Step 7": 95}
SCHEME = "picture:"
PHOTOS = {".jpg": "image/jpeg", ".png": "image/png"}


class _Steps(logging.Handler):
    """Turns WeasyPrint's own steps into numbers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the number of a step that is known."""
        share = SHARES.get(record.getMessage()[:6])
        if share is not None:
            print(share, flush=True)


class _Troubles(logging.Handler):
    """Keeps what WeasyPrint only logs: a map that could not be drawn must not leave a white sheet."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error."""
        self.found.append(record.getMessage())


def main(folder: Path, target: Path) -> None:
    """Press one document; the file appears whole or not at all. Exit 1 with what went wrong."""
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Pictures(URLFetcher):
        """Gives the drawings that lie in the folder and refuses every address."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            """Return a drawing; raise ValueError for anything else."""
            name = url.removeprefix(SCHEME)
            if name == url or "/" in name:
                raise ValueError(f"a sheet of paper asks no address: {url[:60]}")
            if name.endswith(tuple(PHOTOS)):
                return URLFetcherResponse(url, (folder / name).read_bytes(), {"Content-Type": PHOTOS[name[-4:]]})
            return URLFetcherResponse(url, (folder / f"{name}.svg").read_bytes(), {"Content-Type": "image/svg+xml"})

    troubles = _Troubles()
    logging.getLogger("weasyprint").addHandler(troubles)
    steps = logging.getLogger("weasyprint.progress")
    steps.setLevel(logging.INFO)
    steps.addHandler(_Steps())
    source = weasyprint.HTML(string=(folder / "sheets.html").read_text(encoding="utf-8"), url_fetcher=Pictures())
    unfinished = target.with_name(f"{target.name}.part")
    source.write_pdf(unfinished)
    if troubles.found:
        unfinished.unlink()
        sys.exit("; ".join(troubles.found)[:300])
    os.replace(unfinished, target)
    print(100, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
