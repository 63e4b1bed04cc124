"""Papers through the interface and the pages: files, numbers, who may, and what the ledger keeps."""

import io
import re

import docx
import pypdf
import pytest
import python_calamine

from civmap.paper import runner
from civmap.store import ledger
from civmap.store.database import reading
from civmap.web import long_documents
from civmap.web.api import papers

REPORT = {"class": "E0102", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830,
          "unit": "HW-C", "on_site": True}


@pytest.fixture
def numbers(signed_in):
    """Give the numbers of two issues of one unit and one of another."""
    inspector = signed_in("inspector")
    return [inspector.post("/api/v1/issues", json=REPORT | {"unit": unit}).json["issue_no"]
            for unit in ("HW-C", "HW-C", "YY")]


def test_a_paper_is_issued_listed_and_fetched_by_its_unit(signed_in, numbers, engine):
    dispatcher, handler, doctor = (signed_in(name) for name in ("dispatcher", "handler", "doctor"))
    wish = {"kind": "dispatch_sheet", "issues": numbers[:2], "signer": "王主任"}
    assert handler.post("/api/v1/notices", json=wish).status_code == 403
    made = dispatcher.post("/api/v1/notices", json=wish, headers={"Idempotency-Key": "one"})
    again = dispatcher.post("/api/v1/notices", json=wish, headers={"Idempotency-Key": "one"})
    assert (made.status_code, made.json["issues"], again.json["id"]) == (201, numbers[:2], made.json["id"])
    where = made.headers["Location"]
    assert handler.get(where).json["number"] == made.json["number"] and doctor.get(where).status_code == 404
    assert handler.get("/api/v1/notices").json["notices"][0]["issue_count"] == 2
    assert doctor.get("/api/v1/notices").json["notices"] == []
    assert doctor.get(f"{where}.docx").status_code == 404
    texts = []
    for _ in "ab":
        answer = handler.get(f"{where}.docx")
        texts.append("".join(part.text for part in docx.Document(io.BytesIO(answer.data)).paragraphs))
    assert ["补打" in text for text in texts] == [False, True] and made.json["number"] in texts[1]
    for page in ("/notices", f"/notices/{made.json['id']}", f"/issues/{numbers[0]}"):
        assert made.json["number"] in handler.get(page).text
    assert made.json["number"] not in doctor.get("/notices").text
    urged = dispatcher.post("/api/v1/notices", json={"kind": "supervision", "issues": numbers[:1], "level": 2})
    assert (urged.status_code, urged.json["level"]) == (201, 2) and "督" in urged.json["number"]
    assert dispatcher.get(f"/api/v1/issues/{numbers[0]}").json["supervision_level"] == 2
    assert "二级" in str([[cell.text for cell in row.cells] for row in docx.Document(io.BytesIO(
        handler.get(f"{urged.headers['Location']}.docx").data)).tables[0].rows])
    with reading(engine) as session:
        lines = ledger.history(session, "notice", made.json["number"])
        assert [(line.who, line.verb) for line in lines] == [
            ("dispatcher", "issue"), ("handler", "print"), ("handler", "print")]


def test_the_page_issues_one_paper_per_unit_and_lists_come_narrowed(signed_in, numbers):
    dispatcher = signed_in("dispatcher")
    offered = dispatcher.get(f"/notices/new?kind=rectification&code={','.join(numbers)}").text
    chosen = [f"HW-C|{numbers[0]}", f"HW-C|{numbers[1]}", f"YY|{numbers[2]}"]
    assert all(value in offered for value in chosen)
    form = re.search(r'name="form" value="(\w+)"', offered)[1]
    said = {"kind": "rectification", "issue": chosen, "csrf_token": dispatcher.token, "form": form}
    for _tap in range(2):  # the second tap on the button gives no second number
        assert dispatcher.post("/notices/new", data=said).status_code == 302
    kept = dispatcher.get("/api/v1/notices?kind=rectification").json["notices"]
    assert [(row["unit"], row["issue_count"]) for row in kept] == [("YY", 1), ("HW-C", 2)]
    assert signed_in("inspector").get("/notices/new").status_code == 403
    answer = dispatcher.post("/documents/register.xlsx", data={"code": ",".join(numbers[1:])})
    rows = python_calamine.load_workbook(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == numbers[1:]
    listed = dispatcher.get("/api/v1/documents/issue_list.docx?group=unit&unit=YY&lang=en")
    paper = docx.Document(io.BytesIO(listed.data))
    assert [row.cells[1].text for table in paper.tables for row in table.rows] == ["Issue no.", numbers[2]]
    assert dispatcher.get("/api/v1/documents/issue_list.docx?nonsense=1").status_code == 422
    assert signed_in("grid").get("/api/v1/documents/register.csv").status_code == 403


@pytest.mark.spatialite
def test_a_long_pdf_waits_in_the_queue_and_is_its_owners_alone(signed_in, numbers, settings, monkeypatch, engine):
    monkeypatch.setattr(long_documents, "DIRECT", 1)
    monkeypatch.setattr(runner, "start", lambda *_words: None)
    handler = signed_in("handler")
    answer = handler.get("/documents/register.pdf?photos=links")
    where = answer.headers["Location"]
    assert answer.status_code == 303 and 'http-equiv="refresh"' in handler.get(where).text
    assert signed_in("doctor").get(where).status_code == 404
    for name, value in (("CIVMAP_HOME", settings.home), ("CIVMAP_DATABASE_URL", settings.database_url),
                        ("CIVMAP_SECRET_KEY", settings.secret_key)):
        monkeypatch.setenv(name, str(value))
    runner.main(settings.home, papers.CHILD)
    page = handler.get(where).text
    number = where.rsplit("/", 1)[1]
    assert f"/api/v1/papers/{number}.pdf" in page and "refresh" not in page
    made = handler.get(f"/api/v1/papers/{number}.pdf")
    text = "".join(pypdf.PdfReader(io.BytesIO(made.data)).pages[0].extract_text().split())
    made.close()
    assert "督查台账" in text and numbers[0] in text and numbers[2] not in text
    with reading(engine) as session:
        [line] = ledger.history(session, "register", "pdf")
        assert (line.who, line.after["count"]) == ("handler", 2)
