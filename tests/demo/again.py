"""Build the demo in this process and print its hashes: `again.py SEED DAY HOME FIRST_URL FIRST_PHOTOS`.

Every eighth picture is drawn here; for the others the bytes of the first build are taken, in their order: drawing two
thousand pictures a second time would tell no more. Everything else is planned, written and hashed anew.
"""

import json
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import select

from civmap.config import Settings
from civmap.demo import album, build
from civmap.issues.models import Photo
from civmap.schema import migrate
from civmap.store.database import open_engine, reading, writing
from tests.demo.dump import photo_hash, table_hashes

EVERY = 8


def main(seed: int, day: date, home: Path, first: str, photos: Path) -> None:
    """Build and tell."""
    url = f"sqlite:///{home / 'again.sqlite'}"
    settings = Settings.from_environ({"CIVMAP_HOME": str(home), "CIVMAP_DATABASE_URL": url,
                                      "CIVMAP_SECRET_KEY": "k" * 48})
    engine, known = open_engine(url), open_engine(first)
    with reading(known) as session:
        files = session.scalars(select(Photo.file).order_by(Photo.id)).all()
    known.dispose()

    @contextmanager
    def drawing(shots):
        yield (album._drawn(shot) if n % EVERY == 0 else (photos / files[n]).read_bytes()
               for n, shot in enumerate(shots))

    album.drawing = drawing
    migrate.upgrade(engine)
    with writing(engine) as session:
        build.build(session, settings, seed, day)
    engine.dispose()
    print(json.dumps(table_hashes(url) | {"photos": photo_hash(home / "photos")}))


if __name__ == "__main__":
    main(int(sys.argv[1]), date.fromisoformat(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))
