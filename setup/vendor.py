"""Copy the browser libraries that the pages load from node_modules into static/vendor.

Only the files named here are copied, so that nothing reaches a browser unseen. The folder appears whole or not at all:
it is filled under another name and then renamed, because a set-up that is killed half-way must not look finished.
Run as ``python setup/vendor.py`` after ``npm ci``; ``python setup/vendor.py --check`` only says whether it is complete.
"""

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

# folder under static/vendor -> (npm package, files copied flat, folders copied whole)
LIBRARIES = {
    "leaflet": ("leaflet", ("dist/leaflet.js", "dist/leaflet.css"), ("dist/images",)),
    "leaflet.markercluster": (
        "leaflet.markercluster",
        ("dist/leaflet.markercluster.js", "dist/MarkerCluster.css", "dist/MarkerCluster.Default.css"),
        (),
    ),
    "protomaps-leaflet": ("protomaps-leaflet", ("dist/protomaps-leaflet.js",), ()),
    "modern-normalize": ("modern-normalize", ("modern-normalize.css",), ()),
    "vector-tile": ("@mapbox/vector-tile", ("index.js",), ()),
    "point-geometry": ("@mapbox/point-geometry", ("index.js",), ()),
    "pbf": ("pbf", ("index.js",), ()),
}
# A module in a worker finds its neighbours by address only: browsers have no import maps there.
ADDRESSES = {"'@mapbox/point-geometry'": "'../point-geometry/index.js'"}


def fill(modules: Path, vendor: Path) -> int:
    """Fill `vendor` from `modules` and return how many files it now holds.

    Raises FileNotFoundError when the lock file brought a release that no longer has one of the named files.
    """
    fresh = vendor.with_name(vendor.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for folder, (package, files, folders) in LIBRARIES.items():
        target = fresh / folder
        target.mkdir(parents=True)
        for name in files:
            shutil.copyfile(modules / package / name, target / Path(name).name)
            if name == "index.js":
                _address(target / name)
        for name in folders:
            shutil.copytree(modules / package / name, target / Path(name).name)
    (fresh / "LICENSES.txt").write_text(licences(modules), encoding="utf-8")
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return sum(1 for path in vendor.rglob("*") if path.is_file())


def _address(module: Path) -> None:
    """Write the addresses of neighbours in place of their names."""
    text = module.read_text(encoding="utf-8")
    for name, address in ADDRESSES.items():
        text = text.replace(f"from {name}", f"from {address}")
    module.write_text(text, encoding="utf-8")


def licences(modules: Path) -> str:
    """Collect the licence texts of every library that is bundled into the copied files."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    parts = []
    for place, facts in sorted(lock["packages"].items()):
        if not place or facts.get("dev"):
            continue
        package = modules / place.removeprefix("node_modules/")
        texts = sorted(path for path in package.glob("*") if path.name.lower().startswith(("license", "licence")))
        body = "\n".join(path.read_text(encoding="utf-8").strip() for path in texts if path.is_file())
        name = place.rsplit("node_modules/", 1)[-1]
        parts.append(f"{name} {facts['version']} ({facts.get('license', 'see its home page')})\n\n{body}\n")
    return ("\n" + "-" * 78 + "\n\n").join(parts)


def missing(vendor: Path) -> list[str]:
    """Name every file that a complete `vendor` would hold and this one does not."""
    named = [f"{folder}/{Path(name).name}" for folder, (_, files, more) in LIBRARIES.items() for name in files + more]
    return [name for name in [*named, "LICENSES.txt"] if not (vendor / name).exists()]


if __name__ == "__main__":
    if "--check" not in sys.argv:
        print(f"static/vendor: {fill(MODULES, VENDOR)} files")
    if absent := missing(VENDOR):
        sys.exit(f"static/vendor lacks {', '.join(absent)}; run: make setup")
