"""Imports: bring a file, look at what was found, change how it is read, accept repairs, confirm, undo."""

import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from flask import request, send_file
from pydantic import Field
from sqlalchemy import select

from civmap.errors import BadInput, Invalid, NotFound
from civmap.exchange import export, gate
from civmap.exchange.intake import Wish
from civmap.imports import actions, queries, returning, rules, showing, staging
from civmap.imports.actions import Book
from civmap.imports.folders import Folder, folder
from civmap.imports.models import Import
from civmap.store.replies import Reply
from civmap.web import access, desk, gates, versions
from civmap.web.api.bodies import Exact, FeatureCollection, Loose, Text
from civmap.web.api.operations import PREFIX, operation
from civmap.web.api.reading import read_body
from civmap.web.desk import Desk
from civmap.web.replies import Answer, key_of

MAY = ("import", "zone")
TAG = "imports"
MOST_SPOTS = 5_000
Show = Literal["all", "problems", "warnings", "repairs", "created", "updated", "unchanged"]
Kind = Literal["auto", "units", "shops", "points", "zones", "segments", "streets", "buildings", "issues", "duties",
               "people", "holidays"]
Heading = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Field(ge=0, le=10_000_000)]


class ImportOut(Loose):
    """An import: what was brought, how it is read, what was found, and what may be done with it now."""

    kind: str
    state: Literal["reading", "ready", "saving", "saved", "failed", "dropped", "undoing", "undone"]
    counts: dict[str, int]
    version: int


class ImportList(Loose):
    """Imports, the newest first."""

    items: list[ImportOut]
    next: str | None


class RowsOut(Loose):
    """Rows of a table under examination; `next` is what to send as `after`, `total` counts the rows that fit."""

    rows: list[dict[str, Any]]
    next: int | None
    total: int


class QualityOut(Loose):
    """The data-quality report of an import."""


class ListQuery(Exact):
    """A page of imports."""

    limit: Annotated[str, Field(pattern=r"^\d{1,5}$")] = "50"
    after: Annotated[str, Field(pattern=r"^\d{1,9}$")] | None = None


class RowQuery(Exact):
    """Which rows: `after` is the file's own number of the last row seen."""

    show: Show = "all"
    code: Annotated[str, Field(max_length=60)] | None = None
    after: Annotated[str, Field(pattern=r"^\d{1,9}$")] = "0"
    limit: Annotated[str, Field(pattern=r"^\d{1,5}$")] = "100"


class ImportChange(Exact):
    """How to read the file otherwise; columns: field → heading, null leaves the field out."""

    kind: Kind | None = None
    sheet: Text | None = None
    crs: Annotated[str, Field(max_length=40)] | None = None
    columns: Annotated[dict[str, Heading | None], Field(max_length=100)] | None = None


class Repairs(Exact):
    """Accept a code's repair, in some rows or wherever it occurs; values typed by hand, null takes one back."""

    code: Annotated[str, Field(max_length=60)] | None = None
    rows: Annotated[list[Number], Field(max_length=actions.MOST_DECISIONS)] | None = None
    accept: bool = True
    values: Annotated[dict[Annotated[str, Field(pattern=r"^\d{1,8}$")],
                           dict[str, Annotated[str, Field(max_length=5000)] | None]],
                      Field(max_length=actions.MOST_DECISIONS)] = Field(default_factory=dict)


def _book(here: Desk) -> Book:
    return Book(here.session, here.viewer, desk.engine(), here.settings, here.now)


def _folder(here: Desk, run: Import) -> Folder:
    return folder(here.settings.home, run.code)


def _shown(here: Desk, run: Import) -> dict[str, Any]:
    return showing.shown(run, _folder(here, run), here.viewer, here.lang)


def _answer(here: Desk, run: Import, status: int = 202) -> Answer:
    here.session.flush()
    headers = {"ETag": versions.etag(run.version), "Location": f"{PREFIX}/imports/{run.code}"}
    return Answer(_shown(here, run), status, headers)


def _opened(here: Desk, code: str, verb: str, version: int) -> tuple[Book, Import]:
    book = _book(here)
    is_any = version == versions.ANY_VERSION
    return book, book.opened(code, verb, version, lambda run: _shown(here, run), is_versioned=not is_any)


def _received() -> tuple[Folder, str, int] | None:
    """Write the file that arrives to disk before the write transaction opens; nothing where the key was answered."""
    with desk.reading() as session:
        here = access.open_desk(session)
        key = key_of(request)
        if key is not None and session.scalar(select(Reply.id).where(
                Reply.person_id == here.viewer.person_id, Reply.key == key)) is not None:
            return None
    if request.mimetype != "multipart/form-data":
        raise BadInput("content_type", found=request.mimetype[:60], wanted="multipart/form-data")
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("file_missing", field="file")
    upload.stream.seek(0)
    return actions.received(here.settings.home, upload.filename, upload.stream)


@operation("POST", "/imports", summary="Bring a file; it is examined in the background", permission=MAY, tag=TAG,
           is_multipart=True, before=_received, most_bytes=gate.MAX_BYTES + 65_536, answers={202: ImportOut})
def bring(here: Desk, prepared: Any) -> Answer:
    """Answer at once where the import is; form fields beside `file`: kind, sheet, crs, columns (JSON)."""
    place, digest, size = prepared
    try:
        said = read_body(ImportChange, {"sheet": request.form.get("sheet") or None, "columns": _columns()})
        wish = Wish(request.form.get("crs") or "auto", said.sheet, said.columns or {})
        run = actions.bring(_book(here), place, digest, size, request.form.get("kind") or rules.AUTO, wish)
    except Exception:
        place.remove()
        raise
    return _answer(here, run)


def _columns() -> Any:
    written = request.form.get("columns")
    return gates.parse(written.encode("utf-8", "surrogatepass")) if written else {}


@operation("GET", "/imports", summary="The imports a viewer may see, newest first", permission=MAY, tag=TAG,
           query=ListQuery, answers={200: ImportList})
def listed(here: Desk, query: ListQuery) -> Answer:
    """Answer a page of imports without their layouts."""
    limit = min(max(int(query.limit), 1), 200)
    runs, after = queries.listed(here.session, here.viewer, limit, int(query.after) if query.after else None)
    items = [showing.shown(run, _folder(here, run), here.viewer, here.lang, is_whole=False) for run in runs]
    return Answer({"items": items, "next": f"{PREFIX}/imports?limit={limit}&after={after}" if after else None})


@operation("GET", "/imports/{code}", summary="Read an import", permission=MAY, tag=TAG, answers={200: ImportOut})
def read(here: Desk, code: str) -> Answer:
    """Answer an import with how far it is, how it is read, and what was found by code."""
    run = queries.by_code(here.session, here.viewer, code)
    return Answer(_shown(here, run), headers=versions.etag_of(run))


@operation("GET", "/imports/{code}/rows", summary="The rows of an import", permission=MAY, tag=TAG, query=RowQuery,
           answers={200: RowsOut})
def rows(here: Desk, code: str, query: RowQuery) -> Answer:
    """Answer a page of rows as they came, as they are read, and with what is wrong in them."""
    place = _folder(here, queries.by_code(here.session, here.viewer, code))
    if not place.rows.exists():
        return Answer({"rows": [], "next": None, "total": 0})
    with staging.opened(place.rows) as staged:
        found, after, total = queries.rows(staged, query.show, query.code, int(query.after),
                                           min(max(int(query.limit), 1), 1_000))
        return Answer({"rows": showing.rows(staged, place, here.lang, found), "next": after, "total": total})


@operation("GET", "/imports/{code}/map.geojson", summary="The rows of an import on the map", permission=MAY, tag=TAG,
           query=RowQuery, answers={200: FeatureCollection}, media_type="application/geo+json")
def on_map(here: Desk, code: str, query: RowQuery) -> Answer:
    """Answer where rows lie, or where their repair would put them; evenly thinned above the limit."""
    place = _folder(here, queries.by_code(here.session, here.viewer, code))
    limit = min(max(int(query.limit), 1), MOST_SPOTS) if "limit" in request.args else MOST_SPOTS
    features: list[dict[str, Any]] = []
    total = 0
    if place.rows.exists():
        with staging.opened(place.rows) as staged:
            found, total = queries.spots(staged, query.show, query.code, limit)
            features = showing.features(staged, found)
    return Answer({"type": "FeatureCollection", "features": features, "next": None, "total": total},
                  media_type="application/geo+json")


@operation("GET", "/imports/{code}/quality", summary="The data-quality report of an import", permission=MAY, tag=TAG,
           answers={200: QualityOut})
def quality(here: Desk, code: str) -> Answer:
    """Answer the report of the last examination, or the one that was kept with the saving."""
    return Answer(_shown(here, queries.by_code(here.session, here.viewer, code))["quality"] or {})


@operation("PATCH", "/imports/{code}", summary="Read the file otherwise", permission=MAY, tag=TAG, body=ImportChange,
           is_versioned=True, answers={202: ImportOut})
def change(here: Desk, code: str, body: ImportChange, version: int) -> Answer:
    """Examine the file anew as another kind, from another sheet, in another system or with other columns."""
    book, run = _opened(here, code, "change", version)
    actions.change(book, run, body.model_dump(exclude_unset=True))
    return _answer(here, run)


@operation("POST", "/imports/{code}/repairs", summary="Accept repairs, or type values", permission=MAY, tag=TAG,
           body=Repairs, is_versioned=True, answers={202: ImportOut})
def repair(here: Desk, code: str, body: Repairs, version: int) -> Answer:
    """Keep what a person decided, and examine the table with it."""
    book, run = _opened(here, code, "repair", version)
    values = {int(number): fields for number, fields in body.values.items()}
    actions.repair(book, run, body.code, body.rows, body.accept, values)
    return _answer(here, run)


@operation("POST", "/imports/{code}/confirm", summary="Save the good rows", permission=MAY, tag=TAG,
           is_versioned=True, answers={202: ImportOut})
def confirm(here: Desk, code: str, version: int) -> Answer:
    """Save in the background: all of it in one transaction, or nothing."""
    book, run = _opened(here, code, "confirm", version)
    actions.confirm(book, run)
    return _answer(here, run)


@operation("POST", "/imports/{code}/halt", summary="Stop the work on an import", permission=MAY, tag=TAG,
           answers={202: ImportOut})
def halt(here: Desk, code: str) -> Answer:
    """Ask the work to stop; nothing of what it did is kept."""
    book, run = _opened(here, code, "halt", versions.ANY_VERSION)
    actions.halt(book, run)
    return _answer(here, run)


@operation("POST", "/imports/{code}/undo", summary="Undo a saved import as a whole", permission=MAY, tag=TAG,
           is_versioned=True, answers={202: ImportOut})
def undo(here: Desk, code: str, version: int) -> Answer:
    """Take away what it made and put back what it changed, as far as nobody touched it since."""
    book, run = _opened(here, code, "undo", version)
    actions.undo(book, run)
    return _answer(here, run)


@operation("DELETE", "/imports/{code}", summary="Throw an import away", permission=MAY, tag=TAG, is_versioned=True,
           answers={200: ImportOut})
def drop(here: Desk, code: str, version: int) -> Answer:
    """Throw away what was not saved."""
    book, run = _opened(here, code, "drop", version)
    actions.drop(book, run)
    return _answer(here, run, 200)


@operation("GET", "/imports/{code}/report.xlsx", summary="The table with its problems beside it", permission=MAY,
           tag=TAG, answers={200: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
def report(here: Desk, code: str) -> Answer:
    """Answer the returned workbook: rows with problems, the problems alone, the quality report."""
    run = queries.by_code(here.session, here.viewer, code)
    place = _folder(here, run)
    if not place.rows.exists():
        raise NotFound("import_file_gone", field="code")
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response
    returning.write(place, out, here.lang)
    out.seek(0)
    response = send_file(out, mimetype=export.MEDIA_TYPES["xlsx"], as_attachment=True,
                         download_name=f"{Path(run.file_name).stem}-{run.code}.xlsx")
    response.headers["Cache-Control"] = "private, no-cache"
    return Answer(response)
