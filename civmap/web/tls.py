"""The TLS front: takes HTTPS connections and passes their bytes to waitress on loopback.

waitress speaks no TLS. The front reads no HTTP at all: the scheme is told to waitress by `url_scheme`, and each
client reaches it from an own address in 127.0.0.0/8 made of its real one, so that limits per address still work.
"""

import asyncio
import contextlib
import hashlib
import logging
import socket
import ssl

from civmap.config import Settings
from civmap.errors import Invalid

HANDSHAKE_SECONDS = 15.0
IDLE_SECONDS = 75.0
PIECE = 65_536
MOST_CONNECTIONS = 2_000
log = logging.getLogger("civmap.tls")


def context(settings: Settings) -> ssl.SSLContext:
    """Return the TLS settings (1.2 and newer); raise Invalid where certificate and key do not fit together."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    try:
        made.load_cert_chain(str(settings.tls_cert), str(settings.tls_key))
    except (ssl.SSLError, OSError) as problem:
        raise Invalid("tls_pair_unusable", field="CIVMAP_TLS_CERT", cert=settings.tls_cert,
                      problem=str(problem)[:120]) from problem
    return made


def run(settings: Settings, listening: socket.socket, inner_port: int) -> None:
    """Pass connections on until the process is told to stop."""
    asyncio.run(_serve(context(settings), listening, inner_port))


async def _serve(secure: ssl.SSLContext, listening: socket.socket, inner_port: int) -> None:
    places = asyncio.Semaphore(MOST_CONNECTIONS)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with places:
            await _pass_on(reader, writer, inner_port)

    server = await asyncio.start_server(connected, sock=listening, ssl=secure, backlog=1_024,
                                        ssl_handshake_timeout=HANDSHAKE_SECONDS)
    async with server:
        await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inner_port: int) -> None:
    peer = str((writer.get_extra_info("peername") or ("",))[0])
    try:
        inner_reader, inner_writer = await asyncio.open_connection(
            "127.0.0.1", inner_port, local_addr=(loopback_of(peer), 0))
    except OSError:
        log.warning("the inner server does not answer")
        writer.close()
        return
    try:
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
    except (OSError, ssl.SSLError, TimeoutError):
        log.debug("a connection broke off")
    finally:
        for end in (writer, inner_writer):
            end.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await end.wait_closed()


def loopback_of(peer: str) -> str:
    """Return the address in 127.0.0.0/8 that stands for a client's real one; never 127.0.0.1 itself."""
    digest = hashlib.sha256(peer.encode()).digest()
    return f"127.{1 + digest[0] % 254}.{digest[1]}.{1 + digest[2] % 254}"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await asyncio.wait_for(reader.read(PIECE), IDLE_SECONDS):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()
