"""Serving the application: waitress behind one bound socket, several processes by forking, TLS by a small front.

The sockets are bound before the application is built, so that a port in use is a sentence and not a trace.
`connection_limit=2000`: with the default limit 300 stalled uploads stop the server (`engineering.md` §6).
"""

import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from civmap.config import Settings, check_listening
from civmap.errors import Conflict, Invalid
from civmap.exchange.gate import MAX_BYTES
from civmap.web import memory, tls

CONNECTION_LIMIT = 2_000
THREADS = 8
CHANNEL_SECONDS = 60
BACKLOG = 1_024
SWITCH_SECONDS = 0.001
"""How long one thread computes while others wait. A short request stops at the database a dozen times, and with
Python's 5 ms it would wait that long each time beside a request that computes."""
OPEN_FILES = 8_192
MAX_WORKERS = 64
log = logging.getLogger("civmap.serving")
Ready = Callable[[str], None]


class _Stop(SystemExit):
    """SIGTERM or SIGINT arrived; a SystemExit, which event loops let through."""


def serve(settings: Settings, host: str, port: int, workers: int = 1, ready: Ready | None = None) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the address as soon as connections are taken.

    Raise Invalid for a frozen clock off loopback or a wrong number of workers, Conflict for a port in use.
    """
    check_listening(settings, host)
    if not 1 <= workers <= MAX_WORKERS:
        raise Invalid("workers_out_of_range", field="workers", value=workers, most=MAX_WORKERS)
    if settings.tls_cert is not None:
        tls.context(settings)
    _allow_open_files()
    listening = bind(host, port)
    try:
        inner, scheme = listening, "http"
        if settings.tls_cert is not None:
            inner, scheme = bind("127.0.0.1", 0), "https"
        address = f"{scheme}://{_shown(host)}:{listening.getsockname()[1]}"
        _stop_on_signals()
        try:
            _run(settings, inner, listening, workers, lambda: ready(address) if ready else None)
        except (_Stop, KeyboardInterrupt):
            log.info("stopped")
    finally:
        listening.close()


def _allow_open_files() -> None:
    """Raise the soft limit of open files, so that as many connections fit as are promised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; raise Conflict where the port is taken, Invalid where the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as problem:
        bound.close()
        if problem.errno == 98:
            raise Conflict("port_in_use", field="port", port=port, other=port + 1) from problem
        raise Invalid("address_not_usable", field="host", host=host, port=port,
                      problem=problem.strerror or str(problem)) from problem
    except OverflowError as problem:
        bound.close()
        raise Invalid("address_not_usable", field="port", host=host, port=port, problem=str(problem)) from problem
    return bound


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _stop_on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stop

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _run(settings: Settings, inner: socket.socket, front: socket.socket, workers: int,
         ready: Callable[[], None]) -> None:
    from civmap.messages import carrying
    from civmap.web.app import create_app

    app = create_app(settings)
    children = [_forked(lambda: _work(app, settings, inner)) for _ in range(workers - 1)]
    if inner is not front:
        children.append(_forked(lambda: tls.run(settings, front, inner.getsockname()[1])))
    try:
        with carrying.beside(settings):
            _work(app, settings, inner, ready)
    finally:
        _end(children)


def _forked(work: Callable[[], None]) -> int:
    """Run work in a child process that ends with it; return the child's number."""
    number = os.fork()
    if number:
        return number
    status = 0
    try:
        work()
    except (_Stop, KeyboardInterrupt):
        status = 0
    except BaseException:
        log.exception("a worker ended")
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _end(children: list[int]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for child in children:
        os.kill(child, signal.SIGTERM)
    for child in children:
        os.waitpid(child, 0)


def _work(app: Any, settings: Settings, listening: socket.socket, ready: Callable[[], None] | None = None) -> None:
    """Serve in this process; the application was built before the fork, its database is opened after it."""
    from waitress.server import create_server

    memory.share_heaps()
    sys.setswitchinterval(SWITCH_SECONDS)
    server: Any = create_server(app, sockets=[listening], threads=THREADS,
                                connection_limit=CONNECTION_LIMIT, channel_timeout=CHANNEL_SECONDS,
                                cleanup_interval=15, ident=None, asyncore_use_poll=True,
                                max_request_body_size=MAX_BYTES + 1024 * 1024, **_trust(settings))
    if ready is not None:
        ready()
    try:
        server.run()
    finally:
        server.task_dispatcher.shutdown()
        server.close()


def _trust(settings: Settings) -> dict[str, Any]:
    """Say whose X-Forwarded-* headers count: the proxy's that was named and nobody else's; our TLS front sends none."""
    if settings.trusted_proxy:
        return {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_count": 1,
                "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
                "clear_untrusted_proxy_headers": True}
    return {"clear_untrusted_proxy_headers": True, "url_scheme": "https" if settings.tls_cert else "http"}
