"""Install the Debian packages that are missing, or say in one sentence which they are.

Nothing is asked of apt where nothing is missing, so that a person without rights on a prepared machine gets through.
"""

import importlib.util
import os
import shutil
import subprocess
import sys

from progress import Failure, clean_environ, run, step

# SpatiaLite is the default database's spatial half; the font is for the photos and documents that the program draws,
# and Pango sets the type of the printed maps.
ALWAYS = ("libsqlite3-mod-spatialite", "fonts-noto-cjk", "libpango-1.0-0", "libpangoft2-1.0-0")
TESTS = ("postgresql-15-postgis-3", "chromium")
WAIT_FOR_LOCK = ("-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=5")


def prepare(*, tests: bool) -> None:
    """Install what is missing; raise Failure naming it where neither root nor sudo is at hand."""
    absent = missing((*ALWAYS, *(TESTS if tests else ()), *_for_python()))
    if not absent:
        return
    step(1, f"系统软件包 {' '.join(absent)}", "Debian packages")
    if shutil.which("apt-get") is None:
        raise ask_for(absent)
    rights = as_root(absent)
    sentence = {
        "zh": f"系统软件包没有装好。请检查网络，或手工执行：apt-get install {' '.join(absent)}",
        "en": "The Debian packages could not be installed. Check the network, or install them by hand.",
    }
    environ = clean_environ(DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    quiet = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    run([*quiet, "dpkg", "--configure", "-a"], env=environ, **sentence)  # an earlier set-up may have been killed
    run([*quiet, "apt-get", *WAIT_FOR_LOCK, "update"], env=environ, **sentence)
    run([*quiet, "apt-get", *WAIT_FOR_LOCK, "install", "-y", "--no-install-recommends", *absent],
        env=environ, **sentence)


def missing(names: tuple[str, ...]) -> list[str]:
    """Return those of the packages that dpkg does not call installed; all of them where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return list(names)
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
                            capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def as_root(absent: list[str]) -> list[str]:
    """Return the words that put a command in root's hands; sudo may ask for a password only at a terminal."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    if sudo and sys.stdin.isatty():
        return [sudo]
    raise ask_for(absent)


def ask_for(absent: list[str]) -> Failure:
    """Return the one sentence that a person can hand to whoever looks after the machine."""
    names = " ".join(absent)
    return Failure(
        f"还缺少系统软件包，请管理员执行：apt-get install {names}，然后重新运行同一条命令。",
        f"Debian packages are missing: ask an administrator to run `apt-get install {names}`, then run this again.",
    )


def _for_python() -> tuple[str, ...]:
    """Return what this Python lacks to make a virtual environment: Debian splits ensurepip off."""
    return () if importlib.util.find_spec("ensurepip") else ("python3-venv",)
