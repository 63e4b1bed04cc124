"""Rows of a table that fit the streets in several ways: asked once, answered by a person on the map."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.errors import Conflict, Invalid
from civmap.geo.bulk import exported, lengths_m
from civmap.people.rules import Viewer
from civmap.segments import taking
from civmap.segments.matching import Answer
from civmap.segments.models import TAKEN, MatchChoice, RoadSegment
from civmap.store import ledger
from civmap.store.editing import numbered_row

KIND = "match_choice"
OPEN, DRAWN, SKIPPED = "open", "drawn", "skipped"


def ask(session: Session, viewer: Viewer, rows: Sequence[tuple[Mapping[str, Any], Answer]], now: datetime) -> int:
    """Keep the doubtful rows of a table as choices; one that was asked before is left as it is. Return how many."""
    codes = [row["code"] for row, _ in rows]
    known = set(session.scalars(select(MatchChoice.code).where(MatchChoice.code.in_(codes)))) if codes else set()
    fresh = [(row, answer) for row, answer in rows if row["code"] not in known]
    for row, answer in fresh:
        session.add(MatchChoice(code=row["code"], row=dict(row), candidates=_told(answer), asked_at=now,
                                asked_by=viewer.name))
    session.flush()
    ledger.append(session, [ledger.Line(now, viewer.name, viewer.actor.via, "ask", KIND, row["code"], after={
        name: row.get(name) for name in ("name", "road", "from_name", "to_name")}) for row, _ in fresh])
    return len(fresh)


def of_table(session: Session, viewer: Viewer, rows: Sequence[tuple[int, Mapping[str, Any]]],
             answers: Mapping[str, Answer], now: datetime) -> list[dict[str, Any]]:
    """Keep the doubtful rows of a table as choices; return what became of each row that had no line, with its score."""
    looked_up = [(number, row, answers[row["code"]]) for number, row in rows if row.get("code") in answers]
    ask(session, viewer, [(row, answer) for _, row, answer in looked_up
                          if answer.state != "sure" and answer.candidates], now)
    return [{"row": number, "code": row["code"], "state": answer.state, "reason": answer.reason,
             "score": taking.percent(answer.candidates[0].score) if answer.candidates else 0,
             "candidates": len(answer.candidates)} for number, row, answer in looked_up]


def _told(answer: Answer) -> list[dict[str, Any]]:
    lines = [each.line for each in answer.candidates]
    return [{"score": taking.percent(each.score), "road": each.road, "from_name": each.start, "to_name": each.end,
             "why": list(each.why), "length_m": round(size, 1), "geometry": shape}
            for each, shape, size in zip(answer.candidates, exported(lines, 9), lengths_m(lines), strict=True)]


def listed(session: Session, viewer: Viewer, state: str = OPEN, limit: int = 200) -> list[MatchChoice]:
    """Return the choices in a state, in the order of their table; only who may import them sees them."""
    viewer.must("import", "segment")
    return list(session.scalars(select(MatchChoice).where(MatchChoice.state == state).order_by(MatchChoice.id)
                                .limit(limit)))


def open_count(session: Session) -> int:
    """Return how many choices wait for a person."""
    return session.scalar(select(func.count()).where(MatchChoice.state == OPEN)) or 0


def settle(session: Session, viewer: Viewer, number: int, answer: Mapping[str, Any], now: datetime,
           division_at: taking.DivisionAt) -> tuple[MatchChoice, RoadSegment | None]:
    """Answer a choice: `pick` a candidate, give a drawn `geometry`, or `skip`; return it and the segment made.

    Raise Conflict `choice_settled` where somebody else was faster, Invalid for a candidate that there is not.
    """
    viewer.must("import", "segment")
    choice: MatchChoice = numbered_row(session, MatchChoice, KIND, number, for_change=True)
    if choice.state != OPEN:
        raise Conflict("choice_settled", field="id", by=choice.settled_by or "—")
    segment = None
    values = dict(choice.row)
    if answer.get("skip"):
        state = SKIPPED
    elif answer.get("geometry") is not None:
        state, segment = DRAWN, taking.made(session, viewer, values, answer["geometry"], now, division_at)
    else:
        picked = _candidate(choice, answer.get("pick"))
        state = TAKEN
        choice.candidates = [picked, *(one for one in choice.candidates if one is not picked)]
        told = taking.named(values, picked["road"], picked["from_name"], picked["to_name"])
        segment = taking.made(session, viewer, told, picked["geometry"], now, division_at)
    choice.state, choice.settled_at, choice.settled_by = state, now, viewer.name
    session.flush()
    ledger.record(session, viewer.actor, "settle", KIND, choice.code, at=now, before={"state": OPEN},
                  after={"state": state})
    return choice, segment


def _candidate(choice: MatchChoice, pick: Any) -> dict[str, Any]:
    if not isinstance(pick, int) or isinstance(pick, bool) or not 0 <= pick < len(choice.candidates):
        raise Invalid("choice_pick", field="pick", most=len(choice.candidates) - 1)
    return choice.candidates[pick]


def as_json(choice: MatchChoice) -> dict[str, Any]:
    """Return a choice as the map offers it; phone numbers of the row stay behind."""
    said = {name: choice.row.get(name) for name in ("name", "road", "from_name", "to_name", "unit")}
    return {"id": choice.id, "code": choice.code, "state": choice.state, "row": said,
            "candidates": choice.candidates, "version": choice.version}
