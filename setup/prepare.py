"""Prepare everything that civmap needs, once; a second run finds that nothing is left to do.

Each step leaves a stamp, a hash of what it was made from, in `.venv/set-up.json`. A step whose stamp is right is
skipped. While the environment is being changed it carries the mark `unfinished`: a set-up that was killed there starts
that environment afresh, because half-unpacked libraries look installed to pip.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # started with -I, which hides this folder

import browser
import debian
from progress import ROOT, Failure, clean_environ, run, step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "set-up.json"
UNFINISHED = VENV / "unfinished"
SLOW_NETWORK = {"PIP_DEFAULT_TIMEOUT": "60", "PIP_RETRIES": "10"}
LIBRARIES = {
    "zh": "Python 程序库没有装好。请检查网络（可用 PIP_INDEX_URL 指定镜像），再运行一次。",
    "en": "The Python libraries could not be installed. Check the network (PIP_INDEX_URL may name a mirror).",
}


def main(tests: bool) -> None:
    """Do the steps in order, each only where it is needed."""
    with (ROOT / "setup" / "run.sh").open() as lock:
        wait_for_another(lock)
        debian.prepare(tests=tests)
        environment()
        libraries(tests=tests)
        browser_libraries()
        civmap()
        compiled_loops()


def wait_for_another(lock) -> None:
    """Hold the lock that keeps two set-ups of one tree apart; the system frees it when this process ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("另一个安装正在进行，请稍候 · Another set-up is running, waiting …", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def environment() -> None:
    """Make `.venv`, or make it anew where it is broken, half-made, moved or of another Python."""
    stamp = digest(f"{sys.version_info[:2]} {sys.base_prefix} {ROOT}")
    if stamps().get("environment") == stamp and os.access(PYTHON, os.X_OK) and not UNFINISHED.exists():
        return
    step(2, "Python 环境", "Python environment .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", VENV], env=clean_environ(),
        zh="无法建立 Python 环境，请检查磁盘空间和目录权限。",
        en="The Python environment could not be made; check the disk's free space and the folder's owner.")
    remember("environment", stamp)


def libraries(*, tests: bool) -> None:
    """Install the locked libraries; every file is checked against its hash."""
    needed = {"libraries": ("setup/build.txt", "requirements.txt")}
    if tests:
        needed["tests"] = ("requirements.txt", "requirements-dev.txt")
    for name, locks in needed.items():
        stamp = digest(*(ROOT / lock for lock in locks))
        if stamps().get(name) == stamp:
            continue
        step(3, "Python 程序库", "Python libraries" if name == "libraries" else "Python libraries of the tests")
        UNFINISHED.touch()
        for lock in locks:
            pip("install", "--require-hashes", "--no-compile", "-r", lock)
        run([PYTHON, "-m", "compileall", "-q", "-j", "0", "-x", "[/]tests?[/]|lib2to3", VENV / "lib"],
            env=clean_environ(), **LIBRARIES)
        UNFINISHED.unlink()
        remember(name, stamp)


def pip(*words: str) -> None:
    """Run the environment's pip; on a slow network it waits longer and tries more often than by default."""
    run([PYTHON, "-m", "pip", *words], env=SLOW_NETWORK | clean_environ(), **LIBRARIES)


def browser_libraries() -> None:
    """Fill static/vendor from the npm lock."""
    stamp = digest(*(ROOT / name for name in ("package.json", "package-lock.json", ".npmrc", "setup/vendor.py")))
    if stamps().get("browser") == stamp and browser.is_complete():
        return
    step(4, "网页程序库", "browser libraries")
    browser.fill(PYTHON)
    remember("browser", stamp)


def civmap() -> None:
    """Install the product itself so that the tree stays the place it runs from."""
    stamp = digest(*(ROOT / name for name in ("setup.cfg", "pyproject.toml", "requirements.in")))
    if stamps().get("civmap") == stamp and os.access(VENV / "bin" / "civmap", os.X_OK):
        return
    step(5, "civmap", "civmap itself")
    pip("install", "--no-deps", "--no-build-isolation", "--no-index", "-e", ".")
    remember("civmap", stamp)


def compiled_loops() -> None:
    """Compile the loops that the first tile, or the first check of a large city, would wait for."""
    stamp = digest(*(ROOT / "civmap" / name for name in ("tiles/kernels.py", "geo/edge_kernels.py")),
                   ROOT / "requirements.txt")
    if stamps().get("loops") == stamp:
        return
    warm = "from civmap.geo import edge_kernels; from civmap.tiles import kernels; kernels.warm(); edge_kernels.warm()"
    run([PYTHON, "-c", warm], env=clean_environ(), **LIBRARIES)
    remember("loops", stamp)


def digest(*parts: str | Path) -> str:
    """Return the hash of texts and files; not of their times, which a clone or a copy sets anew."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        whole.update(b"\0")
    return whole.hexdigest()


def stamps() -> dict[str, str]:
    """Return the stamps of the finished steps; none where the file is absent or damaged."""
    try:
        return json.loads(STAMPS.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def remember(name: str, stamp: str) -> None:
    """Write one stamp down; the file is replaced in one move."""
    fresh = STAMPS.with_suffix(".new")
    fresh.write_text(json.dumps(stamps() | {name: stamp}, indent=1), encoding="utf-8")
    fresh.replace(STAMPS)


if __name__ == "__main__":
    try:
        main("--tests" in sys.argv[1:])
    except Failure as failure:
        sys.exit(f"{failure.zh}\n{failure.en}")
    except KeyboardInterrupt:
        sys.exit("\n已中断，重新运行同一条命令即可继续。\nStopped; run the same command again to go on.")
    except PermissionError as problem:
        sys.exit(f"没有写入 {problem.filename} 的权限。\nThis user may not write {problem.filename}.")
