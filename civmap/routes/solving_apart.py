"""Plans a round in child processes with bounds, so that the server stays light and answers others meanwhile.

A child gets the problem on its standard input and tells each better plan, a line of JSON each; closing its input
halts it. However it ends, the best plan it told is the answer. Large rounds of several crews are searched twice at
once, with different luck.
"""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from civmap.routes.problem import Orders, Problem, Progress, Solution
from civmap.routes.scheduling import rank
from civmap.routes.solving import Tell, aim, is_small, is_tour, solve, solved_by

LOOK_EVERY, TICK_SECONDS = 0.1, 0.5
# A child that was halted, or whose time is over, ends within this time or is ended; on a busy machine starting takes
# a while.
GRACE_SECONDS, START_SECONDS = 1.5, 20.0
# From so many places on, two children search.
MANY, OTHER_LUCK = 40, 7919


def solve_apart(problem: Problem, seconds: float, tell: Tell | None = None,
                is_halted: Callable[[], bool] | None = None) -> Solution:
    """Do as `solve` in child processes; what takes no time at all is done in place."""
    if is_small(problem):
        return solve(problem, seconds, tell, is_halted)
    begun = time.perf_counter()
    is_double = len(problem.places) >= MANY and not is_tour(problem) and (os.cpu_count() or 1) > 1
    seeds = (problem.seed, problem.seed + OTHER_LUCK) if is_double else (problem.seed,)
    hearing = Hearing(replace(problem, balance=aim(problem)), seconds, tell)
    children = [Child(replace(problem, seed=seed), seconds, hearing) for seed in seeds]
    try:
        was_halted = _listen(children, hearing, is_halted or (lambda: False), begun + seconds + START_SECONDS)
    finally:
        for child in children:
            child.end()
    return solved_by(problem, hearing.best, time.perf_counter() - begun, was_halted)


class Hearing:
    """The best plan that any child told so far."""

    def __init__(self, problem: Problem, seconds: float, tell: Tell | None) -> None:
        self.problem, self.seconds, self.tell = problem, seconds, tell
        self.last: Progress | None = None
        self.told = self.heard = 0.0
        self.best: Orders | None = None
        self.rank: tuple[float, ...] | None = None

    def wait(self) -> None:
        """Tell now and then that the search goes on, though nothing better was found."""
        if self.tell is not None and self.last is not None and time.perf_counter() > self.told + TICK_SECONDS:
            spent = self.last.seconds + time.perf_counter() - self.heard
            share = min(self.last.fraction + (spent - self.last.seconds) / max(self.seconds, 1e-9), 1.0)
            self._tell(replace(self.last, fraction=share, seconds=spent))

    def _tell(self, progress: Progress) -> None:
        self.told = time.perf_counter()
        if self.tell is not None:
            self.tell(progress)

    def hear(self, told: Progress) -> None:
        """Keep a plan that is better than all before, and hand it on."""
        assert told.orders is not None
        place = rank(self.problem, told.orders)
        if self.rank is None or place < self.rank:
            self.rank, self.best, self.last, self.heard = place, told.orders, told, time.perf_counter()
            self._tell(told)


class Child:
    """A search in a process of its own."""

    def __init__(self, problem: Problem, seconds: float, hearing: Hearing) -> None:
        self.hearing, self.pending, self.is_done = hearing, b"", False
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("CIVMAP_", "PYTHON"))}
        environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-m", "civmap.routes.solving_child"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ, start_new_session=True)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout
        with suppress(BrokenPipeError):
            self.input.write(json.dumps(_head(problem, seconds)).encode() + b"\n")
            for table in (problem.metres, problem.minutes):
                self.input.write(np.ascontiguousarray(table, dtype=np.float64).tobytes())
            self.input.flush()

    def hear(self) -> None:
        """Read what the child says; a child that says nothing more is done."""
        some = os.read(self.output.fileno(), 1 << 16)
        *lines, self.pending = (self.pending + some).split(b"\n")
        for line in lines:
            told = json.loads(line)
            self.hearing.hear(Progress(**{**told, "orders": tuple(tuple(order) for order in told["orders"])}))
        self.is_done = not some

    def halt(self) -> None:
        """Ask for the best plan now."""
        with suppress(OSError):
            self.input.close()

    def end(self) -> None:
        """End the process, whatever it is doing, and leave nothing of it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.input, self.output):
            with suppress(OSError):
                pipe.close()


def _listen(children: list[Child], hearing: Hearing, is_halted: Callable[[], bool], last: float) -> bool:
    """Listen until all children have said all or must be ended; return whether somebody halted them."""
    was_halted = False
    with selectors.DefaultSelector() as ready:
        for child in children:
            ready.register(child.output, selectors.EVENT_READ, child)
        while ready.get_map() and time.perf_counter() < last:
            for key, _ in ready.select(LOOK_EVERY):
                key.data.hear()
                if key.data.is_done:
                    ready.unregister(key.fileobj)
            hearing.wait()
            if not was_halted and is_halted():
                was_halted, last = True, min(last, time.perf_counter() + GRACE_SECONDS)
                for child in children:
                    child.halt()
    return was_halted


def _head(problem: Problem, seconds: float) -> dict[str, Any]:
    return {"seconds": seconds, "balance": problem.balance, "seed": problem.seed, "nodes": len(problem.metres),
            "places": [asdict(place) for place in problem.places], "crews": [asdict(crew) for crew in problem.crews]}
