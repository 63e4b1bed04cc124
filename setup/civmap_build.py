"""setuptools' build backend with two mistakes made impossible: a stale wheel, and a wheel without browser libraries.

setuptools copies the packages to `build/` first and never empties it, so a file that was deleted last month comes back
in the wheel. Here every build has a folder of its own outside the tree. And a wheel made before the set-up has filled
`static/vendor` would install well and show no map: it is refused.
"""

import os
import sys
import tempfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (  # noqa: F401 - the hooks that need nothing of ours
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
)

sys.path.insert(0, str(Path(__file__).resolve().parent))

import vendor


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Write the wheel's metadata (PEP 517) without leaving anything in the tree."""
    with _elsewhere():
        return build_meta.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build the wheel (PEP 517) from what is in the tree now; end with a sentence where static/vendor is incomplete."""
    if absent := vendor.missing(vendor.VENDOR):
        raise SystemExit(f"static/vendor lacks {', '.join(absent)}; run `make setup` first, then build the wheel")
    with _elsewhere():
        return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


class _elsewhere(tempfile.TemporaryDirectory):
    """A folder for one build: setuptools reads its place from an extra configuration file."""

    def __enter__(self) -> str:
        extra = Path(self.name) / "extra.cfg"
        extra.write_text(f"[build]\nbuild_base = {self.name}/build\n[egg_info]\negg_base = {self.name}\n")
        os.environ["DIST_EXTRA_CONFIG"] = str(extra)
        return self.name

    def __exit__(self, *problem) -> None:
        del os.environ["DIST_EXTRA_CONFIG"]
        super().__exit__(*problem)
