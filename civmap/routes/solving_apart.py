"""Plans a round in a child process with bounds, so that the server stays light and answers others meanwhile.

The child gets the problem on its standard input and tells each better plan, a line of JSON each; closing its input
halts it. However it ends, the best plan it told is the answer.
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
from civmap.routes.solving import Tell, is_small, solve, solved_by

LOOK_EVERY = 0.1
# A child that was halted, or whose time is over, ends within this time or is ended.
GRACE_SECONDS, START_SECONDS = 1.5, 5.0
ALL_DONE = "solution"


def solve_apart(problem: Problem, seconds: float, tell: Tell | None = None,
                is_halted: Callable[[], bool] | None = None) -> Solution:
    """Do as `solve` in a child process; what takes no time at all is done in place."""
    if is_small(problem):
        return solve(problem, seconds, tell, is_halted)
    begun = time.perf_counter()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CIVMAP_", "PYTHON"))}
    environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    child = subprocess.Popen([sys.executable, "-I", "-m", "civmap.routes.solving_child"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ, start_new_session=True)
    listener = Listener(child, tell, is_halted or (lambda: False), begun + seconds)
    try:
        _send(child, problem, seconds)
        listener.listen()
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                pipe and pipe.close()
    return listener.solution or solved_by(problem, listener.best, time.perf_counter() - begun, listener.was_halted)


class Listener:
    """Hears what a child tells, and halts it when somebody wants the plan or its time is over."""

    def __init__(self, child: "subprocess.Popen[bytes]", tell: Tell | None, is_halted: Callable[[], bool],
                 until: float) -> None:
        self.child, self.tell, self.is_halted = child, tell, is_halted
        self.last = until + START_SECONDS + GRACE_SECONDS
        self.best: Orders | None = None
        self.solution: Solution | None = None
        self.was_halted, self.pending = False, b""

    def listen(self) -> None:
        """Listen until the child has said all, has died, or must be ended."""
        assert self.child.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self.child.stdout, selectors.EVENT_READ)
            while self.solution is None and time.perf_counter() < self.last:
                if ready.select(LOOK_EVERY) and not self._hear(os.read(self.child.stdout.fileno(), 1 << 16)):
                    return
                if not self.was_halted and self.is_halted():
                    self._halt()

    def _halt(self) -> None:
        self.was_halted = True
        self.last = min(self.last, time.perf_counter() + GRACE_SECONDS)
        with suppress(OSError):
            assert self.child.stdin is not None
            self.child.stdin.close()

    def _hear(self, some: bytes) -> bool:
        *lines, self.pending = (self.pending + some).split(b"\n")
        for line in lines:
            told = json.loads(line)
            orders = tuple(tuple(order) for order in told.pop("orders"))
            if ALL_DONE in told:
                unreached = tuple((node, reason) for node, reason in told.pop("unreached"))
                told.pop(ALL_DONE)
                self.solution = replace(Solution(orders, unreached), **told)
            else:
                self.best = orders
                if self.tell is not None:
                    self.tell(Progress(orders=orders, **told))
        return bool(some)


def _send(child: "subprocess.Popen[bytes]", problem: Problem, seconds: float) -> None:
    """Write the problem: a line of JSON, then both tables."""
    assert child.stdin is not None
    head: dict[str, Any] = {"seconds": seconds, "balance": problem.balance, "seed": problem.seed,
                            "nodes": len(problem.metres), "places": [asdict(place) for place in problem.places],
                            "crews": [asdict(crew) for crew in problem.crews]}
    with suppress(BrokenPipeError):
        child.stdin.write(json.dumps(head).encode() + b"\n")
        for table in (problem.metres, problem.minutes):
            child.stdin.write(np.ascontiguousarray(table, dtype=np.float64).tobytes())
        child.stdin.flush()
