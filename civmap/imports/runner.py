"""A process of its own for one job on an import: `python -m civmap.imports.runner CODE TOKEN`."""

import os
import sys

from civmap.config import Settings
from civmap.imports.jobs import Job
from civmap.store.database import open_engine

NICENESS = 5


def main(code: str, token: str) -> None:
    """Do the job."""
    os.nice(NICENESS)
    settings = Settings.from_environ()
    engine = open_engine(settings.database_url)
    try:
        Job(engine, settings.home, code, token).run()
    finally:
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
