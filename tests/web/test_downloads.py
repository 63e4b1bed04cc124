"""Every download of a list is in the ledger, with who took it and what narrowed it."""

from sqlalchemy import select

from civmap.store.database import reading
from civmap.store.ledger import Entry, verify_all


def test_a_download_is_noted_in_the_ledger(signed_in, engine):
    assert signed_in("dispatcher").get("/points.csv?type=PT07&status=none").status_code == 200
    with reading(engine) as session:
        entry = session.scalar(select(Entry).where(Entry.verb == "export"))
        assert (entry.who, entry.kind, entry.key) == ("dispatcher", "points", "csv")
        assert entry.after == {"count": 1, "filters": {"type": "PT07", "status": "none"}}
        assert verify_all(session)[1] is None
