"""Papers for people: lists and the register as files, numbered papers to issue, to find and to print again."""

import hashlib
import json
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from civmap import clock, texts
from civmap.documents import actions, printing, queries
from civmap.documents.house import House
from civmap.documents.register import BY, Wish
from civmap.errors import Invalid
from civmap.exchange import gather
from civmap.issues.models import Notice
from civmap.web import csrf, kinds, trail
from civmap.web import desk as keeping
from civmap.web.access import SIGNED_IN, permission
from civmap.web.api.lists import FILTERS, ListQuery, narrowing, query_model
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk
from civmap.web.replies import Answer, once

blueprint = Blueprint("documents", __name__)
OWN = ("group", "photos", "lang")
SHOWN = ("pictures", "links")
MOST_OFFERED = 400
MOST_LISTED = 200
_FORM = re.compile("[0-9a-f]{32}")


def house(desk: Desk) -> House:
    """Return the surroundings of a print that this person asks for; codes lead to the city's own address."""
    address = desk.settings.public_url or request.url_root.rstrip("/")
    return House(desk.identity.city.name if desk.identity.city else "", desk.settings.photos, address, desk.viewer,
                 desk.now)


def wish_of(lang: str, kind: str, fmt: str, asked: kinds.Narrowing, own: Mapping[str, str]) -> Wish:
    """Return what is wanted; raise Invalid for a grouping, a showing of photos or a language there is not."""
    shown = own.get("photos") or ("links" if (kind, fmt) in (("register", "xlsx"), ("register", "csv")) else SHOWN[0])
    chosen = {"group": own.get("group") or BY[0], "photos": shown, "lang": own.get("lang") or lang}
    for name, known in (("group", BY), ("photos", SHOWN), ("lang", texts.LANGUAGES)):
        if chosen[name] not in known:
            raise Invalid("choice_unknown", field=name, value=chosen[name][:40], known=list(known))
    return Wish(asked, chosen["lang"], chosen["group"], chosen["photos"] == SHOWN[0])


def listed(desk: Desk, kind: str, fmt: str, query: ListQuery, own: dict[str, str]) -> Response:
    """Return a list of problems or the register as a file; the ledger keeps who took it and which."""
    printing.check(kind, fmt)
    wish = wish_of(desk.lang, kind, fmt, narrowing(query, None), own)
    counted = [0]

    def write(target: Path) -> None:
        with keeping.reading() as session:
            counted[0] = printing.write(session, kind, wish, fmt, target, house(desk))

    at = clock.to_office(desk.now).strftime("%Y%m%d-%H%M")
    response = _file(write, fmt, f"civmap-{kind}-{at}.{fmt}")
    noting(desk, lambda session: gather.note(session, desk.viewer, kind, counted[0], fmt, desk.now,
                                              wish.asked.told()))
    return response


def numbered(desk: Desk, notice_id: int, fmt: str, lang: str | None) -> Response:
    """Return a numbered paper as a file, as it was issued; from the second print in a form on it is marked 补打."""
    notice = queries.by_id(desk.session, desk.viewer, notice_id, desk.now)
    name = f"civmap-{notice.kind}-{notice.year}-{notice.serial}.{fmt}"
    if fmt not in printing.FORMATS:
        raise Invalid("document_format", field="format", value=fmt[:20], known=list(printing.FORMATS))
    wanted = lang or desk.lang
    if wanted not in texts.LANGUAGES:
        raise Invalid("choice_unknown", field="lang", value=wanted[:40], known=list(texts.LANGUAGES))
    is_copy = [False]

    def mark(session: Any) -> None:
        is_copy[0] = actions.note_print(session, desk.viewer, notice, fmt, desk.now)

    noting(desk, mark)

    def write(target: Path) -> None:
        with keeping.reading() as session:
            kept = queries.by_id(session, desk.viewer, notice_id, desk.now)
            printing.write_notice(session, kept, fmt, target, house(desk), wanted, is_copy[0])

    return _file(write, fmt, name)


def noting(desk: Desk, note: Callable[[Any], Any]) -> None:
    """Write into the ledger: in the transaction of a posted form, in one of its own otherwise."""
    if request.method == "POST":
        note(desk.session)
        return
    with keeping.writing() as session:
        note(session)


def _file(write: Callable[[Path], None], fmt: str, name: str) -> Response:
    """Return what is written as a download."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"paper.{fmt}"
        write(target)
        response = make_response(target.read_bytes())
    response.headers["Content-Type"] = printing.MEDIA_TYPES[fmt]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _asked() -> tuple[dict[str, str], dict[str, str]]:
    """Return the filters of the address or of a posted form as written, and what is said of the paper itself."""
    values = request.args if request.method == "GET" else request.form
    said = {name: text for name, text in values.items() if text != "" and name != csrf.FIELD}
    own = {name: said.pop(name) for name in OWN if name in said}
    return said, own


def _listing(kind: str, fmt: str) -> Any:
    def view(desk: Desk) -> Any:
        from civmap.web import long_documents

        said, own = _asked()
        query = read_query_values(query_model("issues", FILTERS["issues"]), said)
        if fmt == "pdf":
            wish = wish_of(desk.lang, kind, fmt, narrowing(query, None), own)
            count = printing.counted(desk.session, desk.viewer, wish, fmt, desk.now)
            if count > long_documents.DIRECT:
                return long_documents.order(desk, kind, said, own, count)
        return listed(desk, kind, fmt, query, own)

    return permission(("export", "issue"))(view)


def _printing(fmt: str) -> Any:
    def view(desk: Desk, notice_id: int) -> Response:
        return numbered(desk, notice_id, fmt, request.args.get("lang"))

    return permission(("export", "issue"))(view)


for _kind in printing.KINDS:
    for _fmt in printing.FORMATS_OF[_kind]:
        blueprint.add_url_rule(f"/documents/{_kind}.{_fmt}", f"{_kind}_{_fmt}", _listing(_kind, _fmt),
                               methods=["GET", "POST"])
for _fmt in printing.FORMATS:
    blueprint.add_url_rule(f"/notices/<int(max=2147483647):notice_id>.{_fmt}", f"notice_{_fmt}", _printing(_fmt))


def of_issue(desk: Desk, no: str) -> list[dict[str, Any]]:
    """Return the numbered papers that speak of an issue, as its page shows them."""
    return queries.listed(desk.session, desk.viewer, desk.now, queries.Asked(issue=no))


@blueprint.get("/notices")
@permission(SIGNED_IN)
def index(desk: Desk) -> str:
    """List the numbered papers that the viewer sees, newest first."""
    asked = queries.Asked(kind=request.args.get("kind") or None, unit=request.args.get("unit") or None,
                          issue=request.args.get("issue") or None, limit=MOST_LISTED)
    rows = queries.listed(desk.session, desk.viewer, desk.now, asked)
    new = {part for part in request.args.get("issued", "")[:2000].split(",") if part}
    return render_template("documents/notices.html", rows=rows, new=new, kinds=queries.KINDS, asked=asked,
                           formats=printing.FORMATS if desk.viewer.may("export", "issue") else ())


@blueprint.get("/notices/<int(max=2147483647):notice_id>")
@permission(SIGNED_IN)
def show(desk: Desk, notice_id: int) -> str:
    """Show one numbered paper: whom it went to, which issues it speaks of, and the files."""
    notice = queries.by_id(desk.session, desk.viewer, notice_id, desk.now)
    (row,) = queries.told(desk.session, [notice])
    return render_template("documents/notice.html", row=row, prints=_prints(desk, notice),
                           lines=queries.kept_lines(desk.session, notice, desk.lang, desk.now),
                           formats=printing.FORMATS if desk.viewer.may("export", "issue") else ())


def _prints(desk: Desk, notice: Notice) -> list[dict[str, Any]]:
    lines = queries.trail(desk.session, notice) if desk.viewer.sees_all else []
    names = {"clock": texts.say(desk.lang, "ledger.via.clock"),
             **trail.full_names(desk, {line["who"] for line in lines})}
    return [{**line, "who_name": names.get(line["who"]) or line["who"]} for line in lines]


@blueprint.get("/notices/new")
@permission(("dispatch", "issue"))
def new(desk: Desk) -> str:
    """Offer the issues of the address that can be put on a paper, unit by unit."""
    said = {name: text for name, text in request.args.items() if text != "" and name != "kind"}
    query = read_query_values(query_model("issues", FILTERS["issues"]), said)
    asked = narrowing(query, MOST_OFFERED)
    found = [feature["properties"] for feature in kinds.collect(desk, "issues", asked).features]
    ready = [row for row in found if row["unit"] and row["state"] in actions.OF_THE_UNIT]
    units: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(ready, key=lambda one: (one["unit"], one["issue_no"])):
        units.setdefault(row["unit"], []).append(row)
    return render_template("documents/new.html", units=units, left_out=len(found) - len(ready), kind=_kind(),
                           kinds=actions.ISSUED_HERE, words=_usual(desk, _kind()), form=secrets.token_hex(16))


def _kind() -> str:
    kind = request.values.get("kind", actions.ISSUED_HERE[0])
    return kind if kind in actions.ISSUED_HERE else actions.ISSUED_HERE[0]


def _usual(desk: Desk, kind: str) -> dict[str, str]:
    """Return the usual words of a kind of paper, to be changed before it is issued."""
    names = [name for name in actions.WORDS if texts.has(desk.lang, f"documents.{kind}.{name}")]
    count = texts.say(desk.lang, "documents.count_here")
    return {name: texts.say(desk.lang, f"documents.{kind}.{name}", count=count) for name in names}


@blueprint.post("/notices/new")
@permission(("dispatch", "issue"))
def issue(desk: Desk) -> Any:
    """Issue a paper to each unit whose issues were chosen, all or none."""
    kind = _kind()
    usual = _usual(desk, kind)
    words = tuple((name, text) for name in actions.WORDS
                  if (text := request.form.get(name, "").strip()[:2000]) and text != usual.get(name))
    chosen: dict[str, list[str]] = {}
    for value in request.form.getlist("issue"):
        unit, _, no = value.partition("|")
        chosen.setdefault(unit, []).append(no)
    if not chosen:
        raise Invalid("notice_issues", field="issues", count=0, most=actions.MOST_ISSUES)

    def made() -> Answer:
        return Answer([actions.issue(desk.session, desk.viewer, actions.Order(kind, numbers, unit, words), desk.now).id
                       for unit, numbers in chosen.items()])

    ids = _once(desk, json.dumps([kind, words, sorted(chosen.items())]), made).body
    return redirect(f"/notices?issued={','.join(map(str, ids))}")


def _once(desk: Desk, asked: str, work: Callable[[], Answer]) -> Answer:
    """Do what a form asks, unless the same form asked the same before: a second tap gives no second number."""
    form = request.form.get("form", "")
    if not _FORM.fullmatch(form):
        return work()
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return once(desk.session, desk.viewer.person_id, f"form-{form}-{digest[:16]}", digest, desk.now, work)
