"""The press: an HTML document becomes a PDF. The only place that knows WeasyPrint; runs alone, in a child process.

`python -m civmap.paper.press IN.html OUT.pdf` writes its progress (0 to 100) as lines to standard output.
"""

import logging
import os
import sys
from pathlib import Path

STEPS = {"Step 1": 4, "Step 2": 8, "Step 3": 14, "Step 4": 20, "Step 5": 30, "Step 6": 45, "Step 7": 95}


class _Told(logging.Handler):
    """Turns WeasyPrint's own steps into numbers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the number of a step that is known."""
        share = STEPS.get(record.getMessage()[:6])
        if share is not None:
            print(share, flush=True)


def _no_addresses(url: str, *_more: object, **_options: object) -> dict[str, object]:
    raise ValueError(f"a sheet of paper asks no address: {url[:60]}")


def main(source: str, target: str) -> None:
    """Press one document; the file appears whole or not at all."""
    import weasyprint

    told = logging.getLogger("weasyprint.progress")
    told.setLevel(logging.INFO)
    told.addHandler(_Told())
    document = weasyprint.HTML(string=Path(source).read_text(encoding="utf-8"), url_fetcher=_no_addresses)
    unfinished = Path(f"{target}.part")
    document.write_pdf(unfinished, pdf_tags=False)
    os.replace(unfinished, target)
    print(100, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
