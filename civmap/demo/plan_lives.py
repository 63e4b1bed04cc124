"""How an issue of each state came to be where it is: the steps from report on, never later than the day's beginning."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from civmap.demo.plan_history import Life
from civmap.demo.plan_times import Times


@dataclass(frozen=True)
class Cast:
    """Who does what with one issue."""

    reporter: str
    office: str
    handler: str
    checker: str
    person: str
    measure: str


@dataclass(frozen=True)
class Order:
    """When an issue is handed over and with which limit."""

    at: datetime
    limit: str
    on_site: bool = False


class Author:
    """Write the lives of issues up to the beginning of the day."""

    def __init__(self, rng: random.Random, times: Times, sayings: Mapping[str, Sequence[str]]) -> None:
        self._rng, self._times, self._sayings = rng, times, sayings
        self._ways: Mapping[str, Callable[[Life, Cast, Order], None]] = {
            "closed": self._closed, "dispatched": self._dispatched, "in_progress": self._in_progress,
            "resolved": self._resolved, "rework": self._rework, "suspended": self._suspended,
            "returned": self._returned,
        }  # fmt: skip

    def hand_over(self, life: Life, state: str, cast: Cast, order: Order, said: Mapping) -> bool:
        """Write a life that was handed over; return False where it would reach into the day."""
        self._until_dispatch(life, cast, order, said)
        self._ways[state](life, cast, order)
        return life.last_at < self._times.start

    def not_handed_over(self, life: Life, state: str, cast: Cast, said: Mapping) -> None:
        """Write a life that ended or waits before the hand-over: reported, verifying, filed, rejected."""
        days = 50.0 if state == "rejected" else 1.9
        at = self._times.any_time(self._rng, days, 0.05)
        life.report(at, cast.reporter, said)
        life.photo(at, cast.reporter, "before")
        later = at + self._minutes(5, 110)
        if state == "verifying":
            life.step(later, cast.office, "verify", {"exists": True, "remark": "请就近督查员核实"})
        elif state == "filed":
            life.step(later, cast.office, "file", {}, filed_at=later)
        elif state == "rejected":
            life.step(later, cast.office, "reject", {"reason": self._say("rejections")})

    def duplicate(self, life: Life, cast: Cast, of_at: datetime, said: Mapping) -> None:
        """Write the life of a second report of the same thing; which one is filled in with the numbers."""
        at = of_at + self._minutes(8, 200)
        life.report(at, cast.reporter, said)
        life.photo(at, cast.reporter, "before")
        life.step(at + self._minutes(4, 60), cast.office, "duplicate", {})

    def _say(self, what: str) -> str:
        return self._rng.choice(self._sayings[what])

    def _minutes(self, low: float, high: float) -> timedelta:
        return timedelta(seconds=self._rng.randint(round(low * 60), round(high * 60)))

    def _until_dispatch(self, life: Life, cast: Cast, order: Order, said: Mapping) -> None:
        if order.on_site:
            filed = reported = order.at
        else:
            reported = order.at - self._minutes(14, 70)
            filed = reported + (order.at - reported) * self._rng.uniform(0.2, 0.8)
            filed = filed.replace(microsecond=0)
        life.report(reported, cast.reporter, said)
        life.photo(reported, cast.reporter, "before")
        office = cast.reporter if order.on_site else cast.office
        life.step(filed, office, "file", {}, filed_at=filed)
        life.dispatch(order.at, office, order.limit, cast.person)

    def _between(self, life: Life, share: float) -> datetime:
        """Return a moment of daylight a share of the way from the last step to the day."""
        last = life.last_at
        moment = last + (self._times.start - last) * share
        moment = self._times.by_daylight(self._rng, moment.replace(microsecond=0))
        return moment if last < moment < self._times.start else last + self._minutes(6, 25)

    def _dispatched(self, life: Life, cast: Cast, order: Order) -> None:
        """Leave the issue with its unit, not yet acknowledged."""

    def _in_progress(self, life: Life, cast: Cast, order: Order) -> None:
        at = order.at + self._minutes(4, 55)
        life.step(at, cast.handler, "acknowledge", {}, acknowledged_at=at)
        if self._rng.random() < 0.6:
            start = at + self._minutes(5, 50)
            life.step(start, cast.handler, "start", {"plan": "已安排人员现场处置"}, started_at=start)

    def _returned(self, life: Life, cast: Cast, order: Order) -> None:
        at = order.at + self._minutes(15, 150)
        life.step(at, cast.handler, "return", {"reason": self._say("returns")}, return_count=1)

    def _suspended(self, life: Life, cast: Cast, order: Order) -> None:
        self._in_progress(life, cast, order)
        at = self._between(life, self._rng.uniform(0.1, 0.5))
        days = timedelta(days=self._rng.randint(20, 150))
        until = self._times.start + days
        said = {"reason": self._say("suspensions"), "until": (self._times.day + days).isoformat()}
        life.step(at, cast.office, "suspend", said, state="suspended", resumes_at=until)

    def _resolved(self, life: Life, cast: Cast, order: Order) -> None:
        self._in_progress(life, cast, order)
        self._feed_back(life, cast, self._between(life, self._rng.uniform(0.3, 0.95)))

    def _rework(self, life: Life, cast: Cast, order: Order) -> None:
        self._in_progress(life, cast, order)
        self._feed_back(life, cast, self._between(life, self._rng.uniform(0.2, 0.5)))
        life.check(self._between(life, self._rng.uniform(0.3, 0.7)), cast.checker, self._say("fails"), False)

    def _feed_back(self, life: Life, cast: Cast, at: datetime) -> None:
        life.photo(at, cast.handler, "after")
        life.feedback(at, cast.handler, cast.measure)

    def _closed(self, life: Life, cast: Cast, order: Order) -> None:
        self._in_progress(life, cast, order)
        share = self._rng.uniform(0.15, 0.92) if self._rng.random() < 0.9 else self._rng.uniform(1.05, 1.7)
        done = self._times.after_share(order.limit, order.at, share)
        done = max(self._daylight_for(order, done), life.last_at + self._minutes(5, 20))
        self._feed_back(life, cast, done)
        if self._rng.random() < 0.08:
            life.check(self._checked(life), cast.checker, self._say("fails"), False)
            self._feed_back(life, cast, self._times.by_daylight(self._rng, life.last_at + self._minutes(60, 600)))
        life.check(self._checked(life), cast.checker, self._say("passes"), True)

    def _daylight_for(self, order: Order, done: datetime) -> datetime:
        """Keep a feedback out of the night, unless it is urgent work."""
        done = done.replace(microsecond=0)
        return done if "urgent" in order.limit else self._times.by_daylight(self._rng, done)

    def _checked(self, life: Life) -> datetime:
        return self._times.by_daylight(self._rng, life.last_at + self._minutes(25, 1100))


def weighted(rng: random.Random, things: Sequence, weights: Sequence[float], count: int) -> list:
    """Return `count` different things, the weightier the likelier."""
    pool = list(zip(things, weights, strict=True))
    chosen = []
    for _ in range(count):
        pick = rng.choices(range(len(pool)), [weight for _, weight in pool])[0]
        chosen.append(pool.pop(pick)[0])
    return chosen
