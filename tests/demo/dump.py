"""One hash per table of a database and one for a folder of photos: what two builds must agree on."""

import hashlib
import json
from pathlib import Path

from sqlalchemy import select

from civmap.schema.tables import MODELS
from civmap.store.database import open_engine, reading
from civmap.store.ledger import plain


def table_hashes(url: str) -> dict[str, str]:
    """Return a hash of all rows per table, keys and password hashes included."""
    engine, hashes = open_engine(url), {}
    with reading(engine) as session:
        for model in MODELS:
            sha = hashlib.sha256()
            for row in session.execute(select(*model.__table__.columns).order_by(model.id)):
                sha.update(json.dumps(plain(list(row)), ensure_ascii=False, sort_keys=True).encode())
            hashes[model.__tablename__] = sha.hexdigest()
    engine.dispose()
    return hashes


def photo_hash(folder: Path) -> str:
    """Return a hash of the names and bytes of all photos."""
    sha = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sha.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return sha.hexdigest()
