"""Another host that serves tiles: well, badly, slowly, or not at all, as a test wishes."""

import io
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

SIZE = 256


def world_pixel(lon, lat, z):
    """Return where a place lies in the world at a zoom, in pixels of 256 per tile (Web Mercator)."""
    world = SIZE * 2**z
    return (lon + 180) / 360 * world, (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * world


def blob(z, x, y, place):
    """Draw a tile that is white but for a soft dark spot around a place (lon, lat)."""
    right, down = world_pixel(*place, z)
    columns, rows = np.meshgrid(np.arange(SIZE) + 0.5 + x * SIZE, np.arange(SIZE) + 0.5 + y * SIZE)
    dark = 255 * np.exp(-((columns - right) ** 2 + (rows - down) ** 2) / (2 * 6.0**2))
    out = io.BytesIO()
    Image.fromarray((255 - dark).astype("uint8")).convert("RGB").save(out, "PNG")
    return out.getvalue()


class Host:
    """What the host does next (`mood`) and what it was asked for."""

    def __init__(self, port, place=(115.857, 28.683)):
        self.address = f"http://127.0.0.1:{port}"
        self.mood, self.place, self.asked, self.agents = "well", place, [], set()
        self.hurry = threading.Event()
        self.files = {}

    def answer(self, path, span=None):
        """Return (status, headers, body) for a path, of a file by its byte range."""
        if self.mood == "slow":
            self.hurry.wait(20)
        said = {"refuses": (403, "application/json", b'{"msg":"key"}'), "fails": (500, "text/html", b"no"),
                "speaks": (200, "image/png", b"<html>wrong key</html>"), "lacks": (404, "text/plain", b""),
                "huge": (200, "image/png", b"\x89PNG\r\n\x1a\n" + bytes(3_000_000))}
        if self.mood == "leads away":
            return 302, {"Location": f"{self.address}/elsewhere/1/1/1.png"}, b""
        if self.mood in said:
            status, kind, body = said[self.mood]
            return status, {"Content-Type": kind}, body
        if path in self.files:
            first, last = (int(part) for part in span.removeprefix("bytes=").split("-"))
            return 206, {"Content-Type": "application/octet-stream"}, self.files[path][first:last + 1]
        z, x, y = (int(part) for part in path.partition("?")[0].removesuffix(".png").split("/")[-3:])
        return 200, {"Content-Type": "image/png"}, blob(z, x, y, self.place)


@contextmanager
def tile_host():
    """Give a running host."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            host.asked.append(self.path)
            host.agents.add(self.headers["User-Agent"])
            status, headers, body = host.answer(self.path, self.headers["Range"])
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # a slow mood: who asked has gone, and that is what is tested
                self.wfile.write(body)

        def log_message(self, *_):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host = Host(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.hurry.set()
        server.shutdown()
        thread.join()
        server.server_close()
