"""Plans one round: `python -m civmap.routes.solving_child`, started by `solving_apart` and talking to it.

Its input stays open as long as the plan is wanted: when it closes, or when the one who asked has died, the search
halts.
"""

import json
import os
import resource
import sys
import threading
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np

from civmap.routes.problem import Crew, Place, Problem, Progress
from civmap.routes.solving import metres, solve

MOST_BYTES = 3 * 1024**3
SPARE_CPU_SECONDS = 10
NICENESS = 2


def main() -> None:
    """Solve what comes in; write what is found."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    source, halted = sys.stdin.buffer, threading.Event()
    head = json.loads(source.readline())
    most = int(2 * head["seconds"]) + SPARE_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    problem = _problem(head, source)
    threading.Thread(target=_await_end, args=(source, halted), daemon=True).start()
    solution = solve(problem, head["seconds"], _tell, halted.is_set)
    _tell(Progress(1.0, solution.seconds, metres(problem, solution.orders), solution.orders))
    os._exit(0)


def _problem(head: dict[str, Any], source: BinaryIO) -> Problem:
    count = head["nodes"]
    tables = [np.frombuffer(source.read(8 * count * count)).reshape(count, count) for _ in range(2)]
    places = tuple(Place(**{**one, "windows": tuple(tuple(span) for span in one["windows"])})
                   for one in head["places"])
    crews = tuple(Crew(**{**one, "lunch": one["lunch"] and tuple(one["lunch"])}) for one in head["crews"])
    return Problem(places, crews, tables[0], tables[1], head["balance"], head["seed"])


def _await_end(source: BinaryIO, halted: threading.Event) -> None:
    source.read(1)
    halted.set()


def _tell(progress: Progress) -> None:
    sys.stdout.write(json.dumps(asdict(progress)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
