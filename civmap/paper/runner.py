"""Draws the prints that wait, at most two at a time, each in a child process with limits; ends when none waits.

`python -m civmap.paper.runner HOME MODULE` outlives the request that started it and the server too; MODULE is the
program that draws one folder. Nothing heavy is imported here.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

from civmap.errors import NotFound
from civmap.paper import jobs

AT_ONCE = 2
SECONDS = 600
CPU_SECONDS = 600
MOST_BYTES = 4 * 1024**3
NICENESS = 5


def start(home: Path, module: str, environ: dict[str, str]) -> None:
    """Start a runner beside the server; where enough are running already it ends at once.

    A thread waits for its end: nobody else would, and each print would leave a dead process behind.
    """
    child = subprocess.Popen([sys.executable, "-m", "civmap.paper.runner", str(home), module], env=environ,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True, close_fds=True)
    Thread(target=child.wait, name="paper-runner", daemon=True).start()


def main(home: Path, module: str) -> None:
    """Draw until no print waits."""
    root = home / jobs.FOLDER
    while root.is_dir():
        for slot in range(AT_ONCE):
            with jobs.locked(root / f"slot-{slot}") as is_ours:
                if is_ours:
                    while (job := jobs.next_queued(home)) is not None:
                        with suppress(NotFound, FileNotFoundError):
                            draw(job, module)
                    break
        else:
            return
        if not any(told["state"] == jobs.QUEUED and not (job.folder / jobs.CLAIM).exists()
                   for job, told in jobs.standing(home)):
            return


def draw(job: jobs.Job, module: str) -> None:
    """Draw one print in a child; whatever becomes of it, its state says so."""
    with jobs.locked(job.folder / jobs.LOCK):
        job.tell(state=jobs.DRAWING, progress=1, begun=time.time())
        with (job.folder / "trouble.log").open("wb") as trouble:
            child = subprocess.Popen([sys.executable, "-m", module, str(job.folder)], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=trouble, start_new_session=True,
                                     preexec_fn=_limit)
            try:
                child.wait(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                job.tell(state=jobs.FAILED, code="paper_out_of_time", facts={"seconds": SECONDS})
                return
        told = job.tell()
        if told["state"] == jobs.DRAWING:
            job.tell(state=jobs.FAILED, code="paper_failed", facts={})


def _limit() -> None:
    """Bound a child's memory and work, and let the server go first."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    os.nice(NICENESS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
