"""Draws one print: `python -m civmap.web.paper_child FOLDER`, started by the runner with limits.

The person is looked up again, so that the sheet shows what they may see now; the moment is the one of the order.
"""

import sys
import time
import traceback
from pathlib import Path

from civmap import clock
from civmap.config import Settings
from civmap.errors import CivmapError
from civmap.paper import jobs
from civmap.paper.wishes import Wish
from civmap.people import queries as people
from civmap.store.database import open_engine, reading
from civmap.web import drawing
from civmap.web.desk import CityFacts, Desk, Identity

TOLD_EVERY = 0.2


def main(folder: Path) -> None:
    """Draw; the state of the print says how it went."""
    job = jobs.Job(int(folder.name), folder)
    try:
        sheets = _draw(job)
    except CivmapError as problem:
        facts = {name: str(value) for name, value in problem.facts.items()}
        job.tell(state=jobs.FAILED, code=problem.code, facts=facts)
    except Exception:
        traceback.print_exc()
        job.tell(state=jobs.FAILED, code="paper_failed", facts={})
    else:
        job.tell(state=jobs.DONE, progress=100, sheets=sheets, bytes=job.sheets.stat().st_size, ended=time.time())


def _draw(job: jobs.Job) -> int:
    from civmap.city.queries import the_city

    order, settings = job.order(), Settings.from_environ()
    now = clock.parse_moment(order["at"])
    engine = open_engine(settings.database_url)
    try:
        with reading(engine) as session:
            viewer = people.viewer_of(session, people.by_name(session, order["who"]), "page")
            if "document" in order["wish"]:
                from civmap.web import long_documents, round_sheets

                of_round = order["wish"]["document"] == round_sheets.KIND
                make = round_sheets.draw if of_round else long_documents.draw
                return make(session, settings, order, viewer, now, job.sheets, _teller(job))
            row = the_city(session)
            city = CityFacts(row.name, row.division_code, row.frame, row.attribution, row.is_demo)
            desk = Desk(session, Identity(viewer=viewer, is_signed_in=True, city=city), now, order["lang"], settings)
            return drawing.draw(desk, Wish.from_json(order["wish"]), job.sheets, _teller(job))
    finally:
        engine.dispose()


def _teller(job: jobs.Job) -> drawing.Tell:
    last = [0.0]

    def tell(share: float) -> None:
        if time.monotonic() - last[0] >= TOLD_EVERY:
            last[0] = time.monotonic()
            job.tell(progress=min(round(share), 99))

    return tell


if __name__ == "__main__":
    main(Path(sys.argv[1]))
