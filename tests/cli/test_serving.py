"""The server as a process: quick to answer, several workers, TLS, and a clean end."""

import contextlib
import http.client
import os
import re
import signal
import ssl
import subprocess
import sys
import time

import pytest

from civmap.web import tls
from tests.support.command import Civmap

pytestmark = pytest.mark.spatialite
READY = re.compile(r"(https?)://([\w.]+):(\d+)")


@contextlib.contextmanager
def _served(civmap, *arguments, **environ):
    """Run `civmap serve` on a free port; give its address and the process."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CIVMAP_")}
    process = subprocess.Popen([sys.executable, "-m", "civmap", "serve", "--port", "0", *arguments], text=True,
                               env=inherited | civmap.environ | environ, stderr=subprocess.PIPE)
    try:
        found = None
        while found is None and (line := process.stderr.readline()):
            found = READY.search(line)
        assert found, "the server ended without an address"
        yield found.groups(), process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stderr.close()


def _get(scheme, port, path="/healthz", **headers):
    if scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", int(port), timeout=20, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def _ended(process):
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=20), time.monotonic() - begun


@pytest.mark.parametrize("workers", ["1", "3"])
def test_the_city_is_served_and_ends_cleanly(civmap, workers):
    with _served(civmap, "--workers", workers) as ((scheme, _, port), process):
        assert [_get(scheme, port)[0] for _ in range(6)] == [200] * 6
        assert _get(scheme, port, "/readyz")[0] == 200
        status, _ = _ended(process)
        assert status == 0
        with pytest.raises(OSError):
            _get(scheme, port)


def test_phones_are_served_over_https(civmap, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                           "/CN=localhost", "-keyout", str(key), "-out", str(cert)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("openssl is not installed")
    tls_settings = {"CIVMAP_TLS_CERT": str(cert), "CIVMAP_TLS_KEY": str(key)}
    with _served(civmap, **tls_settings) as ((scheme, _, port), process):
        assert scheme == "https"
        assert _get("https", port)[0] == 200
        status, body = _get("https", port, "/readyz")
        assert (status, b"ok" in body) == (200, True)
        with pytest.raises((OSError, http.client.HTTPException)):
            _get("http", port)
        assert _get("https", port)[0] == 200
        assert _ended(process)[0] == 0
    wrong = civmap.refused("serve", **tls_settings | {"CIVMAP_TLS_KEY": str(cert)})
    assert "CIVMAP_TLS_CERT" in wrong


def test_every_client_behind_tls_keeps_an_address_of_its_own():
    addresses = {tls.loopback_of(f"10.0.{number // 250}.{number % 250}") for number in range(500)}
    assert len(addresses) == 500
    assert "127.0.0.1" not in addresses


def test_a_frozen_clock_is_served_on_this_machine_only(civmap):
    assert "CIVMAP_NOW" in civmap.refused("serve", "--host", "0.0.0.0")


def test_a_server_without_a_city_or_with_a_taken_port_is_refused(civmap, tmp_path):
    import socket

    assert "civmap init" in Civmap(tmp_path / "nothing").refused("serve")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "--port" in civmap.refused("serve", "--port", taken.getsockname()[1])
    assert "192.0.2.1" in civmap.refused("serve", "--host", "192.0.2.1", CIVMAP_NOW="", CIVMAP_TESTING="")
