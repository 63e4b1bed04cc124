"""Fifty clients on the same issues at once: of each contradiction one wins, nothing is lost, nothing done twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from civmap.store import ledger
from civmap.store.database import reading

CLIENTS, ISSUES = 50, 5
BIN = {"class": "E0115", "description": "垃圾箱满溢", "lon": 115.8570, "lat": 28.6830}


def test_fifty_clients_race_on_the_same_issues(app, program, engine):
    office, unit = program("dispatcher"), program("handler")
    reports = [app.test_client().post("/api/v1/issues", headers=office, json={
        **BIN, "lon": 115.857 + number / 1000, "unit": "HW-C", "on_site": number >= 3}) for number in range(ISSUES)]
    addresses = [made.headers["Location"] for made in reports]
    tags = [made.headers["ETag"] for made in reports]
    # three waiting issues are filed, rejected or pressed for; two dispatched ones acknowledged, sent back or asked for
    moves = (("file", {}, office), ("reject", {"reason": "不属实"}, office), ("supervise", {"level": 1}, office))
    replies = (("acknowledge", {}, unit), ("return", {"reason": "不是我们"}, unit), ("extend", {"reason": "忙"}, unit))

    def race(number):
        which = number % ISSUES
        verb, body, who = (replies if which >= 3 else moves)[number // ISSUES % 3]
        answer = app.test_client().post(f"{addresses[which]}/{verb}", json=body, headers={
            **who, "If-Match": tags[which], "Idempotency-Key": f"race-{number}"})
        return number, which, verb, answer.status_code, answer.headers.get("ETag"), answer.get_data(as_text=True)

    with ThreadPoolExecutor(CLIENTS) as pool:
        first = list(pool.map(race, range(CLIENTS)))
    assert Counter(status for *_, status, _, _ in first) == {200: ISSUES, 412: CLIENTS - ISSUES}
    won = {which: (number, verb, tag, body) for number, which, verb, status, tag, body in first if status == 200}
    assert set(won) == set(range(ISSUES))
    for which, (number, _verb, tag, body) in won.items():  # sent again after an outage: the same answer, once
        again = race(number)
        assert (again[3], again[4], again[5]) == (200, tag, body)
        assert tag == f'"v{int(tags[which].strip(chr(34) + "v")) + 1}"'
    with reading(engine) as session:
        for which, (_number, verb, *_) in won.items():
            done = [line.verb for line in ledger.history(session, "issue", addresses[which].rsplit("/", 1)[1])]
            begun = ["report", "file", "dispatch"] if which >= 3 else ["report"]
            assert done == [*begun, verb]
        assert ledger.verify_all(session)[1] is None
